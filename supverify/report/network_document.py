"""The report of one network as a document: question and verdict, what it rests on, how to check it, then details."""

from __future__ import annotations

from collections.abc import Iterator

from supverify.notebook_table import table_html

from . import wording_network as words
from .document import Block, Code, Command, Document, Inline, Pairs, Paragraph, Section
from .network_details import details
from .network_model import NetworkReport
from .wording import GLOSSARY, TRUSTED, oracle

RECHECK = "supverify recheck {claim} {certificate}"
TERMS = ("feature", "superposition", "influence", "margin", "certificate", "kernel", "oracle")
"""Of the glossary, what the report of one network speaks of."""


def document(report: NetworkReport) -> Document:
    """What its page, its Markdown and its PDF say."""
    sections = (
        Section("basis", "What the verdict rests on", tuple(_basis(report))),
        Section("again", "How to check it again", tuple(_again(report))),
        *details(report),
        Section("glossary", "Glossary", (Pairs(tuple((term, (GLOSSARY[term],)) for term in TERMS)),)),
    )
    made: tuple[Inline, ...] = ("Made by ", Code(report.again or "supverify"), "; not written by hand.")
    return Document(
        title=words.asked(report.question),
        status=report.claim.status,
        mark=words.MARKS[report.claim.status],
        answer=words.answered(report),
        plain=words.shape(report),
        sections=sections,
        made=made,
        measured=report.measured,
    )


def notebook_html(report: NetworkReport) -> str:
    """The first page as a small table, every text escaped."""
    rows = {
        "question": words.asked(report.question),
        report.claim.status: words.answered(report),
        "rests on": words.trust(report),
        "arithmetic": words.arithmetic(report.decided_in),
        "network": words.shape(report),
    }
    return table_html(rows.items())


def _basis(report: NetworkReport) -> Iterator[Block]:
    what, place = TRUSTED["kernel"]
    items: list[tuple[str, tuple[Inline, ...]]] = [
        ("Trust", (words.trust(report),)),
        ("Kernel", (f"{what}; ", Code(place))),
    ]
    items += [(f"Oracle {name}", (oracle(name),)) for name in report.claim.oracles] or [("Oracles", ("none",))]
    items += [
        ("Arithmetic", (words.arithmetic(report.decided_in), *_weakest(report))),
        ("Outputs", (words.criterion(report.question),)),
        ("Assumptions", (words.ASSUMED,)),
    ]
    yield Pairs(tuple(items))


def _weakest(report: NetworkReport) -> Iterator[str]:
    """Which arithmetic it is, where there are several."""
    if report.arithmetic:
        yield f" The verdict is the worst of {len(report.arithmetic)} arithmetics, that of {report.decided_in}."


def _again(report: NetworkReport) -> Iterator[Block]:
    evidence = report.claim.evidence
    if report.claim.status == "UNKNOWN":
        yield Paragraph((words.undecided(report),))
    if evidence is None:
        yield Paragraph((words.NO_EVIDENCE, Code(report.files[0].path if report.files else ""), "."))
    else:
        yield Paragraph(("In the folder of this page:",))
        yield Command(RECHECK.format(claim=evidence.claim, certificate=evidence.certificate))
        yield Paragraph(
            (
                words.rechecked(report),
                " Where supverify is a checkout and nothing is installed, the same with ",
                Code("python -S -m supverify.kernel"),
                " in place of ",
                Code("supverify recheck"),
                ".",
            )
        )
        yield Paragraph((words.evidence(evidence),))
    if report.again:
        yield Paragraph(("This whole report again, in the folder of the network:",))
        yield Command(report.again)
