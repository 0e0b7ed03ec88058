"""Mutants of steps: one number, exponent, operator, logarithm, variable, kind or hypothesis changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from supverify.calculus.derivation import Step
from supverify.calculus.statement import (
    GROWTH,
    RELATIONS,
    Number,
    Term,
    Tree,
    Variable,
    declared,
    free,
    is_declaration,
)

SWAPPED: Mapping[str, Sequence[str]] = {
    ">=": (">", "<=", "<", "="),
    "<=": ("<", ">=", ">", "="),
    ">": (">=", "<", "="),
    "<": ("<=", ">", "="),
    "=": (">", "<", "!="),
    "log2": ("ln", "log10", "sqrt"),
    "ln": ("log2", "log10", "sqrt"),
    "sqrt": ("log2", "ln"),
    "+": ("-", "*"),
    "-": ("+",),
    "*": ("+", "^"),
    "/": ("*",),
    "^": ("*",),
    "LambertW": ("ln", "sqrt"),
    "sum": ("prod",),
    "prod": ("sum",),
    "labelled_ands": ("unlabelled_ands",),
    "unlabelled_ands": ("labelled_ands", "hamming_ball"),
    "permutations": ("descriptions",),
    "hamming_ball": ("labelled_ands",),
} | {head: tuple(other for other in GROWTH if other != head) for head in GROWTH}
ONE, TWO = Number(Fraction(1)), Number(Fraction(2))


def numbers(value: Fraction) -> Iterator[Fraction]:
    """Other numbers in place of one."""
    yield from (value + 1, value * 2, value / 2, abs(value - 1), value**2, value + Fraction(1, 10))


def scaled(side: Tree, variables: Sequence[str], *, growing: bool) -> Iterator[Tree]:
    """A side of a relation by another constant or exponent, or with a logarithm lost or gained."""
    yield from (Term("*", (TWO, side)), Term("/", (side, TWO)), Term("^", (side, TWO)))
    yield from (Term("+", (side, ONE)), Term("-", (side, ONE)))
    if growing and variables:
        variable = Variable(variables[0])
        for factor in (Term("ln", (variable,)), Term("sqrt", (variable,))):
            yield from (Term("*", (side, factor)), Term("/", (side, factor)))


def mutants(tree: Tree, names: Sequence[str]) -> Iterator[Tree]:
    """``tree`` with one number, operator, variable, order of operands, constant or logarithm changed."""
    if isinstance(tree, Number):
        yield from map(Number, numbers(tree.value))
    elif isinstance(tree, Variable):
        yield from (Variable(name) for name in names if name != tree.name)
        yield Term("+", (tree, ONE))
    elif not is_declaration(tree):
        yield from (Term(head, tree.arguments) for head in SWAPPED.get(tree.head, ()))
        if len(tree.arguments) == 2:
            yield Term(tree.head, tree.arguments[::-1])
        if tree.head in GROWTH:
            yield Term(tree.head, (tree.arguments[0], *tree.arguments[:0:-1]))
        for i, part in enumerate(tree.arguments):
            if i == 0 and tree.head in ("sum", "prod", *GROWTH):
                continue
            changed = [*mutants(part, names)]
            if tree.head in (*RELATIONS, *GROWTH):
                changed += scaled(part, sorted(free(part)), growing=tree.head in GROWTH)
            for mutant in changed:
                yield Term(tree.head, (*tree.arguments[:i], mutant, *tree.arguments[i + 1 :]))


def mutated_steps(step: Step) -> list[Step]:
    """The step with another statement or context, a condition dropped, or a kind swapped; each statement once."""
    names = sorted(declared(step.given)) or sorted(bound_names(step.says))
    changed = [replace(step, says=mutant) for mutant in mutants(step.says, names)]
    for i, item in enumerate(step.given):
        before, after = step.given[:i], step.given[i + 1 :]
        if not is_declaration(item):
            changed.append(replace(step, given=before + after))
        changed += [replace(step, given=(*before, mutant, *after)) for mutant in mutants(item, names)]
        if isinstance(item, Term) and item.head == "integer":
            changed.append(replace(step, given=(*before, Term("real", item.arguments), *after)))
    kept = {mutant.statement: mutant for mutant in changed if not free(mutant.statement)}
    kept.pop(step.statement, None)
    return list(kept.values())


def bound_names(tree: Tree) -> frozenset[str]:
    """The variable of a growth statement."""
    first = tree.arguments[0] if isinstance(tree, Term) and tree.head in GROWTH else None
    return frozenset((first.name,)) if isinstance(first, Variable) else frozenset()
