"""What an analytic expression is on a tail [start, oo): its germ, with Stirling's series for factorials.

ln x! = (x + 1/2) ln x - x + ln(2 pi)/2 + sum of B(2j)/(2j (2j - 1) x^(2j - 1)): for x > 0 the error has the sign of
the first term left out and is less than it; likewise for digamma and the harmonic numbers (DLMF 5.11).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from ...calculus.arithmetic import evaluate
from ...calculus.statement import Number, Term, Tree, Variable, show
from .coarse import coarse_log, coarse_power, spread
from .constants import EULER, PI, Constant, E, Undecided, ball, logarithm, rational, symbol
from .germs import Germ, Tail, between, interval, term
from .rewrite import bernoulli
from .scale import BITS, ONE, falls, growth, logs, shown, value_at

HALF = rational(Fraction(1, 2))


class Expansion:
    """Germs of trees in the variable ``name`` for x >= start, ``order`` terms of every series."""

    def __init__(self, name: str, start: int, order: int) -> None:
        self.name, self.tail, self.order = name, Tail(start, order), order

    @cached_property
    def known(self) -> dict[Tree, Germ]:
        """The germs that were worked out."""
        return {}

    def germ(self, tree: Tree) -> Germ:
        """The germ of ``tree``; raises Undecided."""
        if tree not in self.known:
            self.known[tree] = self._germ(tree)
        return self.known[tree]

    def _germ(self, tree: Tree) -> Germ:
        if isinstance(tree, Number):
            return term(rational(tree.value))
        if isinstance(tree, Variable):
            if tree.name != self.name:
                raise Undecided(f"a second variable {tree.name}")
            return term(rational(1), logs(1))
        constants = {"e": E, "pi": PI, "EulerGamma": EULER}
        if tree.head in constants:
            return term(constants[tree.head])
        parts = [self.germ(part) for part in tree.arguments]
        match tree.head:
            case "+":
                return parts[0] + parts[1]
            case "-":
                return parts[0] - parts[1]
            case "neg":
                return parts[0].scaled(rational(-1))
            case "*":
                return self.tail.shortened(parts[0] * parts[1])
            case "/":
                return self.tail.shortened(parts[0] * self.power(parts[1], Fraction(-1)))
            case "^":
                return self._power(tree, parts)
            case "ln":
                return self.log(parts[0])
            case "exp":
                return self.tail.exp(parts[0])
        if tree.head not in self._operations:
            raise Undecided(f"{show(tree)} has no expansion here")
        return self._operations[tree.head](*parts)

    @cached_property
    def _operations(self) -> dict[str, Callable[..., Germ]]:
        """What is left to the heads that have a method of their own."""
        return {
            "lnfact": self._log_factorial,
            "digamma": self._digamma,
            "harmonic": self._harmonic,
            "floor": lambda f: self._rounded(f, up=False),
            "ceil": lambda f: self._rounded(f, up=True),
            "abs": self._abs,
            "min": lambda f, g: self._smaller(f, g),
            "max": lambda f, g: f + g - self._smaller(f, g),
            "atan": self._atan,
            "LambertW": self._lambert,
            "sin": lambda f: self._bounded("sin", f),
            "cos": lambda f: self._bounded("cos", f),
            "within": self._within,
            "where_defined": lambda f, _: f,
        }

    def power(self, germ: Germ, exponent: Fraction) -> Germ:
        """f^exponent, as an expansion or else enclosed."""
        try:
            return self.tail.power(germ, exponent)
        except Undecided:
            return coarse_power(germ, exponent, self.tail.start)

    def log(self, germ: Germ) -> Germ:
        """ln f, as an expansion or else enclosed."""
        try:
            return self.tail.log(germ)
        except Undecided:
            return coarse_log(germ, self.tail.start)

    def _power(self, tree: Term, parts: list[Germ]) -> Germ:
        exponent = evaluate(tree.arguments[1])
        if exponent is not None:
            return self.power(parts[0], exponent)
        return self.tail.exp(parts[1] * self.log(parts[0]))

    def _infinite(self, germ: Germ, what: str) -> None:
        """Raises Undecided unless the germ is positive on the tail and tends to infinity."""
        monomial, theta = spread(germ, self.tail.start)
        if growth(monomial) <= 0 or not theta > 0:
            raise Undecided(f"{what} of what does not tend to infinity")

    def _constant(self, germ: Germ) -> Constant | None:
        if germ.enclosed or set(germ.exact) - {ONE}:
            return None
        return germ.exact.get(ONE, Constant())

    def _stirling(self, germ: Germ, coefficient: Callable[[int], Fraction], power: Callable[[int], int]) -> Germ:
        """sum over j = 1.. of coefficient(j) / f^power(j), with the first term left out as the error."""
        total = Germ()
        for j in range(1, self.order):
            total += self.power(germ, Fraction(-power(j))).scaled(rational(coefficient(j)))
        left_out = self.power(germ, Fraction(-power(self.order)))
        c = coefficient(self.order)
        return total + left_out.enclosed_times(interval(min(c, Fraction(0)), max(c, Fraction(0))))

    def _log_factorial(self, germ: Germ) -> Germ:
        number = self._constant(germ)
        if number is not None:
            whole = number.rational()
            if whole is not None and whole.denominator == 1 and 0 <= whole <= 1000:
                return self.log(term(_factorial(int(whole))))
            if not ball(number, BITS) >= 0:
                raise Undecided("a factorial of a number that may be negative")
            return term(symbol("lnfact", number))
        self._infinite(germ, "a factorial")
        start = (germ + term(HALF)) * self.log(germ) - germ
        start += term(logarithm(PI.scaled(Fraction(2)))).scaled(HALF)
        return start + self._stirling(germ, lambda j: bernoulli(2 * j) / (2 * j * (2 * j - 1)), lambda j: 2 * j - 1)

    def _digamma(self, germ: Germ) -> Germ:
        self._infinite(germ, "a digamma function")
        start = self.log(germ) - self.power(germ, Fraction(-1)).scaled(HALF)
        return start + self._stirling(germ, lambda j: -bernoulli(2 * j) / (2 * j), lambda j: 2 * j)

    def _harmonic(self, germ: Germ) -> Germ:
        number = self._constant(germ)
        if number is not None:
            whole = number.rational()
            if whole is None or whole.denominator > 1 or not 0 <= whole <= 1000:
                raise Undecided(f"the harmonic number of {number}")
            return term(rational(sum((Fraction(1, i) for i in range(1, int(whole) + 1)), Fraction(0))))
        self._infinite(germ, "a harmonic number")
        start = self.log(germ) + self.power(germ, Fraction(-1)).scaled(HALF) + term(EULER)
        return start + self._stirling(germ, lambda j: -bernoulli(2 * j) / (2 * j), lambda j: 2 * j)

    def _atan(self, germ: Germ) -> Germ:
        """pi/2 - 1/f + theta/(3 f^3) with 0 <= theta <= 1."""
        number = self._constant(germ)
        if number is not None:
            return term(symbol("atan", number))
        self._infinite(germ, "an arc tangent")
        rest = self.power(germ, Fraction(-3)).enclosed_times(interval(Fraction(0), Fraction(1, 3)))
        return term(PI.scaled(Fraction(1, 2))) - self.power(germ, Fraction(-1)) + rest

    def _lambert(self, germ: Germ) -> Germ:
        """ln f - ln ln f + theta ln ln f/ln f with 1/2 <= theta <= 8/5, for f >= e (Hoorfar, Hassani 2008)."""
        self._infinite(germ, "LambertW")
        if self.tail.sign(germ - term(E)) != 1:
            raise Undecided("whether LambertW's argument is at least e")
        one = self.log(germ)
        two = self.log(one)
        share = self.tail.shortened(two * self.power(one, Fraction(-1)))
        return one - two + share.enclosed_times(interval(Fraction(1, 2), Fraction(8, 5)))

    def _rounded(self, germ: Germ, *, up: bool) -> Germ:
        number, balls = self._constant(germ), germ.balls()
        whole = None if number is None else number.rational()
        if whole is not None:
            return term(rational(ceil(whole) if up else floor(whole)))
        if all(growth(monomial) <= 0 for monomial in balls):
            values = self._values(germ)
            low, high = ((end.ceil() if up else end.floor()).unique_fmpz() for end in values)
            if low is not None and low == high:
                return term(rational(int(low)))
        return germ + between(0, 1) if up else germ + between(-1, 0)

    def _values(self, germ: Germ) -> tuple[Any, Any]:
        """Lower and upper bounds of a germ that does not grow: falling terms with a known sign pull one way only."""
        from flint import arb, ctx

        with ctx.workprec(BITS):
            low = high = germ.balls().get(ONE, arb(0))
            for monomial, theta in germ.balls().items():
                if monomial == ONE:
                    continue
                if not falls(monomial, self.tail.start):
                    raise Undecided(f"{monomial} may still grow at {shown(self.tail.start)}")
                most = value_at(monomial, self.tail.start)
                low = low if theta >= 0 else low + theta.lower() * most
                high = high if theta <= 0 else high + theta.upper() * most
            return low.lower(), high.upper()

    def _abs(self, germ: Germ) -> Germ:
        way = self.tail.sign(germ)
        if way is None:
            raise Undecided("the sign inside an absolute value")
        return germ if way >= 0 else germ.scaled(rational(-1))

    def _smaller(self, left: Germ, right: Germ) -> Germ:
        way = self.tail.sign(left - right)
        if way is None:
            raise Undecided("which of the two in a minimum or maximum is smaller")
        return right if way > 0 else left

    def _bounded(self, name: str, germ: Germ) -> Germ:
        number = self._constant(germ)
        return between(-1, 1) if number is None else term(symbol(name, number))

    def _within(self, germ: Germ, condition: Germ) -> Germ:
        if self.tail.sign(condition) in (0, 1):
            return germ
        raise Undecided("a bound of a range")


def _factorial(n: int) -> Constant:
    total = 1
    for i in range(2, n + 1):
        total *= i
    return rational(total)
