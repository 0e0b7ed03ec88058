"""Cases by remainder: with m = q j + r, floors of m/q and powers of negative numbers become smooth in j."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm

from ...calculus.arithmetic import Polynomial, add, constant, evaluate, literal, normal, rebuild, value
from ...calculus.statement import RANGES, Term, Tree, Variable, free, substitute
from .comparison import Comparison, Point

MODULUS = 24  # the most cases


@dataclass(frozen=True)
class Case:
    """The points modulus * j + residue; ``comparison`` is about j, under the variable's name."""

    comparison: Comparison
    modulus: int = 1
    residue: int = 0

    def point(self, j: Point) -> Point:
        """The point that j stands for."""
        return self.modulus * j + self.residue

    def first(self, start: Point) -> Point:
        """The first j at or after ``start``."""
        return start if self.modulus == 1 else ceil(Fraction(start - self.residue) / self.modulus)

    def last(self, end: Point | None) -> Point | None:
        """The last j at or before ``end``."""
        return end if end is None or self.modulus == 1 else floor(Fraction(end - self.residue) / self.modulus)


def cases_of(comparison: Comparison, *, whole: bool) -> list[Case]:
    """One case for each remainder that floors and signs distinguish; the comparison itself where there is none."""
    name = comparison.variable
    sides = (comparison.left, comparison.right)
    modulus = lcm(*(q for side in sides for q in _moduli(side, name))) if whole else 1
    if not 1 < modulus <= MODULUS:
        return [Case(comparison)]
    cases = []
    for residue in range(modulus):
        place = Term("+", (Term("*", (literal(modulus), Variable(name))), literal(residue)))
        left, right = (_settled(substitute(side, {name: place}), name) for side in sides)
        cases.append(Case(replace(comparison, left=left, right=right), modulus, residue))
    return cases


def _moduli(tree: Tree, name: str) -> Iterator[int]:
    """What the variable has to be divided by for each floor and each power of a negative number."""
    if not isinstance(tree, Term) or (tree.head in RANGES and name not in free(tree)):
        return
    if tree.head in ("floor", "ceil") and (line := _line(tree.arguments[0], name)):
        yield line[0].denominator
    if tree.head == "^" and (evaluate(tree.arguments[0]) or 0) < 0:
        line = _line(tree.arguments[1], name)
        if line and line[0].denominator == line[1].denominator == 1 and line[0] % 2:
            yield 2
    for part in tree.arguments:
        yield from _moduli(part, name)


def _line(tree: Tree, name: str) -> tuple[Fraction, Fraction] | None:
    """(slope, constant) of a linear function of the variable with rational coefficients."""
    polynomial: Polynomial = normal(tree)
    slope = polynomial.get(((Variable(name), 1),), Fraction(0))
    rest = value(add(polynomial, {((Variable(name), 1),): Fraction(1)}, -slope) if slope else polynomial)
    return (slope, rest) if slope and rest is not None else None


def _settled(tree: Tree, name: str) -> Tree:
    """Floors and signs that the remainder decides, worked out."""
    if not isinstance(tree, Term):
        return tree
    tree = Term(tree.head, tuple(_settled(part, name) for part in tree.arguments))
    if tree.head in ("floor", "ceil") and (line := _line(tree.arguments[0], name)) and line[0].denominator == 1:
        rounded = floor(line[1]) if tree.head == "floor" else ceil(line[1])
        return rebuild(add(normal(Term("*", (literal(line[0]), Variable(name)))), constant(rounded)))
    if tree.head == "^" and (base := evaluate(tree.arguments[0]) or Fraction(0)) < 0:
        line = _line(tree.arguments[1], name)
        if line and line[0].denominator == line[1].denominator == 1 and line[0] % 2 == 0:
            size = Term("^", (literal(-base), tree.arguments[1]))
            return Term("neg", (size,)) if line[1] % 2 else size
    return tree
