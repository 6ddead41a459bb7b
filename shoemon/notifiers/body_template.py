"""Bodies of webhooks by the runner's own template (Jinja2): checked when the settings are read, rendered when sent."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.checking import suggestion
from shoemon.notifiers.running import ended

_PROCESS = Path(__file__).with_name("template_process.py")
_IN_SOME_PLACES = {"loop", "caller", "varargs", "kwargs"}
"""Names that Jinja2 itself gives, inside loops and macros."""


class Rendered(NamedTuple):
    """What is posted for one alert, or the `fault` that prevents it."""

    body: bytes = b""
    fault: str | None = None


def checked(template: str) -> str:
    """`template`, read but not run. Raises ValueError with every mistake, its line and the remedy."""
    from jinja2 import TemplateSyntaxError, nodes

    from shoemon.notifiers.template_process import VARIABLES, environment

    jinja = environment()
    try:
        tree: Any = jinja.parse(template)
    except TemplateSyntaxError as error:
        raise ValueError(f"the template cannot be read: line {error.lineno}: {error.message}") from None
    except RecursionError:
        raise ValueError("the template is nested too deeply") from None
    made = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    made |= {node.name for node in tree.find_all(nodes.Macro)} | _IN_SOME_PLACES
    unknown = [
        f"line {node.lineno}: unknown {kind} `{node.name}`{suggestion(node.name, listed)}"
        for kind, types, names, listed in (
            ("name", nodes.Name, {*VARIABLES, *jinja.globals, *made}, VARIABLES),
            ("filter", nodes.Filter, jinja.filters, jinja.filters),
            ("test", nodes.Test, jinja.tests, jinja.tests),
        )
        for node in tree.find_all(types)
        if node.name not in names
    ]
    if unknown:
        raise ValueError(f"the template cannot be used: {'; '.join(unknown)}")
    return template


def render(template: str, is_json: bool, alerts: Sequence[bytes], timeout_s: float) -> list[Rendered]:
    """Render `template` for each of `alerts` (as `standard_webhook.body_of` gives them), all within `timeout_s`."""
    asked = {"template": template, "is_json": is_json, "timeout_s": timeout_s, "alerts": [*map(json.loads, alerts)]}
    fault = None
    try:
        done = subprocess.run(  # noqa: S603 - a file of our own
            [sys.executable, "-P", str(_PROCESS)], input=json.dumps(asked).encode("ascii"), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=timeout_s, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )  # fmt: skip
        fault = f"the process that renders it {ended(done.returncode)}" if done.returncode else None
    except subprocess.TimeoutExpired:
        fault = f"it took longer than {timeout_s:g} s"
    except OSError as error:
        fault = f"the process that renders it could not be started: {error.strerror}"
    if fault is not None:
        return [Rendered(fault=fault)] * len(alerts)
    made = json.loads(done.stdout)
    return [Rendered(each.get("text", "").encode("utf-8", "replace"), each.get("fault")) for each in made]
