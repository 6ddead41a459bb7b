"""How a path inside an export is called: without the runner's e-mail address, which some exports put into names."""

import re

_ADDRESS = re.compile(r"(?:^|(?<=/))[^/@\s]+@[^/@_\s]+\.[A-Za-z][A-Za-z0-9-]+_")
"""As Garmin begins names: `me@example.org_0_summarizedActivities.json`, `me@example.org_123.fit`."""


def without_address(path: str, number: int = 1) -> str:
    """`path` with `account_` where a name in it begins with an e-mail address: names stand in messages, in logs and in
    the database, and somebody else may read those. That of another account, of that `number`, is `account_no2_`."""
    return _ADDRESS.sub("account_" if number == 1 else f"account_no{number}_", path) if "@" in path else path


class Names:
    """Calls files without addresses, and tells those apart that differ in nothing else: they are of two accounts."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def name(self, path: str) -> str:
        """What `path` is called, the same each time it is asked for."""
        first = without_address(path)
        if first != path and path not in self._given:
            self._counts[first] = number = self._counts.get(first, 0) + 1
            self._given[path] = without_address(path, number)
        return self._given.get(path, path)
