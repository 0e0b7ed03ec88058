"""Powers of primes in rational numbers, as far as small divisors and whole roots show them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

TRIAL = 1 << 12  # primes below are split off an integer; what is left counts as prime
EXPONENTS = 64  # of the whole roots that are tried


@lru_cache(maxsize=1 << 12)
def factors(number: Fraction) -> Mapping[int, int]:
    """The powers of primes in a positive rational; a cofactor without a small divisor counts as prime."""
    powers: dict[int, int] = {}
    for whole, direction in ((number.numerator, 1), (number.denominator, -1)):
        for p in (2, *range(3, TRIAL, 2)):
            while whole % p == 0:
                whole //= p
                powers[p] = powers.get(p, 0) + direction
            if p * p > whole:
                break
        if whole > 1:
            root, k = perfect_power(whole)
            powers[root] = powers.get(root, 0) + direction * k
    return powers


def perfect_power(number: int) -> tuple[int, int]:
    """(r, k) with r^k = number > 1 and k as large as possible up to EXPONENTS."""
    for k in range(min(EXPONENTS, number.bit_length()), 1, -1):
        root = integer_root(number, k)
        if root**k == number:
            return root, k
    return number, 1


def integer_root(number: int, k: int) -> int:
    """The largest r with r^k <= number."""
    low, high = 0, 1 << (number.bit_length() // k + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**k <= number else (low, middle - 1)
    return low
