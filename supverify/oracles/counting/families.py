"""Families that are counted: their members, listed one by one at small sizes, and the recurrence of a bijection.

Each family is a head of the statement language, as in ``permutations(m)``, and means the number of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, permutations, product

from ...calculus.grammar import parse
from ...calculus.statement import Number, Term, Tree

Sizes = tuple[int, ...]
ONE, TWO = Number(Fraction(1)), Number(Fraction(2))


@dataclass(frozen=True, kw_only=True)
class Family:
    """``parameters`` and their ``domain``; ``members``: how many, by listing them, at each of ``small``.

    ``on`` is the parameter of the recurrence, ``start`` the size at 0; ``step`` is the size at ``on`` + 1 times
    ``divisor`` when ``N`` stands for the size at ``on``, and ``room`` the condition under which there is a next size.
    ``bijection`` says why, ``known`` what follows from the domain. An ``upper`` family's recurrence only bounds it.
    """

    meaning: str
    parameters: tuple[str, ...]
    domain: tuple[str, ...]
    small: tuple[Sizes, ...]
    members: Callable[..., int]
    on: str
    start: str
    step: str
    room: str
    bijection: str
    divisor: str = "1"
    known: tuple[str, ...] = ()
    upper: bool = False

    def trees(self, *texts: str) -> tuple[Tree, ...]:
        """The statements or expressions in ``texts``, pairs counted by their polynomial."""
        return tuple(expanded(parse(text)) for text in texts)


def _permutations(m: int) -> int:
    return sum(1 for _ in permutations(range(m)))


def _pairs(m: int) -> list[tuple[int, int]]:
    return list(combinations(range(m), 2))


def _labelled(m: int, outputs: int) -> int:
    return sum(1 for _ in permutations(_pairs(m), outputs))


def _unlabelled(m: int, outputs: int) -> int:
    return sum(1 for _ in combinations(_pairs(m), outputs))


def _ball(m: int, errors: int) -> int:
    return sum(sum(i != j for i, j in enumerate(order)) <= errors for order in permutations(range(m)))


def _descriptions(b: int) -> int:
    return sum(1 for length in range(b + 1) for _ in product("01", repeat=length))


PROBLEMS = tuple((m, outputs) for m in range(5) for outputs in range(len(_pairs(m)) + 1) if outputs <= 4)

LABELLED = Family(
    meaning="the 2-AND problems of m inputs with M outputs, each with its own pair",
    parameters=("m", "M"),
    domain=("m >= 0", "M >= 0", "M <= binom(m, 2)"),
    small=PROBLEMS,
    members=_labelled,
    on="M",
    start="1",
    step="(binom(m, 2) - M)*N",
    room="M + 1 <= binom(m, 2)",
    known=("binom(m, 2) >= 0",),
    bijection="the next output has one of the pairs that no output has yet",
)
FAMILIES: Mapping[str, Family] = {
    "permutations": Family(
        meaning="the permutations of m things",
        parameters=("m",),
        domain=("m >= 0",),
        small=tuple((m,) for m in range(7)),
        members=_permutations,
        on="m",
        start="1",
        step="(m + 1)*N",
        room="m >= 0",
        bijection="the new thing goes to one of m + 1 places of a row of the others",
    ),
    "labelled_ands": LABELLED,
    "unlabelled_ands": replace(
        LABELLED,
        meaning="the sets of M pairs of m inputs",
        members=_unlabelled,
        divisor="M + 1",
        bijection="a set of M + 1 pairs with one of them marked is a set of M pairs and one that is not in it",
    ),
    "hamming_ball": Family(
        meaning="the permutations of m things that differ from a fixed one in at most d places",
        parameters=("m", "d"),
        domain=("m >= 0", "d >= 0", "d <= m"),
        small=tuple((m, d) for m in range(6) for d in range(m + 1)),
        members=_ball,
        on="d",
        start="1",
        step="(m - d)*N",
        room="d + 1 <= m",
        bijection="what stands outside some d places is known; inside them is a row of d of the m things",
        upper=True,
    ),
    "descriptions": Family(
        meaning="the bit strings of length at most b",
        parameters=("b",),
        domain=("b >= 0",),
        small=tuple((b,) for b in range(9)),
        members=_descriptions,
        on="b",
        start="1",
        step="2*N + 1",
        room="b >= 0",
        bijection="it is empty, or a bit and a string of length at most b",
    ),
}


def expanded(tree: Tree) -> Tree:
    """binom(t, 2) as t (t - 1)/2, which it is for every integer t >= 0."""
    if not isinstance(tree, Term):
        return tree
    parts = tuple(map(expanded, tree.arguments))
    if tree.head == "binom" and parts[1] == TWO:
        return Term("/", (Term("*", (parts[0], Term("-", (parts[0], ONE)))), TWO))
    return Term(tree.head, parts)


def family_of(tree: Tree) -> Family | None:
    """The family that an expression is the size of."""
    return FAMILIES.get(tree.head) if isinstance(tree, Term) else None
