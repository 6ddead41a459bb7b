"""Find stored runs that may count twice, and the clocks that are the cause, for `sync`, `status` and `check`."""

from shoemon.config.load import Config
from shoemon.decide.same_run.doubts import Start, WrongClock, wrong_clocks
from shoemon.pages.rows import Rows
from shoemon.words.doubled_runs import doubled_lines


def clocks(rows: Rows, config: Config) -> list[WrongClock]:
    """Find the sources whose times seem to be local ones written as UTC."""
    sql = """SELECT a.source AS source, a.started_at AS start, a.utc_offset_s AS offset_s,
               b.source AS other_source, b.started_at AS other_start, b.utc_offset_s AS other_offset_s
             FROM doubled_runs d JOIN activities a ON a.id = d.activity JOIN activities b ON b.id = d.other"""
    pairs = ((Start(*row[:3]), Start(*row[3:])) for row in (tuple(each.values()) for each in rows(sql)))
    return wrong_clocks(pairs, {settings.name for settings in config.sources if hasattr(settings, "times")})


def doubled_notes(rows: Rows, config: Config) -> list[tuple[str, str]]:
    """Make sentences, each with the line to copy."""
    return list(doubled_lines(rows("SELECT activity, other, correction FROM doubled_runs"), clocks(rows, config)))
