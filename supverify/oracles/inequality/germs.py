"""Sums over the scale with exact and enclosed coefficients: what a function is on a whole tail [start, oo).

A germ says f(x) = sum of c M(x) + sum of theta(x) N(x) for every x >= start: the c exact, each theta(x) in a known
ball. Powers, logarithms and exponentials split off the fastest term, f = c M (1 + u), bound |u| on the tail, and use
Taylor's formula with Lagrange's remainder. Whatever cannot be bounded raises Undecided; a later start may help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import factorial
from typing import Any

from .constants import Constant, Undecided, ball, exponential, logarithm, power, rational, sign
from .scale import (
    BITS,
    ONE,
    Monomial,
    descending,
    exponential_monomial,
    falls,
    growth,
    least_share,
    log_of,
    shown,
    value_at,
)

TERMS = 160


@dataclass(frozen=True)
class Germ:
    """Exact terms and enclosed ones, by monomial."""

    exact: Mapping[Monomial, Constant] = field(default_factory=dict)
    enclosed: Mapping[Monomial, Any] = field(default_factory=dict)

    def __add__(self, other: Germ) -> Germ:
        exact, enclosed = dict(self.exact), dict(self.enclosed)
        for monomial, c in other.exact.items():
            exact[monomial] = exact[monomial] + c if monomial in exact else c
        for monomial, theta in other.enclosed.items():
            enclosed[monomial] = precisely(enclosed[monomial], "+", theta) if monomial in enclosed else theta
        return _germ(exact, enclosed)

    def __sub__(self, other: Germ) -> Germ:
        return self + other.scaled(rational(-1))

    def __mul__(self, other: Germ) -> Germ:
        total = Germ()
        for monomial, c in other.exact.items():
            total += self.scaled(c, monomial)
        for monomial, theta in other.enclosed.items():
            total += self.enclosed_times(theta, monomial)
        return total

    def scaled(self, c: Constant, monomial: Monomial = ONE) -> Germ:
        """The germ times an exact term."""
        exact = {own * monomial: d * c for own, d in self.exact.items()}
        enclosed = {own * monomial: precisely(d, "*", ball(c, BITS)) for own, d in self.enclosed.items()}
        return _germ(exact, enclosed)

    def enclosed_times(self, theta: Any, monomial: Monomial = ONE) -> Germ:
        """The germ times a function with values in theta * monomial."""
        return Germ({}, {own * monomial: precisely(d, "*", theta) for own, d in self.balls().items()})

    def balls(self) -> dict[Monomial, Any]:
        """Every term with a ball as its coefficient."""
        total = {monomial: ball(c, BITS) for monomial, c in self.exact.items()}
        for monomial, theta in self.enclosed.items():
            total[monomial] = precisely(total[monomial], "+", theta) if monomial in total else theta
        return total


def _germ(exact: Mapping[Monomial, Constant], enclosed: Mapping[Monomial, Any]) -> Germ:
    if len(exact) + len(enclosed) > TERMS:
        raise Undecided(f"an expansion of more than {TERMS} terms")
    return Germ({monomial: c for monomial, c in exact.items() if c.terms}, enclosed)


def precisely(left: Any, operation: str, right: Any) -> Any:
    """left + right or left * right with BITS bits."""
    from flint import ctx

    with ctx.workprec(BITS):
        return left + right if operation == "+" else left * right


def term(c: Constant, monomial: Monomial = ONE) -> Germ:
    """One exact term."""
    return Germ({monomial: c} if c.terms else {})


def between(low: Fraction | int, high: Fraction | int, monomial: Monomial = ONE) -> Germ:
    """A function with values between low * monomial and high * monomial."""
    return Germ({}, {monomial: interval(low, high)})


def interval(low: Any, high: Any) -> Any:
    """The ball around two numbers."""
    from flint import arb, ctx, fmpq

    ends = [
        arb(fmpq(end.numerator, end.denominator)) if isinstance(end, int | Fraction) else end for end in (low, high)
    ]
    with ctx.workprec(BITS):
        return ends[0].union(ends[1])


@dataclass(frozen=True)
class Lead:
    """f = coefficient * monomial * (1 + rest), |rest| <= bound < 1/2 on the tail."""

    coefficient: Constant
    monomial: Monomial
    rest: Germ
    bound: Any


@dataclass(frozen=True)
class Tail:
    """Operations on germs for x >= ``start``; ``order`` is how many terms of a series are kept."""

    start: int
    order: int

    def lead(self, germ: Germ) -> Lead:
        """The fastest term split off; its coefficient has to be exact."""
        balls = germ.balls()
        if not balls:
            raise Undecided("a function that is 0")
        first = descending(balls)[0]
        if first in germ.enclosed or first not in germ.exact:
            raise Undecided(f"the coefficient of {first} is known by an enclosure only")
        c = germ.exact[first]
        rest = Germ({m: d for m, d in germ.exact.items() if m != first}, germ.enclosed)
        rest = rest.scaled(power(c, Fraction(-1)), first.power(Fraction(-1)))
        bound = self.bound(rest)
        if not bound < 0.5:
            raise Undecided(f"the other terms are not small beside {first} from {shown(self.start)} on")
        return Lead(c, first, rest, bound)

    def bound(self, germ: Germ) -> Any:
        """An upper bound of |f| on the tail; raises Undecided for terms that may grow."""
        from flint import arb, ctx

        with ctx.workprec(BITS):
            total = arb(0)
            for monomial, theta in germ.balls().items():
                if not falls(monomial, self.start):
                    raise Undecided(f"{monomial} may still grow at {shown(self.start)}")
                total = (total + theta.abs_upper() * value_at(monomial, self.start)).upper()
            return total

    def sign(self, germ: Germ) -> int | None:
        """1, 0 or -1 if f has that sign everywhere on the tail, 0 only for no terms; None if not known."""
        balls = germ.balls()
        if not balls:
            return 0
        if least_share(balls, self.start)[0] > 0:
            return 1
        negated = {monomial: -theta for monomial, theta in balls.items()}
        return -1 if least_share(negated, self.start)[0] > 0 else None

    def power(self, germ: Germ, exponent: Fraction) -> Germ:
        """f^exponent: exact for small natural exponents, else by the binomial series."""
        if exponent.denominator == 1 and 0 <= exponent <= 8:
            result = term(rational(1))
            for _ in range(int(exponent)):
                result = result * germ
            return result
        split = self.lead(germ)
        if exponent.denominator > 1 and sign(split.coefficient) != 1:
            raise Undecided("a root of what is not known to be positive")
        series = [_binomial(exponent, k) for k in range(self.order)]
        base = 1 + interval(-split.bound, split.bound)
        last = _fraction_ball(_binomial(exponent, self.order)) * _real_power(base, exponent - self.order)
        expanded = self._series(split.rest, series, last)
        return expanded.scaled(power(split.coefficient, exponent), split.monomial.power(exponent))

    def log(self, germ: Germ) -> Germ:
        """ln f, for f positive on the tail."""
        split = self.lead(germ)
        if sign(split.coefficient) != 1:
            raise Undecided("a logarithm of what is not known to be positive")
        k = self.order
        series = [Fraction(0), *(Fraction((-1) ** (j + 1), j) for j in range(1, k))]
        base = 1 + interval(-split.bound, split.bound)
        last = _fraction_ball(Fraction((-1) ** (k + 1), k)) * _real_power(base, Fraction(-k))
        whole = Germ(log_of(split.monomial)) + term(logarithm(split.coefficient))
        return whole + self._series(split.rest, series, last)

    def exp(self, germ: Germ) -> Germ:
        """exp f: what grows goes into the monomial, a constant into the coefficient, the rest into a series."""
        growing, constant, rest = list[tuple[Monomial, Constant]](), Constant(), Germ()
        for monomial, c in germ.exact.items():
            way = growth(monomial)
            if way > 0:
                growing.append((monomial, c))
            elif way == 0:
                constant = c
            else:
                rest += term(c, monomial)
        limited = Germ()
        for monomial, theta in germ.enclosed.items():
            way = growth(monomial)
            if way > 0:
                raise Undecided(f"an exponent that is known only up to multiples of {monomial}")
            limited, rest = (
                (limited + Germ({}, {monomial: theta}), rest)
                if way == 0
                else (
                    limited,
                    rest + Germ({}, {monomial: theta}),
                )
            )
        bound = self.bound(rest)
        series = [Fraction(1, factorial(k)) for k in range(self.order)]
        last = interval(-bound, bound).exp() * _fraction_ball(Fraction(1, factorial(self.order)))
        result = self._series(rest, series, last).scaled(exponential(constant), exponential_monomial(growing))
        for theta in limited.enclosed.values():
            result = result.enclosed_times(_exp(theta))
        return result

    def _series(self, rest: Germ, coefficients: list[Fraction], last: Any) -> Germ:
        """sum of coefficient_k rest^k, and the remainder: the next power times a function with values in ``last``."""
        total, current = term(rational(coefficients[0])), term(rational(1))
        if not rest.exact and not rest.enclosed:
            return total
        for coefficient in coefficients[1:]:
            current = self.shortened(current * rest)
            total += current.scaled(rational(coefficient))
        return self.shortened(total + self.collapsed(self.shortened(current * rest)).enclosed_times(last))

    def collapsed(self, germ: Germ) -> Germ:
        """One enclosed term for the whole germ, on its fastest monomial."""
        balls = germ.balls()
        first = descending(balls)[0]
        bound = self.bound(Germ({}, {monomial / first: theta for monomial, theta in balls.items()}))
        return Germ({}, {first: interval(-bound, bound)})

    def shortened(self, germ: Germ) -> Germ:
        """The germ with its slowest terms made one enclosed term, if it has more than 4 * order + 8."""
        kept = 4 * self.order + 8
        if len(germ.exact) + len(germ.enclosed) <= kept:
            return germ
        order = descending(germ.balls())
        slow = set(order[kept - 1 :])
        parts = [
            Germ(
                {m: c for m, c in germ.exact.items() if (m in slow) is chosen},
                {m: t for m, t in germ.enclosed.items() if (m in slow) is chosen},
            )
            for chosen in (False, True)
        ]
        return parts[0] + self.collapsed(parts[1]) if slow else germ


def _binomial(exponent: Fraction, k: int) -> Fraction:
    result = Fraction(1)
    for j in range(k):
        result *= (exponent - j) / (j + 1)
    return result


def _fraction_ball(number: Fraction) -> Any:
    return interval(number, number)


def _real_power(base: Any, exponent: Fraction) -> Any:
    """base^exponent for a ball of positive numbers, from its two ends: the power is monotone."""
    from flint import ctx

    with ctx.workprec(BITS):
        ends = [(_fraction_ball(exponent) * end.log()).exp() for end in (base.lower(), base.upper())]
        return ends[0].union(ends[1])


def _exp(theta: Any) -> Any:
    from flint import ctx

    with ctx.workprec(BITS):
        return theta.lower().exp().union(theta.upper().exp())
