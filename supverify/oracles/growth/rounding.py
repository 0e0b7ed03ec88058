"""What is rounded or chosen: floor, abs and max, exact where a limit or a sign tells, else with an oscillation."""

from __future__ import annotations

from fractions import Fraction
from math import floor as floor_of

from .circular import oscillation
from .constants import enclosure, oscillations, sign
from .expansion import lead, leading_sum, limit_of
from .scale import Scale
from .special import HALF
from .terms import ZERO, Sum, Undecided, number
from .text import show


def absolute(scale: Scale, total: Sum) -> Sum:
    """abs(s): s or -s where its sign is known in the end, else an oscillation times what it grows like."""
    found = lead(scale, total)
    if found is None:
        return ZERO
    try:
        return total if sign(found.coefficient) > 0 else -total
    except Undecided:
        if not oscillations(found.coefficient):
            raise
    monomial = scale.monomial(found.powers)
    if total == leading_sum(scale, found):
        return monomial * scale.constant("abs", found.coefficient)
    low, high = enclosure(found.coefficient)
    size = int(max(abs(low), abs(high)).upper().ceil().unique_fmpz()) + 1
    return monomial * oscillation(scale, "abs", total, 0, size)


def larger(scale: Scale, one: Sum, two: Sum) -> Sum:
    """max(s, t)."""
    gap = one - two
    found = lead(scale, gap)
    if found is None:
        return one
    try:
        return one if sign(found.coefficient) > 0 else two
    except Undecided:
        return (one + two + absolute(scale, gap)).scaled(HALF)


def floor(scale: Scale, total: Sum) -> Sum:
    """floor(s): exact for polynomials with integer coefficients at integers and near constants, else s - [0, 1]."""
    fraction = total.terms.get((), Fraction(0)) % 1
    if scale.integer and _integral(scale, total - number(fraction)):
        return total - number(fraction)
    found = lead(scale, total)
    if found is None:
        return ZERO
    if scale.direction(found.powers) > 0 or oscillations(total):
        return total - oscillation(scale, "frac", total, 0, 1)
    limit = limit_of(scale, total) or ZERO
    whole = _floor_of_constant(limit)
    rest = lead(scale, total - limit)
    from_below = rest is not None and limit == number(whole) and sign(rest.coefficient) < 0
    return number(whole - from_below)


def _floor_of_constant(limit: Sum) -> int:
    if limit.rational is not None:
        return floor_of(limit.rational)
    low, high = enclosure(limit)
    if low.floor().unique_fmpz() is None or low.floor().unique_fmpz() != high.floor().unique_fmpz():
        raise Undecided(f"floor({show(limit)})")
    return int(low.floor().unique_fmpz())


def _integral(scale: Scale, total: Sum) -> bool:
    """Whether ``total`` is a polynomial in the variable with integer coefficients."""
    main = next(iter(scale.main.kernels()))
    return all(
        coefficient.denominator == 1
        and all(k is main and isinstance(p, Fraction) and p.denominator == 1 and p > 0 for k, p in product)
        for product, coefficient in total.terms.items()
    )


def parity(scale: Scale, total: Sum) -> int:
    """0 or 1 for a polynomial in the variable whose coefficients are even, but for the constant; else Undecided."""
    constant = total.terms.get((), Fraction(0))
    if constant.denominator != 1 or not _integral(scale, (total - number(constant)).scaled(HALF)):
        raise Undecided(f"whether {show(total)} is even")
    return int(constant) % 2
