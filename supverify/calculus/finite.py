"""Closed statements and finite ranges of integers, decided by exact arithmetic at every point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supverify.kernel.errors import Rejected

from .arithmetic import decide, evaluate, literal
from .audit import Accepted, Hole
from .derivation import Step
from .statement import Term, Tree, Variable, conditions, declared, show, show_context, show_values, substitute

POINTS = 2000  # the largest finite range that is gone through


def arithmetic(step: Step, premises: Sequence[Tree]) -> Accepted:
    """A closed statement that integers decide.

    ------------  the kernel's exact arithmetic says so
         A
    """
    answer = decide(step.says) if not step.given and not premises else False
    if answer is None:
        raise Hole("exact integer arithmetic does not decide it")
    if not answer:
        raise Rejected(step.place, "a closed statement that is true, without premises", f"{show(step.statement)}")
    return Accepted()


def instances(step: Step, premises: Sequence[Tree]) -> Accepted:
    """A statement over a finite explicit range of integers, decided at every point.

    A(a)   A(a + 1)   ...   A(b)
    ----------------------------
     forall integer a <= i <= b: A(i)
    """
    if premises:
        raise Rejected(step.place, "no premises", f"{len(premises)}")
    count = 0
    for point in points(step.given, step.place):
        count += 1
        answer = decide(substitute(step.says, point))
        if answer is None:
            raise Hole(f"exact integer arithmetic does not decide it at {show_values(point)}")
        if not answer:
            raise Rejected(step.place, "a statement true on the whole range", f"false at {show_values(point)}")
    return Accepted(detail=f"{count} instances")


def points(given: Sequence[Tree], place: str) -> Iterator[dict[str, Tree]]:
    """All integer points of a context whose ranges are explicit numbers; raises Rejected or Hole otherwise."""
    kinds = declared(given)
    if not kinds or set(kinds.values()) != {"integer"}:
        raise Rejected(place, "integer variables with explicit ranges", show_context(given) or "nothing given")
    for count, point in enumerate(_points(conditions(given), list(kinds), place)):
        if count == POINTS:
            raise Hole(f"more than {POINTS} instances")
        yield point


def _points(parts: tuple[Tree, ...], names: list[str], place: str) -> Iterator[dict[str, Tree]]:
    if not names:
        answers = [decide(part) for part in parts]
        if None in answers:
            raise Hole(f"undecided condition {show(parts[answers.index(None)])}")
        yield from [] if False in answers else [{}]
        return
    low, high = (_bound(parts, names[0], relation) for relation in (">=", "<="))
    if low is None or high is None:
        raise Rejected(place, f"an explicit range for {names[0]}", "none")
    if high - low > POINTS:
        raise Hole(f"more than {POINTS} instances")
    for i in range(low, high + 1):
        here = {names[0]: literal(i)}
        for point in _points(tuple(substitute(part, here) for part in parts), names[1:], place):
            yield here | point


def _bound(parts: Sequence[Tree], name: str, relation: str) -> int | None:
    """The number at one end of the range of ``name``; other parts may narrow it further."""
    turned = {">=": "<=", "<=": ">="}[relation]
    for part in parts:
        if isinstance(part, Term) and part.head in (relation, turned):
            left, right = part.arguments if part.head == relation else part.arguments[::-1]
            number = evaluate(right)
            if left == Variable(name) and number is not None and number.denominator == 1:
                return int(number)
    return None
