"""Edits of the pairs in shoes.yaml, as operations: add one, change its settings, retire it, wear it again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shoemon.config.edit.operations import Add, By, Operation, Put, Remove, read_file
from shoemon.config.load import SHOES_FILE, Config
from shoemon.config.reading import parse_document
from shoemon.model.errors import MistakeError
from shoemon.model.units import distance_m, plain_distance
from shoemon.words.commands import command


def add_pair(fields: Mapping[str, Any]) -> list[Operation]:
    """Add a pair. `fields` are settings of a shoe as they are written; what is None or empty is left out."""
    return [Add(("shoes",), [{key: value for key, value in fields.items() if value not in (None, "", [])}])]


def written_pair(config: Config, shoe: str) -> dict[str, Any]:
    """Return the settings of the pair as they are written in shoes.yaml. Raises MistakeError if there is none."""
    return _among(_written_pairs(config), shoe)


def change_pair(config: Config, shoe: str, fields: Mapping[str, Any]) -> list[Operation]:
    """Give the pair these settings, as they are written; what is None or empty is removed. Raises as `written_pair`."""
    now = written_pair(config, shoe)
    operations: list[Operation] = []
    for key, value in fields.items():
        way = ("shoes", By("id", shoe), key)
        if value in (None, "", []):
            operations += [Remove(way)] if now.get(key) is not None else []
        elif value != now.get(key):
            operations.append(Put(way, value))
    return operations


def life_with(config: Config, shoe: str, more: str) -> str:
    """Return the life of the pair with `more` added (such as "100 km"), as it is written. Raises MistakeError."""
    try:
        more_m = distance_m(more)
    except ValueError as error:
        raise MistakeError(str(error)) from None
    pair = next((each for each in config.plan.shoes if each.id == shoe), None)
    life_m = pair.life_m if pair else 0.0
    return plain_distance(life_m + more_m)


def retire_pairs(config: Config, days: Mapping[str, dt.date], because: str | None = None) -> list[Operation]:
    """Write the last day that each of these pairs was worn, and the part that gave out. Raises MistakeError if there is
    no such pair, or it is retired already."""
    pairs, operations = _written_pairs(config), list[Operation]()
    for shoe, day in days.items():
        if (retired := _among(pairs, shoe).get("retired")) is not None:
            since = retired.get("on") if isinstance(retired, Mapping) else retired
            raise MistakeError(f"`{shoe}` is retired already, since {since}")
        value = {"on": day, "because": because} if because else day
        operations.append(Put(("shoes", By("id", shoe), "retired"), value))
    return operations


def unretire_pair(config: Config, shoe: str) -> list[Operation]:
    """Write that the pair is worn again. Raises MistakeError if there is no such pair, or it is not retired."""
    if not (operations := change_pair(config, shoe, {"retired": None})):
        raise MistakeError(f"`{shoe}` is not retired")
    return operations


def _written_pairs(config: Config) -> dict[str, dict[str, Any]]:
    document = parse_document(SHOES_FILE, read_file(config.directory / SHOES_FILE))
    return {each["id"]: dict(each) for each in (document.value or {}).get("shoes") or ()}


def _among(pairs: Mapping[str, dict[str, Any]], shoe: str) -> dict[str, Any]:
    if shoe not in pairs:
        raise MistakeError(f"no shoe has the id `{shoe}`; to list them: {command('shoes', 'list')}")
    return pairs[shoe]
