"""The audit of a derivation: each step accepted, rejected, a hole or blocked; success is exactly what was claimed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.verdict import Status

from .axioms import AXIOMS
from .derivation import Derivation, Step
from .grammar import parse
from .statement import Tree, free, show


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What a rule answers when the step follows, and whom one has to believe for it."""

    oracles: frozenset[str] = frozenset()
    assumptions: tuple[str, ...] = ()
    detail: str = ""


class Hole(Exception):
    """Raised by a rule that can neither accept nor reject: a tool is missing, gave up or ran out of time."""


Rule = Callable[[Step, Sequence[Tree]], Accepted]


class Outcome(StrEnum):
    """What became of a step: BLOCKED means that a premise fell."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HOLE = "hole"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """A step's outcome with all that it and its premises rest on; ``expected`` and ``got`` explain a refusal."""

    step: Step
    outcome: Outcome
    oracles: frozenset[str] = frozenset()
    assumptions: tuple[str, ...] = ()
    place: str = ""
    expected: str = ""
    got: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The outcome of every step, and whether the derivation's claims are exactly what was established."""

    derivation: Derivation
    results: tuple[StepResult, ...]
    status: Status = Status.UNKNOWN
    oracles: frozenset[str] = frozenset()
    assumptions: tuple[str, ...] = ()
    reason: str = ""


def audit(derivation: Derivation, rules: Mapping[str, Rule], *, permit: Collection[str] | None = None) -> Audit:
    """Judges every step in order; ``permit`` names the oracles that may be relied on (None: all of them).

    PROVED only if no step is rejected and the named steps are accepted and state exactly the claims.
    """
    results: dict[str, StepResult] = {}
    for step in derivation.steps:
        results[step.id] = _judge(step, results, rules, permit)
    reason = next(_objections(derivation, results), "")
    named = [results[name] for name in derivation.establishes if name in results]
    assumptions = [*derivation.modelling, *(text for result in named for text in result.assumptions)]
    return Audit(
        derivation=derivation,
        results=tuple(results.values()),
        status=Status.UNKNOWN if reason else Status.PROVED,
        oracles=frozenset[str]().union(*(result.oracles for result in named)),
        assumptions=tuple(dict.fromkeys(assumptions)),
        reason=reason,
    )


def _objections(derivation: Derivation, results: Mapping[str, StepResult]) -> Iterator[str]:
    """Why the claims are not established."""
    for result in results.values():
        if result.outcome is Outcome.REJECTED:
            yield f"step {result.step.id} is rejected"
    if not derivation.claims or len(derivation.claims) != len(derivation.establishes):
        yield "every claim needs exactly one step that establishes it"
    for claim, name in zip(derivation.claims, derivation.establishes, strict=False):
        if name not in results or results[name].outcome is not Outcome.ACCEPTED:
            yield f"step {name} is {results[name].outcome if name in results else 'missing'}"
        elif results[name].step.statement != claim:
            yield f"step {name} states {show(results[name].step.statement)}, which is not the claim {show(claim)}"


def _judge(
    step: Step, results: Mapping[str, StepResult], rules: Mapping[str, Rule], permit: Collection[str] | None
) -> StepResult:
    """One step's result: the rule's answer, with what its premises rest on added."""
    used = [results[reference.name] for reference in step.premises if reference.name in results]
    fallen = [result.step.id for result in used if result.outcome is not Outcome.ACCEPTED]
    if fallen:
        blocked = f"rests on {', '.join(fallen)}"
        return StepResult(step=step, outcome=Outcome.BLOCKED, place=step.place, detail=blocked)
    try:
        answer = _apply(step, results, rules)
    except Rejected as no:
        return StepResult(step=step, outcome=Outcome.REJECTED, place=no.place, expected=no.expected, got=no.got)
    except Hole as hole:
        return StepResult(step=step, outcome=Outcome.HOLE, place=step.place, detail=str(hole))
    oracles = answer.oracles.union(*(result.oracles for result in used))
    if permit is not None and not oracles <= set(permit):
        missing = ", ".join(sorted(oracles - set(permit)))
        return StepResult(step=step, outcome=Outcome.HOLE, place=step.place, detail=f"not permitted: {missing}")
    assumed = dict.fromkeys([*(text for result in used for text in result.assumptions), *answer.assumptions])
    return StepResult(
        step=step, outcome=Outcome.ACCEPTED, oracles=oracles, assumptions=tuple(assumed), detail=answer.detail
    )


def _apply(step: Step, results: Mapping[str, StepResult], rules: Mapping[str, Rule]) -> Accepted:
    if step.by not in rules:
        raise Rejected(step.place, "a rule: " + ", ".join(sorted(rules)), step.by)
    if free(step.statement):
        raise Rejected(step.place, "every variable declared in given", ", ".join(sorted(free(step.statement))))
    premises = []
    for reference in step.premises:
        if reference.name not in results and reference.name not in AXIOMS:
            raise Rejected(step.place, "an earlier step or an axiom", reference.name)
        known = results.get(reference.name)
        premises.append(known.step.statement if known else parse(AXIOMS[reference.name], reference.name))
    try:
        return rules[step.by](step, premises)
    except (Malformed, Rejected, Hole):
        raise
    except Exception as problem:
        raise Hole(f"{step.by} failed: {type(problem).__name__}: {problem}") from problem
