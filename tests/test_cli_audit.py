"""The command line: derivations audited."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import ROOT, Shell, refused

CORPUS = ROOT / "tests" / "corpus"


def accepted(name: str) -> Path:
    return CORPUS / "accept" / f"{name}.md"


def rejected(name: str) -> Path:
    return CORPUS / "reject" / f"{name}.md"


def test_accepted_derivation(shell: Shell) -> None:
    run = shell("audit", accepted("z3-integers"))
    assert (run.code, run.err) == (0, "")
    assert "ACCEPTED  last: 2*m != 7  by z3.valid [z3]\n" in run.out
    assert run.out.splitlines()[-1] == "PROVED  steps: 1, resting on oracles: z3"
    answer = shell("audit", accepted("z3-integers"), "--json").answer
    assert (answer["status"], answer["oracles"]) == ("PROVED", ["z3"])
    assert [step["outcome"] for step in answer["steps"]] == ["ACCEPTED"]


def test_assumptions_are_listed(shell: Shell) -> None:
    run = shell("audit", accepted("cite-source"))
    assumptions = shell("audit", accepted("cite-source"), "--json").answer["assumptions"]
    assert run.out.splitlines()[-len(assumptions) :] == [f"assumes: {text}" for text in assumptions] != []


REFUSED = {
    "rejected": ("arithmetic-false", 1, "REJECTED"),
    "unknown rule": ("unknown-rule", 1, "REJECTED"),
    "blocked by a rejected step": ("blocked", 1, "REJECTED"),
    "not the claim": ("another-claim", 1, "REJECTED"),
    "hole": ("instances-undecided", 2, "HOLE"),
}


@pytest.mark.parametrize(("name", "code", "word"), REFUSED.values(), ids=REFUSED)
def test_refused_derivation(name: str, code: int, word: str, shell: Shell) -> None:
    run = shell("audit", rejected(name))
    assert (run.code, run.err) == (code, "")
    assert run.out.splitlines()[-1].startswith(word)
    answer = shell("audit", rejected(name), "--json")
    assert (answer.code, answer.answer["status"]) == (code, "UNKNOWN")


def test_refusal_shows_expected_and_got(shell: Shell) -> None:
    run = shell("audit", rejected("unknown-rule"))
    answer = shell("audit", rejected("unknown-rule"), "--json").answer
    assert (answer["judgement"], answer["status"]) == ("REJECTED", "UNKNOWN")  # a bad proof refutes nothing
    assert "    at: unknown-rule.md:" in run.out
    assert "    expected: a rule: arithmetic, " in run.out
    assert "    got: obvious\n" in run.out


def test_oracle_that_is_not_permitted_leaves_a_hole(shell: Shell) -> None:
    assert shell("audit", accepted("z3-integers"), "--permit", "sympy, z3").code == 0
    run = shell("audit", accepted("z3-integers"), "--permit", "sympy,arb")
    assert (run.code, "because: not permitted: z3" in run.out) == (2, True)
    assert shell("audit", accepted("z3-integers"), "--permit", "arb", "--json").answer["judgement"] == "HOLE"


@pytest.mark.parametrize("option", ["--permit", "--explain"])
def test_options_for_derivations_are_not_ignored_for_documents(option: str, shell: Shell) -> None:
    assert "claims.toml: expected a derivation, for --permit" in refused(shell("audit", "claims.toml", option, "z3"))


def test_one_step_explained(shell: Shell) -> None:
    run = shell("audit", rejected("unknown-rule"), "--explain", "last")
    assert run.code == 1
    assert run.out.startswith("REJECTED  last\n")
    assert "says: 2 > 1\nby: obvious\n" in run.out
    answer = shell("audit", rejected("unknown-rule"), "--explain", "last", "--json").answer
    assert (answer["name"], answer["outcome"]) == ("last", "REJECTED")
    assert "--explain: expected a step: last, got first" in refused(
        shell("audit", rejected("unknown-rule"), "--explain", "first")
    )


@pytest.mark.parametrize("path", sorted((CORPUS / "malformed").glob("*.md")), ids=lambda path: path.stem)
def test_malformed_derivation_is_one_line(path: Path, shell: Shell) -> None:
    assert ": expected " in refused(shell("audit", path))


def derivation(says: str) -> str:
    header = '```derivation\nid = "a"\ntitle = "A"\nclaims = ["1 = 1"]\nestablishes = ["last"]\n```\n'
    return f'{header}\n```step\nid = "last"\nsays = "{says}"\nby = "arithmetic"\n```\n'


def test_code_is_not_an_expression(shell: Shell) -> None:
    shell.write("a.md", derivation("__import__('os').system('touch x') = 1"))
    assert "a.md" in refused(shell("audit", "a.md"))
    shell.write("a.md", derivation("9**9**9 > 1"))
    assert "a.md:8, step last, says, column 2: expected a power of at most" in refused(shell("audit", "a.md"))
    shell.write("a.md", derivation("(4 + 5)**9**9 > 1"))
    assert shell("audit", "a.md").code == 2
    assert "x" not in shell.names()
