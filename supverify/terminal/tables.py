"""What people see: verdicts, classes and audits as tables, and a progress bar where there is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..deciding.evidence import checked
from ..report.derivation import Derivation, Step
from ..report.model import Classification
from ..report.wording_measures import about
from .measures import measure_tables

if TYPE_CHECKING:
    from ..building.construction import BuiltNetwork
    from ..deciding.verification import Verification
    from ..engines import Progress
    from ..gathering.rechecking import Repeated

COLOURS = {
    "PROVED": "bold green",
    "REFUTED": "bold red",
    "UNKNOWN": "bold yellow",
    "ACCEPTED": "green",
    "REJECTED": "bold red",
    "HOLE": "yellow",
    "BLOCKED": "yellow",
    "true": "bold green",
    "false": "bold red",
    "undecided": "bold yellow",
    "error": "bold red",
}
SHOWN = 12  # items of a long list
LONGEST = 60  # characters of a number


@contextmanager
def progress_bar(*, wanted: bool) -> Iterator[Progress | None]:
    """A callback that draws on standard error, or None where nobody looks."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("")

        def tell(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        yield tell


def line(*parts: str, style: str = "") -> None:
    """One line on standard output, never cut; a first part such as PROVED gets its colour."""
    text = Text(style=style)
    for i, part in enumerate(map(_harmless, parts)):
        text.append(part if i == 0 else f"  {part}", COLOURS.get(part, "") if i == 0 else "")
    Console().print(text, soft_wrap=True)


def _harmless(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A plain table; numbers stand to the right, statuses in their colour."""
    filled = [list(row) for row in rows]
    shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for i, heading in enumerate(headings):
        numeric = all(isinstance(row[i], int | float) for row in filled)
        shown.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in filled:
        shown.add_row(*(Text(_harmless(_cell(item)), COLOURS.get(str(item), "")) for item in row))
    Console().print(shown)


def _cell(item: object) -> str:
    text = f"{item:,}" if isinstance(item, int) else f"{item:.2f}" if isinstance(item, float) else str(item)
    if len(text) <= LONGEST or " " in text:
        return text
    return f"{text[: LONGEST // 2]}... ({len(text):,} characters; all with --json)"


def _few(items: Iterable[object]) -> str:
    texts = list(map(str, items))
    more = f", ... ({len(texts):,} in all)" if len(texts) > SHOWN else ""
    return (", ".join(texts[:SHOWN]) or "none") + more


def show_verification(answer: Verification, sentence: str) -> None:
    """A verdict: what was claimed, who says what, the counts, the counterexample, and how to check it again."""
    line(answer.status, sentence)
    if answer.layers:
        unused = f"; not used: {_few(answer.unused)}" if answer.unused else ""
        beside = f"; with {answer.sidecar}" if answer.sidecar else ""
        line(f"read as {'; '.join(map(str, answer.layers))}{unused}{beside}")
    if answer.oracles or answer.status == "UNKNOWN":
        line(f"rests on {_few(answer.oracles)}; {answer.reason}" if answer.oracles else answer.reason)
    table(
        ("engine", "status", "seconds", "detail"),
        ((entry.engine, entry.status, entry.seconds, entry.detail) for entry in answer.engines),
    )
    counts = {
        "inputs covered": answer.inputs_covered,
        "of": answer.inputs_claimed,
        "wrong inputs": answer.wrong_inputs,
        "wrong entries": answer.wrong_entries,
        "ties": answer.ties,
        "smallest margin": answer.min_margin and about(answer.min_margin),
        "largest deviation": answer.max_deviation and about(answer.max_deviation),
    }
    known = {name: value for name, value in counts.items() if value is not None}
    table(known, [known.values()])
    for shown in measure_tables(answer):
        if shown.headings:
            table(shown.headings, shown.rows)
        else:
            line(*map(str, shown.rows[0]))
    if answer.counterexample is not None:
        _show_counterexample(answer)
    for hint in answer.hints:
        line(hint)
    if answer.certificate is not None:
        line(f"{_rechecked(answer)}: supverify recheck {answer.claim} {answer.certificate}")


def _rechecked(answer: Verification) -> str:
    """Who has read the evidence, which is about the real numbers; where that is not permitted, who could."""
    exact = answer.arithmetic[0] if answer.arithmetic else answer
    who = "by the kernel" if exact.status == "UNKNOWN" else checked(exact.oracles)
    return f"over the real numbers, {who}" if answer.arithmetic else who


def _show_counterexample(answer: Verification) -> None:
    line(f"counterexample: active inputs {_few(answer.counterexample or ())}")
    table(
        ("output", "computes", "expected", "got"),
        ((wrong.output, wrong.computes, wrong.expected, about(wrong.got)) for wrong in answer.wrong_outputs[:SHOWN]),
    )
    if len(answer.wrong_outputs) > SHOWN:
        line(f"... {len(answer.wrong_outputs):,} wrong outputs in all")


def show_built(built: BuiltNetwork) -> None:
    """A network's size beside the counting floor, and what was verified of it."""
    line(built.status, f"{built.network}: {built.outputs:,} outputs of {built.inputs:,} inputs, k = {built.k}")
    sizes = {
        "neurons (widest ReLU layer)": built.neurons,
        "without superposition": built.separate_neurons,
        "counting floor": built.counting_floor,
        "n / (sqrt(M) log2 M)": built.paper.f,
        "layers": built.layers,
        "parameters": built.parameters,
        "of them not 0": built.nonzeros,
    }
    table(("size", ""), ((name, value) for name, value in sizes.items() if value is not None))
    table(
        ("bits", "at each layer's width", "at its entropy"),
        (
            ("network", built.bits, built.entropy),
            ("of them the input code", built.code_bits, built.code_entropy),
            ("readout, not in the network", built.readout_bits, built.readout_entropy),
        ),
    )
    if built.bits_ratio is not None:
        times = (
            f"the network has {built.bits_ratio:,.2f} times as many, {built.entropy_ratio:,.2f} times at its entropy"
        )
        line(f"counting floor {built.counting_floor_bits:,} bits: {times}")
    verified = built.verified
    table(
        ("criterion", "status", "inputs covered", "smallest margin", "oracles"),
        ((v.criterion, v.status, v.inputs_covered, v.min_margin or "", _few(v.oracles)) for v in verified),
    )
    for answer in verified:
        if answer.counterexample is not None:
            _show_counterexample(answer)
        if answer.certificate is not None:
            line(f"{checked(answer.oracles)}: supverify recheck {answer.claim} {answer.certificate}")


def show_classification(found: Classification) -> None:
    """The classes of inputs and outputs, each with its rule, and the counting facts."""
    most = max(found.influence)
    line(f"{found.problem}: {found.inputs:,} inputs, {found.outputs:,} outputs, influence at most {most:,}")
    if found.warning:
        line(found.warning, style="yellow")
    table(
        ("class", "of", "members", "rule", "standing"),
        ((entry.name, entry.of, len(entry.members), entry.rule, entry.standing) for entry in found.classes),
    )
    table(
        ("counting fact", "here", "standing"),
        ((fact.statement, f"{fact.left:,} {fact.relation} {fact.right:,}", fact.standing) for fact in found.facts),
    )


def judgement(audit: Derivation) -> str:
    """PROVED; HOLE where a step could not be decided and none is wrong; else REJECTED."""
    outcomes = {step.outcome for step in audit.steps}
    if audit.status == "PROVED":
        return audit.status
    return "HOLE" if "HOLE" in outcomes and "REJECTED" not in outcomes else "REJECTED"


def show_audit(audit: Derivation) -> None:
    """A line a step, then the answer with all it rests on."""
    line(f"{audit.title} ({audit.path})")
    for step in audit.steps:
        on = f" [{', '.join(step.oracles)}]" if step.oracles else ""
        line(step.outcome, f"{step.name}: {step.says}", f"by {step.rule}{on}")
        _show_refusal(step)
    for conclusion in audit.conclusions:
        line(conclusion.status, conclusion.statement)
    line(judgement(audit), audit.reason or f"steps: {len(audit.steps)}, resting on oracles: {_few(audit.oracles)}")
    for assumption in audit.assumptions:
        line(f"assumes: {assumption}")


def _show_refusal(step: Step) -> None:
    if step.outcome == "ACCEPTED":
        return
    for name, text in (("at", step.place), ("expected", step.expected), ("got", step.got), ("because", step.detail)):
        if text:
            line(f"    {name}: {text}")


def show_step(step: Step) -> None:
    """One step in full: its prose, statement, rule and premises, and what became of it."""
    line(step.outcome, step.name)
    if step.prose:
        line(step.prose)
    parts = {
        "given": step.given,
        "says": step.says,
        "by": step.rule,
        "from": "; ".join(step.premises),
        **{name: " ".join(text.split()) for name, text in step.arguments},
        "oracles": ", ".join(step.oracles),
        "assumes": "; ".join(step.assumptions),
        "place": step.place,
        "expected": step.expected,
        "got": step.got,
        "detail": step.detail,
    }
    for name, text in parts.items():
        if text:
            line(f"{name}: {text}")


def show_repeated(found: Sequence[Repeated], answer: str) -> None:
    """A line for each verdict of a report that was found again, or not and why."""
    for each in found:
        line("again" if each.again else "NOT AGAIN", f"{each.name}: {each.status}", *filter(None, [each.reason]))
    line(answer, f"{sum(each.again for each in found)} of {len(found)}")
