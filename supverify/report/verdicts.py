"""The verdicts of a report: a row a claim, whom one has to believe for it, and how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .derivation import Axiom
from .model import NetworkClaim, NetworkEntry, Report
from .plural import plural

VERIFIED, BROKEN = "Networks", "Broken twins: one weight changed, to be refuted"
DECIDED = ("PROVED", "REFUTED")
Outcome = tuple[str, tuple[str, ...], tuple[str, ...]]  # status, oracles, assumptions


@dataclass(frozen=True, kw_only=True)
class Result:
    """One row of the verdict table; ``group`` is the derivation's title for what a derivation settles.

    ``anchor`` is where its evidence stands; ``title`` names the step or the claim.
    """

    group: str
    anchor: str
    title: str
    statement: str
    status: str
    oracles: tuple[str, ...]
    latex: tuple[str, ...] = ()
    detail: str = ""
    assumptions: tuple[str, ...] = ()

    @property
    def rests_on(self) -> str:
        """The oracles, or the trusted part alone, and how many assumptions."""
        return resting(self.oracles, self.assumptions, alone="calculus" if self.latex else "kernel")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many claims of one kind there are and how they came out; ``anchor`` is where they stand in the page.

    ``undecided``: neither proved nor refuted. ``alone``: decided without any oracle.
    """

    what: str
    anchor: str
    claims: int
    proved: int
    refuted: int
    undecided: int
    alone: int
    oracles: tuple[str, ...]
    assumptions: int


def resting(oracles: Iterable[str], assumptions: Collection[str], *, alone: str) -> str:
    """The oracles, or the trusted part alone, and how many assumptions."""
    assumed = f"; {plural(len(assumptions), 'assumption')}" if assumptions else ""
    return (", ".join(oracles) or alone) + assumed


def tallies(report: Report) -> tuple[Tally, ...]:
    """The first page's table: documents, derivations, networks and broken twins, as far as the report has them."""
    documents = report.documents.claims if report.documents else ()
    rows = (
        ("Claims of the documents", "documents", [(c.standing, c.oracles, c.assumptions) for c in documents]),
        ("Bounds, derived with their constants", "derivations", _outcomes(_derived(report))),
        ("Networks, on every input", "networks", _outcomes(_verified(report))),
        ("Networks broken on purpose", "twins", _outcomes(_broken(report))),
    )
    return tuple(_tally(what, anchor, outcomes) for what, anchor, outcomes in rows if outcomes)


def tallies_html(report: Report) -> str:
    """The title and the first page's table, every text escaped."""
    heads = ("", "claims", "proved", "refuted", "undecided", "without any oracle", "oracles")
    rows = [
        (t.what, t.claims, t.proved, t.refuted, t.undecided, t.alone, ", ".join(t.oracles) or "none")
        for t in tallies(report)
    ]
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(report.title)}</caption><tr>{head}</tr>{body}</table>"


def _outcomes(rows: Iterable[Result]) -> list[Outcome]:
    return [(row.status, row.oracles, row.assumptions) for row in rows]


def _tally(what: str, anchor: str, outcomes: Sequence[Outcome]) -> Tally:
    statuses = Counter(status for status, _, _ in outcomes)
    proved, refuted = statuses["PROVED"], statuses["REFUTED"]
    return Tally(
        what=what,
        anchor=anchor,
        claims=len(outcomes),
        proved=proved,
        refuted=refuted,
        undecided=len(outcomes) - proved - refuted,
        alone=sum(status in DECIDED and not oracles for status, oracles, _ in outcomes),
        oracles=tuple(sorted({name for _, oracles, _ in outcomes for name in oracles})),
        assumptions=len({text for _, _, assumptions in outcomes for text in assumptions}),
    )


def results(report: Report) -> tuple[Result, ...]:
    """Derivations, networks, then their broken twins."""
    return (*_derived(report), *_verified(report), *_broken(report))


def oracles(report: Report) -> tuple[str, ...]:
    """Every tool outside the kernel that some result relies on."""
    return tuple(sorted({name for tally in tallies(report) for name in tally.oracles}))


def assumptions(report: Report) -> tuple[str, ...]:
    """Every assumption that some result rests on."""
    return tuple(dict.fromkeys(text for result in results(report) for text in result.assumptions))


def axioms(report: Report) -> tuple[Axiom, ...]:
    """Every elementary fact that some derivation uses without a proof."""
    return tuple(sorted({axiom for entry in report.derivations for axiom in entry.axioms}, key=lambda a: a.name))


def network_claims(report: Report) -> tuple[NetworkClaim, ...]:
    """Every claim about a network, broken twins last."""
    claims = [claim for entry in report.networks for claim in entry.claims]
    return (*claims, *(entry.twin.claim for entry in report.networks if entry.twin is not None))


def _derived(report: Report) -> Iterator[Result]:
    for derivation in report.derivations:
        for conclusion in derivation.conclusions:
            yield Result(
                group=derivation.title,
                anchor=derivation.name,
                title=conclusion.step,
                statement=conclusion.statement,
                status=conclusion.status,
                oracles=conclusion.oracles,
                latex=conclusion.latex,
                detail=conclusion.detail,
                assumptions=conclusion.assumptions,
            )


def _verified(report: Report) -> Iterator[Result]:
    for network in report.networks:
        yield from (_row(VERIFIED, network, claim) for claim in network.claims)


def _broken(report: Report) -> Iterator[Result]:
    for network in report.networks:
        if network.twin is not None:
            yield _row(BROKEN, network, network.twin.claim)


def _row(group: str, network: NetworkEntry, claim: NetworkClaim) -> Result:
    return Result(
        group=group,
        anchor=network.name,
        title=claim.name,
        statement=claim.sentence,
        status=claim.status,
        oracles=claim.oracles,
    )
