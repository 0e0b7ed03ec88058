"""The claims of the four documents: what stands, what falls, and contradictions found without being told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from supverify.kernel.errors import Malformed
from supverify.oracles import audit_sources
from supverify.oracles.sources import Sources, read_claims

CLAIMS = Path(__file__).resolve().parent.parent / "proofs" / "claims.toml"
ORIGINALS = CLAIMS.parent.parent.parent / "shared" / "sources"  # beside a checkout, not part of the project


@cache
def judged() -> Sources:
    """The project's own file."""
    return audit_sources(CLAIMS)


def standing(name: str) -> str:
    return next(finding.standing for finding in judged().findings if finding.claim.id == name)


def test_every_document_is_there_and_every_lower_bound_is_proved() -> None:
    claims = [finding.claim for finding in judged().findings]
    assert {claim.source[:3] for claim in claims} == {"000", "001", "002", "003"}
    for finding in judged().findings:
        if finding.claim.derivation:
            assert finding.standing == "proved"
    needed = [claim.id for claim in claims if claim.side == "at least" and not claim.id.startswith("001")]
    assert [standing(name) for name in needed] == ["proved"] * len(needed)


def test_the_summary_that_lost_its_logarithms_is_caught() -> None:
    found = {(c.first, c.second) for c in judged().conflicts if c.kind == "contradiction"}
    assert ("001-neurons-needed", "000-neurons-enough") in found
    assert ("001-capacity", "000-neurons-enough") in found
    assert ("000-parameters-needed", "001-parameters-enough") in found
    assert standing("001-parameters-enough") == "refuted"
    assert all(any(name.startswith("001") for name in pair) for pair in found)  # the other three agree


def test_the_article_states_its_construction_in_two_ways() -> None:
    found = {(c.first, c.second) for c in judged().conflicts if c.kind == "difference"}
    assert ("002-neurons-enough-first", "002-neurons-enough") in found
    assert ("000-neurons-enough", "002-neurons-enough-first") in found
    assert standing("002-neurons-enough-first") == "open"
    assert standing("002-permutation-bits") == "proved"
    assert standing("002-permutation-bits-natural") == "refuted"


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the documents are not part of the project")
def test_the_sources_are_named_by_their_files() -> None:
    assert {claim.source for claim in read_claims(CLAIMS)} == {path.name for path in ORIGINALS.glob("*.txt")}


CLAIM = """[[claim]]
id = "a"
source = "s"
place = "p"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "claims.toml"
    path.write_text(text)
    return path


def test_agreeing_claims_have_no_conflict(tmp_path: Path) -> None:
    needed = CLAIM + 'quantity = "neurons"\nside = "at least"\ngrowth = "sqrt(m)"\n'
    enough = needed.replace('"a"', '"b"').replace("at least", "at most").replace("sqrt(m)", "7*sqrt(m) + ln(m)")
    found = audit_sources(written(tmp_path, needed + enough))
    assert found.conflicts == ()
    assert [finding.standing for finding in found.findings] == ["open", "open"]
    smaller = enough.replace("7*sqrt(m) + ln(m)", "sqrt(m)/ln(m)")
    (conflict,) = audit_sources(written(tmp_path, needed + smaller)).conflicts
    assert (conflict.kind, conflict.first, conflict.second) == ("contradiction", "a", "b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "tables [[claim]]"),
        ("x = 1", "tables [[claim]]"),
        ("[[claim]", "a TOML file"),
        (CLAIM + CLAIM, "each id once"),
        (CLAIM.replace("place", "spot"), "id, source, place"),
        (CLAIM + "hypotheses = [1]", "a list of texts"),
        (CLAIM + 'side = "above"', "at least or at most"),
        (CLAIM + 'growth = "m"', "growth with quantity and side"),
        (CLAIM + 'quantity = "neurons"\nside = "at most"\ngrowth = "n"', "an expression in m"),
        (CLAIM + 'quantity = "neurons"\nside = "at most"\ngrowth = "__import__"', "an expression in m"),
        (CLAIM + 'derivation = "none"\nrestated = ["1 >= 0"]', "a readable UTF-8 file"),
        (CLAIM + 'derivation = "none"', "derivation with restated"),
    ],
)
def test_malformed_files_get_one_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(Malformed, match=r"expected") as caught:
        audit_sources(written(tmp_path, text))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def bound(name: str, quantity: str, side: str, growth: str) -> str:
    lines = (f'quantity = "{quantity}"', f'side = "{side}"', f'growth = "{growth}"', "")
    return CLAIM.replace('"a"', f'"{name}"') + "\n".join(lines)


@pytest.mark.parametrize(
    ("there", "other", "contradicts"),
    [
        ("n^2", ("capacity", "at most", "n^2/log2(n)"), True),
        ("n^2/log2(n)^2", ("capacity", "at most", "n^2/log2(n)"), False),
        ("n^2", ("neurons", "at least", "sqrt(m*log2(m))"), True),
        ("n^2/log2(n)", ("neurons", "at least", "sqrt(m*log2(m))"), False),
        ("n^2", ("neurons", "at most", "sqrt(m)"), False),
    ],
)
def test_a_capacity_that_is_there_is_compared(
    tmp_path: Path, there: str, other: tuple[str, str, str], contradicts: bool
) -> None:
    claims = bound("a", "capacity", "at least", there), bound("b", *other)
    for text in ("".join(claims), "".join(reversed(claims))):
        conflicts = audit_sources(written(tmp_path, text)).conflicts
        assert [conflict.kind for conflict in conflicts] == ["contradiction"] * contradicts


@pytest.mark.parametrize(("growth", "standing"), [("m*ln(m)", "proved"), ("m", "open"), ("m^2", "open")])
def test_a_derivation_proves_no_growth_that_it_does_not_state(tmp_path: Path, growth: str, standing: str) -> None:
    name = "factorial-repaired"
    (tmp_path / f"{name}.md").write_bytes((CLAIMS.parent.parent / "examples" / f"{name}.md").read_bytes())
    restated = f'derivation = "{name}"\nrestated = ["forall integer m >= 1: log2(m!) >= m*log2(m) - m*log2(e)"]\n'
    text = bound("a", "bits", "at least", growth) + restated
    (finding,) = audit_sources(written(tmp_path, text)).findings
    assert finding.standing == standing
    assert ("multiseries" in finding.oracles) is (standing == "proved")
    assert ("no side of what is restated" in finding.reason) is (standing == "open")


def test_claims_of_one_document_may_differ(tmp_path: Path) -> None:
    text = bound("a", "neurons", "at most", "m") + bound("b", "neurons", "at most", "m^2")
    (conflict,) = audit_sources(written(tmp_path, text)).conflicts
    assert conflict.kind == "difference"
