"""What a notebook shows of an audit: its verdict, its claims, and why a step fell; all of it escaped and closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from markup import Reader

from supverify.calculus.audit import audit
from supverify.oracles import audit_file, read_file, rules
from supverify.oracles.notebook import FileAudit

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROOFS = EXAMPLES.parent / "proofs"


def shown(result: FileAudit) -> Reader:
    return Reader(result._repr_html_())


def test_proof_names_its_claim_and_what_it_rests_on() -> None:
    page = shown(audit_file(EXAMPLES / "factorial-repaired.md"))
    assert "PROVED resting on the calculus alone" in page.text
    assert "forall integer m >= 1: log2(m!) >= m*log2(m) - m*log2(e)" in page.text
    assert page.seen["tr"] == page.text.count("ACCEPTED") == 3


def test_refusal_names_the_step_and_the_reason() -> None:
    page = shown(audit_file(EXAMPLES / "factorial-wrong.md"))
    assert "REJECTED step next is rejected" in page.text
    assert "PROVED" not in page.text
    for text in ("at: factorial-wrong.md:23, step next", "got: nothing known", "rests on next"):
        assert text in page.text


def test_hole_is_no_proof() -> None:
    page = shown(audit_file(PROOFS / "03-base-of-the-logarithm.md", permit=()))
    assert "HOLE" in page.text
    assert "UNKNOWN" in page.text
    assert "PROVED" not in page.text


def test_oracles_and_assumptions_are_named() -> None:
    assert "resting on arb" in shown(audit_file(PROOFS / "03-base-of-the-logarithm.md")).text
    result = audit_file(PROOFS / "06-neurons.md")
    assert result.assumptions
    assert all(f"assuming: {text}" in shown(result).text for text in result.assumptions)


@pytest.mark.parametrize("field", ["title", "id"])
def test_texts_are_escaped(field: str) -> None:
    result = audit_file(EXAMPLES / "factorial-wrong.md")
    odd = "<script>alert(1)</script>&"
    if field == "title":
        changed = replace(result, derivation=replace(result.derivation, title=odd), reason=odd)
    else:
        steps = tuple(replace(one, step=replace(one.step, id=odd, by=odd), got=odd) for one in result.results)
        changed = replace(result, results=steps)
    page = shown(changed)
    assert odd in page.text
    assert "script" not in page.seen


def test_the_audit_is_the_one_of_the_calculus() -> None:
    path = EXAMPLES / "factorial-wrong.md"
    assert vars(audit_file(path)) == vars(audit(read_file(path), rules()))
