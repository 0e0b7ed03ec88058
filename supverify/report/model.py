"""What a report says, as immutable plain values: gathered elsewhere, rendered here to JSON, Markdown and HTML.

Everything but ``Report.measured`` is a function of the input files and their seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from .derivation import Derivation
from .sources import Documents


@dataclass(frozen=True, kw_only=True)
class EngineAnswer:
    """One engine's opinion on a claim."""

    engine: str
    status: str
    oracles: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Exact counts over every covered input of a claim; ``min_margin`` is a fraction as text."""

    wrong_inputs: int
    wrong_entries: int
    ties: int
    min_margin: str
    wrong_per_size: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The files from which the kernel alone repeats a verdict; paths are relative to the report.

    ``kind``: a tree of cases, a replay of every input, or a witness; ``steps`` counts the words of the certificate.
    ``regenerate`` holds the commands that make the claim file where it is too large to be kept.
    """

    kind: str
    claim: str
    certificate: str
    digest: str
    claim_bytes: int
    certificate_bytes: int
    steps: int
    regenerate: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkClaim:
    """One claim about one network, of whose inputs ``covered`` are decided.

    ``status`` is what the kernel said of the evidence; without evidence it rests on ``oracles``.
    """

    name: str
    sentence: str
    criterion: str
    k: int
    mode: str
    covered: int
    status: str
    reason: str
    counts: Counts | None
    answers: tuple[EngineAnswer, ...]
    evidence: Evidence | None
    oracles: tuple[str, ...] = ()
    counterexample: tuple[int, ...] | None = None

    @property
    def kernel(self) -> str | None:
        """What the kernel said, if it was shown anything."""
        return self.status if self.evidence else None

    def said(self, engine: str) -> str | None:
        """What that engine said, if it was asked."""
        return next((answer.status for answer in self.answers if answer.engine == engine), None)


@dataclass(frozen=True, kw_only=True)
class WrongOutput:
    """An output that a counterexample shows to be wrong: what it should compute, should be, and is."""

    output: int
    computes: str
    expected: str
    got: str


@dataclass(frozen=True, kw_only=True)
class Twin:
    """The same network with one weight changed, and the input on which it fails."""

    change: str
    claim: NetworkClaim
    wrong: tuple[WrongOutput, ...]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture: how to read it (``caption``), what is seen in words and numbers, and its file (None: not drawn)."""

    name: str
    title: str
    caption: str
    alternative: str
    path: str | None


@dataclass(frozen=True, kw_only=True)
class NetworkEntry:
    """A network that was built and verified; ``widths`` are inputs, then layers.

    ``neurons`` is the widest ReLU layer, ``separate`` the width without superposition, ``floor`` the width that
    counting asks for; ``bits`` hold all weights and biases. ``variant`` is the construction, if it was chosen;
    ``drawings`` are the pictures of the network, and of how its twin fails.
    """

    name: str
    problem: str
    kind: str
    inputs: int
    outputs: int
    k: int
    seed: int
    neurons: int
    separate: int
    widths: tuple[int, ...]
    parameters: int
    bits: int
    floor: int
    claims: tuple[NetworkClaim, ...]
    twin: Twin | None = None
    variant: str = ""
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassCount:
    """A class of inputs or outputs (``of`` is input or output), its rule, whose rule it is, and its members."""

    name: str
    of: str
    rule: str
    standing: str
    members: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CountingFact:
    """A counting statement with both sides worked out for the instance."""

    statement: str
    left: int
    relation: str
    right: int
    holds: bool
    standing: str


@dataclass(frozen=True, kw_only=True)
class Classification:
    """A problem's influence graph: ``edges`` joins inputs with outputs.

    ``thresholds`` are pairs (exponent of M as text, whose threshold it is).
    """

    name: str
    problem: str
    inputs: int
    outputs: int
    edges: tuple[tuple[int, int], ...]
    influence: tuple[int, ...]
    classes: tuple[ClassCount, ...]
    facts: tuple[CountingFact, ...]
    thresholds: tuple[tuple[str, str], ...]
    warning: str = ""
    drawn: bool = True


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """A file under the report's folder: one that a verdict was read from, or a drawing."""

    path: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What depends on the machine: seconds spent, and versions of the tools used."""

    seconds: tuple[tuple[str, float], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class MissingTool:
    """An optional tool that is not there, and what is left out for it; ``shows``: outside the timings, too."""

    name: str
    install: str
    left_out: str
    shows: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report."""

    title: str
    classifications: tuple[Classification, ...]
    networks: tuple[NetworkEntry, ...]
    derivations: tuple[Derivation, ...]
    documents: Documents | None = None
    files: tuple[EvidenceFile, ...] = ()
    measured: Measured = Measured()
    missing: tuple[MissingTool, ...] = ()

    def _repr_html_(self) -> str:
        """What a notebook shows: how many claims of each kind came out how, and what they rest on."""
        from .verdicts import tallies_html  # plain values need no page

        return tallies_html(self)
