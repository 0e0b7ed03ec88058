"""Explicit inequalities: the claims of ``claims/inequalities.jsonl``, certificates read again, and random ones."""

from __future__ import annotations

import copy
import json
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality_checker import Refused, check, number
from mpmath import mp, mpf  # type: ignore[import-untyped]

from supverify.calculus.grammar import parse
from supverify.calculus.statement import Term, Tree
from supverify.oracles.decision import Decision
from supverify.oracles.inequality.rule import decide_inequality

SECONDS = 8.0
DECIDED = 0.95
LINES = (Path(__file__).parent / "claims" / "inequalities.jsonl").read_text("utf-8").splitlines()
CLAIMS = [json.loads(line) for line in LINES]


def statement(claim: str) -> Tree:
    """``f >= g for integer m >= 17`` (or ``?``) as a statement."""
    body, domain = claim.rsplit(" for ", 1)
    return parse(f"forall {domain.replace('?', 'm0')}: {body}")


@cache
def decision(claim: str) -> tuple[Decision, float]:
    """The answer, and how long it took."""
    started = time.monotonic()
    answer = decide_inequality(statement(claim), seconds=SECONDS)
    return answer, time.monotonic() - started


def test_the_set_is_as_large_as_it_should_be() -> None:
    assert len({entry["claim"] for entry in CLAIMS}) == len(CLAIMS) >= 80
    assert sum(entry["verdict"] == "false" for entry in CLAIMS) >= len(CLAIMS) / 3
    assert all(entry["tail"] for entry in CLAIMS)


def test_no_answer_is_wrong_and_few_are_missing() -> None:
    missing = []
    for entry in CLAIMS:
        answer, seconds = decision(entry["claim"])
        assert seconds < SECONDS + 1, entry
        if answer.verdict == "undecided":
            missing.append(entry["id"])
            continue
        assert answer.verdict == entry["verdict"], entry
        assert entry["m0"] is None or answer.m0 == entry["m0"], entry
        assert answer.oracles == {"arb", "tail"}
    assert len(missing) <= (1 - DECIDED) * len(CLAIMS), missing


def values(relation: Tree, point: int | Fraction) -> list[Any]:
    assert isinstance(relation, Term)
    place = mpf(Fraction(point).numerator) / Fraction(point).denominator
    return [number(side, dict.fromkeys("mx", place)) for side in relation.arguments]


def truth(relation: Tree, point: int | Fraction) -> bool:
    """At one point, by digits: equal where all but ten agree."""
    with mp.workdps(30):
        sizes = [abs(value) for value in values(relation, point)]
        digits = max([int(mp.log10(size)) for size in sizes if size > 1], default=0)
    with mp.workdps(80 + 3 * len(str(point)) + min(digits, 10**5)):
        left, right = values(relation, point)
        gap = left - right
        tie = abs(gap) <= max(abs(left), abs(right)) * mpf(10) ** (10 - mp.dps)
        assert isinstance(relation, Term)
        return len(relation.head) == 2 if tie else bool(gap > 0) is (relation.head in (">=", ">"))


@pytest.mark.parametrize("entry", CLAIMS[::3], ids=lambda entry: entry["id"])
def test_the_set_itself_is_right_where_digits_show_it(entry: dict[str, Any]) -> None:
    body, domain = entry["claim"].rsplit(" for ", 1)
    relation, start = parse(body), domain.split()[-1]
    m0 = entry["m0"] if entry["m0"] is not None else None if start == "?" else Fraction(start)
    far = range(3) if "2^(2^" in body or m0 is None or m0 > 10**7 else range(60)
    if entry["verdict"] == "true" and m0 is not None:
        assert all(truth(relation, m0 + i) for i in far)
        if start == "?" and m0 > 1:
            assert not truth(relation, m0 - 1)
    elif m0 is not None and "log2(m)^50" not in body:
        answer, _ = decision(entry["claim"])
        at = answer.certificate["counterexample"]["at"]
        assert Fraction(at) >= m0
        assert not truth(relation, Fraction(at))


# The certificates, read by a program that shares nothing with the search

TRUE = [entry for entry in CLAIMS if entry["verdict"] == "true"]


def read_again(entry: dict[str, Any], certificate: dict[str, Any]) -> None:
    body, domain = entry["claim"].rsplit(" for ", 1)
    given = "?" not in domain and "real" not in domain
    check(certificate, body, entry["m0"] if given else None)


def certificate_of(entry: dict[str, Any]) -> dict[str, Any]:
    """As it would be read from a file."""
    return dict(json.loads(json.dumps(decision(entry["claim"])[0].certificate)))


@pytest.mark.slow
@pytest.mark.parametrize("entry", TRUE, ids=lambda entry: entry["id"])
def test_certificates_are_accepted(entry: dict[str, Any]) -> None:
    read_again(entry, certificate_of(entry))


def mutants(certificate: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The certificate with one thing wrong."""

    def changed(name: str, change: Any) -> tuple[str, dict[str, Any]]:
        copied = copy.deepcopy(certificate)
        change(copied)
        return name, copied

    yield changed("claim", lambda c: c.update(claim="2^m >= m"))
    if certificate["fails"]:
        yield changed("later failure", lambda c: c["fails"].update(at=c["fails"]["at"] + 1))
        yield changed("wrong side", lambda c: c["fails"].update(left=["-1", "-0.5"]))
    if len(certificate["range"]) > 1:
        yield changed("a block is missing", lambda c: c["range"].pop(0 if certificate["fails"] else 1))
    if certificate["range"] and certificate["fails"]:
        low = certificate["range"][0]["from"]
        yield changed("a block from too early on", lambda c: c["range"][0].update({"from": low - 1}))
    tail = certificate["tail"]
    if tail["terms"]:
        yield changed("another coefficient", lambda c: c["tail"]["terms"][0].update(coefficient="1234567/1000"))
        yield changed("the first term left out", lambda c: c["tail"]["terms"].pop(0))
        yield changed("another sign", lambda c: c["tail"].update(sign=-1))
        yield changed("too much left", lambda c: c["tail"].update(share="1e9"))
        yield changed("a later tail", lambda c: c["tail"].update({"from": 2 * tail["from"]}))
    for j, entry in enumerate(tail["terms"]):
        if "against" in entry:
            yield changed("against nothing", lambda c, j=j: c["tail"]["terms"][j].pop("against"))
            yield changed("a smaller ratio", lambda c, j=j: c["tail"]["terms"][j].update(ratio="1e-99"))


def refused(entry: dict[str, Any], certificate: dict[str, Any]) -> bool:
    try:
        read_again(entry, certificate)
    except (Refused, KeyError):
        return True
    return False


@pytest.mark.parametrize("place", [0, 1, 2, 6, 11, 17, 30, 43])
def test_mutated_certificates_are_refused(place: int) -> None:
    entry = TRUE[place]
    certificate = certificate_of(entry)
    read_again(entry, certificate)
    seen = 0
    for name, mutant in mutants(certificate):
        if name == "a later tail" and not certificate["range"] and certificate["fails"] is None:
            continue  # then the start is not in the certificate
        seen += 1
        assert refused(entry, mutant), f"{name} is accepted"
    assert seen >= 5


# Random ones, against digits

LEAVES = st.sampled_from(["m", "ln(m + 1)", "sqrt(m)", "2", "3", "1/2", "10", "m^2", "log2(m!)", "2^m", "m^1.5", "e"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from("++-**/"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
    single = st.tuples(st.sampled_from(["sqrt", "ln", "floor"]), inner).map(lambda t: f"{t[0]}(({t[1]})^2 + 1)")
    return st.one_of(binary, single)


SIDES = st.recursive(LEAVES, _compound, max_leaves=4)


@settings(max_examples=50, deadline=None)
@given(SIDES, SIDES, st.sampled_from([">=", "<=", ">", "<"]))
def test_random_inequalities_against_digits(left: str, right: str, relation: str) -> None:
    tree = parse(f"{left} {relation} {right}")
    answer = decide_inequality(statement(f"{left} {relation} {right} for integer m >= ?"), seconds=1)
    if answer.verdict == "true":
        assert answer.m0 is not None
        points = [*range(answer.m0, answer.m0 + 12), *(answer.m0 + 7**k for k in range(2, 6))]
        assert all(truth(tree, point) for point in points)
        if answer.m0 > 1 and answer.certificate.get("fails", {}).get("left"):
            assert not truth(tree, answer.m0 - 1)
    elif answer.verdict == "false" and "cases" not in answer.certificate:
        start = int(answer.certificate["tail"]["from"])
        assert not any(truth(tree, start + 5**k) for k in range(5))


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("ln(x) <= x/e for real x >= 1", "is not decided"),
        ("ln(ln(m)) <= m for integer m >= 1", "no value at m = 1"),
        ("2^m*n >= m for integer m >= 1, n >= 1", "one variable"),
        ("m! != m for integer m >= 3", "no inequality"),
        ("log2(m!) >= 0.9999*m*log2(m) for integer m >= ?", "too long to find"),
        ("2^(sqrt(log2(m))) >= log2(m)^50 for integer m >= ?", "too long to find"),
        ("2^m >= m for integer m >= 1, m^2 >= 4", "no bound"),
        ("sum(i=1..m, sqrt(i)) >= m for integer m >= ?", "no closed form"),
        ("m^0.5 >= x for real x >= 4", "one variable"),
    ],
)
def test_what_is_not_decided_says_what_is_missing(claim: str, missing: str) -> None:
    answer, _ = decision(claim)
    assert answer.verdict == "undecided"
    assert missing in answer.reason


def test_points_without_a_value_end_the_search() -> None:
    assert decision("ln(ln(m)) <= m for integer m >= ?")[0].m0 == 2
    answer, _ = decision("log2((m - 10)!) >= 0.5*log2(m!) for integer m >= ?")
    assert answer.m0 == 26


@pytest.mark.parametrize(
    ("claim", "m0"),
    [
        ("gamma(m) >= 2^m for integer m >= ?", 6),  # 5! = 120 >= 64, 4! = 24 < 32
        ("loggamma(m) >= m for integer m >= ?", 8),  # ln 5040 = 8.53, ln 720 = 6.58
        ("subfactorial(m) >= 2^m for integer m >= ?", 5),  # 44 >= 32, 9 < 16
        ("harmonic(m) >= ln(m) + EulerGamma for integer m >= ?", 1),
        ("digamma(m) <= ln(m) for integer m >= ?", 1),
        ("atan(m) >= 1.5 for integer m >= ?", 15),  # tan 1.5 = 14.1
        ("m + sin(m) >= 100 for integer m >= ?", 101),  # sin 100 < 0 < sin 101
        ("LambertW(m) >= 2 for integer m >= ?", 15),  # 2 e^2 = 14.78
        ("LambertW(m) <= ln(m) for integer m >= ?", 3),
        ("sum(i=1..m, i) = m*(m + 1)/2 for integer m >= ?", 1),
        ("m! + m >= m! + 5 for integer m >= ?", 5),
        ("ln(ln(m)) + m >= ln(ln(m)) + 3 for integer m >= ?", 3),
        ("ln(ln(m)) + m >= ln(ln(m)) for integer m >= ?", 1),  # every term denotes, whatever ln(0) is
        ("2^m + floor(m/2) >= 2^m + m/2 - 1/2 for integer m >= ?", 1),
        ("m^3 >= sqrt(100 + ln(ln(m + 3))) for integer m >= ?", 3),  # 27 >= 10.03 > 8
        ("2^m > m^2 and 3^m > m^3 for integer m >= ?", 5),
    ],
)
def test_further_functions(claim: str, m0: int) -> None:
    answer, _ = decision(claim)
    assert (answer.verdict, answer.m0) == ("true", m0)


def test_integers_functions_have_no_values_between_them() -> None:
    assert decision("binom(x, 2) >= 0 for real x >= 2")[0].reason == "a function of integers, over the reals"


def test_time_is_kept() -> None:
    started = time.monotonic()
    answer = decide_inequality(statement("m^0.01 >= ln(m) for integer m >= ?"), seconds=0.0)
    assert (answer.verdict, answer.reason) == ("undecided", "the time is up")
    assert time.monotonic() - started < 1


def test_without_flint_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    answer = decide_inequality(statement("2^m >= m for integer m >= 1"))
    assert (answer.verdict, answer.reason) == ("undecided", "python-flint is not installed (extra: arb)")
