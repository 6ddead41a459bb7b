"""Read `web.datasette`: settings of Datasette's own, in the form of Datasette 1.0, for both of its lines."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from shoemon.config.checking import suggestion
from shoemon.config.load import Config
from shoemon.config.reading import ConfigError, Document, KeyPath, parse_document
from shoemon.model.errors import MistakeError
from shoemon.pages.rights import WRITING
from shoemon.pages.site import EDIT

_PART = ("permissions", "allow", "plugins")
KNOWN = {
    "": (*_PART, "allow_sql", "databases", "settings", "metadata", "extra_css_urls", "extra_js_urls"),
    "databases": (*_PART, "allow_sql", "tables", "queries"),
    "tables": (*_PART, "hidden", "sort", "sort_desc", "size", "sortable_columns", "label_column", "facets",
               "fts_table", "fts_pk", "searchmode"),
    "queries": ("permissions", "allow", "sql", "title", "description", "description_html", "hide_sql", "fragment",
                "params", "write"),
}  # fmt: skip
"""What may be set for the whole, and for each item of these groups."""
SHOWING = (
    EDIT, "view-instance", "view-database", "view-database-download", "view-table", "view-query", "execute-sql",
    "permissions-debug", "debug-menu",
)  # fmt: skip
"""Actions of Datasette that write nothing; plugins may have further ones."""
READ_ONLY = f"is not possible: databases of shoemon are only read here; {EDIT} is for writing on its pages"
NOT_HERE = {
    "allow_download": "must stay off; `shoemon backup` makes a copy that is whole",
    "base_url": "belongs in shoemon.yaml: base_url under web",
}
"""The settings of Datasette that are not set here, and the remedy."""

OPEN = (
    "nobody has to sign in, because no permission keeps strangers out; add one such as "
    "`permissions: {view-instance: {id: anna}}`"
)


@dataclass(frozen=True)
class DatasetteFile:
    """The settings of Datasette's own; none without a file."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    """All the rest: permissions, databases, plugins."""

    @property
    def keeps_strangers_out(self) -> bool:
        """Whether readers have to sign in, by a permission for the whole."""
        from datasette.utils import actor_matches_allow

        blocks = ((self.config.get("permissions") or {}).get("view-instance"), self.config.get("allow"))
        return not all(actor_matches_allow(None, block) for block in blocks)

    def arguments(self, metadata: Mapping[str, Any], *, is_closed: bool) -> dict[str, Any]:
        """The arguments for Datasette that carry this out, over `metadata`. `is_closed`: for strangers."""
        from datasette.app import Datasette

        config = {**({"allow": {"id": "*"}} if is_closed else {}), **self.config}
        shown = _merged(metadata, self.metadata)
        if hasattr(Datasette, "allowed"):
            return {"metadata": shown, "config": config}
        return {"metadata": _merged(shown, config)}


NO_FILE = DatasetteFile()


def read_datasette_file(config: Config, served: Collection[str] = ()) -> DatasetteFile:
    """Read the file that `config` names, if any. `served`: the names of all databases, if they are known.

    Raises MistakeError if it cannot be read, and ConfigError with every mistake in it.
    """
    if config.main.web.datasette is None:
        return NO_FILE
    from datasette.utils import BadMetadataError, parse_metadata

    path = config.directory / Path(config.main.web.datasette).expanduser()
    try:
        content = path.read_bytes()
        document = parse_document(path.name, content)
        value = None if document.mistakes else parse_metadata(content.decode("utf-8-sig"))
    except (OSError, BadMetadataError) as error:
        raise MistakeError(
            f"cannot read {path}: {getattr(error, 'strerror', error)}; see datasette under web"
        ) from None
    _check(document, value, (), "", served)
    if document.mistakes:
        raise ConfigError(document.mistakes, str(path))
    value = _absolute(value or {}, config.directory)
    settings, metadata = value.pop("settings", None) or {}, value.pop("metadata", None) or {}
    return DatasetteFile(settings, metadata, value)


def file_lines(config: Config) -> Iterator[str]:
    """Report on the file that `config` names, if any, for `shoemon check`. Raises as `read_datasette_file`."""
    if (name := config.main.web.datasette) is not None:
        is_closed = read_datasette_file(config).keeps_strangers_out
        yield f"{name} is valid" if is_closed else f"warning: {name}: {OPEN}"


def _check(document: Document, value: Any, path: KeyPath, group: str, served: Collection[str]) -> None:
    """Note the mistakes in what is set at `path` for an item of `group`, or for the whole."""
    for key, inside in _entries(document, value, path):
        place = (*path, key)
        if key not in KNOWN[group]:
            document.mistake(place, f"unknown setting{suggestion(key, KNOWN[group])}")
        elif key in KNOWN:
            for name, item in _entries(document, inside, place):
                if key == "databases" and served and name not in served:
                    document.mistake((*place, name), f"no database has this name{suggestion(name, served)}")
                if not (key == "queries" and isinstance(item, str)):
                    _check(document, item, (*place, name), key, served)
        elif key == "permissions":
            for action, rule in _entries(document, inside, place):
                _check_rule(document, (*place, action), rule)
        elif key in ("allow", "allow_sql"):
            _check_rule(document, place, inside)
        elif key == "settings":
            _check_settings(document, inside, place)
        elif key == "plugins" and "datasette-auth-passwords" in dict(_entries(document, inside, place)):
            document.mistake((*place, "datasette-auth-passwords"), "belongs in shoemon.yaml: password under web")
        elif key == "write" and inside:
            document.mistake(place, READ_ONLY)


def _check_rule(document: Document, place: KeyPath, rule: Any) -> None:
    action = str(place[-1])
    near = get_close_matches(action, SHOWING, n=1, cutoff=0.8)
    if not isinstance(rule, bool | dict):
        document.mistake(place, "must be true, false, or what a reader has, such as {id: anna}")
    elif action in WRITING and rule is not False:
        document.mistake(place, READ_ONLY)
    elif near and action not in (*SHOWING, "allow_sql"):
        document.mistake(place, f"unknown action; did you mean `{near[0]}`?")


def _check_settings(document: Document, value: Any, path: KeyPath) -> None:
    from datasette.app import DEFAULT_SETTINGS

    for key, inside in _entries(document, value, path):
        kind = type(DEFAULT_SETTINGS.get(key))
        if key in NOT_HERE and inside is not False:
            document.mistake((*path, key), NOT_HERE[key])
        elif key not in DEFAULT_SETTINGS:
            document.mistake((*path, key), f"unknown setting{suggestion(key, DEFAULT_SETTINGS)}")
        elif type(inside) is not kind:
            words = {bool: "true or false", int: "a whole number"}.get(kind, "a text")
            document.mistake((*path, key), f"must be {words}")


def _entries(document: Document, value: Any, path: KeyPath) -> list[tuple[str, Any]]:
    """The names and values of a group of settings; what is none is noted."""
    if isinstance(value, dict):
        return [(str(key), inside) for key, inside in value.items()]
    if value is not None or path[-1:] == ("permissions",):
        document.mistake(path, "must be settings (name: value)")
    return []


def _absolute(value: Any, directory: Path) -> Any:
    """Let the paths of secrets, `{$file: PATH}`, start from the configuration."""
    if isinstance(value, dict):
        if list(value) == ["$file"]:
            return {"$file": str(directory / Path(str(value["$file"])).expanduser())}
        return {str(key): _absolute(inside, directory) for key, inside in value.items()}
    return [_absolute(inside, directory) for inside in value] if isinstance(value, list) else value


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with those of `second` where both have a value."""
    merged = dict(first)
    for key, value in second.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
