"""The verdict table of a report: one row a claim, and whom one has to believe for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Axiom, NetworkClaim, NetworkEntry, Report

VERIFIED, BROKEN = "Networks", "Broken twins: one weight changed, to be refuted"


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
        alone = "calculus" if self.latex else "kernel"
        count = len(self.assumptions)
        assumed = f"; {count} assumption{'' if count == 1 else 's'}" if count else ""
        return (", ".join(self.oracles) or alone) + assumed


def results(report: Report) -> tuple[Result, ...]:
    """Derivations, networks, then their broken twins."""
    return (*_derived(report), *_verified(report), *_broken(report))


def oracles(report: Report) -> tuple[str, ...]:
    """Every tool outside the kernel that some result relies on."""
    return tuple(sorted({name for result in results(report) for name in result.oracles}))


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
