"""The process that Apprise runs in. It reads one message from standard input and writes nothing; it ends with an exit
code.

It is started as a file and not as a module of shoemon, so that it loads Apprise and nothing else (with `-P`, so that
`import apprise` does not find the `apprise.py` beside it).
"""

import json
import logging
import os
import sys
from typing import Any

NOT_TAKEN, NO_ADDRESS, MISSING, PERHAPS_PARTLY = 10, 11, 12, 13
"""Exit codes beside 0 (sent). 1 is Python's own for an error that was not caught."""


def send(message: dict[str, str]) -> int:
    """Send the message and return the exit code. `url` is one address, `notify_type` info or warning."""
    logging.disable(logging.CRITICAL)  # Apprise writes addresses and messages into its logs
    try:
        import apprise
    except ImportError:
        return MISSING
    settings: dict[str, Any] = {
        "async_mode": False,  # one service needs no loop of events
        "body_format": apprise.NotifyFormat.TEXT,  # so that it escapes markup of the channel
        "http_redirects": False,
        "storage_mode": "memory",  # nothing on the disk
    }
    known = {name: value for name, value in settings.items() if name == "storage_mode" or _is_known(apprise, name)}
    service = apprise.Apprise.instantiate(message["url"], asset=apprise.AppriseAsset(**known))
    if service is None:
        return NO_ADDRESS
    services = apprise.Apprise()
    services.add(service)
    sent = services.notify(message["body"], message["title"], message["notify_type"])
    return 0 if sent else PERHAPS_PARTLY if len(service) > 1 else NOT_TAKEN


def _is_known(apprise: Any, name: str) -> bool:
    """Check that this version knows the setting: older versions refuse those they do not know."""
    return hasattr(apprise.AppriseAsset, name)


if __name__ == "__main__":
    # not sys.exit: threads of a service that has done its work are not waited for
    os._exit(send(json.load(sys.stdin)))
