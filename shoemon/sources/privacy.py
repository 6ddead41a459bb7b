"""How a path inside an export is called: without the runner's e-mail address, which some exports put into names."""

import re

_ADDRESS = re.compile(r"(?:^|(?<=/))[^/@\s]+@[^/@_\s]+\.[A-Za-z][A-Za-z0-9-]+_")
"""As Garmin begins names: `me@example.org_0_summarizedActivities.json`, `me@example.org_123.fit`."""


def without_address(path: str) -> str:
    """`path` with `account_` where a name in it begins with an e-mail address: names stand in messages, in logs and in
    the database, and somebody else may read those."""
    return _ADDRESS.sub("account_", path) if "@" in path else path
