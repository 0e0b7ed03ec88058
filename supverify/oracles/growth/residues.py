"""Claims over the integers that depend on residues: floor(m/3), (-1)^m, cos(pi m) are plain in every class."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from ...calculus.arithmetic import evaluate, literal, normal
from ...calculus.statement import Number, Term, Tree, Variable, free, substitute

LARGEST = 24  # the number of classes


def modulus(tree: Tree, variable: str) -> int:
    """The number of residue classes in which floors, signs and multiples of pi in ``tree`` become plain; 1: none."""
    found = lcm(1, *_periods(tree, variable))
    return found if found <= LARGEST else 1


def classes(tree: Tree, variable: str) -> list[tuple[str, Tree]]:
    """``tree`` in each class: the variable replaced by q*variable + r."""
    q = modulus(tree, variable)
    if q == 1:
        return [("", tree)]
    scaled = Term("*", (Number(Fraction(q)), Variable(variable)))
    values = {r: Term("+", (scaled, Number(Fraction(r)))) for r in range(q)}
    return [
        (f"{variable} replaced by {q}*{variable} + {r}", _inside(tree, variable, value))
        for r, value in values.items()
    ]


def _inside(tree: Tree, variable: str, value: Tree) -> Tree:
    """The sides of a claim with the variable replaced, its own variable left as it is."""
    if isinstance(tree, Term) and tree.arguments and tree.arguments[0] == Variable(variable):
        return Term(
            tree.head, (tree.arguments[0], *(substitute(part, {variable: value}) for part in tree.arguments[1:]))
        )
    return substitute(tree, {variable: value})


def _periods(tree: Tree, variable: str) -> Iterator[int]:
    if not isinstance(tree, Term):
        return
    for part in tree.arguments:
        yield from _periods(part, variable)
    if variable not in free(tree):
        return
    if tree.head in ("floor", "ceil"):
        yield _denominator(tree.arguments[0], variable) or 1
    if tree.head in ("sin", "cos"):
        turns = _denominator(Term("/", (tree.arguments[0], Term("pi"))), variable)
        yield 2 * turns if turns else 1
    if tree.head == "^" and (evaluate(tree.arguments[0]) or 0) < 0:
        power = _denominator(tree.arguments[1], variable)
        yield 2 if power == 1 else 1


def _denominator(tree: Tree, variable: str) -> int | None:
    """The common denominator of a polynomial in the variable with rational coefficients; None for anything else."""
    total = normal(tree)
    pi, over = Term("pi"), normal(Term("/", (literal(1), Term("pi"))))
    inverse = next(iter(over))[0][0]
    found = 1
    for key, coefficient in total.items():
        powers = dict(key)
        if powers.get(pi) and powers.get(pi) == powers.get(inverse):
            del powers[pi], powers[inverse]
        if set(powers) - {Variable(variable)}:
            return None
        found = lcm(found, coefficient.denominator)
    return found
