"""Where things lie: the checkout, its tests, and the real files beside it, where there are any."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
REAL_DATA = ROOT.parent / "shared" / "data"
"""Other people's files, for tests that are skipped without them."""
