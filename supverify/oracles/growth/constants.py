"""Signs of constants: exact where they are rational or reduce to 0, otherwise by balls that exclude 0.

An oscillation is a constant that is only known to lie in an interval: its ball is that interval, and the enclosure
of an expression in it holds at every point. Johansson 2017, "Arb".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from .radicals import separation
from .terms import Kernel, Oscillation, Power, Sum, Undecided, as_power, as_sum, is_zero
from .text import show

PRECISIONS = (64, 256, 1024, 4096)
PIECES = 64  # of the interval of an oscillation, if there is only one


def oscillations(total: Sum) -> frozenset[Kernel]:
    """The oscillations on which ``total`` depends."""
    return frozenset().union(*(_inside(kernel) for kernel in total.kernels()))


def _inside(kernel: Kernel) -> frozenset[Kernel]:
    if kernel.kind == "oscillation":
        return frozenset((kernel,))
    return oscillations(kernel.argument) if kernel.argument is not None else frozenset()


def sign(total: Sum) -> int:
    """The sign of a constant; raises Undecided where neither algebra nor balls tell, naming the constant."""
    number = total.rational
    if number is not None:
        return (number > 0) - (number < 0)
    if is_zero(total):
        return 0
    for precision in PRECISIONS:
        low, high = enclosure(total, precision)
        if low > 0 or high < 0:
            return 1 if low > 0 else -1
        if oscillations(total):
            break
        if _too_small(total, max(-low, high)):
            return 0
    raise Undecided(f"the sign of {show(total)}")


def _too_small(total: Sum, size: Any) -> bool:
    """Whether a constant of nested roots is smaller than any that is not 0."""
    from flint import arb

    bits = separation(total)
    return bits is not None and bool(size < arb(2) ** -bits)


def enclosure(total: Sum, precision: int = 64) -> tuple[Any, Any]:
    """Lower and upper bounds (arb numbers) of a constant, or of all values of an expression in oscillations."""
    from flint import ctx

    found = sorted(oscillations(total), key=lambda kernel: kernel.number)
    pieces = {0: 1, 1: PIECES, 2: 12}.get(len(found), 1)
    with ctx.workprec(precision):
        balls = [ball(total, point) for point in _boxes(found, pieces)]
        if not all(value.is_finite() for value in balls):
            raise Undecided(f"the value of {show(total)}")
        return min(value.lower() for value in balls), max(value.upper() for value in balls)


def _boxes(kernels: list[Kernel], pieces: int) -> Iterator[Mapping[Kernel, Any]]:
    parts = [_parts(interval(kernel), pieces) for kernel in kernels]
    for values in product(*parts):
        yield dict(zip(kernels, values, strict=True))


def interval(kernel: Kernel) -> tuple[Fraction, Fraction]:
    """The interval in which an oscillation stays."""
    if not isinstance(kernel.detail, Oscillation):
        raise Undecided(f"the range of {kernel.kind}")
    return kernel.detail.low, kernel.detail.high


def _parts(ends: tuple[Fraction, Fraction], pieces: int) -> list[Any]:
    from flint import arb, fmpq

    low, step = ends[0], (ends[1] - ends[0]) / pieces
    edges = [arb(fmpq((low + i * step).numerator, (low + i * step).denominator)) for i in range(pieces + 1)]
    return [edges[i].union(edges[i + 1]) for i in range(pieces)]


def ball(total: Sum, point: Mapping[Kernel, Any]) -> Any:
    """A ball around the value of ``total``, at flint's current precision; kernels in ``point`` have those values."""
    from flint import arb, fmpq

    value = arb(0)
    for factors, coefficient in total.terms.items():
        term = arb(fmpq(coefficient.numerator, coefficient.denominator))
        for kernel, power in factors:
            term *= _power(point[kernel] if kernel in point else _kernel(kernel, point), power, point)
        value += term
    return value


def _power(base: Any, power: Power, point: Mapping[Kernel, Any]) -> Any:
    from flint import arb, fmpq

    if isinstance(power, Sum):
        return (ball(power, point) * base.log()).exp()
    if power.denominator <= 2:
        root = base if power.denominator == 1 else base.sqrt()
        positive = _whole_power(root, abs(power.numerator))
        return positive if power > 0 else 1 / positive
    return base ** arb(fmpq(power.numerator, power.denominator))


def _whole_power(base: Any, exponent: int) -> Any:
    """By multiplication: for balls centred at 0 Arb's own power is not a number."""
    from flint import arb

    total = arb(1)
    for bit in bin(exponent)[2:]:
        total = total * total * (base if bit == "1" else 1)
    return total


def _kernel(kernel: Kernel, point: Mapping[Kernel, Any]) -> Any:
    from flint import arb

    if isinstance(kernel.detail, int) and kernel.kind in ("prime", "zeta"):
        return arb(kernel.detail) if kernel.kind == "prime" else arb(kernel.detail).zeta()
    if kernel.kind in _NAMED:
        return {"pi": arb.pi, "e": arb.const_e, "euler": arb.const_euler}[kernel.kind]()
    if kernel.argument is None or kernel.kind not in _functions() or kernel.basis:
        raise Undecided(f"the value of {kernel.kind}")
    return _functions()[kernel.kind](ball(kernel.argument, point))


_NAMED = frozenset({"pi", "e", "euler"})


@cache
def _functions() -> Mapping[str, Callable[[Any], Any]]:
    return {
        "sum": lambda x: x,
        "log": lambda x: x.log(),
        "exp": lambda x: x.exp(),
        "sin": lambda x: x.sin(),
        "cos": lambda x: x.cos(),
        "atan": lambda x: x.atan(),
        "abs": abs,
        "gamma": lambda x: x.gamma(),
        "loggamma": lambda x: x.lgamma(),
        "digamma": lambda x: x.digamma(),
        "lambert": lambda x: x.lambertw(),
    }


def compare(one: Power, two: Power) -> int:
    """The sign of one - two."""
    if isinstance(one, Fraction) and isinstance(two, Fraction):
        return (one > two) - (one < two)
    return sign(as_sum(one) - as_sum(two))


def power_sign(power: Power) -> int:
    """The sign of a power."""
    return compare(power, Fraction(0))


def same(one: Sum, two: Sum) -> bool:
    """Whether two constants are equal; raises Undecided where that cannot be told."""
    gap = one - two
    return not sign(gap) if as_power(gap) != 0 else True
