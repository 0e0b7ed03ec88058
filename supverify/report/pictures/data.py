"""What the pictures of a network show, as immutable plain values: gathered elsewhere, drawn here.

Counts and extremes are exact; floats stand only for places in a drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..model import Classification, WrongOutput


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Inputs with ``size`` ones that were gone through: ``inputs`` of the ``of`` that there are."""

    size: int
    inputs: int
    of: int

    @property
    def complete(self) -> bool:
        """Whether all of them were."""
        return self.inputs == self.of


@dataclass(frozen=True, kw_only=True)
class Region:
    """Rows ``begin`` to ``end`` (without it) of a layer, in the order in which they are drawn."""

    name: str
    begin: int
    end: int


@dataclass(frozen=True, kw_only=True)
class WeightMatrix:
    """The weights of one layer, rows by region: ``cells`` are shares of the ``largest`` absolute weight, with sign.

    Each cell stands for ``step`` rows and columns, of whose weights it is the one with the largest absolute value.
    The columns follow the rows of the layer before. ``positive`` and ``negative`` count weights.
    """

    name: str
    rows: int
    columns: int
    positive: int
    negative: int
    largest: Fraction
    regions: tuple[Region, ...]
    step: tuple[int, int]
    cells: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """How much the columns of the first layer, or input code, have in common, two at a time.

    ``code``: its weights are 0 and 1, and overlaps are numbers of common ones; ``bars`` are pairs (overlap, how many
    pairs of columns have it). Otherwise overlaps are cosines, and a bar (a, count) counts those in [a, a + 1/20), of
    the last bar those up to 1. ``columns`` of the ``of`` ones that are not 0 were compared, all or a seeded sample.

    Of a code: ``ones`` are the fewest and the most of a column; ``filled`` (column, sum, ones) is the column of whose
    ones the k largest overlaps with it leave the fewest free. Else both are None.
    """

    name: str
    code: bool
    k: int
    columns: int
    of: int
    bars: tuple[tuple[Fraction, int], ...]
    least: float
    most: float
    ones: tuple[int, int] | None = None
    filled: tuple[int, int, int] | None = None

    @property
    def tolerated(self) -> int | None:
        """The largest overlap of which k together never fill a column of a code."""
        return None if self.ones is None else (self.ones[0] - 1) // self.k if self.k else self.ones[1]


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """The highest value where the truth is false, and the lowest where it is true; None where there is none."""

    highest_false: Fraction | None
    lowest_true: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One threshold of a network: a ReLU layer, a step of two of them, or the reading of the outputs.

    ``level`` is what sums have to exceed, or to reach if ``reached``; ``truth`` says when a unit is meant to be on.
    ``before`` are the extremes of sums, ``after`` of what comes out, for each size covered.
    """

    name: str
    kind: str
    truth: str
    level: Fraction
    reached: bool
    before: tuple[Extremes, ...]
    after: tuple[Extremes, ...]


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Every threshold of a network, on the inputs ``covered``, one entry for each number of ones."""

    covered: tuple[Covered, ...]
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, kw_only=True)
class Margins:
    """How far each output keeps from its threshold on the inputs ``covered``, below 0 on the wrong side.

    ``counts`` are pairs (smallest margin, how many outputs have it), ascending; ``smallest`` is that of all outputs
    on all inputs of the claim, if it is known. ``worst`` is an output with the first margin, and what it computes.
    """

    covered: tuple[Covered, ...]
    counts: tuple[tuple[Fraction, int], ...]
    smallest: Fraction | None
    worst: tuple[int, str]
    status: str


@dataclass(frozen=True, kw_only=True)
class PathUnit:
    """A unit with its value, 0 where it is shown because other units are on while it is off."""

    index: int
    value: Fraction


@dataclass(frozen=True, kw_only=True)
class PathLayer:
    """Of ``on`` units with a value other than 0 those that bear most on the wrong output, ascending."""

    name: str
    on: int
    units: tuple[PathUnit, ...]


@dataclass(frozen=True, kw_only=True)
class PathEdge:
    """What unit ``source`` of the layer before adds to unit ``target``: its value times the weight between them."""

    source: int
    target: int
    adds: Fraction


@dataclass(frozen=True, kw_only=True)
class CounterexamplePath:
    """From the active inputs, the first of ``layers``, to one wrong output, exactly.

    ``edges[l]`` lead from layer l to the next, the last to the output. ``wrong``: how many outputs are wrong.
    ``rounded`` names the arithmetic that ``output`` was got in, where it is not that of the real numbers.
    """

    layers: tuple[PathLayer, ...]
    edges: tuple[tuple[PathEdge, ...], ...]
    bias: Fraction
    output: WrongOutput
    wrong: int
    rounded: str | None = None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Neurons, above 0, at rising numbers of outputs: a line, ``dash`` long if that is not 0, or separate points."""

    label: str
    outputs: tuple[int, ...]
    neurons: tuple[float, ...]
    dash: int = 0


@dataclass(frozen=True, kw_only=True)
class NeuronBounds:
    """How many neurons numbers of outputs ask for: lines, points of networks, and the ``outputs`` looked at.

    ``own`` is the network that the picture is about, if it is about one.
    """

    lines: tuple[Curve, ...]
    points: tuple[Curve, ...]
    outputs: int
    own: Curve | None = None


@dataclass(frozen=True, kw_only=True)
class TimedCurve:
    """The seconds that one way to decide takes, at rising numbers of outputs; ``peer``: not supverify's own."""

    label: str
    outputs: tuple[int, ...]
    seconds: tuple[float, ...]
    peer: bool


@dataclass(frozen=True, kw_only=True)
class Times:
    """Measured seconds of every way to decide, for each k; ``machine`` is where they were measured."""

    panels: tuple[tuple[int, tuple[TimedCurve, ...]], ...]
    machine: str


@dataclass(frozen=True, kw_only=True)
class PictureData:
    """All pictures of one network and its problem; a part that is None, or that is empty, has no picture."""

    influence: Classification | None = None
    weights: tuple[WeightMatrix, ...] = ()
    overlaps: Overlaps | None = None
    noise: Noise | None = None
    margins: Margins | None = None
    path: CounterexamplePath | None = None
    capacity: NeuronBounds | None = None
    times: Times | None = None
