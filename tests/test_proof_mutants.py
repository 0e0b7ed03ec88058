"""Mutants of every step: false ones are refused, whatever the rule; accepted ones are true and listed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations, product
from math import prod
from pathlib import Path

import pytest
from far_growth import far_truth
from flint import ctx
from mutants import mutated_steps
from random_codes import chance
from test_proofs import FOLDER, NAMES

from supverify.calculus.arithmetic import COMPARE, evaluate, literal
from supverify.calculus.audit import Hole
from supverify.calculus.axioms import AXIOMS
from supverify.calculus.derivation import Derivation, Step
from supverify.calculus.grammar import parse
from supverify.calculus.statement import (
    GROWTH,
    RELATIONS,
    Term,
    Tree,
    declared,
    is_declaration,
    show,
    substitute,
    unquantify,
)
from supverify.kernel.errors import Refusal
from supverify.oracles import read_file, rules
from supverify.oracles.balls import ball, compare

ACCEPTED = Path(__file__).resolve().parent / "corpus" / "accept"
TOOLS = ("probability.existence", "growth.multiseries", "inequality.tail", "counting.family", "counting.descriptions")
DRAWS = 1000  # points at which the conditions of one statement are tried


@cache
def derivations() -> Mapping[str, Derivation]:
    """The project's derivations, and the corpus' accepted files for the rules of tools."""
    own = {name: read_file(FOLDER / f"{name}.md") for name in NAMES}
    corpus = {path.stem: read_file(path) for path in sorted(ACCEPTED.glob("*.md"))}
    return own | {n: d for n, d in corpus.items() if any(step.by in TOOLS for step in d.steps)}


# Whether a statement is true: by looking for a counterexample in balls and listed members, not by the rules

GRID = {
    "integer": [Fraction(n) for n in (-2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 15, 16, 17, 18, 30)],
    "real": [Fraction(n, 6) for n in (-12, -3, 0, 1, 2, 3, 6, 9, 12, 18, 96, 102, 600)],
}


# Where thresholds and densities of derivation 11 meet, and beside that
FRACTIONS = [Fraction(n, 20) for n in (-20, 0, 4, 5, 6, 10, 14, 15, 16, 20)]


def values_of(name: str, kind: str) -> list[Fraction]:
    return FRACTIONS if name in ("light", "heavy", "a") and kind == "real" else GRID[kind]


def points(kinds: Mapping[str, str], *, seed: int = 0) -> Iterator[dict[str, Tree]]:
    """All points of the grid in any order, or DRAWS of them where they are more."""
    values = [values_of(name, kind) for name, kind in kinds.items()]
    rng = random.Random(seed)
    if prod(map(len, values)) <= DRAWS:
        grid = list(product(*values))
        drawn: Iterator[Sequence[Fraction]] = iter(rng.sample(grid, len(grid)))
    else:
        drawn = ([rng.choice(choices) for choices in values] for _ in range(DRAWS))
    return ({name: literal(x) for name, x in zip(kinds, numbers, strict=True)} for numbers in drawn)


def counterexample(statement: Tree, *, limit: int) -> dict[str, Tree] | None:
    """A point of the grid where a universal statement fails for certain; ``limit`` points of its range are tried."""
    context, body = unquantify(statement)
    conditions = [item for item in context if not is_declaration(item)]
    for point in points(declared(context)):
        if all(truth(substitute(item, point), limit=limit) is True for item in conditions):
            limit -= 1
            if truth(substitute(body, point), limit=limit) is False:
                return point
        if limit == 0:
            break
    return None


def listed(tree: Tree) -> Tree:
    """Sizes of families replaced by the number of their members, one listed after the other; Hole for large ones."""
    if not isinstance(tree, Term):
        return tree
    parts = tuple(map(listed, tree.arguments))
    if tree.head == "failure_chance":  # at least the chance; what is accepted has to be shown again
        sizes = [evaluate(part) for part in parts]
        whole = [int(size) for size in sizes if size is not None and size.denominator == 1]
        return literal(Fraction(chance(whole)) if len(whole) == len(sizes) else Fraction(1))
    if tree.head not in COUNTED:
        return Term(tree.head, parts)
    sizes = [evaluate(part) for part in parts]
    if any(size is None or size.denominator > 1 or not 0 <= size <= 8 for size in sizes):
        raise Hole("not listed")
    return literal(counted(tree.head, *(int(size) for size in sizes if size is not None)))


@cache
def counted(head: str, *sizes: int) -> int:
    return COUNTED[head](*sizes)


def pairs(m: int) -> list[tuple[int, int]]:
    if m > 4:
        raise Hole("not listed")
    return list(combinations(range(m), 2))


COUNTED: Mapping[str, Callable[..., int]] = {
    "permutations": lambda m: len(list(permutations(range(m)))),
    "labelled_ands": lambda m, outputs: len(list(permutations(pairs(m), outputs))),
    "unlabelled_ands": lambda m, outputs: len(list(combinations(pairs(m), outputs))),
    "hamming_ball": lambda m, d: sum(
        sum(i != image for i, image in enumerate(order)) <= d for order in permutations(range(m))
    ),
    "descriptions": lambda b: len([bits for i in range(b + 1) for bits in product("01", repeat=i)]),
}


def compared(relation: Term) -> bool | None:
    """Whether a closed relation holds, by balls alone where they tell: the arithmetic of the rules has no say."""
    with ctx.workprec(256):
        left, right = (ball(side, {}) for side in relation.arguments)
        if left > right or left < right:
            return COMPARE[relation.head](1 if left > right else -1, 0)
    return compare(relation)


def truth(statement: Tree, *, limit: int) -> bool | None:
    """Whether a closed statement is true, as far as balls, lists, the grid and numbers far out tell."""
    if not isinstance(statement, Term):
        return None
    if statement.head in GROWTH:
        return REASONED[show(statement)][0] if show(statement) in REASONED else far_truth(statement)
    if statement.head in RELATIONS:
        try:
            relation = listed(statement)
            assert isinstance(relation, Term)
            return compared(relation)
        except (Hole, OverflowError, ValueError):
            return None
    if statement.head == "forall":
        return False if counterexample(statement, limit=limit) else None
    answers = [truth(part, limit=limit) for part in statement.arguments]
    if statement.head == "and":
        return False if False in answers else None if None in answers else True
    return not answers[0] if statement.head == "not" and answers[0] is not None else None


# Growth that the numbers do not tell, decided by hand: the truth and why.
REASONED: Mapping[str, tuple[bool, str]] = {
    "log2(binom(1*n, n)) = o(n*log2(n)) as n -> oo": (True, "the left side is log2(1) = 0"),
    "log2(binom(m*(m - 1)/2, log2(m)/m^2)) = o(m^2/log2(m)*log2(m)) as m -> oo": (
        True,
        "binom(N, k) is at most (e N/k)^k and at least 1 - k for k < 1, so its logarithm tends to 0 with k log(N/k)",
    ),
}


def accepts(step: Step, premises: Sequence[Tree]) -> bool:
    """Whether the step's rule accepts it, as the audit would."""
    try:
        rules()[step.by](step, premises)
    except (Refusal, Hole):
        return False
    return True


def accepted_mutants(name: str, *, sample: int) -> Iterator[tuple[Step, Step]]:
    """Steps with a mutant of theirs that is accepted, ``sample`` of each step tried."""
    derivation = derivations()[name]
    statements = {step.id: step.statement for step in derivation.steps}
    for step in derivation.steps:
        premises = [statements.get(r.name) or parse(AXIOMS[r.name]) for r in step.premises]
        tried = mutated_steps(step)
        for mutant in random.Random(0).sample(tried, min(sample, len(tried))):
            if accepts(mutant, premises):
                yield step, mutant


def objections(accepted: Sequence[tuple[Step, Step]], *, limit: int) -> Iterator[str]:
    """Accepted mutants that are false, and accepted growth that neither numbers nor reasons tell."""
    for step, mutant in accepted:
        found = truth(mutant.statement, limit=limit)
        growing = isinstance(mutant.says, Term) and mutant.says.head in GROWTH
        if found is False or (growing and found is None):
            yield f"{step.id}: {show(mutant.statement)}: {'false' if found is False else 'not told'}"


def lines(name: str, accepted: Sequence[tuple[Step, Step]]) -> list[str]:
    """What the listing has for a derivation."""
    return [f"{name}/{step.id}: {show(mutant.statement)}" for step, mutant in accepted]


LISTING = Path(__file__).resolve().parent / "claims" / "true_mutants.txt"


def sample_of(name: str) -> int:
    """How many mutants of each step are tried; fewer of the corpus, whose rules take longest."""
    return 60 if name in NAMES else 20


def test_every_step_has_twenty_mutants() -> None:
    few = [
        (name, step.id)
        for name, derivation in derivations().items()
        for step in derivation.steps
        if len(mutated_steps(step)) < 20
    ]
    assert few == []


@pytest.mark.parametrize("name", derivations())
def test_no_false_mutant_of_a_step_is_accepted(name: str) -> None:
    assert list(objections(list(accepted_mutants(name, sample=4)), limit=20)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", derivations())
def test_of_many_mutants_only_the_listed_ones_are_accepted_and_true(name: str) -> None:
    accepted = list(accepted_mutants(name, sample=sample_of(name)))
    assert list(objections(accepted, limit=20)) == []
    known = [line for line in LISTING.read_text().splitlines() if line.startswith(f"{name}/")]
    assert set(lines(name, accepted)) <= set(known)
    assert len(accepted) > 0.8 * len(known)  # tools with a time limit may miss some on a busy machine


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_that_accepts_everything_is_caught(name: str) -> None:
    steps = derivations()[name].steps
    everything = [(step, mutant) for step in steps for mutant in random.Random(0).sample(mutated_steps(step), 4)]
    assert len(list(objections(everything, limit=20))) > len(steps) / 2


def test_most_mutants_are_false_or_refused() -> None:
    steps = [step for name in NAMES for step in derivations()[name].steps]
    chosen = [mutant for step in steps for mutant in random.Random(1).sample(mutated_steps(step), 2)]
    assert sum(truth(mutant.statement, limit=20) is False for mutant in chosen) > len(chosen) / 4


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("log2(m!) = Omega(m*log2(m)) as m -> oo", True),
        ("log2(m!) ~ m*ln(m) as m -> oo", False),
        ("log2(m!) - m*log2(m) + m*log2(e) = O(log2(m)) as m -> oo", True),
        ("log2(m!) - m*log2(m) + m*log2(e) = o(log2(m)) as m -> oo", False),
        ("log2(binom(2*n, n)) = Theta(n) as n -> oo", True),
        ("log2(binom(m*(m - 1)/2, m^1.9)) = o(m^1.9*log2(m)) as m -> oo", False),
        ("ln(m)^50 = o(2^sqrt(log2(m))) as m -> oo", True),
        ("ln(ln(m)) = O(1) as m -> oo", False),
        ("n^2/LambertW(n^2) = omega(n^2/ln(n)) as n -> oo", False),
        ("m - m = O(1) as m -> oo", None),
    ],
)
def test_numbers_far_out(claim: str, expected: bool | None) -> None:
    tree = parse(claim)
    assert isinstance(tree, Term)
    assert far_truth(tree) is expected


if __name__ == "__main__":  # writes the listing anew
    text = [
        line for name in derivations() for line in lines(name, list(accepted_mutants(name, sample=sample_of(name))))
    ]
    LISTING.write_text("\n".join(text) + "\n")
