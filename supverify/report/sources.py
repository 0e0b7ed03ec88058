"""What documents claim, judged against derivations and against each other, as plain values of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

CONTRADICTION, DIFFERENCE = "contradiction", "difference"
STANDINGS = {"proved": "PROVED", "refuted": "REFUTED", "open": "OPEN"}
"""What became of a claim, as it is judged and as it is shown."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A statement as text, and its LaTeX in pieces between which a line may break."""

    statement: str
    latex: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DocumentClaim:
    """A claim that stands in the document ``source`` at ``place``, and what became of it: PROVED, REFUTED or OPEN.

    ``formula`` is what it says, of ``subject`` if it bounds something; ``exactly`` are the statements, with constants
    and hypotheses, by which the derivation at ``anchor`` says it. An audit of ``file``, or the ``question`` if there
    is one, gives the verdict again, which ``evidence`` holds; both are files of the report.
    """

    name: str
    source: str
    place: str
    subject: str
    formula: Formula | None
    exactly: tuple[Formula, ...]
    standing: str
    reason: str
    file: str
    evidence: str
    oracles: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    question: str = ""
    derivation: str = ""
    anchor: str = ""

    @property
    def statement(self) -> str:
        """What it says, as text."""
        said = (self.formula,) if self.formula else self.exactly
        text = "; ".join(formula.statement for formula in said)
        return f"{self.subject}: {text}" if self.subject else text


@dataclass(frozen=True, kw_only=True)
class DocumentConflict:
    """Two claims, by name, that cannot both hold (contradiction), or that give one bound two growths (difference).

    ``question`` would have to be true if both held, and is not.
    """

    kind: str
    first: str
    second: str
    question: Formula
    reason: str
    oracles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The claims of the file at ``path``, and every conflict; ``file`` and ``evidence`` are the report's own."""

    path: str
    file: str
    evidence: str
    claims: tuple[DocumentClaim, ...]
    conflicts: tuple[DocumentConflict, ...]

    @property
    def sources(self) -> Mapping[str, tuple[DocumentClaim, ...]]:
        """The claims of each document."""
        return {
            source: tuple(claim for claim in self.claims if claim.source == source)
            for source in dict.fromkeys(claim.source for claim in self.claims)
        }

    @property
    def standings(self) -> Counter[str]:
        """How many claims are proved, refuted and open."""
        return Counter(claim.standing for claim in self.claims)

    def between(self, kind: str) -> tuple[DocumentConflict, ...]:
        """The conflicts of one kind."""
        return tuple(conflict for conflict in self.conflicts if conflict.kind == kind)

    def claim(self, name: str) -> DocumentClaim:
        """The claim of that name."""
        return next(claim for claim in self.claims if claim.name == name)
