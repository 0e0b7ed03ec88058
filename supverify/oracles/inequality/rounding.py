"""Bounds without floor and ceil: t - 1 <= floor(t) <= t <= ceil(t) <= t + 1, carried through monotone operations.

Rounding has no derivative, and a sum such as log2(m) - floor(log2(m)) no single sign in enclosures. The bounds have:
where ``lower(left) >= upper(right)`` is shown, so is ``left >= right``.
"""

from __future__ import annotations

from fractions import Fraction

from ...calculus.arithmetic import evaluate
from ...calculus.statement import Number, Term, Tree, Variable
from .constants import Undecided
from .rewrite import ONE, minus, plus

HALF = Number(Fraction(1, 2))
INCREASING = ("ln", "exp", "harmonic")


def rounds(tree: Tree) -> bool:
    """Whether ``tree`` has a floor or ceil in it."""
    return isinstance(tree, Term) and (tree.head in ("floor", "ceil") or any(map(rounds, tree.arguments)))


def bound(tree: Tree, *, up: bool) -> Tree:
    """A tree without rounding that is, where it is defined, at least (``up``) or at most ``tree``."""
    if isinstance(tree, Number | Variable) or not rounds(tree):
        return tree
    parts = tree.arguments
    match tree.head:
        case "floor":
            return bound(parts[0], up=True) if up else minus(bound(parts[0], up=False), ONE)
        case "ceil":
            return plus(bound(parts[0], up=True), ONE) if up else bound(parts[0], up=False)
        case "+" | "min" | "max":
            return Term(tree.head, tuple(bound(part, up=up) for part in parts))
        case "-":
            return minus(bound(parts[0], up=up), bound(parts[1], up=not up))
        case "neg":
            return Term("neg", (bound(parts[0], up=not up),))
        case "*":
            return _product(parts[0], parts[1], up=up)
        case "/":
            return _quotient(parts[0], parts[1], up=up)
        case "^":
            return _power(parts[0], parts[1], up=up)
        case "lnfact":
            return _where(Term("lnfact", (bound(parts[0], up=up),)), minus(bound(parts[0], up=False), HALF))
        case "where_defined":
            return Term(tree.head, (bound(parts[0], up=up), parts[1]))
        case "within":
            return _where(bound(parts[0], up=up), bound(parts[1], up=False))
    if tree.head in INCREASING:
        return Term(tree.head, (bound(parts[0], up=up),))
    raise Undecided(f"rounding inside {tree.head}")


def _where(tree: Tree, *conditions: Tree) -> Tree:
    for condition in conditions:
        tree = Term("within", (tree, condition))
    return tree


def _product(left: Tree, right: Tree, *, up: bool) -> Tree:
    for scale, other in ((left, right), (right, left)):
        number = evaluate(scale)
        if number is not None:
            return Term("*", (scale, bound(other, up=up if number >= 0 else not up)))
    below = [bound(part, up=False) for part in (left, right)]
    return _where(Term("*", (bound(left, up=up), bound(right, up=up))), *below)


def _quotient(left: Tree, right: Tree, *, up: bool) -> Tree:
    number = evaluate(right)
    if number is not None and number:
        return Term("/", (bound(left, up=up if number > 0 else not up), right))
    below = [bound(part, up=False) for part in (left, right)]
    return _where(Term("/", (bound(left, up=up), bound(right, up=not up))), *below)


def _power(base: Tree, exponent: Tree, *, up: bool) -> Tree:
    number, root = evaluate(exponent), evaluate(base)
    if number is not None and number > 0:
        return _where(Term("^", (bound(base, up=up), exponent)), bound(base, up=False))
    if root is not None and root > 0:
        return Term("^", (base, bound(exponent, up=up if root >= 1 else not up)))
    raise Undecided("rounding inside a power")
