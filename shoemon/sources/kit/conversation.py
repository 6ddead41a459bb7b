"""The runner at a terminal, as a source sees him that must be logged in: told something, and asked for a line."""

from typing import Protocol


class Conversation(Protocol):
    """Handed to `login` of a source module."""

    paste: bool
    """The browser cannot reach this machine: the runner hands over by hand what it was told."""
    can_answer: bool
    """Whether anybody is there to be asked."""

    def say(self, text: str) -> None:
        """Shows a line."""

    def ask(self, question: str) -> str:
        """A line the runner types; blank once there is nobody any more. It may hold a secret, and is not kept."""
