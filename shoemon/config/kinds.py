"""The small kinds of setting that many settings are made of: distances, shares, spans, dates, secrets."""

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from shoemon.config.written import Day, Distance, Moment, Share, Span
from shoemon.model.errors import ShoemonError

__all__ = [
    "Day", "Distance", "Moment", "Name", "NotifierSettings", "Secret", "Settings", "Share", "SourceSettings", "Span",
    "refuse_secrets_in_the_open",
]  # fmt: skip


class Settings(BaseModel):
    """A group of settings: unknown keys are mistakes, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _left_open(cls, value: Any) -> Any:
        """Treat `name:` without a value (all its lines are comments, say) as missing."""
        if not isinstance(value, dict):
            return value
        fields = cls.model_fields.items()
        never_none = {field.alias or name for name, field in fields if field.is_required() or field.default is not None}
        return {key: item for key, item in value.items() if item is not None or key not in never_none}


_HALF = re.compile("[\ud800-\udfff]")
"""What Python reads bytes as that are no text."""


def _variable(value: str) -> str:
    # Not repeated: whoever misreads {env: NAME} writes the secret itself here.
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) is None:
        raise ValueError(
            "is not the name of an environment variable; write only its name, without $, and never the secret itself"
        )
    return value


class Secret(Settings):
    """The place of a secret: `{env: NAME}` or `{file: PATH}`. The secret itself is read when used, and never stored."""

    env: Annotated[str, AfterValidator(_variable)] | None = Field(None, description="name of the environment variable")
    file: str | None = Field(None, description="path of a file that contains nothing else")

    @model_validator(mode="before")
    @classmethod
    def _not_in_the_open(cls, value: Any) -> Any:
        if not isinstance(value, dict | Secret):
            raise ValueError("a secret must not be in this file; write {env: NAME} or {file: PATH}")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("write either {env: NAME} or {file: PATH}")
        return self

    def reveal(self, base: Path) -> str:
        """The secret; a relative file path starts from `base`. Raises ShoemonError that names only the place."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise ShoemonError(f"environment variable {self.env} is not set")
            if _HALF.search(value):
                raise ShoemonError(f"environment variable {self.env} is not UTF-8 text")
            return value
        path = base / Path(str(self.file)).expanduser()
        try:
            value = path.read_bytes().decode("utf-8", "surrogateescape").strip()
        except OSError as error:
            raise ShoemonError(f"cannot read the secret file {path}: {error.strerror}") from None
        if _HALF.search(value):  # not by an error of decoding, which contains all bytes
            raise ShoemonError(f"cannot read the secret file {path}: it is not UTF-8 text")
        if not value:
            raise ShoemonError(f"the secret file {path} is empty")
        return value


NAME_PATTERN = "^[a-z0-9][a-z0-9_-]{0,63}$"


def _name(value: str) -> str:
    if re.fullmatch(NAME_PATTERN[1:-1], value) is None:
        raise ValueError(f"{value!r} is not a name; use a to z, 0 to 9, - and _, beginning with a letter or digit")
    return value


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})]
"""A name that can be part of ids and addresses."""
PAIR_PATTERN = r"^[^\s!-/:-@A-Z\[-`{-~][^\s!-,./:-@A-Z\[-^`{-~]{0,63}$"
"""Of schemas, which editors read: `Name` with the letters of every script."""


def _pair(value: str) -> str:
    found = re.sub("[-_]", "", value)
    marks = any(unicodedata.category(char)[0] not in "LMN" for char in found)
    if re.fullmatch(PAIR_PATTERN[1:-1], value) is None or marks or value != value.lower():
        raise ValueError(
            f"{value!r} is not an id; use small letters, digits, - and _, beginning with a letter or digit"
        )
    return value


PairName = Annotated[str, AfterValidator(_pair), WithJsonSchema({"type": "string", "pattern": PAIR_PATTERN})]
"""The id of a pair, which runners give in their own language."""


_SECRET_HEADER = re.compile(r"auth|cookie|token|secret|passw|(^|[-_])(api)?key([-_]|$)", re.IGNORECASE)


def refuse_secrets_in_the_open(headers: Iterable[str]) -> None:
    """`headers` are names of HTTP headers with written-out values. Raises ValueError for one that holds a secret."""
    for name in headers:
        if _SECRET_HEADER.search(name):
            raise ValueError(f"the value of {name} must not be in this file; write {{env: NAME}} or {{file: PATH}}")


class SourceSettings(Settings):
    """What every source has, whatever its type."""

    name: Name = Field(description="a short name; it begins the id of every activity of this source")
    type: str = Field(description="the kind of export")
    every: Span | None = Field(None, gt=0, description="how often `serve` pulls it (default 6h unless cron is given)")
    cron: str | None = Field(
        None, description="when `serve` pulls it, as five cron fields in UTC; weekdays by name (mon-fri)"
    )
    missing: Literal["keep", "drop"] = Field(
        "keep", description="a record that the export no longer lists: keep counts it, drop does not (never deleted)"
    )


class NotifierSettings(Settings):
    """What every notifier has, whatever its type."""

    name: Name = Field(description="a short name, as in `shoemon alerts test NAME`")
    type: str = Field(description="the kind of channel")
