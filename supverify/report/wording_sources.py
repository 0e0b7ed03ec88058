"""The sentences about the claims of documents that Markdown and HTML share."""

from __future__ import annotations

from shlex import quote

from .plural import plural
from .sources import CONTRADICTION, DIFFERENCE, STANDINGS, DocumentClaim, DocumentConflict, Documents
from .verdicts import resting
from .wording import audit_command

DOCUMENTS = (
    "What the documents about the paper claim, restated so that it can be decided; beside each stands its place in "
    "the document's file, as it is printed there. Proved: a derivation has it, with the hypotheses that are named. "
    "Refuted: it is false, or contradicts a claim that is proved. Open: nothing here decides it."
)
CONTRADICTIONS = (
    "Two claims contradict each other if both cannot hold: what one says is needed outgrows what the other says is "
    "enough. They were found by comparing every two claims about one quantity, not typed in."
)


DIFFERENCES = (
    "Two claims differ, of one document or of two, if they give one bound two growths. Both may hold, but then one "
    "of them says less than the other, or is printed wrongly."
)


def anchor(name: str) -> str:
    """The place of a document's claim in the page."""
    return f"claim-{name}"


def again(claim: DocumentClaim, folder: str) -> str:
    """The command that gives the verdict on a document's claim once more."""
    if claim.question and claim.standing != "OPEN":
        return f"supverify ask {quote(claim.question)}"
    return audit_command(claim.file, folder)


def judged(claim: DocumentClaim) -> str:
    """The verdict on a document's claim in words."""
    return f"{claim.standing.lower()}: {claim.reason}"


def claim_rests_on(claim: DocumentClaim) -> str:
    """Whom one has to believe for it; nobody where it is open."""
    return "" if claim.standing == "OPEN" else resting(claim.oracles, claim.assumptions, alone="calculus")


def counted(documents: Documents) -> str:
    """How the claims of the documents came out."""
    standings = documents.standings
    words = ", ".join(f"{standings[standing]} {standing.lower()}" for standing in STANDINGS.values())
    contradictions, differences = (len(documents.between(kind)) for kind in (CONTRADICTION, DIFFERENCE))
    return (
        f"{plural(len(documents.claims), 'claim')}: {words}; {plural(contradictions, 'contradiction')} between them, "
        f"and {plural(differences, 'difference')} in what they give for one bound."
    )


def against(conflict: DocumentConflict) -> str:
    """Why not both, and whom one has to believe for it."""
    return f"{conflict.reason} [{', '.join(conflict.oracles)}]"
