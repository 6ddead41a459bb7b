"""The small kinds of setting that many settings are made of: distances, shares, spans, dates, secrets."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from shoemon import units
from shoemon.model import ShoemonError


class Settings(BaseModel):
    """A group of settings: unknown keys are mistakes, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _written(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Distance = Annotated[float, BeforeValidator(units.distance_m), _written(r"^\s*\d+([.,]\d+)?\s*(m|km|mi|yd)\s*$", "700 km")]
"""Metres, written with a unit."""
Share = Annotated[float, BeforeValidator(units.share), _written(r"^\s*\d+(\.\d+)?\s*%\s*$", "90%")]
"""0 to 1 and beyond, written as a percentage."""
Span = Annotated[float, BeforeValidator(units.span_s), _written(r"^\s*(\d+(\.\d+)?\s*[smhdw]\s*)+$", "6h")]
"""Seconds, written with units."""


def _day(value: object) -> str:
    import datetime as dt

    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a day; write year-month-day, such as 2024-03-01") from None


def _moment(value: object) -> str:
    import datetime as dt

    text = str(value).strip().replace(" ", "T")
    try:
        if "T" not in text:
            return _day(text)
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a day or time; write 2024-03-01 or 2024-03-01T18:30") from None
    if moment.tzinfo is not None:
        raise ValueError(f"{str(value)!r} has a zone; times here are in the runner's own zone, so leave it away")
    return moment.isoformat(timespec="seconds")


Day = Annotated[str, BeforeValidator(_day), _written(r"^\d{4}-\d{2}-\d{2}$", "2024-03-01")]
"""ISO date."""
Moment = Annotated[str, BeforeValidator(_moment), _written(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$", "2024-03-01")]
"""ISO date, or date and time of the runner's clock, without a zone."""


class Secret(Settings):
    """Where a secret stands: `{env: NAME}` or `{file: PATH}`. The secret itself is read when used, and never kept."""

    env: str | None = Field(None, description="name of the environment variable")
    file: str | None = Field(None, description="path of a file that holds nothing else")

    @model_validator(mode="before")
    @classmethod
    def _not_in_the_open(cls, value: Any) -> Any:
        if isinstance(value, str | int):
            raise ValueError("a secret must not stand in this file; write {env: NAME} or {file: PATH}")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("write either {env: NAME} or {file: PATH}")
        return self

    def reveal(self, base: Path) -> str:
        """The secret. `base` is what a relative file path starts from. Raises ShoemonError that names only the place."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise ShoemonError(f"environment variable {self.env} is not set")
            return value
        path = base / Path(str(self.file)).expanduser()
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ShoemonError(f"cannot read the secret file {path}: {error.strerror}") from None
        if not value:
            raise ShoemonError(f"the secret file {path} is empty")
        return value


def _name(value: str) -> str:
    import re

    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", value) is None:
        raise ValueError(f"{value!r} is not a name; use a to z, 0 to 9, - and _, beginning with a letter or digit")
    return value


Name = Annotated[str, AfterValidator(_name)]
"""A name that can stand in ids and addresses."""


class SourceSettings(Settings):
    """What every source has, whatever its type."""

    name: Name = Field(description="a short name; it begins the id of every activity of this source")
    type: str = Field(description="the kind of export")
    every: Span | None = Field(None, description="how often `serve` pulls it (default 6h unless cron is given)")
    cron: str | None = Field(None, description="when `serve` pulls it, as five cron fields in UTC")
    missing: str = Field(
        "keep",
        pattern="^(keep|drop)$",
        description="a record that the export no longer lists: keep counts it on, drop does not (it is never deleted)",
    )


class NotifierSettings(Settings):
    """What every notifier has, whatever its type."""

    name: Name = Field(description="a short name, as in `shoemon alerts test NAME`")
    type: str = Field(description="the kind of channel")
