"""Gamma, digamma and Lambert's W as sums of kernels.

Each is written so that what it has exactly in common with others cancels: loggamma(s + 1) = ln(s) + loggamma(s),
W(y) = t with t + ln(t) = ln(y).
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from math import floor as floor_of

from . import elementary
from .constants import oscillations, sign
from .expansion import lead, limit_of
from .scale import Scale
from .terms import ONE, ZERO, Sum, Undecided, atom, number
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
        return _digamma_near_constant(scale, total)
    shift = floor_of(total.terms.get((), Fraction(0)))
    if shift and abs(shift) <= SHIFT:
        start = total - number(shift)
        inverses = [
            elementary.power(scale, start + number(i), Fraction(-1)) for i in range(min(shift, 0), max(shift, 0))
        ]
        return sum(inverses if shift > 0 else [-one for one in inverses], digamma(scale, start))
    inverse = elementary.power(scale, total, Fraction(-1))
    return elementary.log(scale, total) - inverse.scaled(HALF) + stirling(scale, total, 1)


def _digamma_near_constant(scale: Scale, total: Sum) -> Sum:
    """digamma(1 + u) = -EulerGamma + a power series in u, moved to other positive integers."""
    limit = limit_of(scale, total)
    if limit is None or oscillations(limit) or sign(limit) <= 0:
        raise Undecided(f"digamma at {show(total)}")
    value, rest = limit.rational, total - limit
    if value is None or value.denominator != 1 or value > SHIFT:
        if rest:
            raise Undecided(f"digamma at {show(total)}")
        return scale.constant("digamma", total)
    found = scale.constant("digamma1", rest) if rest else ZERO
    for i in range(1, int(value)):
        found += elementary.power(scale, rest + number(i), Fraction(-1))
    return found - scale.constant("euler")


def lambert(scale: Scale, total: Sum) -> Sum:
    """W(y), the t >= 0 with t exp(t) = y, for y that tends to infinity or is a constant >= 0."""
    if not total:
        return ZERO
    if not total.basis:
        if sign(total) < 0:
            raise Undecided(f"LambertW at {show(total)}")
        return ONE if total == scale.constant("e") else scale.constant("lambert", total)
    if not grows(scale, total):
        if limit_of(scale, total) == ZERO:
            return scale.constant("lambert0", total)
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
