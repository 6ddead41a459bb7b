"""Make the record of a recording that is stored, without its points."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.recording import Recording
from shoemon.model.sports import NO_WORDS, ON_FOOT, SPORTS, UNKNOWN_SPORT, sport_of
from shoemon.sources.formats.sports import is_evident_run, sport_of_recording
from shoemon.sources.kit.activities import (
    Moment,
    check_distance,
    make_activity,
    moment_local,
    moment_utc,
    moment_with_offset,
)
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.track_records.path_pattern import PathPattern
from shoemon.sources.kit.track_records.places import Place, digest_of, places_of, way_of

_TRUST = ("device", "laps", "points", "reckoned", "")
"""Sources of a distance, the most reliable first."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""A clock that was never set shows an earlier year."""
_LARGEST_OFFSET_S = 14 * 3600
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_. ]?)(\d\d)\2(\d\d)(?=(?:\d{4}|\d{6})?(?!\d))")
"""A day, or one with the time of day right after it."""
_RAW = (
    "sport", "sub_sport", "name", "started_at", "utc_offset_s", "distance_m", "distance_by", "moving_s", "elapsed_s",
    "elevation_m", "indoor", "device", "created_at",
)  # fmt: skip
"""The fields of a recording that are stored as they came."""
_to_json = json.JSONEncoder(ensure_ascii=False, default=dt.datetime.isoformat).encode


class NoTimeError(ValueError):
    """A recording without even a day."""


class Record(NamedTuple):
    """What is stored of one recording: its run, as an activity of no source, and fields that rank copies."""

    run: Activity
    """Its track is the path below the source's own; `#2` is the second recording of a file with several."""
    is_vague: bool
    """True if the file itself names no sport."""
    trust: int
    """The source of its distance: 0 is the device's own total."""
    places: Sequence[Place] = ()
    way: Sequence[Place] = ()
    notes: Sequence[str] = ()

    @property
    def file(self) -> str:
        track = self.run.track or ""
        return track.rpartition("#")[0] if track.rpartition("#")[2].isdecimal() else track

    @property
    def distance_m(self) -> float | None:
        """Its metres; None if nothing says them."""
        return self.run.distance_m if self.trust < len(_TRUST) - 1 else None

    @property
    def lasts_s(self) -> float:
        """Its duration; 0 if unknown."""
        return self.run.elapsed_s or self.run.moving_s or 0.0

    def activity(self, source: str) -> Activity:
        """Make its activity. Raises ValueError for an impossible one, as of copies that contradict each other."""
        run = self.run
        check_distance(run.distance_m, run.sport, max(run.elapsed_s or 0.0, run.moving_s or 0.0))
        return run._replace(id=ActivityId(f"{source}:{run.native_id}"), source=source)

    @property
    def lacks_distance(self) -> bool:
        """True for a run, a walk or a hike without a distance."""
        return self.distance_m is None and self.run.sport in ON_FOOT


class RecordReader:
    """Makes records of recordings. `sport` is that of a file which names none, `zone` the runner's. `is_listed`: the
    runs are in a list as well, so a recording without a time is not a problem. `is_local`: times are local ones,
    written as UTC."""

    def __init__(
        self,
        zone: ZoneInfo,
        pattern: PathPattern | None = None,
        sport: str | None = None,
        sport_map: Mapping[str, str] | None = None,
        *,
        is_listed: bool = False,
        is_local: bool = False,
    ) -> None:
        self._zone, self._pattern, self._default = zone, pattern, sport
        self._is_listed, self._is_local = is_listed, is_local
        self._sport_map = sport_map or {}

    def read(self, file: str, recordings: Sequence[Recording]) -> tuple[list[Record], list[str]]:
        """Return the records of a file, and the problems with the others."""
        parts = self._pattern.read(file) if self._pattern else {}
        records: dict[Any, Record] = {}
        problems = []
        for recording in recordings:
            track = f"{file}#{recording.number}" if len(recordings) > 1 else file
            try:
                record = self._record(track, file, recording, parts)
            except ValueError as error:
                nth = f"activity {recording.number}: " if len(recordings) > 1 else ""
                if not (self._is_listed and isinstance(error, NoTimeError)):
                    problems.append(f"{nth}{error}")
                continue
            # A file that was joined to itself contains everything twice.
            run = record.run
            records.setdefault((run.started_at, run.elapsed_s, run.sport, record.distance_m), record)
        return list(records.values()), problems

    def _record(self, track: str, file: str, recording: Recording, parts: Mapping[str, str]) -> Record:
        moment = self._moment(recording, file.rpartition("/")[2])
        sport, indoor, is_vague = self._sport(recording, parts.get("sport", ""))
        distance_m, trace, way = recording.distance_m, recording.trace, way_of(recording.trace)
        run = make_activity(
            "",
            _native_id(recording, moment.started_at, distance_m),
            moment,
            " ".join(filter(None, (recording.sport, recording.sub_sport))) or parts.get("sport", ""),
            distance_m or 0.0,
            _raw(recording),
            sport=sport,
            name=parts.get("name") or recording.name,
            moving_s=recording.moving_s,
            elapsed_s=recording.elapsed_s,
            elevation_m=recording.elevation_m,
            gear_name=parts.get("shoe"),
            indoor=indoor,
            surface_raw=parts.get("surface"),
            start_lat=trace.lats[0] if trace else None,
            start_lon=trace.lons[0] if trace else None,
            end_lat=way[-1][1] if way else None,
            end_lon=way[-1][2] if way else None,
            device=recording.device,
            track=track,
        )
        places = places_of(trace) if recording.started_at is not None else []
        trust = _TRUST.index(recording.distance_by)
        return Record(run, is_vague, trust, places, way, list(recording.notes))

    def _moment(self, recording: Recording, file: str) -> Moment:
        """Return the start. Raises NoTimeError without even a day."""
        start = recording.started_at
        if start is None or not _FIRST_YEAR <= start.year <= _LAST_YEAR:
            day = _day_in(file)
            if day is None:
                if not recording.distance_m:
                    raise NoTimeError("it has neither a time nor a distance")
                raise NoTimeError("it has no time; begin its name with the day, such as 2024-05-10, for it to count")
            return Moment(day, day)
        stated_s = recording.utc_offset_s
        if stated_s is not None and abs(stated_s) > _LARGEST_OFFSET_S:
            stated_s = None
        at_home = start.astimezone(self._zone).utcoffset() or dt.timedelta()
        if self._is_local and not stated_s:
            return moment_local(start, self._zone)
        if stated_s is None:
            return moment_utc(start, self._zone)
        is_fit = recording.created_at is not None
        if self._is_local and is_fit and stated_s != round(at_home.total_seconds()):  # local time and UTC are swapped
            return moment_with_offset(start.replace(tzinfo=dt.timezone(dt.timedelta(seconds=-stated_s))))
        return moment_with_offset(start.astimezone(dt.timezone(dt.timedelta(seconds=stated_s))))

    def _sport(self, recording: Recording, folder: str) -> tuple[str, bool | None, bool]:
        """Return the sport, whether it was indoors, and whether the file itself names none."""
        sport, indoor = sport_of_recording(recording)
        for word in (recording.sub_sport, recording.sport):
            if word and word in self._sport_map:
                return self._sport_map[word], indoor, False
        if not NO_WORDS.issuperset((recording.sport.lower(), recording.sub_sport.lower())):
            return sport, indoor, False
        if folder:
            return self._sport_map.get(folder) or _sport_in(folder), indoor, True
        # A device that writes FIT has a word for running, so a session without one is something else, unless the watch
        # died before it wrote it. GPX often has no word at all.
        has_no_word = not recording.sport and recording.created_at is None
        is_run = is_evident_run(recording) if recording.is_broken_off else has_no_word
        return self._sport_map.get("") or self._default or ("run" if is_run else UNKNOWN_SPORT), indoor, True


def sport_of_folder(word: str) -> str | None:
    """Return the sport a folder is named for, in one of the known languages, or None."""
    sport = _sport_in(word)
    return sport if sport not in ("other", UNKNOWN_SPORT) else None


def _sport_in(word: str) -> str:
    return word if word in SPORTS else sport_of(english_type(word))


def _native_id(recording: Recording, started_at: str, distance_m: float | None) -> str:
    """Return an id that does not depend on the file's place or name, or on whose clock its times are."""
    maker, _, serial = recording.device.rpartition(" ")
    if recording.created_at is not None and maker and serial.isdecimal():
        device = re.sub(r"[^a-z0-9]+", "-", recording.device.lower()).strip("-")
        nth = f"-{recording.number}" if recording.number > 1 else ""
        return f"{recording.created_at:%Y%m%dT%H%M%S}-{device}{nth}"
    if recording.started_at is not None and len(started_at) > len("2024-05-10"):
        started_at = f"{recording.started_at.isoformat()[:19]}Z"
        length = recording.elapsed_s or recording.moving_s or distance_m or 0.0
        return f"{re.sub('[-:]', '', started_at)}-{round(length)}"
    trace = recording.trace
    fields = repr((recording.name, recording.sport, distance_m, recording.elapsed_s, recording.number)).encode()
    return blake2b(trace.lats.tobytes() + trace.lons.tobytes() + fields, digest_size=8).hexdigest()


def _day_in(file: str) -> str | None:
    """Return the first day in a file's name, written as year, month, day."""
    for match in _DAY.finditer(file):
        try:
            day = dt.date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
        if day.year >= _FIRST_YEAR:
            return day.isoformat()
    return None


def _raw(recording: Recording) -> str:
    fields = {name: getattr(recording, name) for name in _RAW}
    fields |= {"points": len(recording.trace), "trace": digest_of(recording.trace), "notes": list(recording.notes)}
    return _to_json({key: value for key, value in fields.items() if value not in (None, "", [])})
