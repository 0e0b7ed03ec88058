"""Comparisons with M^(p/q) in integers: floats would misplace the exact ties."""

from __future__ import annotations

from fractions import Fraction


def exceeds(number: int, base: int, exponent: Fraction) -> bool:
    """Whether number > base^exponent, for number, base and exponent of at least 0: number^q > base^p."""
    right: int = base**exponent.numerator
    return bool(number**exponent.denominator > right)


def floor_power(base: int, exponent: Fraction) -> int:
    """The largest integer that is at most base^exponent, for base >= 1 and exponent >= 0."""
    low, high = 1, 2
    while not exceeds(high, base, exponent):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if exceeds(middle, base, exponent) else (middle, high)
    return low
