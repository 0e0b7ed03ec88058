"""The project's own derivations: what they establish, on what, and that false versions of every step are refused."""

from __future__ import annotations

import math
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest

from supverify.calculus.audit import Audit, Outcome
from supverify.calculus.statement import (
    show,
)
from supverify.kernel.verdict import Status
from supverify.oracles import audit_file
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
