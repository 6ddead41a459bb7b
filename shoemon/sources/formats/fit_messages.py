"""Decode the messages of a FIT file as plain numbers, by fitfast if it is installed, else and in doubt by fitdecode."""

import io
from collections import defaultdict
from typing import Any

Message = dict[str | int, Any]
"""Fields by name: metres, seconds, enums as numbers, positions in semicircles, times in seconds since 1970 UTC."""
Messages = dict[str, list[Message]]

_EPOCH = 631_065_600
"""FIT counts from 1989-12-31 UTC."""
_TIMES = {"timestamp", "start_time", "time_created", "local_timestamp"}
_SCALED = {"total_distance", "distance", "total_elapsed_time", "total_timer_time"}
_FIELDS = (
    _TIMES | _SCALED | {"type", "manufacturer", "serial_number", "sport", "sub_sport", "total_ascent", "position_lat"}
    | {"position_long", "event", "event_type"}
)  # fmt: skip
_KINDS = {"file_id", "sport", "session", "lap", "record", "event", "activity"}


def messages(data: bytes, *, fast: bool = True) -> Messages:
    """Return the messages of one well-framed FIT file, by kind. Both decoders give the same; `fast` uses fitfast."""
    found = _by_fitfast(data) if fast else None
    return _by_fitdecode(data) if found is None else found


def _by_fitfast(data: bytes) -> Messages | None:
    """Decode with fitfast; None if it is not installed, or refuses the file."""
    try:
        import fitfast
    except ImportError:
        return None
    try:
        found = fitfast.parse(data, enum_names=False)
    except fitfast.FitDecodeError:
        return None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a fault in native code, not an Exception in Python
            raise
        return None
    if any("compressed_speed_distance" in record for record in found.get("record", [])):
        return None  # only fitdecode unpacks the distance in it
    return {kind: found[kind] for kind in _KINDS & found.keys()}


def _by_fitdecode(data: bytes) -> Messages:
    import fitdecode

    found: Messages = defaultdict(list)
    reader = fitdecode.FitReader(
        io.BytesIO(data),
        processor=None,
        check_crc=fitdecode.CrcCheck.DISABLED,
        error_handling=fitdecode.ErrorHandling.IGNORE,
    )
    with reader:
        try:
            for frame in reader:
                if frame.frame_type == fitdecode.FIT_FRAME_DATA and frame.name in _KINDS:
                    found[frame.name].append(_message(frame))
        except (fitdecode.FitError, ValueError, TypeError, KeyError, AssertionError):
            pass  # keep what was read before
    return dict(found)


def _message(frame: Any) -> Message:
    message: Message = {}
    for field in frame.fields:
        name = field.name
        if name not in _FIELDS or field.raw_value is None:
            continue
        if name in _TIMES:
            message[name] = field.raw_value + _EPOCH
        else:
            message[name] = field.value if name in _SCALED else field.raw_value
    return message
