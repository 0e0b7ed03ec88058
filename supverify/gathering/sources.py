"""The claims of documents in a report: judged, and joined with the derivations and the evidence that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..calculus.audit import Audit
from ..calculus.grammar import parse
from ..calculus.statement import Tree, show
from ..files import read_bytes
from ..kernel.codec import encode
from ..oracles import audit_file
from ..oracles.question import read_question
from ..oracles.sources import Conflict, Finding, SourceClaim, Sources, judge, read_claims
from ..report.audited import audit_text
from ..report.derivation import Derivation
from ..report.derived import derivation_entry
from ..report.formulas import bound, pieces
from ..report.json_parts import json_text
from ..report.model import EvidenceFile
from ..report.sources import STANDINGS, DocumentClaim, DocumentConflict, Documents, Formula

CLAIMS = "claims.toml"
BOUNDS = {"at least": "Omega", "at most": "O"}


@dataclass(frozen=True)
class Audited:
    """A derivation's audit, and the same as a report shows it."""

    audit: Audit
    entry: Derivation

    @property
    def files(self) -> tuple[EvidenceFile, EvidenceFile]:
        """The text that was audited, and what became of its steps."""
        text = EvidenceFile(path=self.entry.file, content=self.audit.derivation.text.encode())
        return text, EvidenceFile(path=self.entry.evidence, content=audit_text(self.entry))


def shown_path(path: Path) -> str:
    """The path of a file of the project as a report names it: ``proofs/06-neurons.md``."""
    return f"{path.parent.name}/{path.name}"


def audited(path: Path, *, shown: str) -> Audited:
    """Audits the derivation in the file at ``path``, which the report names ``shown``; raises Malformed."""
    found = audit_file(path)
    return Audited(found, derivation_entry(found, path=shown))


def document_entries(
    path: Path, derivations: Mapping[str, Audited], *, shown: str
) -> tuple[Documents, tuple[EvidenceFile, EvidenceFile]]:
    """The claims in the file at ``path``, judged against ``derivations`` by the names of their files, with evidence.

    ``shown`` is the path that the report names. Raises Malformed for a file that is not one of claims, or that names
    a derivation which is not there.
    """
    found = judge(read_claims(path), {name: each.audit for name, each in derivations.items()})
    file = f"evidence/{path.name}"
    evidence = str(PurePosixPath(file).with_suffix(".json"))
    documents = Documents(
        path=shown,
        file=file,
        evidence=evidence,
        claims=tuple(_claim(finding, derivations, file=file, evidence=evidence) for finding in found.findings),
        conflicts=tuple(map(_conflict, found.conflicts)),
    )
    files = (
        EvidenceFile(path=file, content=read_bytes(path)),
        EvidenceFile(path=evidence, content=sources_text(found)),
    )
    return documents, files


def sources_text(found: Sources) -> bytes:
    """The file that judging the same claims again has to give, to the byte."""
    return json_text({"format": "supverify-claims-1", **encode(found)}).encode()


def _claim(finding: Finding, derivations: Mapping[str, Audited], *, file: str, evidence: str) -> DocumentClaim:
    claim = finding.claim
    derivation = derivations[claim.derivation].entry if claim.derivation else None
    return DocumentClaim(
        name=claim.id,
        source=claim.source,
        place=claim.place,
        subject=f"{claim.quantity}, {claim.side}" if claim.growth else "",
        formula=_said(claim),
        exactly=tuple(_formula(parse(text, claim.id)) for text in claim.restated),
        standing=STANDINGS[finding.standing],
        reason=finding.reason,
        file=derivation.file if derivation else file,
        evidence=derivation.evidence if derivation else evidence,
        oracles=finding.oracles,
        assumptions=derivation.assumptions if derivation else (),
        hypotheses=claim.hypotheses,
        question=claim.statement,
        derivation=derivation.path if derivation else "",
        anchor=derivation.name if derivation else "",
    )


def _said(claim: SourceClaim) -> Formula | None:
    if claim.growth:
        head = BOUNDS[str(claim.side)]
        return Formula(statement=f"{head}({claim.growth})", latex=(bound(head, claim.tree),))
    return _formula(read_question(claim.statement).statement) if claim.statement else None


def _conflict(conflict: Conflict) -> DocumentConflict:
    return DocumentConflict(
        kind=conflict.kind,
        first=conflict.first,
        second=conflict.second,
        question=_formula(parse(conflict.question, conflict.kind)),
        reason=conflict.reason,
        oracles=conflict.oracles,
    )


def _formula(tree: Tree) -> Formula:
    return Formula(statement=show(tree), latex=pieces(tree))
