"""Gamma, Lambert's W, sine, arctangent and what is rounded or chosen, as sums of kernels.

Each is written so that what it has exactly in common with others cancels: loggamma(s + 1) = ln(s) + loggamma(s),
W(y) = t with t + ln(t) = ln(y), sin(s) an oscillation in [-1, 1] where s grows.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from math import floor as floor_of

from . import elementary
from .constants import enclosure, oscillations, sign
from .expansion import lead, leading_sum, limit_of
from .scale import Scale
from .terms import ONE, ZERO, Kernel, Oscillation, Sum, Undecided, atom, number
from .text import show

HALF = Fraction(1, 2)
SHIFT = 40  # the largest integer by which the argument of Gamma is shifted exactly


def pi(scale: Scale) -> Sum:
    """The constant pi."""
    return scale.constant("pi")


def zeta(scale: Scale, k: int) -> Sum:
    """zeta(k), by pi for k = 2 and 4."""
    closed = {2: Fraction(1, 6), 4: Fraction(1, 90)}
    if k in closed:
        return atom(scale.table.make("pi"), Fraction(k)).scaled(closed[k])
    return scale.constant("zeta", None, k)


def grows(scale: Scale, total: Sum) -> bool:
    """Whether ``total`` tends to infinity, not to a constant; raises Undecided for -infinity."""
    found = lead(scale, total)
    if found is None or scale.direction(found.powers) <= 0:
        return False
    if sign(found.coefficient) < 0:
        raise Undecided(f"a special function of {show(total)}, which tends to -oo")
    return True


def loggamma(scale: Scale, total: Sum) -> Sum:
    """ln(Gamma(s)) for s that tends to infinity or to a constant > 0."""
    if not grows(scale, total):
        return _loggamma_near_constant(scale, total)
    shift = floor_of(total.terms.get((), Fraction(0)))
    if shift and abs(shift) <= SHIFT:
        start = total - number(shift)
        steps = [elementary.log(scale, start + number(i)) for i in range(min(shift, 0), max(shift, 0))]
        return sum(steps if shift > 0 else [-step for step in steps], loggamma(scale, start))
    log = elementary.log(scale, total)
    half_log = (elementary.log(scale, number(2)) + elementary.log(scale, pi(scale))).scaled(HALF)
    return (total - number(HALF)) * log - total + half_log + stirling(scale, total, 0)


def _loggamma_near_constant(scale: Scale, total: Sum) -> Sum:
    limit = limit_of(scale, total)
    if limit is None or limit.rational is None:
        if limit is not None and limit == total and not oscillations(limit):
            return elementary.log(scale, scale.constant("gamma", limit))
        raise Undecided(f"Gamma at {show(total)}")
    value, rest = limit.rational, total - limit
    if value > 0 and not rest:
        return elementary.log(scale, gamma_of_rational(scale, value))
    if value.denominator != 1 or not -SHIFT <= value <= SHIFT or (value <= 0 and not rest):
        raise Undecided(f"Gamma at {show(total)}")
    found = scale.constant("loggamma1", rest)
    for i in range(1, int(value)):
        found += elementary.log(scale, rest + number(i))
    for i in range(int(value), 1):
        found -= elementary.log(scale, rest + number(i))
    return found


def gamma_of_rational(scale: Scale, value: Fraction) -> Sum:
    """Gamma at a positive rational: exact at integers and halves of them, else a constant."""
    if value.denominator == 1 and value <= 1000:
        return number(factorial(int(value) - 1))
    if value > 1 and value <= SHIFT:
        return gamma_of_rational(scale, value - 1).scaled(value - 1)
    if value == HALF:
        return atom(scale.table.make("pi"), HALF)
    return scale.constant("gamma", number(value))


def stirling(scale: Scale, total: Sum, derivative: int) -> Sum:
    """A derivative of the remainder of Stirling's formula at a growing argument."""
    return scale.constant("stirling", total, derivative)


def gamma(scale: Scale, total: Sum) -> Sum:
    """Gamma(s)."""
    if total.rational is not None and total.rational > 0:
        return gamma_of_rational(scale, total.rational)
    return elementary.exp(scale, loggamma(scale, total))


def digamma(scale: Scale, total: Sum) -> Sum:
    """The derivative of ln(Gamma) at s that tends to infinity, or at a positive integer."""
    if not grows(scale, total):
        value = total.rational
        if value is None or value <= 0:
            raise Undecided(f"digamma at {show(total)}")
        if value.denominator == 1 and value <= 1000:
            harmonic = sum((Fraction(1, i) for i in range(1, int(value))), Fraction(0))
            return number(harmonic) - scale.constant("euler")
        return scale.constant("digamma", total)
    shift = floor_of(total.terms.get((), Fraction(0)))
    if shift and abs(shift) <= SHIFT:
        start = total - number(shift)
        inverses = [
            elementary.power(scale, start + number(i), Fraction(-1)) for i in range(min(shift, 0), max(shift, 0))
        ]
        return sum(inverses if shift > 0 else [-one for one in inverses], digamma(scale, start))
    inverse = elementary.power(scale, total, Fraction(-1))
    return elementary.log(scale, total) - inverse.scaled(HALF) + stirling(scale, total, 1)


def lambert(scale: Scale, total: Sum) -> Sum:
    """W(y), the t >= 0 with t exp(t) = y, for y that tends to infinity or is a constant >= 0."""
    if not total:
        return ZERO
    if not total.basis:
        if sign(total) < 0:
            raise Undecided(f"LambertW at {show(total)}")
        return ONE if total == scale.constant("e") else scale.constant("lambert", total)
    if not grows(scale, total):
        raise Undecided(f"LambertW at {show(total)}")
    return omega(scale, elementary.log(scale, total))


def omega(scale: Scale, total: Sum) -> Sum:
    """The t with t + ln(t) = s for s that tends to infinity: a term of s where that is one."""
    for product, coefficient in total.terms.items():
        guess = Sum({product: coefficient})
        first = lead(scale, guess) if guess.basis else None
        up = first is not None and scale.direction(first.powers) > 0 and sign(first.coefficient) > 0
        if up and total - guess == elementary.log(scale, guess):
            return guess
    return scale.constant("omega", total)


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
    if scale.direction(found.powers) > 0:
        half_turn = pi(scale).scaled(HALF * sign(found.coefficient))
        return half_turn - arctangent(scale, elementary.power(scale, total, Fraction(-1)))
    if total.rational is not None and abs(total.rational) == 1:
        return pi(scale).scaled(total.rational / 4)
    return scale.constant("atan", total)


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
