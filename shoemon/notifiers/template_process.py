"""The process that renders the bodies of webhooks: a template and alerts on standard input, texts on standard output.

A process of its own ends at its deadline and within its memory, whatever a template computes. It is started as a file,
so that it loads Jinja2 and little else.
"""

import json
import math
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from jinja2 import StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shoemon.model.text import one_line
from shoemon.model.units import write_distance

LONGEST_BYTES = 65_536
"""Of a body; chat services accept less."""
LONGEST_FAULT = 300
MEMORY_BYTES = 512 << 20
OWN = ("id", "kind", "stage", "shoe", "title")
VARIABLES = (*OWN, "text", "url", "created_at", "data")
"""What a template can use of an alert."""


class _Missing(StrictUndefined):
    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"this alert has no `{self._undefined_name}`"


def environment() -> ImmutableSandboxedEnvironment:
    """What templates are read and rendered with. The same alert always gives the same text, so nothing is random."""
    made = ImmutableSandboxedEnvironment(undefined=_Missing)
    made.filters |= {"tojson": _tojson, "distance": _distance}
    del made.filters["random"], made.globals["lipsum"]
    return made


def _tojson(value: Any, indent: int | None = None) -> str:
    """Plain JSON; Jinja2's own filter escapes it for HTML."""
    return json.dumps(value, indent=indent, default=list, allow_nan=False)


@pass_context
def _distance(context: Context, metres: float, digits: int = 1) -> str:
    """Metres in the runner's unit, such as `412.3 km`."""
    return write_distance(metres, context["data"]["unit"], digits)


def variables(content: Mapping[str, Any]) -> dict[str, Any]:
    """The variables for one alert; `content` is the body without a template (config/alert.schema.json)."""
    data = content["data"]
    url = next((link["url"] for link in data.get("links", ())), "")
    own = {name: data[name] for name in OWN}
    return {**own, "text": data["body"], "url": url, "created_at": content["timestamp"], "data": data}


def render(template: str, content: Mapping[str, Any], is_json: bool) -> dict[str, str]:
    """The `text` that `template` gives for one alert, or the `fault` that prevents it."""
    pieces, size = [], 0
    try:
        for piece in environment().from_string(template).generate(variables(content)):
            pieces.append(piece)
            size += len(piece.encode("utf-8", "replace"))
            if size > LONGEST_BYTES:
                return {"fault": f"it gives more than {LONGEST_BYTES // 1024} KiB"}
        text = "".join(pieces)
        if is_json:
            json.loads(text)
        return {"text": text}
    except json.JSONDecodeError as error:
        return {"fault": f"it does not give JSON ({error}); write a text as {{{{ title | tojson }}}}, without quotes"}
    except MemoryError:
        return {"fault": "it needs too much memory"}
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        places = [place.lineno for place in traceback.extract_tb(error.__traceback__) if place.filename == "<template>"]
        line = f"line {places[-1]}: " if places else ""
        return {"fault": line + one_line(str(error) or type(error).__name__)[:LONGEST_FAULT]}


def _limit(seconds: float) -> None:
    """Limit memory and work, also where whoever started this is gone. Not every system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds) + 1,) * 2)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    _limit(asked["timeout_s"])
    json.dump([render(asked["template"], each, asked["is_json"]) for each in asked["alerts"]], sys.stdout)
