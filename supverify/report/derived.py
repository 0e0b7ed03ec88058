"""An audited derivation as a report shows it: plain values, with the prose before each step."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from supverify.calculus.audit import Audit, StepResult
from supverify.calculus.axioms import AXIOMS
from supverify.calculus.derivation import Reference
from supverify.calculus.grammar import parse
from supverify.calculus.statement import Term, Tree, show, show_context
from supverify.kernel.verdict import Status

from .derivation import Axiom, Conclusion, Derivation, Step
from .formulas import context, latex, pieces
from .literate import passages


def derivation_entry(audit: Audit, *, path: str) -> Derivation:
    """The audited derivation as plain values, with the prose before each of its steps."""
    prose = passages(audit.derivation.text)
    cited = {reference.name for step in audit.derivation.steps for reference in step.premises}
    return Derivation(
        name=audit.derivation.id,
        title=audit.derivation.title,
        path=path,
        digest=sha256(audit.derivation.text.encode()).hexdigest(),
        status=audit.status.name,
        reason=audit.reason,
        conclusions=tuple(_conclusions(audit)),
        steps=tuple(_step(result, text) for result, text in zip(audit.results, prose[:-1], strict=True)),
        source=audit.derivation.source,
        oracles=tuple(sorted(audit.oracles)),
        assumptions=audit.assumptions,
        axioms=tuple(_axiom(name) for name in sorted(cited) if name in AXIOMS),
        closing=prose[-1],
    )


def _conclusions(audit: Audit) -> Iterator[Conclusion]:
    """A claim is PROVED with its derivation; where it is a negation, what it negates is REFUTED."""
    results = {result.step.id: result for result in audit.results}
    for claim, step in zip(audit.derivation.claims, audit.derivation.establishes, strict=False):
        refuted = audit.status is Status.PROVED and isinstance(claim, Term) and claim.head == "not"
        stated: Tree = claim.arguments[0] if refuted and isinstance(claim, Term) else claim
        result = results.get(step)
        yield Conclusion(
            statement=show(stated),
            latex=pieces(stated),
            step=step,
            status=(Status.REFUTED if refuted else audit.status).name,
            oracles=tuple(sorted(result.oracles)) if result else (),
            assumptions=(*audit.derivation.modelling, *(result.assumptions if result else ())),
            detail=result.detail if result and refuted else "",
        )


def _step(result: StepResult, prose: str) -> Step:
    step = result.step
    return Step(
        name=step.id,
        prose=prose,
        says=show(step.says),
        latex=latex(step.says),
        given=show_context(step.given),
        given_latex=context(step.given),
        rule=step.by,
        outcome=result.outcome.name,
        premises=tuple(map(_premise, step.premises)),
        oracles=tuple(sorted(result.oracles)),
        assumptions=result.assumptions,
        arguments=tuple((name, text.strip()) for name, text in step.arguments.items()),
        place=result.place,
        expected=result.expected,
        got=result.got,
        detail=result.detail,
    )


def _premise(reference: Reference) -> str:
    values = " and ".join(f"{name} = {show(value)}" for name, value in reference.values.items())
    return f"{reference.name} at {values}" if values else reference.name


def _axiom(name: str) -> Axiom:
    return Axiom(name=name, statement=AXIOMS[name], latex=latex(parse(AXIOMS[name], name)))
