"""How long a server asks to be left alone."""

import pytest

from shoemon.net.failure import retry_after_s


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("0", 0.0), (" 7 ", 7.0), ("-7", None), ("1.5", None), ("9" * 400, 1e9), ("٣", None), ("", None), (None, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Thu, 99 Jan 1970", None),
        ("Thursday, 01-Jan-70 00:01:40 GMT", 90.0),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after_s({} if text is None else {"Retry-After": text}, 10.0) == seconds
