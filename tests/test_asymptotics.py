"""Growth and limits: the labelled claims, their labels in numbers, random claims of known truth, what stays open."""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plausible import heads, objection

from supverify.calculus.grammar import parse
from supverify.calculus.statement import FUNCTIONS
from supverify.oracles.answer import answer
from supverify.oracles.growth import circular, elementary, special
from supverify.oracles.growth.constants import enclosure, sign
from supverify.oracles.growth.decide import decide_growth
from supverify.oracles.growth.expansion import lead
from supverify.oracles.growth.scale import Scale
from supverify.oracles.growth.terms import ONE, Sum, Undecided, is_zero, number
from supverify.oracles.growth.text import show
from supverify.oracles.growth.translate import as_sum
from supverify.oracles.question import read_question

LINES = (Path(__file__).parent / "claims" / "asymptotics.jsonl").read_text("utf-8").splitlines()
CLAIMS: list[dict[str, Any]] = [json.loads(line) for line in LINES]

# Where the numbers point the wrong way at all places that are evaluated, or show nothing, and why the label holds.
MISLEADING = {
    "ln(m)^50 = o(2^sqrt(log2(m)))": "turns where sqrt(log2 m) = 50 log2 ln m, near 10^280000",
    "ln(m)^50 = omega(2^sqrt(log2(m)))": "the same",
    "exp(sqrt(ln(m))) = o(m^0.001)": "turns where ln m = 10^6",
    "exp(sqrt(ln(m))) = Omega(m^0.001)": "the same",
    "exp(sqrt(ln(m))) = omega(ln(m)^100)": "turns where sqrt(ln m) = 100 ln ln m",
    "ln(m)^ln(m) = omega(m^10)": "turns where ln ln m = 10",
    "ln(m)^ln(m) = O(m^10)": "the same",
    "ln(ln(m))^100 = Omega(ln(m)^0.01)": "turns where ln ln m = 10^4 ln ln ln m",
    "2^(2^m) = omega(2^(m^100))": "turns where m = 100 log2 m, between the places",
    "2^(2^m) = O(2^(m^100))": "the same",
    "exp(pi*sqrt(163))*m = o(262537412640768744*m^1.0000001)": "m^0.0000001",
    "exp(pi*sqrt(163))*m ~ 262537412640768744*m": "the ratio differs from 1 by 3e-30",
    "m - floor(sqrt(m))^2 = O(1)": "a few integers show no trend",
    "m - floor(sqrt(m))^2 = Omega(sqrt(m))": "squares are rare",
    "limit(ln(x)^2*exp(sqrt(ln(x))*ln(ln(x))^2*exp(sqrt(ln(ln(x)))*ln(ln(ln(x)))^3))/sqrt(x), x -> oo) = 0": (
        "exp(sqrt(ln ln x) (ln ln ln x)^3) is less than any power of ln x, but not before"
    ),
    "limit(exp(ln(ln(x+exp(ln(x)*ln(ln(x)))))/ln(ln(ln(exp(x)+x+ln(x))))), x -> oo) = e": (
        "the difference is like e ln ln ln x/ln ln x"
    ),
    "LambertW(LambertW(m)) ~ ln(ln(m))": "the ratio is like 1 - ln ln ln m/ln ln m",
    "sin(pi*m) = O(1/m) for integer m": "exactly 0, which no approximation of pi shows",
}

# Sizes of families, which the rule counting.family writes as factorials and binomials first.
FAMILIES = {"permutations", "descriptions", "labelled_ands", "unlabelled_ands", "hamming_ball", "failure_chance"}


def test_the_set_is_what_it_should_be() -> None:
    assert len(CLAIMS) >= 300
    assert len({claim["claim"] for claim in CLAIMS}) == len(CLAIMS)
    assert sum(claim["verdict"] == "false" for claim in CLAIMS) >= len(CLAIMS) / 3
    assert all(claim["why"] for claim in CLAIMS)
    used = frozenset[str]().union(*(heads(read_question(claim["claim"]).statement) for claim in CLAIMS))
    assert {head for head, _ in FUNCTIONS.values()} <= used | FAMILIES
    assert {"O", "o", "Omega", "omega", "Theta", "~", "limit", "pi", "e", "EulerGamma"} <= used


def test_no_answer_is_wrong_and_nearly_all_are_given_in_time() -> None:
    wrong, open_, late = [], [], []
    for claim in CLAIMS:
        started = time.monotonic()
        found = answer(claim["claim"])
        if time.monotonic() - started > 8:
            late.append(claim["claim"])
        if found.verdict == "undecided":
            open_.append(claim["claim"])
        elif found.verdict != claim["verdict"]:
            wrong.append((claim["claim"], found.reason))
        assert found.reason
        json.dumps(dict(found.certificate))
    assert wrong == []
    assert late == []
    assert len(open_) <= 0.05 * len(CLAIMS), open_


@pytest.mark.slow
def test_labels_are_plausible_in_numbers() -> None:
    said = {claim["claim"]: objection(claim["claim"], claim["verdict"] == "true") for claim in CLAIMS}
    objected = {claim for claim, word in said.items() if word not in (None, "silent")}
    assert objected <= set(MISLEADING), {claim: said[claim] for claim in objected - set(MISLEADING)}
    assert sum(word == "silent" for word in said.values()) <= 0.15 * len(CLAIMS)


# Wrong labels would be seen: a mutated label of a claim about which the numbers speak is objected to.
def test_a_wrong_label_is_objected_to() -> None:
    told = ["log2(m!) = O(m)", "m^2 = o(m^3)", "(1+1/m)^m ~ e", "harmonic(m) - ln(m) = Theta(1)"]
    for claim, truth in zip(told, (False, True, True, True), strict=True):
        assert objection(claim, truth) is None
        assert objection(claim, not truth) not in (None, "silent")


# Random claims whose truth is known: products of powers of a scale, written in another way

SCALE = ("ln(ln(m))", "ln(m)", "exp(sqrt(ln(m)))", "m", "exp(m)", "m^m")  # each faster than all powers of the last
POWERS = st.lists(st.integers(-2, 2), min_size=len(SCALE), max_size=len(SCALE))
DISGUISES = ("({0})", "exp(ln({0}))", "sqrt(({0})^2)", "(({0}) + 1/m - 1/m)", "1/(1/({0}))", "({0})*(1 + 1/ln(m))")


def written(powers: list[int], disguises: list[int]) -> str:
    factors = [f"({base})^({power})" for base, power in zip(SCALE, powers, strict=True)]
    text = "*".join(factors)
    for choice in disguises:
        text = DISGUISES[choice].format(text)
    return text


@settings(max_examples=60, deadline=None)
@given(
    POWERS,
    POWERS,
    st.lists(st.integers(0, len(DISGUISES) - 1), max_size=2),
    st.sampled_from(["O", "o", "Omega", "omega", "Theta"]),
)
def test_random_claims(f: list[int], g: list[int], disguises: list[int], head: str) -> None:
    faster = next((a - b for a, b in zip(reversed(f), reversed(g), strict=True) if a != b), 0)
    expected = {
        "O": faster <= 0,
        "o": faster < 0,
        "Omega": faster >= 0,
        "omega": faster > 0,
        "Theta": faster == 0,
    }[head]
    found = answer(f"{written(f, disguises)} = {head}({written(g, [])}) as m -> oo")
    assert found.verdict == ("true" if expected else "false")


@settings(max_examples=40, deadline=None)
@given(st.fractions(-3, 3, max_denominator=4), st.fractions(-3, 3, max_denominator=4), st.integers(1, 4))
def test_random_limits(a: Fraction, b: Fraction, k: int) -> None:
    """((m^k + a m^(k-1))^(1/k) - m) tends to a/k."""
    wanted = a / k
    for value, verdict in ((wanted, "true"), (wanted + 1 + abs(b), "false")):
        found = answer(f"limit((m^{k} + ({a})*m^({k}-1))^(1/{k}) - m, m -> oo) = {value}")
        assert found.verdict == verdict


# Identities: what is equal is seen to be, by exact algebra

EQUAL = [
    ("gamma(m+3)", "(m+2)*(m+1)*m*gamma(m)"),
    ("ln(6*m^2)", "ln(2) + ln(3) + 2*ln(m)"),
    ("sqrt(8*m)", "2*sqrt(2)*sqrt(m)"),
    ("1/(m+1) + 1/(m-1)", "2*m/(m^2-1)"),
    ("exp(2*ln(m) + m)", "m^2*exp(m)"),
    ("LambertW(m)*exp(LambertW(m))", "m"),
    ("ln(LambertW(m))", "ln(m) - LambertW(m)"),
    ("sin(m)^2", "1 - cos(m)^2"),
    ("2^m*3^m", "6^m"),
    ("(1 + sqrt(2))*(sqrt(2) - 1)", "1"),
    ("log2(m)*ln(2)", "log10(m)*ln(10)"),
    ("harmonic(m+1)", "harmonic(m) + 1/(m+1)"),
    ("binom(m, 3)", "m*(m-1)*(m-2)/6"),
    ("atan(m)", "pi/2 - atan(1/m)"),
    ("exp(exp(m) + m)", "exp(m)*exp(exp(m))"),
    ("m^(1/ln(m))", "e"),
]


@pytest.mark.parametrize(("one", "two"), EQUAL)
def test_equal_expressions_cancel(one: str, two: str) -> None:
    scale = Scale("m", integer=True)
    gap = as_sum(parse(f"({one}) - ({two})"), scale)
    assert lead(scale, gap) is None
    assert decide_growth(parse(f"({one}) - ({two}) = O(exp(-m^9)) as m -> oo")).verdict == "true"


@pytest.mark.parametrize(("one", "two"), EQUAL)
def test_nearly_equal_expressions_do_not(one: str, two: str) -> None:
    statement = parse(f"({one}) - ({two}) + exp(-m^2) = O(exp(-m^3)) as m -> oo")
    assert decide_growth(statement).verdict == "false"


# What is left open, and that it says why

OPEN = {
    "m^2*sin(m) = Omega(m)": "infinitely often",  # an irrationality measure of pi is unknown
    "n^k = O(2^n) as n -> oo": "k not tied to n",
    "sum(i=1..m, 1/i) = O(ln(m))": "sum(...) is not treated",
    "m = O(ln(1 - m))": "negative",
}


@pytest.mark.parametrize(("claim", "why"), OPEN.items())
def test_what_is_open_says_why(claim: str, why: str) -> None:
    found = answer(claim)
    assert found.verdict == "undecided"
    assert why in found.reason
    assert found.oracles == frozenset()


NESTED = (
    ("sqrt(3+2*sqrt(2))", "1+sqrt(2)"),
    ("sqrt(5+2*sqrt(6))", "sqrt(2)+sqrt(3)"),
    ("(7+5*sqrt(2))^(1/3)", "1+sqrt(2)"),
)


@pytest.mark.parametrize(("one", "two"), NESTED)
def test_nested_roots_are_told_apart_by_a_separation_bound(one: str, two: str) -> None:
    assert answer(f"({one} - ({two}))*m = o(1)").verdict == "true"
    assert answer(f"({one} - ({two}) + 10^-60)*m = Theta(m)").verdict == "true"


def test_a_constant_that_cannot_be_told_from_0_is_named() -> None:
    found = answer("(exp(ln(2)*ln(3)) - 3^ln(2) + gamma(1/3)*gamma(2/3) - 2*pi/sqrt(3))*m = O(1)")
    assert found.verdict == "undecided"
    assert "the sign of gamma(1/3)" in found.reason


def test_without_flint_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    found = answer("m = O(m^2)")
    assert (found.verdict, "python-flint is not installed" in found.reason) == ("undecided", True)


# What is monotone in an oscillation is decided at its ends; what is not, is not

ENDS = [
    ("m^(-sin(m)) = O(m)", "true"),
    ("m^(-sin(m)) = o(m)", "undecided"),
    ("m^(2+sin(m)) = Omega(m)", "true"),
    ("m^(2+sin(m)) = Omega(m^2)", "false"),
    ("(2+cos(m))^m = Omega(1)", "true"),
    ("1/(2+cos(m))^m = O(1)", "true"),
    ("(1/2)^(m*sin(m)) = O(2^m)", "true"),
    ("(1/2)^(m*sin(m)) = O(m)", "false"),
    ("m^sin(m^2) = O(m^(1/2))", "false"),
    ("m^(sin(m)*(1-sin(m))) = O(m^0.3)", "true"),  # t (1 - t) <= 1/4
    ("m^(sin(m)*(1-sin(m))) = O(m^0.2)", "undecided"),
    ("(2+sin(m))^(m*(2-sin(m))) = O(9^m)", "undecided"),
    ("gamma(2+sin(m))^m = O(2^m)", "undecided"),
    ("m^(sin(m) + cos(m)) = O(m^2)", "undecided"),
    ("m^sin(sin(m)) = O(m^(7/10))", "undecided"),
]


@pytest.mark.parametrize(("claim", "verdict"), ENDS)
def test_oscillating_exponents(claim: str, verdict: str) -> None:
    assert answer(claim).verdict == verdict


# Where an oscillation only touches 0, or is 0 everywhere, what is slower decides

TOUCHING = [
    ("x*(1+sin(x)) + 1 = Omega(1) as x -> oo", "true"),
    ("x^2*(1+sin(x)) + x = omega(1) as x -> oo", "true"),
    ("x*cos(x)^2 + 2 = Omega(1) as x -> oo", "true"),
    ("x*(x-floor(x)) + 1 = Omega(1) as x -> oo", "true"),
    ("x*abs(sin(x)) + x^0.5 = Omega(sqrt(x)) as x -> oo", "true"),
    ("x^2*sin(pi*x) + x*(1-2*(floor(x)-2*floor(x/2))) = Omega(x) as x -> oo", "true"),  # jumps over 0
    ("x^2*sin(pi*x) + x*cos(pi*floor(x)) = Omega(x) as x -> oo", "true"),  # so does this, inside a cosine
    ("x^2*sin(x) + x = Omega(1) as x -> oo", "false"),
    ("0 = Omega(floor(floor(x/2))-floor(x/2)) as x -> oo", "true"),
    ("0 = Theta(floor(floor(x)+1/2)-floor(x)) as x -> oo", "true"),
    ("0 = Omega(sin(2*x) - 2*sin(x)*cos(x)) as x -> oo", "true"),
    ("0 = Omega(x*sin(x)) as x -> oo", "false"),
    ("0 = Theta(2+sin(x)) as x -> oo", "false"),
]


@pytest.mark.parametrize(("claim", "truth"), TOUCHING)
def test_oscillations_that_touch_zero_refute_nothing(claim: str, truth: str) -> None:
    assert answer(claim).verdict in ({"true", "undecided"} if truth == "true" else {"false"})


# Certificates


def test_certificate_of_a_refutation() -> None:
    found = answer("log2(m!) - m*log2(m) + m*log2(e) = O(1)")
    assert found.verdict == "false"
    assert found.certificate["scale"] == ["exp(m*ln(m))", "exp(m)", "m", "ln(m)"]
    assert found.certificate["f"][0] == found.certificate["ratio"] == "(1/2)*ln(2)^(-1)*ln(m)"
    assert found.certificate["log10 |f/g|"] == {"10^10": "1.25371", "10^100": "2.22381", "10^1000": "3.22071"}
    assert found.oracles == {"arb", "multiseries"}


def test_misleading_numbers_stand_beside_the_right_answer() -> None:
    found = answer("ln(m)^50 = omega(2^sqrt(log2(m)))")
    assert found.verdict == "false"
    assert [float(found.certificate["log10 |f/g|"][f"10^{k}"]) > 0 for k in (10, 100, 1000)] == [True] * 3


def test_reading_is_said_where_it_matters() -> None:
    assert answer("limit(x - floor(x), x -> oo) = 0").certificate["over"] == "real x"
    assert answer("limit(x - floor(x), x -> oo) = 0").certificate["over integer"] == "true"
    assert answer("limit(n - floor(n), n -> oo) = 0").verdict == "true"
    assert "over" not in answer("n! = O(n^n)").certificate


# Parts


def scale_of_m() -> tuple[Scale, Sum]:
    scale = Scale("m", integer=True)
    return scale, scale.main


def test_constants_have_signs() -> None:
    scale, _ = scale_of_m()
    two, pi = elementary.log(scale, number(2)), special.pi(scale)
    assert sign(two - number(Fraction(69314718, 10**8))) == 1
    assert sign(pi * pi - number(10)) == -1
    assert sign(elementary.exp(scale, two) - number(2)) == 0
    low, high = enclosure(circular.oscillation(scale, "sin", scale.main, -1, 1) + number(2))
    assert low > 0.99
    assert high < 3.01
    with pytest.raises(Undecided):
        sign(circular.oscillation(scale, "sin", scale.main, -1, 1))


def test_denominators_are_cleared() -> None:
    scale, m = scale_of_m()
    inverse = elementary.power(scale, m + ONE, Fraction(-1))
    assert is_zero(m * inverse + inverse - ONE)
    assert not is_zero(m * inverse + inverse - number(2))
    root = elementary.power(scale, m + ONE, Fraction(1, 2))
    assert is_zero(root * root - m - ONE)
    assert show(ONE) == "1"


def test_scale_is_ordered() -> None:
    scale, _ = scale_of_m()
    for text in ("exp(sqrt(ln(m)))", "m^m", "exp(m)", "ln(ln(m))", "exp(exp(m))", "m^ln(m)", "exp(ln(m)^(1/3))"):
        as_sum(parse(text), scale)
    logs = [lead(scale, scale.log_of(kernel)) for kernel in scale.order[1:]]
    assert all(a and b and scale.compare(a.powers, b.powers) < 0 for a, b in pairwise(logs))
