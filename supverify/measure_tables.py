"""What people see of a verdict's measures: tables, or lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .measures import LargestK
    from .verification import Verification

SHOWN = 12  # rows of a long table


@dataclass(frozen=True)
class Shown:
    """A table; one without headings is the one line in its only row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def measure_tables(answer: Verification) -> Iterator[Shown]:
    """The parts of several arithmetics, the gates that fail first, the error probabilities, the largest k."""
    if answer.arithmetic:
        yield Shown(
            ("arithmetic", "status", "wrong inputs", "rests on", "because"),
            tuple(
                (p.arithmetic, p.status, _known(p.wrong_inputs), ", ".join(p.oracles) or "kernel", p.reason)
                for p in answer.arithmetic
            ),
        )
    gates = answer.failing_gates
    if gates:
        yield Shown(
            ("fails first", "computes", "wrong inputs", "smallest failing support"),
            tuple((g.output, g.computes, g.wrong_inputs, list(g.first)) for g in gates[:SHOWN]),
        )
    if len(gates) > SHOWN:
        yield Shown((), ((f"... {len(gates):,} failing outputs in all",),))
    errors = answer.error_probabilities
    if errors and (answer.wrong_inputs or len(errors) > 2):
        yield Shown(
            ("probability of a wrong input", "about", "exactly", "if covered"),
            tuple((e.inputs, e.about, _between(e.lower, e.upper), e.given_covered or "") for e in errors),
        )
    if answer.largest_k is not None:
        yield Shown((), ((largest(answer.largest_k),),))


def _known(count: int | None) -> object:
    return "not counted" if count is None else count


def _between(lower: str, upper: str) -> str:
    return lower if lower == upper else f"{lower} to {upper}"


def largest(found: LargestK) -> str:
    """The largest exact k as a sentence."""
    if found.k is None:
        known = "exact for no k" if found.final else "not known to be exact for any k"
    else:
        known = f"exact for k up to {found.k}"
    if found.counterexample is not None:
        return f"{known}: wrong on active inputs {list(found.counterexample)}"
    return known if found.final else f"{known}; the next k is undecided: {found.reason}"
