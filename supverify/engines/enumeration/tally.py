"""Counts of one part of an enumeration, and how parts add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Claim

from ..answer import Statistics

Word = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Firsts = Callable[[Word], Word]
"""The first wrong inputs of the outputs it is called with, a row each."""


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """The lowest and the highest output among false entries, and among true ones; None where there is no entry."""

    lowest_false: int | None = None
    highest_false: int | None = None
    lowest_true: int | None = None
    highest_true: int | None = None

    def join(self, other: Extremes) -> Extremes:
        """The extremes over both parts."""
        return Extremes(
            lowest_false=_least(self.lowest_false, other.lowest_false),
            highest_false=_most(self.highest_false, other.highest_false),
            lowest_true=_least(self.lowest_true, other.lowest_true),
            highest_true=_most(self.highest_true, other.highest_true),
        )

    def margin(self, level: Fraction) -> Fraction:
        """The smallest distance from ``level`` towards the right side, negative on the wrong one."""
        rooms: list[Fraction] = []
        if self.highest_false is not None:
            rooms.append(level - self.highest_false)
        if self.lowest_true is not None:
            rooms.append(self.lowest_true - level)
        return min(rooms)

    def deviation(self, one: Fraction) -> Fraction:
        """The largest distance from the truth, 0 or ``one``."""
        ends = ((self.lowest_false, 0), (self.highest_false, 0), (self.lowest_true, one), (self.highest_true, one))
        return max(abs(Fraction(z) - truth) for z, truth in ends if z is not None)


def _least(a: int | None, b: int | None) -> int | None:
    return min((x for x in (a, b) if x is not None), default=None)


def _most(a: int | None, b: int | None) -> int | None:
    return max((x for x in (a, b) if x is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One output: on how many inputs it is wrong, and the first of them in the documented order."""

    output: int
    wrong: int
    first: tuple[int, ...]

    def join(self, other: Failure) -> Failure:
        """The same output over both parts."""
        first = min(self.first, other.first, key=_order)
        return Failure(output=self.output, wrong=self.wrong + other.wrong, first=first)


def _order(active: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Fewest active, then lexicographic."""
    return len(active), active


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The counts over some inputs with ``size`` ones.

    ``failures``: the outputs that are wrong on some of them, ascending; ``extremes`` are in units of 1 / scale.
    """

    size: int
    inputs: int
    wrong_inputs: int
    false_positives: int
    false_negatives: int
    ties: int
    extremes: Extremes
    failures: tuple[Failure, ...]

    @property
    def first(self) -> tuple[int, ...] | None:
        """The first wrong input."""
        return min((failure.first for failure in self.failures), key=_order, default=None)


def batch_tally(active: Word, positives: Flags, negatives: Flags, *, ties: int, extremes: Extremes) -> Tally:
    """The counts of a batch of active sets (rows, in lexicographic order) from its wrong entries, rows x outputs."""
    wrong = positives | negatives
    counts = wrong.sum(axis=0, dtype=np.int64)
    return Tally(
        size=active.shape[1],
        inputs=len(active),
        wrong_inputs=int(np.count_nonzero(np.logical_or.reduce(wrong, axis=1))),
        false_positives=int(np.count_nonzero(positives)),
        false_negatives=int(np.count_nonzero(negatives)),
        ties=ties,
        extremes=extremes,
        failures=failures(counts, lambda outputs: active[wrong[:, outputs].argmax(axis=0)]),
    )


def failures(counts: Word, firsts: Firsts) -> tuple[Failure, ...]:
    """The failures from the number of wrong inputs of every output, and the first one of some outputs."""
    outputs = np.flatnonzero(counts)
    if not len(outputs):
        return ()
    rows = zip(outputs.tolist(), counts[outputs].tolist(), firsts(outputs).tolist(), strict=True)
    return tuple(Failure(output=i, wrong=count, first=tuple(first)) for i, count, first in rows)


def together(tallies: Iterable[Tally]) -> Tally:
    """The tally of inputs of one size, from those of its parts; raises ValueError where there is none."""
    parts = list(tallies)
    extremes, failing = Extremes(), dict[int, Failure]()
    for tally in parts:
        extremes = extremes.join(tally.extremes)
        for failure in tally.failures:
            known = failing.get(failure.output)
            failing[failure.output] = failure if known is None else known.join(failure)
    return Tally(
        size=max(t.size for t in parts),
        inputs=sum(t.inputs for t in parts),
        wrong_inputs=sum(t.wrong_inputs for t in parts),
        false_positives=sum(t.false_positives for t in parts),
        false_negatives=sum(t.false_negatives for t in parts),
        ties=sum(t.ties for t in parts),
        extremes=extremes,
        failures=tuple(failing[i] for i in sorted(failing)),
    )


@dataclass(frozen=True)
class Counts:
    """The tallies of one shard, one for each size, in the documented order."""

    tallies: tuple[Tally, ...]


def first_wrong(tallies: Iterable[Tally]) -> tuple[int, ...] | None:
    """The first wrong input in the documented order: fewest active, then lexicographic."""
    return min((t.first for t in tallies if t.first is not None), key=_order, default=None)


def statistics(claim: Claim, tallies: Iterable[Tally], scale: Fraction | None = None) -> Statistics:
    """The sums over all parts; extremes are in units of 1 / ``scale``, by default the network's."""
    parts = list(tallies)
    total, one = together(parts), Fraction(claim.network.scale) if scale is None else scale
    wrong = [sum(t.wrong_inputs for t in parts if t.size == size) for size in range(claim.k + 1)]
    failing = {failure.output: failure for failure in total.failures}
    outputs = range(claim.network.outputs)
    return Statistics(
        inputs_covered=total.inputs,
        wrong_inputs=total.wrong_inputs,
        wrong_entries=total.false_positives + total.false_negatives,
        false_positives=total.false_positives,
        false_negatives=total.false_negatives,
        ties=total.ties,
        min_margin=total.extremes.margin(claim.criterion.threshold * one) / one,
        max_deviation=total.extremes.deviation(one) / one if claim.criterion.kind in ("linear", "code") else None,
        wrong_per_size=tuple(wrong),
        wrong_per_output=tuple(failing[i].wrong if i in failing else 0 for i in outputs),
        first_per_output=tuple(failing[i].first if i in failing else None for i in outputs),
    )
