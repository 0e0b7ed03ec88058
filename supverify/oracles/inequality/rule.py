"""Explicit inequalities for all integers or reals from some m0 on: proved with the least m0, or a counterexample.

``inequality.tail`` is the rule for derivations, ``decide_inequality`` answers single questions. The certificate holds
what the answer rests on: the last point that fails, the blocks that were gone through and how, and the tail argument.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...calculus.arithmetic import evaluate
from ...calculus.audit import Accepted, Hole
from ...calculus.derivation import Step
from ...calculus.statement import (
    Term,
    Tree,
    Variable,
    conditions,
    conjuncts,
    declared,
    free,
    show,
    show_context,
    unquantify,
)
from ...kernel.errors import Rejected
from ..decision import Decision, undecided
from .cases import Case, cases_of
from .certificate import certificate_of, written
from .comparison import Comparison, Point
from .constants import Undecided
from .rewrite import whole_only
from .search import Found, early_counterexample, search

SECONDS = 20.0
TAGS = frozenset(("arb", "tail"))
FIRST = 1  # where the search for the least m0 ends


@dataclass(frozen=True)
class Domain:
    """Integers (``whole``) or reals from ``start`` to ``end``; no start: the least one is asked for."""

    variable: str
    whole: bool
    start: Point | None
    end: Point | None


def decide_inequality(statement: Tree, *, seconds: float = SECONDS) -> Decision:
    """``forall integer m >= m0: f >= g``, also <=, <, > and reals; without a number m0 the least one is found.

    True, false with a counterexample, or undecided with what was missing; never a guess. Raises nothing.
    """
    deadline = time.monotonic() + seconds
    try:
        import flint  # noqa: F401
    except ImportError:
        return undecided("python-flint is not installed (extra: arb)")
    try:
        context, body = unquantify(statement)
        domain = _domain(context, body)
        decisions = [_decide(part, domain, deadline) for part in _inequalities(body)]
    except Undecided as problem:
        return undecided(str(problem))
    except Exception as problem:  # noqa: BLE001 - whatever fails, fails to prove
        return undecided(f"{type(problem).__name__}: {problem}")
    return _together(decisions)


def _inequalities(body: Tree) -> Iterator[Tree]:
    """The parts of a conjunction, an equation as two of them."""
    for part in conjuncts(body):
        if isinstance(part, Term) and part.head == "=":
            yield from (Term(head, part.arguments) for head in (">=", "<="))
        else:
            yield part


def _together(decisions: Sequence[Decision]) -> Decision:
    """The answer to a conjunction."""
    worst = next((d for verdict in ("false", "undecided") for d in decisions if d.verdict == verdict), None)
    if worst is not None or len(decisions) == 1:
        return worst or decisions[0]
    starts = [d.m0 for d in decisions if d.m0 is not None]
    return Decision(
        verdict="true",
        m0=max(starts, default=None),
        certificate={"parts": [dict(d.certificate) for d in decisions]},
        reason="; ".join(d.reason for d in decisions),
        oracles=frozenset[str]().union(*(d.oracles for d in decisions)),
    )


def _domain(context: Sequence[Tree], body: Tree) -> Domain:
    """The range of the only variable; raises Undecided for anything else."""
    kinds = declared(context)
    names = sorted({*kinds, *free(body)})
    if len(names) != 1:
        raise Undecided(f"one variable is needed, not {', '.join(names) or 'none'}")
    name, start, end = names[0], None, None
    whole = kinds.get(name, "integer") == "integer"
    for condition in conditions(context):
        side, number, strict, open_start = _condition(condition, name)
        if open_start:
            continue
        if number is None or (strict and not whole):
            raise Undecided(f"the condition {show(condition)} is no bound that is covered")
        if side == "low":
            bound = number.__floor__() + 1 if strict else number.__ceil__() if whole else number
            start = bound if start is None else max(start, bound)
        else:
            bound = number.__ceil__() - 1 if strict else number.__floor__() if whole else number
            end = bound if end is None else min(end, bound)
    return Domain(name, whole, start, end)


def _condition(condition: Tree, name: str) -> tuple[str, Fraction | None, bool, bool]:
    """Which end a condition bounds, by which number, strictly or not; and whether it only names the start."""
    if not isinstance(condition, Term) or condition.head not in (">=", ">", "<=", "<"):
        raise Undecided(f"the condition {show(condition)} is no bound")
    left, right = condition.arguments
    low = condition.head in (">=", ">")
    if right == Variable(name):
        left, right, low = right, left, not low
    if left != Variable(name):
        raise Undecided(f"the condition {show(condition)} is no bound")
    return ("low" if low else "high"), evaluate(right), len(condition.head) == 1, low and isinstance(right, Variable)


def _decide(relation: Tree, domain: Domain, deadline: float) -> Decision:
    if not isinstance(relation, Term) or relation.head not in (">=", ">", "<=", "<"):
        raise Undecided(f"{show(relation)} is no inequality")
    sides = relation.arguments if relation.head in (">=", ">") else relation.arguments[::-1]
    strict = len(relation.head) == 1
    comparison = Comparison(sides[0], sides[1], strict, domain.variable, deadline)
    text = show(Term("forall", (relation,)))[len("forall :") :].strip()
    if not domain.whole and (whole_only(sides[0]) or whole_only(sides[1])):
        raise Undecided("a function of integers, over the reals")
    if domain.start is None:
        if domain.end is not None:
            raise Undecided(f"{domain.variable} has no least value")
        return _least(comparison, domain, text)
    cases = cases_of(comparison, whole=domain.whole)
    if domain.end is not None and domain.end < domain.start:
        return Decision(verdict="true", m0=_whole(domain.start), reason="there is no such number")
    early = early_counterexample(comparison, domain.start, domain.end, whole=domain.whole)
    proofs = list[tuple[Case, Found]]()
    try:
        for case in cases:
            first, last = case.first(domain.start), case.last(domain.end)
            if last is None or last >= first:
                proofs.append((case, search(case.comparison, first, whole=domain.whole, end=last)))
    except Undecided:
        if early is None:
            raise
        proofs = []
    return _answer(comparison, domain, proofs, text, early)


def _answer(
    comparison: Comparison, domain: Domain, proofs: Sequence[tuple[Case, Found]], text: str, early: Point | None
) -> Decision:
    """True if no case has a point that fails; else false at the smallest one that was seen."""
    failing = [case.point(found.fails) for case, found in proofs if found.fails is not None]
    undefined = next((point for point in failing if early is None and comparison.undefined_at(point)), None)
    if undefined is not None:
        raise Undecided(f"a side has no value at {domain.variable} = {written(undefined)}")
    certificate = certificate_of(text, domain.variable, domain.whole, proofs)
    if failing or early is not None:
        point = early if early is not None else min(failing)
        if comparison.holds_at(point) is not False:
            raise Undecided(f"the counterexample {written(point)} is not confirmed")
        certificate["counterexample"] = {"at": written(point), **comparison.enclosures(point)}
        never = any(found.tail and not comparison.enough(found.tail.way) for _, found in proofs)
        if domain.whole and failing and domain.end is None and not never:
            certificate["least"] = written(int(max(failing)) + 1)
        reason = f"false at {domain.variable} = {_short(point)}"
        return Decision(verdict="false", certificate=certificate, reason=reason, oracles=TAGS)
    m0 = _whole(domain.start if domain.start is not None else FIRST)
    return Decision(verdict="true", m0=m0, certificate=certificate, reason=_how(proofs), oracles=TAGS)


def _wrong(comparison: Comparison, point: Point) -> str:
    return "undefined" if comparison.holds_at(point) is None else "false"


def _how(proofs: Sequence[tuple[Case, Found]]) -> str:
    """In one line, how the whole range was covered."""
    blocks = sum(len(found.blocks) for _, found in proofs)
    tails = [found.tail.start for _, found in proofs if found.tail is not None]
    ways = [f"{blocks} block{'s' * (blocks != 1)}"] * bool(blocks)
    if tails:
        ways.append(f"the expansion from {_short(max(tails))} on")
    return "by " + " and ".join(ways or ["nothing: an empty range"])


def _whole(point: Point) -> int | None:
    return int(point) if Fraction(point).denominator == 1 else None


def _short(point: Point) -> str:
    text = written(point)
    return str(text) if len(str(text)) <= 60 else f"a number of {len(str(text))} digits"


def tail(step: Step, premises: Sequence[Tree]) -> Accepted:
    """An inequality in one variable for all integers or reals from a number on.

    f - g = c M (1 + u) on [B, oo) by Stirling's and Taylor's series, u bounded, c > 0      f >= g on [a, B] by blocks
    ------------------------------------------------------------------------------------------------------------------
                                             forall integer m >= a: f >= g
    """
    if premises:
        raise Rejected(step.place, "no premises", f"{len(premises)}")
    if not any(_bounds_from_below(item) for item in conditions(step.given)):
        given = show_context(step.given)
        raise Rejected(step.place, "a variable with a lower bound in given, a number", given or "nothing given")
    found = decide_inequality(step.statement)
    if found.verdict == "false":
        raise Rejected(step.place, show(step.says), found.reason)
    if found.verdict != "true" or free(step.statement):
        raise Hole(found.reason)
    return Accepted(oracles=found.oracles, detail=found.reason)


def _bounds_from_below(condition: Tree) -> bool:
    """Whether a condition is a lower bound by a number, not by a name that asks for the least one."""
    head, sides = (condition.head, condition.arguments) if isinstance(condition, Term) else ("", ())
    low = sides[1:] if head in (">=", ">") else sides[:1] if head in ("<=", "<") else ()
    return any(evaluate(side) is not None for side in low)


def _least(comparison: Comparison, domain: Domain, text: str) -> Decision:
    """The least m0 >= FIRST from which on the inequality holds."""
    cases = [
        (case, search(case.comparison, case.first(FIRST), whole=domain.whole, end=case.last(domain.end)))
        for case in cases_of(comparison, whole=domain.whole)
    ]
    never = [case for case, found in cases if found.tail and not comparison.enough(found.tail.way)]
    certificate = certificate_of(text, domain.variable, domain.whole, cases)
    if never:
        start = min(found.tail.start for case, found in cases if case in never and found.tail)
        reason = f"for no m0: false for all {domain.variable} >= {_short(start)}"
        return Decision(verdict="false", certificate=certificate, reason=reason, oracles=TAGS)
    last = max((case.point(found.fails) for case, found in cases if found.fails is not None), default=None)
    if not domain.whole and last is not None:
        return undecided(f"the least real start lies above {written(last)}", **certificate)
    start = FIRST if last is None else int(last) + 1
    reason = f"for all {domain.variable} >= {_short(start)}" + (
        "" if last is None else f", and {_wrong(comparison, last)} at {_short(int(last))}"
    )
    return Decision(verdict="true", m0=start, certificate=certificate, reason=reason, oracles=TAGS)
