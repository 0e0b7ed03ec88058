"""Enclosures of an analytic expression and of its slope over an interval [a, b], end by end.

Two ends instead of one wide ball keep intervals such as [2^1000, 2^(10^6)] sharp; slopes follow the rules of
differentiation in ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...calculus.arithmetic import evaluate
from ...calculus.statement import Number, Term, Tree, Variable
from .constants import Undecided
from .primitives import UNARY, Pair, added, exact, multiply, negated, power


@dataclass(frozen=True)
class Range:
    """Values in ``value`` and derivatives in ``slope``; no slope: none is known."""

    value: Pair
    slope: Pair | None = None


class Interval:
    """Ranges of trees in the variable ``name`` over [low, high], at flint's current precision."""

    def __init__(self, name: str, low: Fraction | int, high: Fraction | int, *, slopes: bool) -> None:
        one = exact(1)
        start, end = exact(low), exact(high)
        self.name, self.slopes = name, slopes
        self.variable = Range((start, start if low == high else end), (one, one) if slopes else None)
        self.known: dict[Tree, Range] = {}

    def at(self, point: Any) -> Interval:
        """The same at an exact ball."""
        self.variable = Range((point, point), self.variable.slope)
        return self

    def range(self, tree: Tree) -> Range:
        """The range of ``tree``; raises Undecided where it may be undefined."""
        found = self.known.get(tree)
        if found is None:
            found = self._range(tree)
            if not (found.value[0].is_finite() and found.value[1].is_finite()):
                raise Undecided("an undefined or too large value")
            if found.slope and not (found.slope[0].is_finite() and found.slope[1].is_finite()):
                found = Range(found.value)
            self.known[tree] = found
        return found

    def _range(self, tree: Tree) -> Range:
        if isinstance(tree, Number):
            return self._constant(exact(tree.value))
        if isinstance(tree, Variable):
            if tree.name != self.name:
                raise Undecided(f"a second variable {tree.name}")
            return self.variable
        if not tree.arguments:
            return self._constant(_constant(tree.head))
        if tree.head == "^":
            return self._power(tree)
        parts = [self.range(part) for part in tree.arguments]
        if tree.head in UNARY:
            return self._unary(tree.head, parts[0])
        if tree.head not in _BINARY:
            raise Undecided(f"{tree.head}(...) has no ranges here")
        return _BINARY[tree.head](*parts)

    def _constant(self, number: Any) -> Range:
        zero = exact(0)
        return Range((number, number), (zero, zero) if self.slopes else None)

    def _unary(self, head: str, part: Range) -> Range:
        value, derivative = UNARY[head](part.value)
        if part.slope is None or derivative is None:
            return Range(value)
        return Range(value, multiply(derivative(), part.slope))

    def _power(self, tree: Term) -> Range:
        base, number = self.range(tree.arguments[0]), evaluate(tree.arguments[1])
        if number is None:
            exponent = self.range(tree.arguments[1])
            return self._unary("exp", _product(exponent, self._unary("ln", base)))
        value = power(base.value, number)
        if base.slope is None or not number:
            return Range(value, None if number else base.slope and (exact(0), exact(0)))
        try:
            rate = power(base.value, number - 1)
        except Undecided:
            return Range(value)
        factor = exact(number)
        return Range(value, multiply(multiply((factor, factor), rate), base.slope))


def _constant(head: str) -> Any:
    from flint import arb

    constants = {"e": arb.const_e, "pi": arb.pi, "EulerGamma": arb.const_euler}
    if head not in constants:
        raise Undecided(f"the constant {head} is not known")
    return constants[head]()


def _sum(left: Range, right: Range) -> Range:
    slope = added(left.slope, right.slope) if left.slope and right.slope else None
    return Range(added(left.value, right.value), slope)


def _negated(part: Range) -> Range:
    return Range(negated(part.value), negated(part.slope) if part.slope else None)


def _product(left: Range, right: Range) -> Range:
    value = multiply(left.value, right.value)
    if left.slope is None or right.slope is None:
        return Range(value)
    return Range(value, added(multiply(left.slope, right.value), multiply(left.value, right.slope)))


def _quotient(left: Range, right: Range) -> Range:
    inverse = power(right.value, Fraction(-1))
    slope = None
    if right.slope is not None:
        slope = multiply(negated(multiply(inverse, inverse)), right.slope)
    return _product(left, Range(inverse, slope))


def _choice(
    pick: Callable[[Any, Any], Any], left_if: Callable[[Range, Range], Any]
) -> Callable[[Range, Range], Range]:
    def chosen(left: Range, right: Range) -> Range:
        if left_if(left, right):
            return left
        if left_if(right, left):
            return right
        return Range((pick(left.value[0], right.value[0]), pick(left.value[1], right.value[1])))

    return chosen


def _within(inner: Range, condition: Range) -> Range:
    if not condition.value[0] >= 0:
        raise Undecided("a bound of a range")
    return inner


_BINARY: Mapping[str, Callable[..., Range]] = {
    "+": _sum,
    "-": lambda left, right: _sum(left, _negated(right)),
    "neg": _negated,
    "*": _product,
    "/": _quotient,
    "min": _choice(lambda x, y: x.min(y), lambda x, y: x.value[1] <= y.value[0]),
    "max": _choice(lambda x, y: x.max(y), lambda x, y: x.value[0] >= y.value[1]),
    "within": _within,
    "where_defined": lambda inner, _: inner,
}
