"""What an oscillation comes close to infinitely often: only that refutes a claim, an enclosure never does.

sin(s), cos(s), frac(s) over the reals, s continuous and growing: every value of their range
the same over the integers if s = o(m): the steps of s tend to 0 (a Hardy field), so again every value
sin(p(m)), p a polynomial with rational coefficients: dense, as p/(2 pi) has an irrational coefficient (Weyl 1916)
frac(p(m)) where a coefficient of p is irrational: likewise
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .constants import ball, interval, oscillations
from .elementary import TRIAL
from .expansion import lead
from .scale import Scale
from .terms import Kernel, Oscillation, Power, Product, Sum, Undecided

SAMPLES = 16
PRECISION = 128


def fills_its_range(scale: Scale, kernel: Kernel) -> bool:
    """Whether an oscillation comes arbitrarily close to every value of its interval infinitely often."""
    detail = kernel.detail
    if not isinstance(detail, Oscillation) or detail.name not in ("sin", "cos", "frac"):
        return False
    first = lead(scale, detail.argument)
    if first is None or scale.direction(first.powers) <= 0 or oscillations(detail.argument):
        return False
    if not scale.integer:
        return True
    main = _main(scale)
    return scale.compare(first.powers, {main: Fraction(1)}) < 0 or _equidistributed(detail, main)


def _main(scale: Scale) -> Kernel:
    return next(iter(scale.main.kernels()))


def _equidistributed(detail: Oscillation, main: Kernel) -> bool:
    """Weyl: a polynomial with an irrational coefficient (over 2 pi for sine and cosine) is dense modulo 1."""
    degrees = dict[int, list[Product]]()
    for product in detail.argument.terms:
        powers: dict[Kernel, Power] = dict(product)
        degree = powers.pop(main, Fraction(0))
        if not isinstance(degree, Fraction) or degree.denominator != 1 or degree < 0:
            return False
        if any(kernel.basis for kernel in powers):
            return False
        if degree:
            degrees.setdefault(int(degree), []).append(tuple(powers.items()))
    if detail.name != "frac":
        return bool(degrees) and all(found == [()] for found in degrees.values())
    return any(len(found) == 1 and _irrational(found[0]) for found in degrees.values())


def _irrational(product: Product) -> bool:
    """Known irrationals: pi, e, ln p, and roots of primes."""
    if len(product) != 1:
        return False
    ((kernel, power),) = product
    if kernel.kind == "log" and kernel.argument is not None:
        inner = [k.kind for k in kernel.argument.kernels()]
        return power == 1 and inner == ["prime"] and len(kernel.argument.terms) == 1
    prime = isinstance(kernel.detail, int) and kernel.detail < TRIAL**2  # beyond, it might be a perfect power
    return (kernel.kind in ("pi", "e") and power == 1) or (kernel.kind == "prime" and prime)


def limit_points(scale: Scale, total: Sum) -> list[Any]:
    """Balls around values to which a constant with one oscillation, which fills its range, returns for ever.

    Empty where that is not known. The constant is continuous in the oscillation, so it also comes close to what lies
    between two of the values.
    """
    from flint import arb, ctx, fmpq

    found = oscillations(total)
    if len(found) > 1 or not all(fills_its_range(scale, kernel) for kernel in found):
        return []
    with ctx.workprec(PRECISION):
        if not found:
            return [ball(total, {})]
        (kernel,) = found
        values = (ball(total, {kernel: arb(fmpq(x.numerator, x.denominator))}) for x in _samples(kernel))
        return [value for value in values if value.is_finite()]


def _samples(kernel: Kernel) -> Iterator[Fraction]:
    low, high = interval(kernel)
    return (low + (high - low) * Fraction(i, SAMPLES) for i in range(SAMPLES + 1))


def comes_close_to_zero(values: list[Any]) -> bool:
    """Whether the values have both signs or one of them is 0."""
    return any(value.is_zero() for value in values) or changes_sign(values)


def changes_sign(values: list[Any]) -> bool:
    """Whether the values have both signs."""
    return any(v > 0 for v in values) and any(v < 0 for v in values)


def stays_away(values: list[Any]) -> bool:
    """Whether infinitely often it is not close to 0."""
    return any(value > 0 or value < 0 for value in values)


def check_flint() -> None:
    """Raises Undecided where python-flint is not installed."""
    try:
        import flint  # noqa: F401
    except ImportError as missing:
        raise Undecided("python-flint is not installed (extra: arb)") from missing
