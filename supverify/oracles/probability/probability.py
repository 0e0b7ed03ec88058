"""Exact tails: binomial, hypergeometric and their sums as fractions, Chernoff's bound, and union bounds.

Nothing is rounded, so ``< 1`` is a proof. A tail that would need very long numbers is bounded from above by a
geometric series, which the docstrings say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from ...kernel.errors import Malformed

TERMS = 400  # of a binomial tail that are summed one by one


@dataclass(frozen=True, kw_only=True)
class BadEvent:
    """``count`` events, each of probability at most ``each``."""

    name: str
    count: int
    each: Fraction

    @property
    def bound(self) -> Fraction:
        """Their share of a union bound."""
        return self.count * self.each


def union_bound(events: Iterable[BadEvent]) -> Fraction:
    """An upper bound of the probability that any of the events happens (Boole)."""
    return sum((event.bound for event in events), Fraction(0))


def binomial_tail(trials: int, chance: Fraction, least: int) -> Fraction:
    """P(X >= least) for X the number of successes in ``trials`` independent trials.

    Exact for tails of at most TERMS terms; longer ones end with a geometric series above what is left. Raises
    Malformed for a chance outside 0..1 or negative trials.
    """
    _check_chance(chance)
    if trials < 0:
        raise Malformed("binomial tail: trials", "at least 0", trials)
    if least <= 0:
        return Fraction(1)
    if least > trials or not chance:
        return Fraction(0)
    a, b = chance.numerator, chance.denominator - chance.numerator
    if not b:
        return Fraction(1)
    last = min(trials, least + TERMS - 1)
    term = comb(trials, least) * a**least * b ** (trials - least)
    total = term
    for j in range(least, last):
        term = term * (trials - j) * a // ((j + 1) * b)
        total += term
    denominator = chance.denominator**trials
    if last == trials:
        return Fraction(total, denominator)
    ratio = Fraction((trials - last) * a, (last + 1) * b)
    if ratio >= 1:
        return Fraction(1)
    return min(Fraction(1), Fraction(total + term * ratio / (1 - ratio)) / int(denominator))


def chernoff_tail(trials: int, chance: Fraction, least: int) -> Fraction:
    """(p/q)^a ((1 - p)/(1 - q))^(n - a), q = a/n: at least P(X >= a) for binomial and hypergeometric X.

    Chernoff 1952, Hoeffding 1963; 1 where a <= n p, where it says nothing. Raises Malformed as ``binomial_tail``.
    """
    _check_chance(chance)
    if trials < 0:
        raise Malformed("Chernoff tail: trials", "at least 0", trials)
    if least > trials:
        return Fraction(0)
    if least <= trials * chance:
        return Fraction(1)
    share = Fraction(least, trials)
    rest = _power((1 - chance) / (1 - share), trials - least) if least < trials else Fraction(1)
    return _power(chance / share, least) * rest


def _power(base: Fraction, exponent: int) -> Fraction:
    return Fraction(base.numerator**exponent, base.denominator**exponent)


def hypergeometric(population: int, marked: int, drawn: int, *, cap: int | None = None) -> tuple[Fraction, ...]:
    """P(X = 0), P(X = 1), ... for X the marked ones among ``drawn``; with a cap the last entry is P(X >= cap).

    Raises Malformed unless marked and drawn are within 0..population.
    """
    if not (0 <= marked <= population and 0 <= drawn <= population):
        raise Malformed("hypergeometric", f"marked and drawn in 0..{population}", f"{marked} and {drawn}")
    whole = comb(population, drawn)
    counts = [comb(marked, j) * comb(population - marked, drawn - j) for j in range(min(marked, drawn) + 1)]
    return capped([Fraction(count, whole) for count in counts], cap)


def capped(chances: Sequence[Fraction], cap: int | None) -> tuple[Fraction, ...]:
    """The distribution with everything from ``cap`` on in entry ``cap``, which is always there."""
    if cap is None:
        return tuple(chances)
    head = [*chances[:cap], *[Fraction(0)] * (cap - len(chances))]
    return (*head, sum(chances[cap:], Fraction(0)))


def convolved(left: Sequence[Fraction], right: Sequence[Fraction], cap: int) -> tuple[Fraction, ...]:
    """The distribution of a sum of independent values, all from ``cap`` on in the last entry."""
    total = [Fraction(0)] * (cap + 1)
    for i, p in enumerate(left):
        for j, q in enumerate(right):
            if p and q:
                total[min(i + j, cap)] += p * q
    return tuple(total)


def repeated(chances: Sequence[Fraction], times: int, cap: int) -> tuple[Fraction, ...]:
    """The distribution of the sum of so many independent values, capped like ``convolved``."""
    result, power = capped([Fraction(1)], cap), capped(chances, cap)
    while times:
        if times & 1:
            result = convolved(result, power, cap)
        times >>= 1
        if times:
            power = convolved(power, power, cap)
    return result


def _check_chance(chance: Fraction) -> None:
    if not 0 <= chance <= 1:
        raise Malformed("probability", "a number from 0 to 1", chance)
