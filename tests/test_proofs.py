"""The project's own derivations: what they establish, on what, and the modelling by counting."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations, product
from pathlib import Path

import pytest
from exponents import NOISES

from supverify.calculus.arithmetic import evaluate, literal
from supverify.calculus.audit import Audit, Outcome, audit
from supverify.calculus.derivation import read_derivation
from supverify.calculus.statement import Term, conditions, show, substitute
from supverify.kernel.verdict import Status
from supverify.oracles import audit_file, rules
from supverify.oracles.sources import read_claims
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
    "10-existence": (
        {"arb", "probability"},
        3,
        [
            "failure_chance(10000, 10000, 2, 10, 4940, 31, 15, 3) < 1",
            "failure_chance(1000000, 1000000, 2, 31, 53642, 38, 21, 3) < 1",
            "failure_chance(1000000, 1000000, 3, 31, 144503, 50, 21, 5) < 1",
            "10^4 <= 10000 and 11^4 > 10000 and 31^4 <= 1000000 and 32^4 > 1000000",
            "4940 < 10000 and 53642 < 1000000/18 and 144503 < 1000000/6",
            "49995000/(4940*4939*4938/6) < 1/400",
            "2*261*262 < log2(binom(10000*9999/2, 10000))",
        ],
    ),
    "11-exponents": (
        {"z3"},
        2,
        [
            "forall real light, heavy, a, 2*light - 1/2 <= 0, 1/2 - light - a <= 0, 1/2 - 2*a <= 0, "
            "2*a - 1/2 <= 0, light - a <= 0, light + a - 1/2 <= 0, heavy + a - 1 <= 0, 3/2 - 2*heavy <= 0: "
            "light = 1/4 and heavy = 3/4 and a = 1/4",
            "2*(1/4) - 1/2 <= 0 and 1/2 - 1/4 - 1/4 <= 0 and 1/2 - 2*(1/4) <= 0 and 2*(1/4) - 1/2 <= 0 and "
            "1/4 - 1/4 <= 0 and 1/4 + 1/4 - 1/2 <= 0 and 3/4 + 1/4 - 1 <= 0 and 3/2 - 2*(3/4) <= 0",
            "forall real light > 1/4: 2*light - 1/2 > 0",
            "forall real light < 1/4, a: not (1/2 - light - a <= 0 and 2*a - 1/2 <= 0)",
            "forall real heavy < 3/4: 3/2 - 2*heavy > 0",
            "forall real heavy > 3/4, a: not (heavy + a - 1 <= 0 and 1/2 - 2*a <= 0)",
            "not (forall real a: 1/2 - 1/5 - a <= 0)",
        ],
    ),
    "12-consistency": (
        {"arb", "multiseries", "tail"},
        0,
        [
            "sqrt(m)*log2(m) = o(sqrt(m*m)) as m -> oo",
            "m = o(m*log2(m)) as m -> oo",
            "sqrt(m)*log2(m) = o(m) as m -> oo",
            "n = o(n^2/log2(n)) as n -> oo",
            "sqrt(m*log2(m)) = o(sqrt(m)*log2(m)) as m -> oo",
            "m*log2(m) = o(m*log2(m)^2) as m -> oo",
            "m = O((sqrt(m)*log2(m))^2/log2(sqrt(m)*log2(m))) as m -> oo",
            "forall integer m >= 2: sqrt(m*m) >= sqrt(m*log2(m))",
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
    assert sum(not r.oracles for r in results) >= 0.75 * len(results)


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


def test_labelled_and_unlabelled_problems_by_counting() -> None:
    pairs = list(combinations(range(4), 2))
    for outputs in range(4):
        labelled, sets = list(permutations(pairs, outputs)), {frozenset(p) for p in permutations(pairs, outputs)}
        assert len(labelled) == math.perm(6, outputs)
        assert len(sets) == math.comb(6, outputs)


def test_exponents_are_those_of_the_construction() -> None:
    step = next(step for step in audited("11-exponents").derivation.steps if step.id == "only")
    exponents = [c.arguments[0] for c in conditions(step.given) if isinstance(c, Term)]
    for point in product((Fraction(0), Fraction(1, 4), Fraction(2, 3)), repeat=3):
        values = dict(zip(("light", "heavy", "a"), point, strict=True))
        at = {name: literal(number) for name, number in values.items()}
        stated = Counter(evaluate(substitute(exponent, at)) for exponent in exponents)
        assert stated == Counter(noise.at(values) for noise in NOISES)


def test_too_few_neurons_are_not_shown_to_do() -> None:
    text = (FOLDER / "10-existence.md").read_text()
    for size, bound in (("4940", "4600"), ("53642", "50000"), ("144503", "130000")):
        changed = read_derivation(text.replace(f"{size}, ", f"{bound}, "), "changed.md")
        outcomes = [r.outcome for r in audit(changed, rules()).results if f"{bound}," in show(r.step.says)]
        assert outcomes == [Outcome.HOLE]


def test_consistency_is_about_the_claims_of_the_documents() -> None:
    growths = {claim.growth for claim in read_claims(FOLDER / "claims.toml")}
    stated = " ".join(show(claim) for claim in audited("12-consistency").derivation.claims)
    assert {g for g in growths if g in stated} >= {"sqrt(m*m)", "sqrt(m)*log2(m)", "sqrt(m*log2(m))", "m*log2(m)^2"}


# Coq: the core of the lower bound a second time

COQ: dict[str, tuple[int, set[str]]] = {  # theorems whose assumptions are printed, and these assumptions
    "Descriptions": (3, set()),
    "Stirling": (
        1,
        {
            "ClassicalDedekindReals.sig_not_dec",
            "ClassicalDedekindReals.sig_forall_dec",
            "FunctionalExtensionality.functional_extensionality_dep",
            "Classical_Prop.classic",
        },
    ),
}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed; then make coq says so")
@pytest.mark.parametrize("name", COQ)
def test_coq_proves_the_core_again(name: str, tmp_path: Path) -> None:
    shutil.copy(FOLDER / "coq" / f"{name}.v", tmp_path)
    command = ["coqc", "-q", "-w", "none", f"{name}.v"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    axioms = set(re.findall(r"^([\w.]+)\s*:", done.stdout, re.MULTILINE)) - {"Axioms"}
    assert (len(re.findall("^(Closed under|Axioms:)", done.stdout, re.MULTILINE)), axioms) == COQ[name]


def test_without_coq_make_coq_says_so(tmp_path: Path) -> None:
    make, root = shutil.which("make"), FOLDER.parent
    assert make is not None
    tools = {"PATH": str(tmp_path), "SHELL": "/bin/sh"}
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run([make, "coq"], cwd=root, env=tools, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "not checked by Coq: coqc not found" in done.stderr
