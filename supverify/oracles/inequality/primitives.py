"""Ranges of the primitives over an interval: each is monotone between known turning points, so the ends tell.

A range is a pair of balls (low, high): the values lie between the lower end of the first and the upper end of the
second. The two are one object where the interval is a point. A primitive answers with its range and, as a function to
be called where it is wanted, the range of its derivative (None: it has none everywhere on the interval).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .constants import Undecided

Pair = tuple[Any, Any]
TURN = Fraction(1, 2)  # from here on ln x! increases; its least value is above FLOOR
FLOOR = Fraction(-13, 100)


def exact(number: Fraction | int) -> Any:
    """The ball of a rational number."""
    from flint import arb, fmpq

    number = Fraction(number)
    return arb(number.numerator) if number.denominator == 1 else arb(fmpq(number.numerator, number.denominator))


def negated(pair: Pair) -> Pair:
    """The range of the negative."""
    low = -pair[1]
    return (low, low) if pair[0] is pair[1] else (low, -pair[0])


def added(left: Pair, right: Pair) -> Pair:
    """The range of a sum."""
    low = left[0] + right[0]
    return (low, low) if left[0] is left[1] and right[0] is right[1] else (low, left[1] + right[1])


def multiply(left: Pair, right: Pair) -> Pair:
    """The range of a product."""
    if left[0] is left[1] and right[0] is right[1]:
        product = left[0] * right[0]
        return product, product
    if left[0] >= 0 and right[0] >= 0:
        return left[0] * right[0], left[1] * right[1]
    products = [one * other for one in left for other in right]
    low, high = products[0], products[0]
    for product in products[1:]:
        low, high = low.min(product), high.max(product)
    return low, high


def power(base: Pair, exponent: Fraction) -> Pair:
    """The range of base^exponent for a rational exponent."""
    low, high = base
    n = int(exponent)
    if exponent.denominator > 1:
        if not low >= 0 or (exponent < 0 and not low > 0):
            raise Undecided("a root of what may be negative")
        e = exact(exponent)
        ends = [end**e if end > 0 else exact(0) for end in base]
        if not high > 0 or (not low > 0 and not low.is_zero()):
            raise Undecided("a root of what may be negative")
        return (ends[0], ends[1]) if exponent > 0 else (ends[1], ends[0])
    if n < 0:
        if not (low > 0 or high < 0):
            raise Undecided("a division by what may be 0")
        below = power(base, Fraction(-n))
        return 1 / below[1], 1 / below[0]
    if low is high:
        return (low**n,) * 2
    if low >= 0 or n % 2:
        return low**n, high**n
    if high <= 0:
        return high**n, low**n
    return exact(0), (low**n).max(high**n)


def mapped(pair: Pair, function: Callable[[Any], Any]) -> Pair:
    """The range of an increasing function."""
    low = function(pair[0])
    return (low, low) if pair[0] is pair[1] else (low, function(pair[1]))


def _require(condition: Any, what: str) -> None:
    if not condition:
        raise Undecided(what)


Unary = tuple[Pair, Callable[[], Pair] | None]


def _exp(x: Pair) -> Unary:
    value = mapped(x, lambda end: end.exp())
    return value, lambda: value


def _ln(x: Pair) -> Unary:
    _require(x[0] > 0, "a logarithm of what may not be positive")
    return mapped(x, lambda end: end.log()), lambda: power(x, Fraction(-1))


def _lnfact(x: Pair) -> Unary:
    _require(x[0] >= 0, "a factorial of what may be negative")
    value = mapped(x, lambda end: (end + 1).lgamma())
    if not x[0] >= exact(TURN) and x[0] is not x[1]:
        value = (exact(FLOOR), value[0].max(value[1]))
    return value, lambda: mapped(x, lambda end: (end + 1).digamma())


def _harmonic(x: Pair) -> Unary:
    from flint import arb

    _require(x[0] >= 0, "a harmonic number of what may be negative")
    value = mapped(x, lambda end: (end + 1).digamma() + arb.const_euler())
    return value, lambda: _trigamma((x[0] + 1, x[1] + 1))


def _digamma(x: Pair) -> Unary:
    _require(x[0] > 0, "a digamma function of what may not be positive")
    return mapped(x, lambda end: end.digamma()), lambda: _trigamma(x)


def _trigamma(x: Pair) -> Pair:
    from flint import arb

    low, high = (arb(2).zeta(end) for end in reversed(x))
    return low, high


def _abs(x: Pair) -> Unary:
    if x[0] >= 0:
        return x, lambda: (exact(1), exact(1))
    if x[1] <= 0:
        return negated(x), lambda: (exact(-1), exact(-1))
    return (exact(0), (-x[0]).max(x[1])), None


def _floor(x: Pair) -> Unary:
    return (exact(_whole(x[0].lower().floor())), exact(_whole(x[1].upper().floor()))), None


def _ceil(x: Pair) -> Unary:
    return (exact(_whole(x[0].lower().ceil())), exact(_whole(x[1].upper().ceil()))), None


def _whole(number: Any) -> int:
    found = number.unique_fmpz()
    if found is None:
        raise Undecided("a rounded value that is not known")
    return int(found)


def _atan(x: Pair) -> Unary:
    def rate() -> Pair:
        low, high = power(x, Fraction(2))
        return 1 / (1 + high), 1 / (1 + low)

    return mapped(x, lambda end: end.atan()), rate


def _lambert(x: Pair) -> Unary:
    _require(x[0] > 0, "LambertW of what may not be positive")
    value = mapped(x, lambda end: end.lambertw())
    return value, lambda: (1 / (x[1] * (1 + 1 / value[1])), 1 / (x[0] * (1 + 1 / value[0])))


def _wave(function: Callable[[Any], Any]) -> Callable[[Pair], Unary]:
    def bounded(x: Pair) -> Unary:
        return (mapped(x, function) if x[0] is x[1] else (exact(-1), exact(1))), None

    return bounded


UNARY: Mapping[str, Callable[[Pair], Unary]] = {
    "exp": _exp,
    "ln": _ln,
    "lnfact": _lnfact,
    "harmonic": _harmonic,
    "digamma": _digamma,
    "abs": _abs,
    "floor": _floor,
    "ceil": _ceil,
    "sin": _wave(lambda x: x.sin()),
    "cos": _wave(lambda x: x.cos()),
    "atan": _atan,
    "LambertW": _lambert,
}
