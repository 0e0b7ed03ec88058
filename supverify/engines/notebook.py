"""A verdict as a notebook shows it: one small table, self-contained, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from supverify.kernel.check import wrong_outputs
from supverify.kernel.verdict import Verdict

if TYPE_CHECKING:
    from .verify import NetworkVerdict

COLOURS = {"PROVED": "#1a7f37", "REFUTED": "#b42318", "UNKNOWN": "#8a6100"}
LONGEST = 60  # characters of a number
SHOWN = 12  # items of a long list


def verdict_html(verdict: NetworkVerdict) -> str:
    """The verdict, what it rests on, the counts, the counterexample, and the part of each arithmetic."""
    cells = (
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{cell}</td></tr>" for name, cell in _rows(verdict)
    )
    return f"<table>{''.join(cells)}</table>"


def _rows(verdict: NetworkVerdict) -> Iterator[tuple[str, str]]:
    claim, counted = verdict.claim, verdict.statistics
    covered = claim.population(claim.domain)
    yield "verdict", _status(verdict)
    yield (
        "claim",
        _text(
            f"{claim.network.outputs:,} outputs, {claim.criterion.kind}, on all {covered:,} inputs with "
            f"{claim.mode.replace('-', ' ')} {claim.k} of {claim.network.inputs:,} active"
        ),
    )
    yield "rests on", _text(_rests_on(verdict))
    if verdict.reason:
        yield "because", _text(verdict.reason)
    if counted is not None:
        yield "wrong inputs", _text(f"{counted.wrong_inputs:,} of {counted.inputs_covered:,}")
        yield (
            "wrong entries",
            _text(
                f"{counted.wrong_entries:,} ({counted.false_positives:,} false positives, "
                f"{counted.false_negatives:,} false negatives), {counted.ties:,} ties"
            ),
        )
        yield "smallest margin", _text(_number(counted.min_margin))
        if counted.wrong_inputs:
            yield "first failing outputs", _text(_few(counted.failing()))
    if verdict.counterexample is not None:
        wrong = _few(_wrong(verdict, verdict.counterexample))
        yield "counterexample", _text(f"active inputs {_few(verdict.counterexample)}: wrong outputs {wrong}")
    for part in verdict.arithmetic:
        yield str(part.semantics), f"{_status(part)} {_text(part.reason)}"


def _wrong(verdict: NetworkVerdict, active: tuple[int, ...]) -> list[int]:
    """The wrong outputs in the arithmetic that the counterexample is of."""
    part = next((part for part in verdict.arithmetic if part.semantics == verdict.decided_in), None)
    return [value.output for value in part.wrong] if part and part.wrong else wrong_outputs(verdict.claim, active)


def _rests_on(verdict: NetworkVerdict) -> str:
    if verdict.oracles:
        return _few(sorted(verdict.oracles))
    return "the kernel alone" if verdict.certificate is not None else "nothing"


def _status(verdict: Verdict) -> str:
    name = verdict.status.name
    return f"<b style='color:{COLOURS[name]}'>{name}</b>"


def _text(text: str) -> str:
    return escape(text)


def _few(items: Iterable[object]) -> str:
    texts = list(map(str, items))
    more = f", ... ({len(texts):,} in all)" if len(texts) > SHOWN else ""
    return (", ".join(texts[:SHOWN]) or "none") + more


def _number(value: Fraction) -> str:
    """The fraction, or about what it is where that is too long to be read."""
    parts = [format(Decimal(part), "f") for part in value.as_integer_ratio()]
    text = parts[0] if value.denominator == 1 else "/".join(parts)
    return text if len(text) <= LONGEST else f"about {Decimal(value.numerator) / Decimal(value.denominator):.6g}"
