"""The claims of documents on a terminal: what stands, what falls, and what contradicts what."""

from __future__ import annotations

from ..oracles.sources import Conflict, Finding, Sources
from ..report.sources import STANDINGS
from .tables import line


def show_sources(found: Sources, *, path: str) -> None:
    """A line a claim, document by document, then every conflict."""
    line(f"the claims of {path}")
    for source in dict.fromkeys(finding.claim.source for finding in found.findings):
        line(source)
        for finding in found.findings:
            if finding.claim.source == source:
                _show_finding(finding)
    for conflict in found.conflicts:
        _show_conflict(conflict)
    counts = ", ".join(
        f"{sum(finding.standing == standing for finding in found.findings)} {word.lower()}"
        for standing, word in STANDINGS.items()
    )
    contradictions = sum(conflict.kind == "contradiction" for conflict in found.conflicts)
    line(f"{len(found.findings)} claims: {counts}; {contradictions} contradictions between them")


def _show_finding(finding: Finding) -> None:
    claim = finding.claim
    said = f"{claim.quantity} {claim.side} {claim.growth}" if claim.growth else claim.statement or claim.place
    on = f" [{', '.join(finding.oracles)}]" if finding.oracles else ""
    line(STANDINGS[finding.standing], f"{claim.id}: {said}", f"{finding.reason}{on}")
    for hypothesis in claim.hypotheses:
        line(f"    if: {hypothesis}")


def _show_conflict(conflict: Conflict) -> None:
    line(
        conflict.kind.upper(),
        f"{conflict.first} and {conflict.second}",
        f"not {conflict.question}: {conflict.reason}",
    )
