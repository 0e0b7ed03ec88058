"""Powers and logarithms where other terms do not vanish quickly beside the fastest one, as in sqrt(100 + ln ln m).

Then f = theta M on the tail with theta in a ball of one sign, and the operation is applied to the ball: one enclosed
term is all that is left, which is enough beside something that grows faster.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .constants import Open, Undecided
from .germs import Germ, interval
from .scale import BITS, ONE, Monomial, descending, falls, log_of, shown, value_at


def spread(germ: Germ, start: int) -> tuple[Monomial, Any]:
    """The fastest monomial M and a ball of one sign with f/M in it on [start, oo); raises Undecided."""
    from flint import ctx

    balls = germ.balls()
    if not balls:
        raise Undecided("a function that is 0")
    first = descending(balls)[0]
    with ctx.workprec(BITS):
        low, high = balls[first].lower(), balls[first].upper()
        for monomial, theta in balls.items():
            if monomial == first:
                continue
            if not falls(monomial / first, start):
                raise Undecided(f"{monomial / first} may still grow at {shown(start)}")
            most = value_at(monomial / first, start)
            low = low if theta >= 0 else (low + theta.lower() * most).lower()
            high = high if theta <= 0 else (high + theta.upper() * most).upper()
        if balls[first].contains(0):
            raise Open(f"the coefficient of {first} may be 0")
        if not (low > 0 or high < 0):
            raise Undecided(f"the other terms are not small beside {first} from {shown(start)} on")
        return first, interval(low, high)


def coarse_power(germ: Germ, exponent: Fraction, start: int) -> Germ:
    """f^exponent, enclosed."""
    from flint import arb, ctx, fmpq

    monomial, theta = spread(germ, start)
    if theta < 0 and exponent.denominator > 1:
        raise Undecided("a root of what is not known to be positive")
    with ctx.workprec(BITS):
        size, power = abs(theta), arb(fmpq(exponent.numerator, exponent.denominator))
        ends = [(power * end.log()).exp() for end in (size.abs_lower(), size.abs_upper())]
        raised = ends[0].union(ends[1])
        raised = -raised if theta < 0 and exponent % 2 else raised
    return Germ({}, {monomial.power(exponent): raised})


def coarse_log(germ: Germ, start: int) -> Germ:
    """ln f, enclosed up to a bounded term."""
    from flint import ctx

    monomial, theta = spread(germ, start)
    if not theta > 0:
        raise Undecided("a logarithm of what is not known to be positive")
    with ctx.workprec(BITS):
        constant = theta.lower().log().union(theta.upper().log())
    return Germ(log_of(monomial), {ONE: constant})
