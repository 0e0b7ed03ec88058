"""What separates true units from false ones, before and after every threshold of a network, and at its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ...engines import NetworkVerdict
from ...kernel.bounds import inverts
from ...kernel.network import Layer
from ...report.pictures.data import Extremes, Margins, Noise, Threshold
from ...report.verified import clauses
from .trace import Batch, Flags, Integers, Trace

ALONE = "a unit is true where one of the true gates, alone, turns it on; units that only lower outputs are left out"
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
    """The threshold of the layers ``first`` to ``last`` (of a batch's sums); without ``alone`` that of the outputs.

    ``alone``: which units each gate turns on without any other input, gates x units. Units that lead to no output
    with positive weight are not ``shown``.
    """

    kind: str
    first: int
    last: int
    alone: Flags | None = None
    shown: Flags | None = None

    def truth(self, batch: Batch) -> Flags:
        """Which units are meant to be on, inputs x units."""
        if self.alone is None:
            return batch.truth
        found = np.zeros((len(batch.active), self.alone.shape[1]), dtype=bool)
        rows, gates = np.nonzero(batch.gates)
        if len(rows):
            begins = np.flatnonzero(np.diff(rows, prepend=-1))
            found[rows[begins]] = np.logical_or.reduceat(self.alone[gates], begins)
        return found

    def before(self, batch: Batch) -> Integers:
        """What is compared with the threshold: sums, turned so that true ones are high."""
        if self.shown is None:
            return batch.outputs
        sums = batch.sums[self.first][:, self.shown]
        return np.negative(sums) if self.kind == "step" else sums

    def after(self, batch: Batch) -> Integers | None:
        """What comes out of it."""
        return None if self.shown is None else np.maximum(batch.sums[self.last][:, self.shown], 0)


class NoiseCount:
    """Every threshold of a network, and what has come before and after it on the inputs so far.

    ``names`` are those of the network's layers, ``scales`` what their numbers were multiplied by.
    """

    def __init__(self, trace: Trace, names: Sequence[str], scales: Sequence[int]) -> None:
        self.trace, self.names, self.scales = trace, names[trace.offset :], scales[trace.offset :]
        self.stages = list(_stages(trace))
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
            truth=READ if stage.alone is None else ALONE,
            level=criterion.threshold if reading else Fraction(0),
            reached=stage.kind == "step" or (reading and not criterion.strict),
            before=tuple(before.extremes(self.scales[stage.first]) for before, _ in ranges),
            after=() if reading else tuple(after.extremes(self.scales[stage.last]) for _, after in ranges),
        )


def _stages(trace: Trace) -> Iterator[_Stage]:
    layers = trace.claim.network.layers[trace.offset :]
    leading, i = _leading(layers), 0
    while i < len(layers):
        step = layers[i].relu and i + 1 < len(layers) and inverts(layers[i + 1])
        if layers[i].relu:
            shown = leading[i + step]
            yield _Stage("step" if step else "relu", i, i + step, trace.alone(i + step)[:, shown] > 0, shown)
        i += 1 + step
    yield _Stage("readout", len(layers) - 1, len(layers) - 1)


def _leading(layers: Sequence[Layer]) -> list[Flags]:
    """For each layer which of its units lead to an output along weights whose product is positive."""
    up, down = np.ones(len(layers[-1].bias), dtype=bool), np.zeros(len(layers[-1].bias), dtype=bool)
    found = [up]
    for below, layer in zip(layers[-2::-1], layers[:0:-1], strict=True):
        above, under = (np.zeros(len(below.bias), dtype=bool) for _ in range(2))
        for r in range(len(layer.bias)):
            for j, weight in layer.row(r):
                above[j] |= up[r] if weight > 0 else down[r]
                under[j] |= down[r] if weight > 0 else up[r]
        up, down = above, under
        found.append(up)
    return found[::-1]


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
