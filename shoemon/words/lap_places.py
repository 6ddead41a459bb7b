"""Words about a place where runs go round a lap on unknown ground."""

from collections.abc import Collection

from shoemon.model.units import write_distance


def lap_words(lap_m: float, runs: int, open_m: float, unit: str) -> str:
    """`3 runs go round a lap of 402 m, 12.4 km on unknown ground`."""
    runs_go = "1 run goes" if runs == 1 else f"{runs} runs go"
    lap = write_distance(lap_m, "m" if unit == "km" else "yd", 0)
    return f"{runs_go} round a lap of {lap}, {write_distance(open_m, unit)} on unknown ground"


def place_line(name: str, lat: float, lon: float, radius_m: float, surface: str) -> str:
    """The place as an item of `places` in shoes.yaml."""
    return f"- {{name: {name}, at: [{lat:g}, {lon:g}], radius: {radius_m:.0f} m, surface: {surface}}}"


def free_name(names: Collection[str]) -> str:
    """A name for a stadium that no other place has."""
    return next(name for number in range(1, len(names) + 2) if (name := f"Stadium {number}") not in names)
