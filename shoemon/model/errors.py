"""What can go wrong, and whether trying again can help."""

from collections.abc import Mapping
from typing import Any


class ShoemonError(Exception):
    """Something went wrong; the message is one sentence for the user."""


class MistakeError(ShoemonError):
    """Wrong usage or configuration (exit code 2)."""


class UnitUnknownError(MistakeError):
    """An export does not say in which unit its distances are. `settings` read it if that is km."""

    settings: Mapping[str, Any]


class FormError(MistakeError):
    """Mistakes in what was typed into a form; `faults` has the message of each, by the setting."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{setting}: {message}" for setting, message in faults.items()))
        self.faults = faults


class SourceError(ShoemonError):
    """A source could not be read. `retryable`: whether trying again later can help."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class ReadAgainError(SourceError):
    """What was read of a source does not fit together, as it changed meanwhile, or as additions to it contradict a
    stored record: it has to be read again, everything of it."""


class DeliveryError(ShoemonError):
    """A message was not delivered. `retryable`: trying again can help; `retry_after_s`: not before so many seconds."""

    def __init__(self, message: str, *, retryable: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class PartlyDeliveredError(DeliveryError):
    """A message was delivered to the recipients `reached`, and refused by so many others (`left`)."""

    def __init__(self, message: str, reached: frozenset[str], left: int, *, retryable: bool) -> None:
        super().__init__(message, retryable=retryable)
        self.reached, self.left = reached, left
