"""Sine, cosine and arctangent; where the argument grows, sine and cosine oscillate in [-1, 1]."""

from __future__ import annotations

from fractions import Fraction

from . import elementary
from .constants import oscillations, sign
from .expansion import lead
from .scale import Scale
from .special import HALF, pi
from .terms import ZERO, Kernel, Oscillation, Sum, number


def oscillation(scale: Scale, name: str, total: Sum, low: int, high: int) -> Sum:
    """A value in [low, high] of which only that is known, the same one for the same argument."""
    return scale.constant("oscillation", None, Oscillation(name, total, Fraction(low), Fraction(high)))


def _oscillates(scale: Scale, total: Sum) -> bool:
    """Whether ``total`` has no limit, or none that is known."""
    found = lead(scale, total)
    return found is not None and (scale.direction(found.powers) > 0 or bool(oscillations(total)))


def sine(scale: Scale, total: Sum) -> Sum:
    """sin(s): exact at multiples of pi/2."""
    return _circular(scale, "sin", total, 0)


def cosine(scale: Scale, total: Sum) -> Sum:
    """cos(s) = sin(s + pi/2)."""
    return _circular(scale, "cos", total, 1)


def _circular(scale: Scale, name: str, total: Sum, quarter: int) -> Sum:
    turns, rest = _half_turns(scale, total)
    if not rest and turns is not None and (2 * turns).denominator == 1:
        return number((0, 1, 0, -1)[(int(2 * turns) + quarter) % 4])
    if turns is not None and turns.denominator == 1 and turns and rest:
        return _circular(scale, name, rest, quarter).scaled(Fraction((-1) ** (int(turns) % 2)))
    if turns is not None and not rest and (known := _sixths((turns + Fraction(quarter, 2)) % 2)) is not None:
        return number(known)
    return oscillation(scale, name, total, -1, 1) if _oscillates(scale, total) else scale.constant(name, total)


def _sixths(turns: Fraction) -> Fraction | None:
    """sin(turns pi) where it is 1/2 or -1/2."""
    known = {Fraction(1, 6): HALF, Fraction(5, 6): HALF, Fraction(7, 6): -HALF, Fraction(11, 6): -HALF}
    return known.get(turns)


def _half_turns(scale: Scale, total: Sum) -> tuple[Fraction | None, Sum]:
    """q and s with total = q pi + s, where whole multiples of 2 pi times integer polynomials are left out."""
    key = ((scale.table.make("pi"), Fraction(1)),)
    turns = total.terms.get(key, Fraction(0))
    rest = Sum({product: c for product, c in total.terms.items() if product != key})
    if scale.integer:
        kept = {product: c for product, c in rest.terms.items() if not _whole_turns(scale, product, c)}
        rest = Sum(kept)
    return turns, rest


def _whole_turns(scale: Scale, product: tuple[tuple[Kernel, object], ...], coefficient: Fraction) -> bool:
    powers = dict(product)
    main = next(iter(scale.main.kernels()))
    if powers.pop(scale.table.make("pi"), None) != 1 or set(powers) != {main}:
        return False
    power = powers[main]
    return isinstance(power, Fraction) and power.denominator == 1 and power > 0 and (coefficient / 2).denominator == 1


def arctangent(scale: Scale, total: Sum) -> Sum:
    """atan(s): pi/2 - atan(1/s) where s tends to infinity."""
    found = lead(scale, total)
    if found is None:
        return ZERO
    if scale.direction(found.powers) > 0 and oscillations(found.coefficient):
        return oscillation(scale, "atan", total, -2, 2)
    if scale.direction(found.powers) > 0:
        half_turn = pi(scale).scaled(HALF * sign(found.coefficient))
        return half_turn - arctangent(scale, elementary.power(scale, total, Fraction(-1)))
    if total.rational is not None and abs(total.rational) == 1:
        return pi(scale).scaled(total.rational / 4)
    return scale.constant("atan", total)
