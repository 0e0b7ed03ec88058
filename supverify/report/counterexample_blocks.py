"""A counterexample as a report on one network shows it: the wrong outputs, then the sums of every layer."""

from __future__ import annotations

from collections.abc import Iterator

from . import wording_network as words
from .document import Block, Heading, Paragraph, Table
from .network_model import LayerReplay, NetworkReport, Term, UnitReplay
from .plural import plural
from .wording import active
from .wording_measures import about

SHOWN, FEW = 12, 6  # rows of a long table; report.json has all of them


def counterexample(report: NetworkReport) -> Iterator[Block]:
    """The wrong outputs, then each layer with its sums; nothing without a counterexample."""
    found = report.claim.counterexample
    if found is None:
        return
    yield Paragraph((words.replayed(report, active(found)),))
    yield Table(
        caption="The outputs that are wrong on this input.",
        headings=("Output", "Computes", "Expected", "Got"),
        rows=tuple(
            (f"{wrong.output}", wrong.computes, wrong.expected, number(wrong.got))
            for wrong in report.wrong_outputs[:FEW]
        ),
        numbers=frozenset({"Got"}),
    )
    yield from more(len(report.wrong_outputs), "wrong output", shown=FEW)
    for layer in report.replay:
        yield Heading(f"Layer {layer.layer}")
        yield Table(
            caption=words.layer_caption(layer),
            headings=("Unit", "Sum", "Value"),
            rows=tuple((f"{unit.unit}", _sum(layer, unit), number(unit.value)) for unit in layer.shown),
            numbers=frozenset({"Value"}),
        )


def _sum(layer: LayerReplay, unit: UnitReplay) -> str:
    """``1 · y0 - 1/2 · 3 (unit 7) + 1/4 (bias) = -1/4``."""
    terms = [(term.weight, _factor(layer, term)) for term in unit.terms]
    parts = [f"{_signed(weight)}{factor}" for weight, factor in terms]
    parts += [f"+ {plural(unit.more, 'smaller product')}"] if unit.more else []
    parts += [f"{_signed(unit.bias)} (bias)"] if unit.bias != "0" or not parts else []
    first = parts[0].removeprefix("+ ").replace("- ", "-", 1)
    return f"{' '.join((first, *parts[1:]))} = {number(unit.total)}"


def _factor(layer: LayerReplay, term: Term) -> str:
    return f" · y{term.source}" if layer.layer == 1 else f" · {number(term.value)} (unit {term.source})"


def _signed(text: str) -> str:
    return f"- {number(text[1:])}" if text.startswith("-") else f"+ {number(text)}"


def number(text: str) -> str:
    """A fraction as people read it."""
    return about(text, whole=words.IN_JSON)


def more(count: int, noun: str, *, shown: int = SHOWN) -> Iterator[Paragraph]:
    """What is said below a table that leaves rows out."""
    if count > shown:
        yield Paragraph((f"… and {plural(count - shown, f'more {noun}')}; all of them {words.IN_JSON}.",))
