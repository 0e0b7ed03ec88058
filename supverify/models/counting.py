"""How many bits tell apart the members of a family: ceil(log2 of a number of choices), exact at any size.

The numbers themselves have up to 10^14 bits, so their logarithms are enclosed (derived: Stirling's series, whose
error is less than the first term left out). A number is written out only where it has few factors, or where its
enclosure does not decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import comb, factorial, isqrt, perm, prod

WRITTEN_OUT = 2000  # factors of a number that is written out at once
LARGEST = 10**12  # outputs and inputs; see ERROR
SERIES_FROM = 1000
# B(2j) / (2j (2j - 1)) for j = 1..8, the series of ln n!; the next coefficient is less than 1/5.
SERIES = tuple(
    Fraction(*pair)
    for pair in (
        (1, 12),
        (-1, 360),
        (1, 1260),
        (-1, 1680),
        (1, 1188),
        (-691, 360360),
        (1, 156),
        (-3617, 122400),
    )
)
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
# Three logarithms of factorials a choice, each short of 1000^-17 / 5 by its series; 80 digits of numbers below 10^27
# (n <= 10^24) are off by less than 10^-52 a step.
CONTEXT = Context(prec=80, rounding=ROUND_HALF_EVEN)
ERROR = Decimal("1e-40")


@dataclass(frozen=True)
class Choices:
    """The C(n, k) sets of k among n things or, ``ordered``, the n!/(n - k)! rows of k of them; 0 <= k <= n."""

    n: int
    k: int
    ordered: bool = False

    @property
    def factors(self) -> int:
        """How many factors the number has when it is written out."""
        return self.k if self.ordered else min(self.k, self.n - self.k)

    def number(self) -> int:
        """The number itself."""
        return perm(self.n, self.k) if self.ordered else comb(self.n, self.k)

    def logarithm(self) -> Decimal:
        """ln of the number, in the context that holds."""
        below = [self.n - self.k] if self.ordered else [self.n - self.k, self.k]
        return _log_factorial(self.n) - sum(map(_log_factorial, below))


def bits_to_tell_apart(*choices: Choices) -> int:
    """ceil(log2 of the product of the numbers of choices)."""
    if sum(some.factors for some in choices) > WRITTEN_OUT:
        low, high = _enclosed(choices)
        if low == high:
            return low
    return ceil_log2(prod(some.number() for some in choices))


def ceil_log2(count: int) -> int:
    """ceil(log2 count), for a count of at least 1."""
    return (count - 1).bit_length()


def least_width(bits: int, each: int) -> int:
    """The least n with each * n * (n + 1) >= bits: n x n weights and n biases, ``each`` bits for all in one place."""
    n = isqrt(bits // each)
    while each * n * (n + 1) < bits:
        n += 1
    while n and each * (n - 1) * n >= bits:
        n -= 1
    return n


def _enclosed(choices: Iterable[Choices]) -> tuple[int, int]:
    """ceil of two numbers that have log2 of the product between them."""
    with localcontext(CONTEXT):
        bits = sum((some.logarithm() for some in choices), Decimal(0)) / Decimal(2).ln()
        low, high = (end.to_integral_value(ROUND_CEILING) for end in (bits - ERROR, bits + ERROR))
    return int(low), int(high)


def _log_factorial(n: int) -> Decimal:
    if n < SERIES_FROM:
        return Decimal(factorial(n)).ln()
    x = Decimal(n)
    rest = sum((Decimal(c.numerator) / c.denominator / x ** (2 * j + 1) for j, c in enumerate(SERIES)), Decimal(0))
    return (x + Decimal("0.5")) * x.ln() - x + (2 * PI).ln() / 2 + rest
