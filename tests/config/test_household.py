"""Several homes served together: their names, and whose settings count."""

from pathlib import Path

import pytest

from shoemon.config.household import load_household
from shoemon.config.load import load
from shoemon.config.reading import ConfigError


def homes(base: Path, **written: str) -> list[str]:
    """Directories by name, each with a shoemon.yaml."""
    for name, text in written.items():
        (base / name).mkdir()
        (base / name / "shoemon.yaml").write_text(text)
        (base / name / "shoes.yaml").write_text("shoes: []")
    return [str(base / name) for name in written]


def test_a_home_goes_by_its_runner_or_its_directory_in_an_address(tmp_path: Path) -> None:
    found = load_household(homes(tmp_path, Bo_B="", b="runner: Änna  Ø.", c="runner: 7", d="runner: Бег 跑"))
    names = {config.household.runner: config.database_name for config in found if config.household}
    assert names == {"Bo_B": "bo-b", "Änna  Ø.": "anna-ø", "7": "7", "Бег 跑": "бег-跑"}


def test_all_mistakes_of_all_homes_are_reported_at_once(tmp_path: Path) -> None:
    named = homes(tmp_path, anna="", b="units: km\nrunner: ANNA", c="runner: '--'", d="unitz: km", _="")
    with pytest.raises(ConfigError) as caught:
        load_household([*named, str(tmp_path / "none")])
    found = [str(mistake).replace(f"{tmp_path}/", "") for mistake in caught.value.mistakes]
    other = "write the runner's name here, another one for each home"
    assert found[0] == f"_/shoemon.yaml:1:1: runner: is missing; {other}"
    assert found[1] == f"b/shoemon.yaml:2:1: runner: `anna` is the name of the pages of anna too; {other}"
    assert [line.partition(": ")[0] for line in found[2:]] == [
        "c/shoemon.yaml:1:1", "d/shoemon.yaml:1:1", "none/shoemon.yaml:1:1", "none/shoes.yaml:1:1",
    ]  # fmt: skip
    assert f"--config {tmp_path}/none" in found[-1]


def test_settings_of_the_address_are_those_of_the_first_home(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = "web: {port: 8005, url: 'http://shoes.home/', hosts: [shoes.home]}"
    second = "web: {port: 8005, url: 'http://bob.home/', base_url: /bob/, taps: links}"
    one, two = load_household(homes(tmp_path, anna=first, bob=second))
    assert one.main.web == load(tmp_path / "anna").main.web
    assert two.main.web == one.main.web.model_copy(update={"taps": "links"})
    assert load(two.directory, household=two.household) == two
    (warning,) = [record.getMessage() for record in caplog.records]
    assert (
        warning == f"{tmp_path}/bob/shoemon.yaml: ignoring web.base_url, web.url; {tmp_path}/anna/shoemon.yaml decides"
    )
