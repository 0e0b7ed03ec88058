"""What people see of a verdict's measures: tables, or lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report.network_model import ArithmeticAnswer, LargestK
    from .verification import Verification

SHOWN = 12  # rows of a long table
SHORT, LONG = 24, 100  # characters of a fraction


@dataclass(frozen=True)
class Shown:
    """A table; one without headings is a line, whose parts are its only row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def measure_tables(answer: Verification) -> Iterator[Shown]:
    """Several arithmetics, the gates that fail first, error probabilities, the largest k, superposition."""
    for part in answer.arithmetic:
        wrong = f"; wrong inputs: {part.wrong_inputs:,}" if part.wrong_inputs else ""
        yield Shown((), ((part.status, part.arithmetic, f"{part.reason}{wrong}; {_rests_on(part)}"),))
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
            tuple((e.inputs, e.about, _between(e.lower, e.upper), about(e.given_covered or "")) for e in errors),
        )
    if answer.largest_k is not None:
        yield Shown((), ((largest(answer.largest_k),),))
    if answer.superposition is not None:
        yield Shown(("superposition", ""), tuple(answer.superposition.rows()))


def _rests_on(part: ArithmeticAnswer) -> str:
    return f"rests on {', '.join(part.oracles)}" if part.oracles else "rests on the kernel alone"


def _between(lower: str, upper: str) -> str:
    return about(lower) if lower == upper else f"{about(lower)} to {about(upper)}"


def about(number: str) -> str:
    """A fraction as people read it: itself while it is short, else in decimals."""
    if len(number) <= SHORT:
        return number
    numerator, _, denominator = number.partition("/")
    value = f"about {Decimal(numerator) / Decimal(denominator or 1):.6g}"
    return value if len(number) <= LONG else f"{value} ({len(number):,} characters; all with --json)"


def largest(found: LargestK) -> str:
    """The largest exact k as a sentence."""
    if found.k is None:
        known = "exact for no k" if found.final else "not known to be exact for any k"
    else:
        known = f"exact for k up to {found.k}"
    if found.counterexample is not None:
        return f"{known}: wrong on active inputs {list(found.counterexample)}"
    return known if found.final else f"{known}; the next k is undecided: {found.reason}"
