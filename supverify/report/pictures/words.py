"""Numbers and counts in the sentences of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from .data import Covered


def number(value: Fraction) -> str:
    """The number exactly where that is short, else in decimals."""
    exact = f"{value.numerator:,}" if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
    if len(exact) <= 8:
        return exact
    try:
        return f"{float(value):,.4g}"
    except OverflowError:
        return "above 10^308" if value > 0 else "below -10^308"


def listed(items: Iterable[str], *, most: int = 6) -> str:
    """``a, b and 3 more``."""
    known = list(items)
    shown = ", ".join(known[:most])
    return f"{shown} and {len(known) - most:,} more" if len(known) > most else shown


def coverage(covered: Sequence[Covered]) -> str:
    """Which inputs were gone through: all of them, or of which sizes a seeded sample."""
    sampled = [part for part in covered if not part.complete]
    whole = [part for part in covered if part.complete]
    total = sum(part.inputs for part in whole)
    if not sampled:
        return f"all {total:,} inputs of the claim"
    samples = listed(
        (f"a seeded sample of {part.inputs:,} of the {part.of:,} with {part.size} active" for part in sampled), most=9
    )
    if not whole:
        return samples
    sizes = " or ".join(str(part.size) for part in whole)
    return f"all {total:,} inputs with {sizes} active and {samples}"
