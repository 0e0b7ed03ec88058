"""What separates true units from false ones, before and after every threshold of a network, and at its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .engines import NetworkVerdict
from .kernel.bounds import inverts
from .kernel.claim import Claim
from .kernel.errors import Rejected
from .kernel.ideal import ideal
from .kernel.network import Layer
from .picture_trace import Batch, Flags, Integers, Trace
from .report.pictures.data import Extremes, Margins, Noise, Threshold
from .report.verified import clauses

Masks = npt.NDArray[np.float32]  # 0 and 1
IDEAL = "a unit is true where at least two of its members, the inputs of the gates that it serves, are active"
FEEDS = "a unit is true where an output is that it leads to with positive weight (one that leads to none is left out)"
READ = "an output is true where its gate is"


@dataclass
class _Range:
    """The highest value where the truth is false, and the lowest where it is true, so far."""

    false: int | None = None
    true: int | None = None

    def add(self, values: Integers, truth: Flags) -> None:
        false, true = values[~truth], values[truth]
        if false.size:
            self.false = max(int(false.max()), int(false.max()) if self.false is None else self.false)
        if true.size:
            self.true = min(int(true.min()), int(true.min()) if self.true is None else self.true)

    def extremes(self, scale: int) -> Extremes:
        """In the units of the network, whose integers are numbers times ``scale``."""
        return Extremes(
            highest_false=None if self.false is None else Fraction(self.false, scale),
            lowest_true=None if self.true is None else Fraction(self.true, scale),
        )


@dataclass(frozen=True)
class _Stage:
    """The threshold of the layers ``first`` to ``last`` (of a batch's sums); without ``serves`` that of the outputs.

    ``serves``: units x outputs; ``members``, of a step that the kernel finds ideal: inputs x units. Units that serve
    no output and have no members are left out.
    """

    kind: str
    first: int
    last: int
    serves: Masks | None = None
    members: Masks | None = None

    def truth(self, batch: Batch) -> Flags:
        """Which units are meant to be on, inputs x units."""
        if self.members is not None:
            return np.asarray(self.members[batch.active].sum(axis=1) >= 2)
        if self.serves is not None:
            return np.asarray(batch.truth.astype(np.float32) @ self.serves[self.shown].T > 0)
        return batch.truth

    @cached_property
    def shown(self) -> Flags:
        """The units that are not left out."""
        return np.asarray(self.serves.any(axis=1)) if self.serves is not None else np.empty(0, dtype=bool)

    def before(self, batch: Batch) -> Integers:
        """What is compared with the threshold: sums, turned so that true ones are high."""
        if self.kind == "readout":
            return batch.outputs
        sums = self._chosen(batch.sums[self.first])
        return np.negative(sums) if self.kind == "step" else sums

    def after(self, batch: Batch) -> Integers | None:
        """What comes out of it."""
        return None if self.kind == "readout" else np.maximum(self._chosen(batch.sums[self.last]), 0)

    def _chosen(self, values: Integers) -> Integers:
        return values if self.members is not None else values[:, self.shown]

    def words(self) -> str:
        """Which units are meant to be on, for people."""
        return READ if self.serves is None else FEEDS if self.members is None else IDEAL


class NoiseCount:
    """Every threshold of a network, and what has come before and after it on the inputs so far.

    ``names`` are those of the network's layers, ``scales`` what their numbers were multiplied by.
    """

    def __init__(self, trace: Trace, names: Sequence[str], scales: Sequence[int]) -> None:
        self.trace, self.names, self.scales = trace, names[trace.offset :], scales[trace.offset :]
        self.stages = list(_stages(trace.claim, trace.offset))
        self.ranges = [[(_Range(), _Range()) for _ in trace.parts] for _ in self.stages]

    def add(self, batch: Batch) -> None:
        """Takes a batch into account."""
        for stage, ranges in zip(self.stages, self.ranges, strict=True):
            truth, (before, after) = stage.truth(batch), ranges[batch.part]
            before.add(stage.before(batch), truth)
            values = stage.after(batch)
            if values is not None:
                after.add(values, truth)

    def noise(self) -> Noise:
        """What was seen."""
        thresholds = (self._threshold(stage, ranges) for stage, ranges in zip(self.stages, self.ranges, strict=True))
        return Noise(covered=self.trace.covered, thresholds=tuple(thresholds))

    def _threshold(self, stage: _Stage, ranges: list[tuple[_Range, _Range]]) -> Threshold:
        criterion, reading = self.trace.claim.criterion, stage.kind == "readout"
        names = dict.fromkeys((self.names[stage.first], self.names[stage.last]))
        return Threshold(
            name="outputs" if reading else " and ".join(names),
            kind=stage.kind,
            truth=stage.words(),
            level=criterion.threshold if reading else Fraction(0),
            reached=stage.kind == "step" or (reading and not criterion.strict),
            before=tuple(before.extremes(self.scales[stage.first]) for before, _ in ranges),
            after=() if reading else tuple(after.extremes(self.scales[stage.last]) for _, after in ranges),
        )


def _stages(claim: Claim, offset: int) -> Iterator[_Stage]:
    layers = claim.network.layers[offset:]
    serves, i = _serving(layers), 0
    while i < len(layers):
        step = layers[i].relu and i + 1 < len(layers) and inverts(layers[i + 1])
        if layers[i].relu:
            members = _members(claim) if step and not i else None
            yield _Stage("step" if step else "relu", i, i + step, serves[i + step], members)
        i += 1 + step
    yield _Stage("readout", len(layers) - 1, len(layers) - 1)


def _members(claim: Claim) -> Masks | None:
    """The members of each unit of the first step, if the kernel finds that two of them decide; inputs x units."""
    try:
        rows = ideal(claim).layers[0].sources
    except Rejected:
        return None
    found = np.zeros((claim.network.inputs, len(rows)), dtype=np.float32)
    for r, row in enumerate(rows):
        found[list(row), r] = 1
    return found


def _serving(layers: Sequence[Layer]) -> list[Masks]:
    """For each layer which outputs its units lead to along weights whose product is positive, units x outputs."""
    outputs = len(layers[-1].bias)
    up, down = np.eye(outputs, dtype=np.float32), np.zeros((outputs, outputs), dtype=np.float32)
    found = [up]
    for below, layer in zip(layers[-2::-1], layers[:0:-1], strict=True):
        weights = _signs(layer, len(below.bias))
        plus, minus = (weights > 0).astype(np.float32).T, (weights < 0).astype(np.float32).T
        up, down = _any(plus @ up + minus @ down), _any(plus @ down + minus @ up)
        found.append(up)
    return found[::-1]


def _any(counts: Masks) -> Masks:
    return (counts > 0).astype(np.float32)


def _signs(layer: Layer, width: int) -> Masks:
    signs = np.zeros((len(layer.bias), width), dtype=np.float32)
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        signs[r, list(sources)] = [1 if weight > 0 else -1 for weight in weights]
    return signs


class MarginCount:
    """How far each output has kept from its threshold on the inputs so far."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.level = trace.claim.criterion.threshold * trace.claim.network.scale
        self.rooms: list[Fraction | None] = [None] * trace.claim.network.outputs

    def add(self, batch: Batch) -> None:
        """Takes a batch into account."""
        for sign, chosen in ((1, batch.truth), (-1, ~batch.truth)):
            outputs = np.flatnonzero(chosen.any(axis=0))
            values = np.where(chosen[:, outputs], sign * batch.outputs[:, outputs], np.inf).min(axis=0)
            for i, value in zip(outputs.tolist(), values.tolist(), strict=True):
                room, known = int(value) - sign * self.level, self.rooms[i]
                self.rooms[i] = room if known is None else min(room, known)

    def margins(self, verdict: NetworkVerdict) -> Margins | None:
        """What was seen; None where no input was gone through."""
        known = [(room / verdict.claim.network.scale, i) for i, room in enumerate(self.rooms) if room is not None]
        if not known:
            return None
        least, output = min(known)
        complete = all(part.complete for part in self.trace.covered)
        counted = (verdict.arithmetic[0] if verdict.arithmetic else verdict).statistics
        return Margins(
            covered=self.trace.covered,
            counts=tuple(sorted(Counter(room for room, _ in known).items())),
            smallest=least if complete else counted.min_margin if counted else None,
            worst=(output, clauses(verdict.claim.targets()[output])),
            status=verdict.exact.status.name,
        )
