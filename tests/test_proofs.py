"""The project's own derivations: what they establish, on what, and that false versions of every step are refused."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest
from flint import ctx

from supverify.calculus.arithmetic import COMPARE, literal
from supverify.calculus.audit import Audit, Hole, Outcome
from supverify.calculus.axioms import AXIOMS
from supverify.calculus.derivation import Step
from supverify.calculus.grammar import parse
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
    show,
    substitute,
    unquantify,
)
from supverify.kernel.errors import Refusal
from supverify.kernel.verdict import Status
from supverify.oracles import audit_file, rules
from supverify.oracles.balls import ball, compare
from supverify.report.derived import derivation_entry

FOLDER = Path(__file__).resolve().parent.parent / "proofs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.md"))


@cache
def audited(name: str) -> Audit:
    """The audit of one of the project's derivations."""
    return audit_file(FOLDER / f"{name}.md")


EXPECTED: dict[str, tuple[set[str], int, list[str]]] = {  # oracles, assumptions, claims
    "01-factorial-half": (
        set(),
        0,
        [
            "forall integer m >= 1: (m!)^2 >= m^m",
            "forall integer m >= 1: log2(m!) >= m/2*log2(m)",
            "log2(m!) = Omega(m*log2(m)) as m -> oo",
        ],
    ),
    "02-stirling": (
        set(),
        0,
        [
            "forall integer m >= 1: log2(m!) >= m*log2(m) - m*log2(e)",
            "forall integer m >= 1: log2(m!) <= m*log2(m) - m*log2(e) + log2(m) + log2(e)",
            "log2(m!) - m*log2(m) + m*log2(e) = O(log2(m)) as m -> oo",
        ],
    ),
    "03-base-of-the-logarithm": (
        {"arb"},
        0,
        [
            "forall integer m >= 2: log2(m!) < m*log2(m)",
            "not (forall integer m >= 1: log2(m!) >= m*log2(m))",
            "log2(1!) >= 1*ln(1)",
            "forall integer 2 <= m <= 16: log2(m!) < m*ln(m)",
            "forall integer m >= 17: log2(m!) >= m*ln(m)",
            "log2(m!) = Omega(m*log2(m)) as m -> oo",
        ],
    ),
    "04-families": (
        {"arb", "counting", "multiseries"},
        2,
        [
            "forall integer m >= 0: permutations(m) = m!",
            "forall integer m >= 2, 0 <= M <= binom(m, 2): labelled_ands(m, M) = binom(m, 2)!/(binom(m, 2) - M)!",
            "forall integer m >= 2, 0 <= M <= binom(m, 2): unlabelled_ands(m, M) = binom(m*(m - 1)/2, M)",
            "forall integer N >= 1, 8 <= M <= N: log2(N!/(N - M)!) >= M/2*log2(M)",
            "log2(binom(2*n, n)) = o(n*log2(n)) as n -> oo",
            "log2(binom(m*(m - 1)/2, m^2/log2(m))) = o(m^2/log2(m)*log2(m)) as m -> oo",
            "log2(binom(m*(m - 1)/2, m^1.9)) = Theta(m^1.9*log2(m)) as m -> oo",
        ],
    ),
    "05-descriptions": (
        set(),
        4,
        [
            "forall integer b >= 0: sum(i=0..b, 2^i) = 2^(b + 1) - 1",
            "forall integer b >= 0, F >= 1, F <= sum(i=0..b, 2^i): b > log2(F) - 1",
            "forall integer b >= 0, m >= 1, m! <= sum(i=0..b, 2^i): b > log2(m!) - 1",
            "forall integer b >= 0, m >= 1, 0 <= d <= m, m! <= sum(i=0..b, 2^i)*(binom(m, d)*d!): "
            "b > log2((m - d)!) - 1",
        ],
    ),
    "06-neurons": (
        set(),
        2,
        [
            "forall real l > 0, c > 0, n >= 0, B >= 0, l*c*(n^2 + n) >= B: n + 1 > sqrt(B/(l*c))",
            "forall integer m >= 16, real l > 0, c > 0, n >= 0, l*c*(n^2 + n) >= log2(m!) - 1: "
            "n + 1 > sqrt(m/2*log2(m)/(l*c))",
            "forall integer m >= 16, real l > 0, C > 0, n >= 0, l*(C*log2(m))*(n^2 + n) >= log2(m!) - 1: "
            "n + 1 > sqrt(m/(2*l*C))",
            "sqrt(m/2*log2(m)) - 1 = Omega(sqrt(m*log2(m))) as m -> oo",
            "forall integer n >= 1: 1*log2(n^2)*(n^2 + n) >= log2((n^2)!)",
            "forall real l > 0, c > 0: l*c*(0^2 + 0) > log2(1) - 1",
        ],
    ),
    "07-capacity": (
        {"arb", "multiseries", "tail"},
        1,
        [
            "forall real E >= 1, M > E: M*ln(M) > E*ln(E)",
            "forall real B >= 4, M > 0, M*log2(B) > 2*B: M*log2(M) > B",
            "n^2*ln(2)/LambertW(n^2*ln(2)) = Theta(n^2/ln(n)) as n -> oo",
            "n = o(n^2/ln(n)) as n -> oo",
        ],
    ),
    "08-upper-side": (
        {"arb", "multiseries"},
        1,
        [
            "forall real c >= 0, M >= 1, n >= 0, n <= c*(sqrt(M)*log2(M)): n^2 <= c^2*(M*log2(M)^2)",
            "forall real M >= 2: sqrt(M)*log2(M) = sqrt(M*log2(M))*sqrt(log2(M))",
            "sqrt(M*log2(M)) = o(sqrt(M)*log2(M)) as M -> oo",
            "sqrt(M)*log2(M)/sqrt(M*log2(M)) ~ sqrt(log2(M)) as M -> oo",
            "M*log2(M)^2/(M*log2(M)) ~ log2(M) as M -> oo",
        ],
    ),
    "09-exponential-gap": (
        {"arb", "multiseries"},
        2,
        [
            "forall integer N >= 2, real eps > 0, n > 0, n*eps^2 >= 4*ln(N): ln(N*(N - 1)*e^-(n*eps^2/2)) < 0",
            "forall real c > 0, m >= 2, r >= 0, r <= c*ln(m): sqrt(m*log2(m)) >= sqrt(m)",
            "forall real c > 0, m >= 2, r >= 0, r <= c*ln(m): ln(sqrt(m)) >= r/(2*c)",
            "ln(m) = o(sqrt(m*log2(m))) as m -> oo",
            "2^(ln(m)/2) = o(sqrt(m*log2(m))) as m -> oo",
        ],
    ),
}


def test_every_derivation_is_expected() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_established_and_on_what(name: str) -> None:
    result = audited(name)
    refused = [(r.step.id, r.expected, r.got, r.detail) for r in result.results if r.outcome is not Outcome.ACCEPTED]
    assert refused == []
    assert result.status is Status.PROVED
    oracles, assumptions, claims = EXPECTED[name]
    assert (set(result.oracles), len(result.assumptions)) == (oracles, assumptions)
    assert [show(claim) for claim in result.derivation.claims] == claims


def test_the_card_claim_is_refuted_in_base_2() -> None:
    result = audited("03-base-of-the-logarithm")
    refuted = [item.statement for item in derivation_entry(result, path="").conclusions if item.status == "REFUTED"]
    assert refuted == ["forall integer m >= 1: log2(m!) >= m*log2(m)"]
    details = {r.step.id: r.detail for r in result.results}
    assert details["base-2-refuted"] == "counterexample m = 2"


def test_nothing_is_cited_and_most_steps_rest_on_the_kernel_alone() -> None:
    results = [r for name in NAMES for r in audited(name).results]
    assert not any(r.step.by == "cite" for r in results)
    assert sum(not r.oracles for r in results) >= 0.8 * len(results)


@pytest.mark.parametrize("name", NAMES)
def test_without_oracles_only_the_steps_of_other_tools_are_missing(name: str) -> None:
    result = audit_file(FOLDER / f"{name}.md", permit=())
    missing = {r.step.id for r in result.results if r.outcome is not Outcome.ACCEPTED}
    asked = {r.step.id for r in audited(name).results if r.oracles}
    assert asked <= missing
    assert all(r.outcome is Outcome.BLOCKED for r in result.results if r.step.id in missing - asked)
    assert result.status is (Status.UNKNOWN if missing else Status.PROVED)


def test_every_step_is_used() -> None:
    for name in NAMES:
        derivation = audited(name).derivation
        used = {reference.name for step in derivation.steps for reference in step.premises}
        assert {step.id for step in derivation.steps} - set(derivation.establishes) <= used


# The modelling assumptions, by counting


def test_descriptions_by_counting() -> None:
    for b in range(6):
        assert len([bits for i in range(b + 1) for bits in product("01", repeat=i)]) == 2 ** (b + 1) - 1


@pytest.mark.parametrize("m", range(1, 7))
def test_permutations_near_one_by_counting(m: int) -> None:
    wrong = [sum(i != image for i, image in enumerate(p)) for p in permutations(range(m))]
    assert len(wrong) == math.factorial(m)
    for d in range(m + 1):
        ball = sum(count <= d for count in wrong)
        assert ball <= math.comb(m, d) * math.factorial(d) == math.factorial(m) // math.factorial(m - d)


def test_exact_range_of_the_natural_logarithm() -> None:
    holds = [m for m in range(1, 400) if math.lgamma(m + 1) / math.log(2) >= m * math.log(m)]
    assert holds == [1, *range(17, 400)]


# Mutants. Whether one is true is decided by looking for a counterexample in balls, not by the rules.

GRID = {
    "integer": [Fraction(n) for n in (-2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 15, 16, 17, 18, 30)],
    "real": [Fraction(n, 6) for n in (-12, -3, 0, 1, 2, 3, 6, 9, 12, 18, 96, 102, 600)],
}


def counterexample(statement: Tree, *, limit: int) -> dict[str, Tree] | None:
    """A point of the grid where a universal statement fails for certain."""
    context, body = unquantify(statement)
    kinds = declared(context)
    grid = list(product(*(GRID[kind] for kind in kinds.values())))
    conditions = [item for item in context if not is_declaration(item)]
    for numbers in random.Random(0).sample(grid, len(grid)):
        point = {name: literal(number) for name, number in zip(kinds, numbers, strict=True)}
        if all(truth(substitute(item, point), limit=limit) is True for item in conditions):
            limit -= 1
            if truth(substitute(body, point), limit=limit) is False:
                return point
        if limit == 0:
            break
    return None


def compared(relation: Term) -> bool | None:
    """Whether a closed relation holds, by balls alone where they tell: the arithmetic of the rules has no say."""
    with ctx.workprec(256):
        left, right = (ball(side, {}) for side in relation.arguments)
        if left > right or left < right:
            return COMPARE[relation.head](1 if left > right else -1, 0)
    return compare(relation)


def truth(statement: Tree, *, limit: int) -> bool | None:
    """Whether a closed statement is true, as far as balls and the grid tell."""
    if not isinstance(statement, Term) or statement.head in GROWTH:
        return None
    if statement.head in RELATIONS:
        try:
            return compared(statement)
        except (Hole, OverflowError, ValueError):
            return None
    if statement.head == "forall":
        return False if counterexample(statement, limit=limit) else None
    answers = [truth(part, limit=limit) for part in statement.arguments]
    if statement.head == "and":
        return False if False in answers else None if None in answers else True
    return not answers[0] if statement.head == "not" and answers[0] is not None else None


SWAPPED: Mapping[str, Sequence[str]] = {
    ">=": (">", "<=", "<", "="),
    "<=": ("<", ">=", ">", "="),
    ">": (">=", "<", "="),
    "<": ("<=", ">", "="),
    "=": (">", "<", "!="),
    "log2": ("ln", "log10", "sqrt"),
    "ln": ("log2", "sqrt"),
    "sqrt": ("log2", "ln"),
    "+": ("-", "*"),
    "-": ("+",),
    "*": ("+", "^"),
    "/": ("*",),
    "^": ("*",),
    "Omega": ("o", "omega", "~"),
    "O": ("o", "Omega", "~"),
    "sum": ("prod",),
    "prod": ("sum",),
}


def mutants(tree: Tree, names: Sequence[str]) -> Iterator[Tree]:
    """``tree`` with one number, operator, variable, order of operands or condition changed."""
    if isinstance(tree, Number):
        yield from (
            Number(number) for number in (tree.value + 1, tree.value * 2, tree.value / 2, abs(tree.value - 1))
        )
    elif isinstance(tree, Variable):
        yield from (Variable(name) for name in names if name != tree.name)
        yield Term("+", (tree, Number(Fraction(1))))
    elif not is_declaration(tree):
        yield from (Term(head, tree.arguments) for head in SWAPPED.get(tree.head, ()))
        if len(tree.arguments) == 2:
            yield Term(tree.head, tree.arguments[::-1])
        for i, part in enumerate(tree.arguments):
            if isinstance(part, Variable) and tree.head in ("sum", "prod", *GROWTH):
                continue
            for mutant in mutants(part, names):
                yield Term(tree.head, (*tree.arguments[:i], mutant, *tree.arguments[i + 1 :]))


def mutated_steps(step: Step) -> Iterator[Step]:
    """The step with a mutated statement or context, or with a condition dropped."""
    names = sorted(declared(step.given))
    yield from (replace(step, says=mutant) for mutant in mutants(step.says, names))
    for i, item in enumerate(step.given):
        rest = (step.given[:i], step.given[i + 1 :])
        if not is_declaration(item):
            yield replace(step, given=rest[0] + rest[1])
        yield from (replace(step, given=(*rest[0], mutant, *rest[1])) for mutant in mutants(item, names))
        if isinstance(item, Term) and item.head == "integer":
            yield replace(step, given=(*rest[0], Term("real", item.arguments), *rest[1]))


def accepts(step: Step, premises: Sequence[Tree]) -> bool:
    """Whether the step's rule accepts it, as the audit would."""
    if free(step.statement):
        return False
    try:
        rules()[step.by](step, premises)
    except (Refusal, Hole):
        return False
    return True


# Mutants of growth statements that are accepted, and true: sides turned round, or a constant that does not matter.
TRUE_GROWTH = {
    "log2(m!) = Omega(log2(m)*m) as m -> oo",
    "m*log2(e) + (log2(m!) - m*log2(m)) = O(log2(m)) as m -> oo",
    "log2(m!) - log2(m)*m + m*log2(e) = O(log2(m)) as m -> oo",
    "log2(m!) - m*log2(m) + log2(e)*m = O(log2(m)) as m -> oo",
    "sqrt(m/2*log2(m)) + 1 = Omega(sqrt(m*log2(m))) as m -> oo",
    "sqrt(log2(m)*(m/2)) - 1 = Omega(sqrt(m*log2(m))) as m -> oo",
    "sqrt(m/2*log2(m)) - 0.5 = Omega(sqrt(m*log2(m))) as m -> oo",
    "sqrt(m/2*log2(m)) - 0 = Omega(sqrt(m*log2(m))) as m -> oo",
    "sqrt(m/2*log2(m)) - 1 = Omega(sqrt(log2(m)*m)) as m -> oo",
}


def refutes(mutant: Step, *, limit: int) -> bool:
    """Whether the statement of a mutant is false for certain."""
    if isinstance(mutant.says, Term) and mutant.says.head in GROWTH:
        return show(mutant.says) not in TRUE_GROWTH
    return truth(mutant.statement, limit=limit) is False


def false_mutants(name: str, *, sample: int, limit: int) -> Iterator[str]:
    """The false mutants of a derivation's steps that are accepted, ``sample`` of each step tried."""
    statements = {step.id: step.statement for step in audited(name).derivation.steps}
    for step in audited(name).derivation.steps:
        premises = [statements.get(r.name) or parse(AXIOMS[r.name]) for r in step.premises]
        tried = list(mutated_steps(step))
        for mutant in random.Random(0).sample(tried, min(sample, len(tried))):
            if accepts(mutant, premises) and refutes(mutant, limit=limit):
                yield f"{step.id}: {show(mutant.statement)}"


@pytest.mark.parametrize("name", NAMES)
def test_no_false_mutant_of_a_step_is_accepted(name: str) -> None:
    assert list(false_mutants(name, sample=10, limit=100)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_false_mutant_at_all_is_accepted(name: str) -> None:
    assert list(false_mutants(name, sample=10_000, limit=150)) == []


def test_mutants_are_many_and_many_are_false() -> None:
    steps = [step for name in NAMES for step in audited(name).derivation.steps]
    chosen = [mutant for step in steps for mutant in random.Random(1).sample(list(mutated_steps(step)), 2)]
    assert all(len(list(mutated_steps(step))) >= 20 for step in steps if step.given)
    assert sum(refutes(mutant, limit=100) for mutant in chosen if not free(mutant.statement)) > len(chosen) / 4
