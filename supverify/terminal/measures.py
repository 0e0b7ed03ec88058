"""What people see of a verdict's measures: tables, or lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..report.wording_measures import about, between, largest, rests_on

if TYPE_CHECKING:
    from ..deciding.verification import Verification

SHOWN = 12  # rows of a long table


@dataclass(frozen=True)
class Shown:
    """A table; one without headings is a line, whose parts are its only row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def measure_tables(answer: Verification) -> Iterator[Shown]:
    """Several arithmetics, the gates that fail first, error probabilities, the largest k, superposition."""
    for part in answer.arithmetic:
        wrong = f"; wrong inputs: {part.wrong_inputs:,}" if part.wrong_inputs else ""
        yield Shown((), ((part.status, part.arithmetic, f"{part.reason}{wrong}; {rests_on(part.oracles)}"),))
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
            ("wrong with probability", "about", "exactly", "if covered"),
            tuple((e.inputs, e.about, between(e.lower, e.upper), about(e.given_covered or "")) for e in errors),
        )
    if answer.largest_k is not None:
        yield Shown((), ((largest(answer.largest_k),),))
    if answer.superposition is not None:
        yield Shown(("superposition", ""), tuple(answer.superposition.rows()))
