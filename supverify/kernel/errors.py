"""What the kernel says when it refuses: the place, what was expected there, and what was got."""

from __future__ import annotations


class Refusal(Exception):
    """A refusal with its place, what was expected there and what was got."""

    def __init__(self, place: str, expected: str, got: object) -> None:
        try:
            shown = got if isinstance(got, str) else repr(got)
        except ValueError:  # Python prints no integer of more than 4300 digits
            shown = "a number too long to print"
        self.place, self.expected = place, expected
        self.got = shown if len(shown) <= 120 else shown[:117] + "..."
        super().__init__(f"{place}: expected {expected}, got {self.got}")


class Malformed(Refusal):
    """The input is not what its format says (exit code 3)."""


class Rejected(Refusal):
    """The input is well formed, but the evidence does not show what is claimed."""
