"""What a report says of a user's network, as immutable plain values."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Classification, Drawing, EvidenceFile, Measured, NetworkClaim, WrongOutput
from .superposition_model import Superposition


@dataclass(frozen=True, kw_only=True)
class FailingGate:
    """An output that is wrong somewhere: on how many inputs, and on which first (fewest active, lexicographic)."""

    output: int
    computes: str
    wrong_inputs: int
    first: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorProbability:
    """The exact probability that some output is wrong on a random input, as a fraction in text.

    ``inputs`` says how it is drawn, ``about`` is it in decimals. ``lower`` and ``upper`` enclose it; they differ
    where inputs may be drawn that the claim does not cover, whose ``covered`` is below 1. ``given_covered`` is the
    probability among covered ones.
    """

    inputs: str
    about: str
    lower: str
    upper: str
    covered: str
    given_covered: str | None


@dataclass(frozen=True, kw_only=True)
class ArithmeticAnswer:
    """The verdict in one arithmetic, with its counts where every input was gone through.

    ``error_bound`` bounds the distance of every computed output from the exact one; ``rounded_weights`` counts the
    weights and biases that the arithmetic does not hold; ``refuted_in`` is the order of sums that goes wrong.
    """

    arithmetic: str
    status: str
    reason: str
    oracles: tuple[str, ...]
    counterexample: tuple[int, ...] | None
    refuted_in: str | None
    wrong_inputs: int | None
    wrong_entries: int | None
    min_margin: str | None
    error_bound: str | None
    rounded_weights: int


@dataclass(frozen=True, kw_only=True)
class LargestK:
    """The largest k for which the network is exact on every input with at most k ones; None where not even on 0.

    ``final``: it is known to be wrong for the next k (on ``counterexample``), or there are no more inputs; else the
    next k is undecided, as ``reason`` says.
    """

    k: int | None
    final: bool
    counterexample: tuple[int, ...] | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was claimed: that the network computes the problem on all ``claimed`` inputs with at most k ones.

    ``network`` and ``problem`` name the files, or the generator; the claim's ``kind`` is that of the problem.
    """

    network: str
    problem: str
    kind: str
    inputs: int
    outputs: int
    k: int
    mode: str
    claimed: int
    criterion: str
    threshold: str
    slack: str
    strict: bool


@dataclass(frozen=True, kw_only=True)
class LayerRead:
    """How one layer was read: the arrays of the file, the shape of its weights, and whether a ReLU follows."""

    weights: str
    bias: str | None
    outputs: int
    inputs: int
    relu: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the files were read: the layers, the arrays that are not used, and the name of the sidecar, if any.

    ``order_of_gates`` names the outputs where they fit the gates in another order: a likely mistake.
    """

    layers: tuple[LayerRead, ...]
    unused: tuple[str, ...]
    sidecar: str | None
    order_of_gates: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Shape:
    """``widths`` are inputs, then layers, decoder included; ``neurons`` the widest ReLU layer (none: the widest).

    ``relu_layers`` counts those with a ReLU, ``parameters`` every weight and bias, ``nonzeros`` the weights other
    than 0.
    """

    widths: tuple[int, ...]
    neurons: int
    relu_layers: int
    parameters: int
    nonzeros: int


@dataclass(frozen=True, kw_only=True)
class ErrorKinds:
    """The wrong entries by their truth, and the largest distance from it (criteria linear and code), as text."""

    false_positives: int
    false_negatives: int
    max_deviation: str | None


@dataclass(frozen=True, kw_only=True)
class Term:
    """One product of a sum: the source (an input, or a unit of the layer before), the weight, and its value."""

    source: int
    weight: str
    value: str


@dataclass(frozen=True, kw_only=True)
class UnitReplay:
    """A unit's exact sum: the ``terms`` it is due to, the largest first, ``more`` left out; then its value."""

    unit: int
    terms: tuple[Term, ...]
    more: int
    bias: str
    total: str
    value: str


@dataclass(frozen=True, kw_only=True)
class LayerReplay:
    """A layer on the counterexample: ``on`` of its ``units`` are not 0, ``feeding`` matter for the next layer.

    ``shown``: of those that matter the ones that weigh most; in the last layer the wrong outputs.
    """

    layer: int
    units: int
    relu: bool
    on: int
    feeding: int
    shown: tuple[UnitReplay, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkReport:
    """All that is known of one network and one claim about it.

    ``claim`` has the verdict in the arithmetic ``decided_in``, the worst of ``arithmetic`` where several were asked
    for; its evidence is about the real numbers, over which ``exact_status`` is the verdict, for ``exact_reason``.
    ``failing_gates``: those that fail most first. ``hints`` are likely mistakes in words, ``again`` is the command
    that makes this report.
    """

    question: Question
    decided_in: str
    exact_status: str
    exact_reason: str
    claim: NetworkClaim
    kinds: ErrorKinds | None
    wrong_outputs: tuple[WrongOutput, ...]
    failing_gates: tuple[FailingGate, ...]
    replay: tuple[LayerReplay, ...]
    error_probabilities: tuple[ErrorProbability, ...]
    arithmetic: tuple[ArithmeticAnswer, ...]
    largest_k: LargestK | None
    reading: Reading
    shape: Shape
    graph: Classification | None = None
    superposition: Superposition | None = None
    drawings: tuple[Drawing, ...] = ()
    hints: tuple[str, ...] = ()
    again: str = ""
    files: tuple[EvidenceFile, ...] = ()
    measured: Measured

    def _repr_html_(self) -> str:
        """What a notebook shows: the question, the verdict, and what it rests on."""
        from .network_document import notebook_html  # a verdict alone needs no page

        return notebook_html(self)
