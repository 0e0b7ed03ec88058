"""Numbers of a verdict as people read them, on the terminal and in a report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .network_model import LargestK

SHORT, LONG = 24, 100  # characters of a fraction
WITH_JSON = "with --json"


def rests_on(oracles: Sequence[str]) -> str:
    """Whom a verdict has to be believed from."""
    return f"rests on {', '.join(oracles)}" if oracles else "rests on the kernel alone"


def between(lower: str, upper: str, *, whole: str = WITH_JSON) -> str:
    """One number, or the two that enclose it."""
    numbers = [about(number, whole=whole) for number in dict.fromkeys((lower, upper))]
    return " to ".join(numbers)


def about(number: str, *, whole: str = WITH_JSON) -> str:
    """A fraction as people read it: itself while it is short, else in decimals; ``whole`` says where all of it is."""
    if len(number) <= SHORT:
        return number
    numerator, _, denominator = number.partition("/")
    value = f"about {Decimal(numerator) / Decimal(denominator or 1):.6g}"
    return value if len(number) <= LONG else f"{value} ({len(number):,} characters; all {whole})"


def largest(found: LargestK) -> str:
    """The largest exact k as a sentence."""
    if found.k is None:
        known = "exact for no k" if found.final else "not known to be exact for any k"
    else:
        known = f"exact for k up to {found.k}"
    if found.counterexample is not None:
        return f"{known}: wrong on active inputs {list(found.counterexample)}"
    return known if found.final else f"{known}; the next k is undecided: {found.reason}"
