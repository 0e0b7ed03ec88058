"""One question answered: growth and limits by multiseries, inequalities by their own procedure, numbers by balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calculus.statement import Tree, conjuncts, free, show, unquantify
from .decision import Answer, Decision, undecided
from .question import Question, read_question

SECONDS = 8.0


def answer(text: str, *, seconds: float = SECONDS) -> Decision:
    """The decision on the claim in ``text``; raises Malformed for a text that is no claim.

    ``seconds`` is passed to what keeps to it by itself; a hard limit needs a process (``supverify.batch``).
    """
    return decide(read_question(text), seconds=seconds)


def decide(question: Question, *, seconds: float = SECONDS) -> Decision:
    """The decision on a question that was read."""
    if question.form in ("growth", "limit"):
        from .growth.decide import decide_growth

        return decide_growth(question.statement, kind=question.kind, stated=question.kind_stated)
    context, body = unquantify(question.statement)
    if not context and not free(body):
        return _closed(body)
    from .inequality.rule import decide_inequality

    return decide_inequality(question.statement, seconds=seconds)


def _closed(body: Tree) -> Decision:
    """A statement without variables: exact arithmetic, else balls."""
    from .balls import compare

    try:
        found = [compare(part) for part in conjuncts(body)]
    except Exception as problem:  # noqa: BLE001 - whatever fails, fails to prove
        return undecided(f"{type(problem).__name__}: {problem}")
    if False not in found and None in found:
        return undecided("equal as far as balls can tell, or undefined")
    verdict: Answer = "false" if False in found else "true"
    return Decision(verdict=verdict, reason=f"{show(body)}, in numbers", oracles=frozenset(("arb",)))


def as_json(decision: Decision) -> dict[str, Any]:
    """What ``ask --json`` prints of a decision."""
    certificate: Mapping[str, Any] = decision.certificate
    return {
        "verdict": decision.verdict,
        "m0": decision.m0,
        "reason": decision.reason,
        "certificate": dict(certificate),
        "oracles": sorted(decision.oracles),
    }
