"""The claims of documents as Markdown: a table for each document, then who contradicts whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import wording_sources as wording
from .markdown import formula, place, table
from .sources import CONTRADICTION, DIFFERENCE, DocumentClaim, DocumentConflict, Documents
from .wording import audit_command


def document_parts(documents: Documents, folder: str) -> Iterator[str]:
    """The section, for a report that is kept in ``folder``."""
    yield "## Claims of the documents"
    yield wording.DOCUMENTS
    yield f"{wording.counted(documents)} [The claims]({documents.file}) of `{documents.path}`, judged again by"
    yield f"```sh\n{audit_command(documents.file, folder)}\n```"
    for source, claims in documents.sources.items():
        yield f"### `{source}`"
        head = ("Claim", "Says", "Verdict", "Rests on", "Place in the document", "Evidence")
        yield table(head, (_row(claim, folder) for claim in claims))
    yield "### Contradictions"
    yield wording.CONTRADICTIONS
    yield _conflicts(documents, documents.between(CONTRADICTION))
    yield "### Differences"
    yield wording.DIFFERENCES
    yield _conflicts(documents, documents.between(DIFFERENCE))


def _row(claim: DocumentClaim, folder: str) -> tuple[str, ...]:
    said = (claim.formula,) if claim.formula else claim.exactly
    text = (f"{claim.subject}: " if claim.subject else "") + "; ".join(formula(one.latex) for one in said)
    if claim.formula and claim.exactly:
        text += "; exactly: " + "; ".join(formula(one.latex) for one in claim.exactly)
    text += "".join(f"; if: {hypothesis}" for hypothesis in claim.hypotheses)
    derivation = f"[{claim.derivation}](#{claim.anchor}), [text]({claim.file}), " if claim.derivation else ""
    links = f"{derivation}[evidence]({claim.evidence}); `{wording.again(claim, folder)}`"
    name = f"{place(wording.anchor(claim.name))}{claim.name}"
    return name, text, wording.judged(claim), wording.claim_rests_on(claim), f"`{claim.place}`", links


def _conflicts(documents: Documents, conflicts: Sequence[DocumentConflict]) -> str:
    if not conflicts:
        return "none"
    head = ("One says", "The other says", "Both would need", "But")
    return table(head, (_conflict(documents, conflict) for conflict in conflicts))


def _conflict(documents: Documents, conflict: DocumentConflict) -> tuple[str, ...]:
    sides = (_side(documents.claim(name)) for name in (conflict.first, conflict.second))
    return (*sides, formula(conflict.question.latex), wording.against(conflict))


def _side(claim: DocumentClaim) -> str:
    said = formula(claim.formula.latex) if claim.formula else ""
    return f"[{claim.name}](#{wording.anchor(claim.name)}) {claim.subject}: {said}"
