"""An audited derivation as plain values of a report: its steps with their prose, and what it settles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a derivation and what its rule said; ``prose`` stands before it.

    ``arguments`` are what the author handed to the rule, such as the multipliers of a combination.
    """

    name: str
    prose: str
    says: str
    latex: str
    given: str
    given_latex: tuple[str, ...]
    rule: str
    outcome: str
    premises: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    place: str = ""
    expected: str = ""
    got: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """A statement that a derivation settles: PROVED, or REFUTED where it establishes the negation.

    ``latex`` is in pieces between which a line may break.
    """

    statement: str
    latex: tuple[str, ...]
    step: str
    status: str
    oracles: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Axiom:
    """An elementary fact that the calculus lets derivations use without a proof."""

    name: str
    statement: str
    latex: str


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """An audited derivation; ``axioms`` are those that its steps cite, ``closing`` the prose after the last step.

    ``digest`` is the SHA-256 of the text at ``path`` that was audited.
    """

    name: str
    title: str
    path: str
    digest: str
    status: str
    reason: str
    conclusions: tuple[Conclusion, ...]
    steps: tuple[Step, ...]
    source: str = ""
    oracles: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    axioms: tuple[Axiom, ...] = ()
    closing: str = ""

    @property
    def file(self) -> str:
        """The text that was audited, in the report's folder."""
        return f"evidence/{PurePath(self.path).name}"

    @property
    def evidence(self) -> str:
        """What became of its steps, in the report's folder."""
        return str(PurePosixPath(self.file).with_suffix(".json"))
