"""The report as Markdown; formulas stay LaTeX between dollar signs, drawings are files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from . import verdicts, wording
from .derivation import Derivation, Step
from .markdown import formula, place, table, timings
from .markdown_sources import document_parts
from .model import Classification, CountingFact, NetworkClaim, NetworkEntry, Report
from .pictures import MISSING
from .plural import plural

METHODS = ("Enumeration", "Z3", "Kernel")


def to_markdown(report: Report, *, folder: str = wording.FOLDER, drawings: Mapping[str, str] | None = None) -> str:
    """The whole report, to be kept in ``folder``; ``drawings``: their alternative texts, by path."""
    parts = [
        f"# {report.title}",
        wording.QUESTION,
        f"**{wording.answer(report)}**",
        *_verdict(report, folder),
        *_basis(report),
        *_again(report, folder),
        "## What was checked",
        wording.abstract(report),
        wording.PLAIN_WORDS,
        *(document_parts(report.documents, folder) if report.documents else ()),
        *_verdicts(report),
        "## Problems and their influence graphs",
        *(part for graph in report.classifications for part in _classification(graph, drawings or {})),
        *_networks(report, folder),
        *_derivations(report, folder),
        "## Glossary",
        "\n".join(f"- **{term}**: {meaning}" for term, meaning in wording.GLOSSARY.items()),
        *_timings(report),
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(report: Report, folder: str) -> Iterator[str]:
    yield "## The verdict"
    yield from (f"**Less than could be:** {wording.missing(tool)}" for tool in report.missing if tool.shows)
    rows = []
    for tally in verdicts.tallies(report):
        out = ", ".join(words for _, words in wording.outcomes(tally))
        rows.append((tally.what, f"{tally.claims:,}", out, wording.tally_rests_on(tally)))
    yield table(("Claims", "How many", "Verdict", "Rests on"), rows)
    yield f"All of it is checked again by `{wording.recheck_everything(folder)}`."


def _basis(report: Report) -> Iterator[str]:
    yield "## What the results rest on"
    yield wording.rests_on(report)
    items = [f"{name}, {what}; `{place}`" for name, (what, place) in wording.TRUSTED.items()]
    items += [f"oracle `{name}`: {wording.oracle(name)}" for name in verdicts.oracles(report)]
    items.append(f"arithmetic, {wording.ARITHMETIC}")
    yield "\n".join(f"- {item}" for item in items)
    taken = verdicts.assumptions(report)
    axioms = [f"`{axiom.name}`: ${axiom.latex}$" for axiom in verdicts.axioms(report)]
    yield _folded(plural(len(taken), "assumption"), taken)
    yield _folded(plural(len(axioms), "axiom"), axioms)


def _folded(heading: str, items: Sequence[str]) -> str:
    """A list that GitHub shows when it is asked for."""
    listed = "\n".join(f"- {item}" for item in items)
    return f"<details><summary>{heading}</summary>\n\n{listed}\n\n</details>" if items else f"{heading}."


def _verdicts(report: Report) -> Iterator[str]:
    yield "## Every claim of a derivation or a network"
    rows = []
    for row in verdicts.results(report):
        statement = formula(row.latex) if row.latex else row.statement
        statement += f" ({row.detail})" if row.detail else ""
        rows.append((row.group, row.title, statement, row.status, row.rests_on))
    yield table(("Group", "Name", "Claim", "Verdict", "Rests on"), rows)


def _again(report: Report, folder: str) -> Iterator[str]:
    yield "## How to check all of it again"
    yield f"```sh\n{wording.recheck_everything(folder)}\n```"
    yield wording.RECHECKED
    yield wording.recheck_kernel(report)
    yield f"```sh\n{wording.recheck_loop(folder)}\n```"
    yield "`supverify report` makes this whole report again, with its searches."


def _classification(graph: Classification, drawings: Mapping[str, str]) -> Iterator[str]:
    yield f"### `{graph.problem}`: {graph.inputs} inputs, {graph.outputs} outputs"
    if graph.warning:
        yield graph.warning
    rows = [(group.name, f"{group.of}s", len(group.members), group.rule, group.standing) for group in graph.classes]
    yield table(("Class", "Of", "Members", "Rule", "Standing"), rows)
    for kind in ("graph", "histogram") if graph.drawn else ("histogram",):
        path = f"drawings/{graph.name}-{kind}.svg"
        yield f"![{drawings[path]}]({path})" if path in drawings else f"{kind}: {MISSING}"
    if graph.facts:
        yield table(("Statement", "Here", "Holds", "Standing"), map(_fact_row, graph.facts))


def _fact_row(fact: CountingFact) -> tuple[object, ...]:
    sides = f"{fact.left:,} {fact.relation} {fact.right:,}"
    return (fact.statement, sides, "yes" if fact.holds else "NO", fact.standing)


def _networks(report: Report, folder: str) -> Iterator[str]:
    yield "## Networks"
    yield table(
        ("Network", "Criterion", "k", "Inputs covered", "Wrong", "Margin", *METHODS, "Evidence", "Bytes"),
        (_claim_row(entry, claim) for entry in report.networks for claim in entry.claims),
    )
    yield "### Broken twins"
    yield table(
        ("Twin of", "Change", "Active inputs", "Output", "Expected", "Got", *METHODS),
        (row for entry in report.networks for row in _twin_row(entry)),
    )
    yield "### Sizes"
    yield wording.size_sentence(report)
    yield table(
        ("Network", "Problem", "m", "M", "k", "n", "n / max(m, M)", "Parameters", "Bits", "Floor for n"),
        map(_size_row, report.networks),
    )
    for entry in report.networks:
        yield from _pictures(entry)
    yield "### Evidence, network by network"
    for entry in report.networks:
        yield f"#### {entry.name}"
        yield wording.network_sentence(entry)
        for claim in entry.claims:
            yield from _evidence(claim, folder)
        if entry.twin:
            yield f"Broken twin. The change: {entry.twin.change}."
            yield "\n".join(f"- {wording.wrong(output)}" for output in entry.twin.wrong)
            yield from _evidence(entry.twin.claim, folder)


def _pictures(entry: NetworkEntry) -> Iterator[str]:
    if entry.drawings:
        yield f"### What {entry.name} looks like"
        yield wording.pictured(entry)
    for drawing in entry.drawings:
        yield f"#### {drawing.title}"
        words = f"{drawing.title}. {drawing.alternative}"
        yield f"![{words}]({drawing.path})" if drawing.path else f"{words} ({MISSING})"
        yield drawing.caption


def _said(claim: NetworkClaim) -> tuple[str, ...]:
    """A cell for each of METHODS."""
    return tuple(status or "not asked" for status in (claim.said("enumerate"), claim.said("smt"), claim.kernel))


def _claim_row(entry: NetworkEntry, claim: NetworkClaim) -> tuple[object, ...]:
    counted = (claim.counts.wrong_inputs, claim.counts.min_margin) if claim.counts else ("not counted", "")
    sizes = (wording.evidence(claim), f"{claim.evidence.certificate_bytes:,}" if claim.evidence else "")
    return (entry.name, claim.criterion, claim.k, f"{claim.covered:,}", *counted, *_said(claim), *sizes)


def _twin_row(entry: NetworkEntry) -> Iterator[tuple[object, ...]]:
    if entry.twin is None:
        return
    claim, first = entry.twin.claim, entry.twin.wrong[:1]
    shown = [(f"{wrong.output}: {wrong.computes}", wrong.expected, wrong.got) for wrong in first]
    active = "no counterexample" if claim.counterexample is None else wording.active(claim.counterexample)
    yield (entry.name, entry.twin.change, active, *(shown[0] if shown else ("", "", "")), *_said(claim))


def _size_row(entry: NetworkEntry) -> tuple[object, ...]:
    shape = (f"{entry.inputs:,}", f"{entry.outputs:,}", entry.k, f"{entry.neurons:,}", wording.ratio(entry))
    return (entry.name, f"`{entry.problem}`", *shape, f"{entry.parameters:,}", f"{entry.bits:,}", entry.floor)


def _evidence(claim: NetworkClaim, folder: str) -> Iterator[str]:
    yield f"{claim.status}: {claim.sentence}; {claim.reason}."
    if claim.evidence:
        lines = [*claim.evidence.regenerate, wording.recheck_command(claim.evidence, folder)]
        yield "\n".join(["```sh", *lines, "```"])


def _derivations(report: Report, folder: str) -> Iterator[str]:
    yield "## Derivations"
    for derivation in report.derivations:
        yield place(derivation.name)
        yield f"### {derivation.title}: {derivation.status}"
        yield from _derivation(derivation, folder)


def _derivation(derivation: Derivation, folder: str) -> Iterator[str]:
    rests_on = ", ".join(derivation.oracles) or "the calculus alone"
    yield f"`{derivation.path}`; rests on {rests_on}." + (f" {derivation.reason}." if derivation.reason else "")
    yield f"[The text]({derivation.file}) and [what became of each step]({derivation.evidence}); again:"
    yield f"```sh\n{wording.audit_command(derivation.file, folder)}\n```"
    if derivation.source:
        yield f"Source: {derivation.source}"
    if derivation.assumptions:
        yield "\n".join(f"- assumption: {text}" for text in derivation.assumptions)
    yield "\n".join(f"- {item.status}: {formula(item.latex)}" for item in derivation.conclusions)
    for step in derivation.steps:
        if step.prose:
            yield _lowered(step.prose)
        yield _step(step)
    if derivation.closing:
        yield _lowered(derivation.closing)


def _lowered(prose: str) -> str:
    """Its headings two levels down, below the derivation's own; lines of fenced blocks are left alone."""
    lines, fenced = [], False
    for line in prose.splitlines():
        fenced ^= line.startswith("```")
        lines.append(f"##{line}" if line.startswith("#") and not fenced else line)
    return "\n".join(lines)


def _step(step: Step) -> str:
    lines = [f"> **{step.name}** {step.outcome}: ${step.latex}$"]
    by = f"> by `{step.rule}`" + (f" from {', '.join(step.premises)}" if step.premises else "")
    lines.append(by + (f"; relies on {', '.join(step.oracles)}" if step.oracles else ""))
    if step.given_latex:
        lines.insert(1, "> for " + ", ".join(f"${item}$" for item in step.given_latex))
    lines += [f"> {name}: `{' '.join(text.split())}`" for name, text in step.arguments]
    if step.detail:
        lines.append(f"> {step.detail}")
    if step.got:
        lines.append(f"> {step.place}: expected {step.expected or 'accepted premises'}; got {step.got}")
    return "\n>\n".join(lines)


def _timings(report: Report) -> Iterator[str]:
    yield from timings(report.measured)
    if report.missing:
        yield "### Tools that were not there"
        yield "\n".join(f"- {wording.missing(tool)}" for tool in report.missing)
