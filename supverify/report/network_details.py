"""What a report on one network says beside the verdict, a section each, where there is something to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb

from . import wording_network as words
from .counterexample_blocks import SHOWN, counterexample, more, number
from .document import Badge, Block, Code, Formulas, Heading, Inline, Paragraph, Section, Table
from .drawings import unfiled
from .network_model import NetworkReport
from .plural import plural
from .wording import active
from .wording_measures import between, largest, rests_on

PLACED = {"counterexample": ("counterexample",), "counts": ("margins",), "problem": ("graph", "histogram")}
"""The pictures that stand in a section of their own subject, by its anchor."""


def details(report: NetworkReport) -> Iterator[Section]:
    """The sections that have something to say, in their order."""
    parts = {
        ("hints", "A likely mistake"): _hints(report),
        ("counterexample", "The counterexample, layer by layer"): counterexample(report),
        ("counts", "Counts"): _counts(report),
        ("failing", "Outputs that fail"): _failing(report),
        ("errors", "How often it is wrong"): _errors(report),
        ("arithmetics", "In each arithmetic"): _arithmetics(report),
        ("largest", "The largest k"): _largest(report),
        ("superposition", "Is this in superposition?"): _superposition(report),
        ("pictures", "Pictures"): _pictures(report),
        ("problem", "The problem and its influence graph"): _problem(report),
        ("read", "How the files were read"): _read(report),
        ("engines", "Who was asked"): _engines(report),
    }
    for (anchor, heading), blocks in parts.items():
        found = (*blocks, *_drawn(report, *PLACED.get(anchor, ())))
        if found:
            yield Section(anchor, heading, found)


def _hints(report: NetworkReport) -> Iterator[Block]:
    for hint in report.hints:
        yield Paragraph((f"No evidence, but worth a look: {hint}.",))


def _counts(report: NetworkReport) -> Iterator[Block]:
    counts, kinds, claim = report.claim.counts, report.kinds, report.claim
    rows = [
        ("inputs that the claim speaks of", f"{report.question.claimed:,}"),
        ("of them decided", f"{claim.covered:,}"),
    ]
    if counts is not None:
        rows += [
            ("wrong inputs", f"{counts.wrong_inputs:,}"),
            ("wrong outputs, over all inputs", f"{counts.wrong_entries:,}"),
        ]
    if kinds is not None:
        rows += [("of them true, and should be false", f"{kinds.false_positives:,}")]
        rows += [("of them false, and should be true", f"{kinds.false_negatives:,}")]
    if counts is not None:
        rows += [("outputs at the threshold", f"{counts.ties:,}"), ("smallest margin", number(counts.min_margin))]
    if kinds is not None and kinds.max_deviation is not None:
        rows += [("largest distance from 0 or 1", number(kinds.max_deviation))]
    yield Table(
        caption="Exact counts over every input that was decided.",
        headings=("What", "Number"),
        rows=tuple(rows),
        numbers=frozenset({"Number"}),
    )
    if counts is None:
        yield Paragraph((words.NOT_COUNTED, Code("--statistics"), "."))
    elif counts.wrong_inputs:
        yield _sizes(report, counts.wrong_per_size)


def _sizes(report: NetworkReport, wrong_per_size: Sequence[int]) -> Table:
    inputs = report.question.inputs
    return Table(
        caption="Wrong inputs by how many features are active.",
        headings=("Active", "Inputs", "Wrong"),
        rows=tuple(
            (f"{size}", f"{comb(inputs, size):,}", f"{wrong:,}")
            for size, wrong in enumerate(wrong_per_size)
            if report.question.mode == "at-most" or size == report.question.k
        ),
        numbers=frozenset({"Inputs", "Wrong"}),
    )


def _failing(report: NetworkReport) -> Iterator[Block]:
    gates = report.failing_gates
    if not gates:
        return
    total = report.question.outputs
    yield Paragraph(
        (f"{plural(len(gates), 'output')} of {total:,} {'fails' if len(gates) == 1 else 'fail'} somewhere.",)
    )
    yield Table(
        caption="Outputs that are wrong on some input, those that fail most often first.",
        headings=("Output", "Computes", "Wrong inputs", "First wrong input"),
        rows=tuple(
            (f"{gate.output}", gate.computes, f"{gate.wrong_inputs:,}", active(gate.first)) for gate in gates[:SHOWN]
        ),
        numbers=frozenset({"Wrong inputs"}),
    )
    yield from more(len(gates), "failing output")


def _errors(report: NetworkReport) -> Iterator[Block]:
    errors = report.error_probabilities
    if all(error.upper == "0" for error in errors):  # a proof says so already
        return
    yield Paragraph((words.ERRORS,))
    yield Table(
        caption="The exact probability that some output is wrong on a random input.",
        headings=("Inputs", "About", "Exactly", "Among inputs of the claim"),
        rows=tuple(
            (
                error.inputs,
                error.about,
                between(error.lower, error.upper, whole=words.IN_JSON),
                number(error.given_covered or "none"),
            )
            for error in errors
        ),
        numbers=frozenset({"About", "Exactly", "Among inputs of the claim"}),
    )


def _arithmetics(report: NetworkReport) -> Iterator[Block]:
    if not report.arithmetic:
        return
    yield Table(
        caption="The verdict in each arithmetic that was asked for; the worst counts.",
        headings=("Arithmetic", "Verdict", "Wrong inputs", "Why"),
        rows=tuple(
            (
                part.arithmetic,
                Badge(part.status),
                "not counted" if part.wrong_inputs is None else f"{part.wrong_inputs:,}",
                f"{part.reason}; {rests_on(part.oracles)}",
            )
            for part in report.arithmetic
        ),
    )


def _largest(report: NetworkReport) -> Iterator[Block]:
    if report.largest_k is not None:
        yield Paragraph((f"Over the real numbers the network is {largest(report.largest_k)}.",))


def _superposition(report: NetworkReport) -> Iterator[Block]:
    found = report.superposition
    if found is not None:
        yield Table(
            caption="What the network is made of, exactly.",
            headings=("What", "Found"),
            rows=tuple(found.rows()),
        )


def _pictures(report: NetworkReport) -> Iterator[Block]:
    """Those that stand in no other section."""
    elsewhere = {name for names in PLACED.values() for name in names}
    yield from _drawn(report, *(drawing.name for drawing in report.drawings if drawing.name not in elsewhere))


def _drawn(report: NetworkReport, *names: str) -> Iterator[Block]:
    """The pictures of these names, each under its title."""
    for picture in unfiled((drawing for drawing in report.drawings if drawing.name in names), report.files):
        yield Heading(picture.title)
        yield picture


def _problem(report: NetworkReport) -> Iterator[Block]:
    graph = report.graph
    if graph is None:
        return
    if graph.warning:
        yield Paragraph((graph.warning,))
    yield Table(
        caption=f"Classes of {graph.problem}: inputs by their influence, outputs by their two inputs.",
        headings=("Class", "Of", "Members", "Rule", "Standing"),
        rows=tuple(
            (group.name, f"{group.of}s", f"{len(group.members):,}", Formulas(group.rule), group.standing)
            for group in graph.classes
        ),
        numbers=frozenset({"Members"}),
    )
    if graph.facts:
        yield Table(
            caption="Counting statements, with both sides worked out for this problem.",
            headings=("Statement", "Here", "Holds", "Standing"),
            rows=tuple(
                (
                    Formulas(f.statement),
                    f"{f.left:,} {f.relation} {f.right:,}",
                    "yes" if f.holds else "NO",
                    f.standing,
                )
                for f in graph.facts
            ),
            numbers=frozenset({"Here"}),
        )


def _read(report: NetworkReport) -> Iterator[Block]:
    reading = report.reading
    rows: list[tuple[Inline, ...]] = [
        (
            f"{depth}",
            Code(layer.weights),
            Code(layer.bias) if layer.bias else "none",
            f"{layer.outputs:,} x {layer.inputs:,}",
            "yes" if layer.relu else "no",
        )
        for depth, layer in enumerate(reading.layers, start=1)
    ]
    if rows:
        yield Table(
            caption=f"The layers of {report.question.network}; weights are outputs x inputs.",
            headings=("Layer", "Weights", "Bias", "Shape", "ReLU"),
            rows=tuple(rows[:SHOWN]),
            numbers=frozenset({"Shape"}),
        )
        yield from more(len(rows), "layer")
    for sentence in words.read(report):
        yield Paragraph((sentence,))


def _engines(report: NetworkReport) -> Iterator[Block]:
    rows: list[tuple[Inline, ...]] = [
        (Code(answer.engine), words.ENGINES.get(answer.engine, ""), Badge(answer.status), answer.detail)
        for answer in report.claim.answers
    ]
    if report.claim.evidence is not None:
        rows.append((Code("kernel"), words.KERNEL, Badge(report.exact_status), report.exact_reason))
    yield Paragraph((words.agreed(report),))
    yield Table(
        caption="Who was asked over the real numbers, and what each said.",
        headings=("Asked", "What it does", "Said", "Detail"),
        rows=tuple(rows),
    )
