"""Find the folders that ship with the program: the pages, the example settings and metadata, and the manual."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def plugins_dir() -> Path:
    """The folder of Datasette plugins: inside an installed shoemon, or beside it in a checkout."""
    return _beside("plugins")


def config_dir() -> Path:
    """The folder of example settings and Datasette's metadata: in an installed shoemon, or beside it in a checkout."""
    return _beside("config")


def manual_dir() -> Path:
    """The folder of the manual's chapters."""
    return _PACKAGE / "manual"


def _beside(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name
