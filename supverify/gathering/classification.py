"""A problem's influence graph and its classes, as a report shows them."""

from __future__ import annotations

from ..kernel.claim import Problem
from ..models import classify
from ..report.model import ClassCount, Classification, CountingFact


def classified(problem: Problem, text: str) -> Classification:
    """The influence graph of a 2-AND problem and its classes as plain values; ``text`` says which problem it is.

    Raises Malformed for any other problem.
    """
    found = classify(problem)
    return Classification(
        name="problem",
        problem=text,
        inputs=problem.inputs,
        outputs=len(found.problem.pairs),
        edges=tuple((j, i) for i, pair in enumerate(found.problem.pairs) for j in pair),
        influence=found.influence,
        classes=tuple(ClassCount(**vars(part)) for part in found.classes),
        facts=tuple(CountingFact(**vars(fact), holds=fact.holds) for fact in found.facts()),
        thresholds=tuple((str(threshold.exponent), threshold.standing) for threshold in found.thresholds),
        warning=found.warning,
    )
