"""Identities between expressions with factorials: both sides as one fraction of polynomials, factorials shifted.

(p + c)! with an integer c is written as p! times or over factors p + j. Each factor that is divided by is one of a
factorial of a larger number, hence positive where that factorial's argument is at least 0; every other divisor has to
be known positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...calculus.arithmetic import ONE, Polynomial, add, constant, evaluate, literal, normal, rebuild
from ...calculus.audit import Hole
from ...calculus.facts import Fact, sign
from ...calculus.statement import Term, Tree, show

SHIFT = 16  # the largest c in (p + c)!


@dataclass(frozen=True)
class Quotient:
    """top/bottom."""

    top: Tree
    bottom: Tree

    def __mul__(self, other: Quotient) -> Quotient:
        return Quotient(Term("*", (self.top, other.top)), Term("*", (self.bottom, other.bottom)))

    def plus(self, other: Quotient, sign: str) -> Quotient:
        """The sum or difference."""
        left = Term("*", (self.top, other.bottom))
        right = Term("*", (other.top, self.bottom))
        return Quotient(Term(sign, (left, right)), Term("*", (self.bottom, other.bottom)))


def equal(left: Tree, right: Tree, facts: Sequence[Fact]) -> bool:
    """Whether two expressions are equal wherever the facts hold; False: not seen to be. Raises Hole for a divisor."""
    one, other = quotient(left, facts), quotient(right, facts)
    gap = Term("-", (Term("*", (one.top, other.bottom)), Term("*", (other.top, one.bottom))))
    return not normal(gap)


def quotient(tree: Tree, facts: Sequence[Fact]) -> Quotient:
    """The expression as a fraction; raises Hole where something may be divided by 0 or is not defined."""
    if not isinstance(tree, Term) or not tree.arguments:
        return Quotient(tree, ONE)
    match tree.head:
        case "+" | "-":
            one, other = (quotient(part, facts) for part in tree.arguments)
            return one.plus(other, tree.head)
        case "neg":
            inner = quotient(tree.arguments[0], facts)
            return Quotient(Term("neg", (inner.top,)), inner.bottom)
        case "*":
            one, other = (quotient(part, facts) for part in tree.arguments)
            return one * other
        case "/":
            if sign(tree.arguments[1], facts) != ">":
                raise Hole(f"{show(tree.arguments[1])} > 0 is not known")
            one, other = (quotient(part, facts) for part in tree.arguments)
            return one * Quotient(other.bottom, other.top)
        case "!":
            return factorial(tree.arguments[0], facts)
        case "binom":
            n, k = tree.arguments
            return _binomial(n, k, facts)
        case "^":
            return _power(tree, facts)
    return Quotient(tree, ONE)


def _binomial(n: Tree, k: Tree, facts: Sequence[Fact]) -> Quotient:
    number = evaluate(k)
    if number is not None and number.denominator == 1 and 0 <= number <= SHIFT:
        if not sign(n, facts):
            raise Hole(f"{show(n)} >= 0 is not known")
        top: Tree = ONE
        for j in range(int(number)):
            top = Term("*", (top, Term("-", (n, literal(j)))))
        bottom = factorial(k, facts).top
        return Quotient(top, bottom)
    rest = factorial(Term("-", (n, k)), facts)
    lower = factorial(k, facts)
    return factorial(n, facts) * Quotient(lower.bottom, lower.top) * Quotient(rest.bottom, rest.top)


def factorial(tree: Tree, facts: Sequence[Fact]) -> Quotient:
    """(p + c)! by p!, for an argument that is known to be at least 0."""
    polynomial: Polynomial = normal(tree)
    shift = polynomial.get((), Fraction(0))
    number = evaluate(tree)
    if number is not None and number.denominator == 1 and 0 <= number <= 200:
        return Quotient(Term("!", (literal(number),)), ONE)
    if not sign(tree, facts):
        raise Hole(f"{show(tree)} >= 0 is not known")
    if shift.denominator != 1 or abs(shift) > SHIFT:
        return Quotient(Term("!", (rebuild(polynomial),)), ONE)
    base = rebuild(add(polynomial, constant(shift), Fraction(-1)))
    factors: Tree = ONE
    steps = range(1, int(shift) + 1) if shift > 0 else range(int(shift) + 1, 1)
    for j in steps:
        factors = Term("*", (factors, Term("+", (base, literal(j)))))
    whole = Term("!", (base,))
    return Quotient(Term("*", (whole, factors)), ONE) if shift > 0 else Quotient(whole, factors)


def _power(tree: Term, facts: Sequence[Fact]) -> Quotient:
    base, exponent = tree.arguments
    number = evaluate(exponent)
    if number is None or number.denominator != 1 or not 0 <= number <= SHIFT:
        return Quotient(tree, ONE)
    inner = quotient(base, facts)
    return Quotient(Term("^", (inner.top, exponent)), Term("^", (inner.bottom, exponent)))
