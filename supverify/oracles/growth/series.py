"""Expansions in one element of the scale: finitely many terms, and the power from which on nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

from .constants import compare, power_sign
from .terms import ONE, ZERO, Power, Sum, add_powers, is_zero, multiply_powers

ZEROTH = Fraction(0)


@dataclass(frozen=True)
class Series:
    """Coefficients by powers of the element, the largest first; powers <= ``cut`` are not known, None: all are."""

    terms: tuple[tuple[Power, Sum], ...]
    cut: Power | None = None

    @property
    def known_zero(self) -> bool:
        """Whether this is exactly 0."""
        return not self.terms and self.cut is None

    def at(self, power: Power) -> Sum:
        """The coefficient of a known power."""
        return next((c for p, c in self.terms if compare(p, power) == 0), ZERO)

    def without_zeroth(self) -> Series:
        """The terms of powers other than 0."""
        return Series(tuple((p, c) for p, c in self.terms if p != 0), self.cut)


def series(terms: Iterable[tuple[Power, Sum]], cut: Power | None = None) -> Series:
    """The series with these terms, in any order and with repetitions."""
    total: dict[Power, Sum] = {}
    for power, coefficient in terms:
        total[power] = total[power] + coefficient if power in total else coefficient
    powers = [p for p, c in total.items() if (cut is None or compare(p, cut) > 0) and not is_zero(c)]
    ordered = sorted(powers, key=cmp_to_key(compare), reverse=True)
    return Series(tuple((power, total[power]) for power in ordered), cut)


def constant(value: Sum) -> Series:
    """A series of one term that is free of the element."""
    return Series(((ZEROTH, value),) if value else ())


def larger(one: Power | None, two: Power | None) -> Power | None:
    """The larger of two cuts; None is below everything."""
    if one is None or two is None:
        return two if one is None else one
    return one if compare(one, two) >= 0 else two


def add(one: Series, two: Series) -> Series:
    """one + two."""
    return series((*one.terms, *two.terms), larger(one.cut, two.cut))


def multiply(one: Series, two: Series) -> Series:
    """one * two."""
    if one.known_zero or two.known_zero:
        return Series(())
    cut = larger(_shifted(one.cut, two), _shifted(two.cut, one))
    if one.cut is not None and two.cut is not None:
        cut = larger(cut, add_powers(one.cut, two.cut))
    pairs = ((add_powers(p, q), a, b) for p, a in one.terms for q, b in two.terms)
    return series(((p, a * b) for p, a, b in pairs if cut is None or compare(p, cut) > 0), cut)


def _shifted(cut: Power | None, other: Series) -> Power | None:
    return None if cut is None or not other.terms else add_powers(cut, other.terms[0][0])


def times(one: Series, power: Power, coefficient: Sum) -> Series:
    """``coefficient`` times the element to the ``power`` times a series."""
    cut = None if one.cut is None else add_powers(one.cut, power)
    return series(((add_powers(p, power), c * coefficient) for p, c in one.terms), cut)


def compose(coefficients: Sequence[Sum], small: Series) -> Series:
    """The power series with these coefficients at a series of negative powers; O of the first power left out."""
    if small.known_zero:
        return constant(coefficients[0])
    lead = small.terms[0][0] if small.terms else small.cut
    order = multiply_powers(lead if lead is not None else ZEROTH, Fraction(len(coefficients)))
    total, power = constant(coefficients[0]), Series(((ZEROTH, ONE),))
    for coefficient in coefficients[1:]:
        power = truncated(multiply(power, small), order)
        if coefficient:
            total = add(total, times(power, ZEROTH, coefficient))
    return truncated(total, order)


def truncated(one: Series, cut: Power) -> Series:
    """The terms of powers above ``cut``."""
    cut_ = larger(one.cut, cut)
    return Series(tuple((p, c) for p, c in one.terms if cut_ is None or compare(p, cut_) > 0), cut_)


def vanishes(one: Series) -> bool:
    """Whether every power, known or not, is negative."""
    largest = [p for p, _ in one.terms[:1]] + ([] if one.cut is None else [one.cut])
    return all(power_sign(power) < 0 for power in largest)
