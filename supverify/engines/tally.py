"""Counts of one part of an enumeration, and how parts add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Claim

from .answer import Statistics

NOBODY = -1  # stands where an output is never wrong
Word = npt.NDArray[np.int64]


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
        rooms = []
        if self.highest_false is not None:
            rooms.append(level - self.highest_false)
        if self.lowest_true is not None:
            rooms.append(self.lowest_true - level)
        return min(rooms)

    def deviation(self, one: int) -> int:
        """The largest distance from the truth, 0 or ``one``."""
        false = (abs(z) for z in (self.lowest_false, self.highest_false) if z is not None)
        true = (abs(z - one) for z in (self.lowest_true, self.highest_true) if z is not None)
        return max((*false, *true))


def _least(a: int | None, b: int | None) -> int | None:
    return min((x for x in (a, b) if x is not None), default=None)


def _most(a: int | None, b: int | None) -> int | None:
    return max((x for x in (a, b) if x is not None), default=None)


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """The counts over some inputs with ``size`` ones.

    ``wrong_per_output`` counts the inputs on which each output is wrong, and ``first_per_output`` (outputs x size)
    holds the first of them in lexicographic order, or a row of ``NOBODY``; ``extremes`` are in units of 1 / scale.
    """

    size: int
    inputs: int
    wrong_inputs: int
    false_positives: int
    false_negatives: int
    ties: int
    extremes: Extremes
    first: tuple[int, ...] | None
    wrong_per_output: Word
    first_per_output: Word

    def join(self, other: Tally) -> Tally:
        """The counts over both parts, which share no input and have the same size."""
        firsts = [first for first in (self.first, other.first) if first is not None]
        return Tally(
            size=self.size,
            inputs=self.inputs + other.inputs,
            wrong_inputs=self.wrong_inputs + other.wrong_inputs,
            false_positives=self.false_positives + other.false_positives,
            false_negatives=self.false_negatives + other.false_negatives,
            ties=self.ties + other.ties,
            extremes=self.extremes.join(other.extremes),
            first=min(firsts, default=None),
            wrong_per_output=self.wrong_per_output + other.wrong_per_output,
            first_per_output=_earlier(self, other),
        )


def _earlier(one: Tally, other: Tally) -> Word:
    """For each output the lexicographically first of the two rows that say where it is wrong."""
    a, b = one.first_per_output, other.first_per_output
    if not one.wrong_inputs or not other.wrong_inputs:
        return b if other.wrong_inputs else a
    second = one.wrong_per_output == 0
    both = np.flatnonzero(~second & (other.wrong_per_output > 0))
    if one.size and len(both):
        place = (a[both] != b[both]).argmax(axis=1)
        second[both] = b[both, place] < a[both, place]
    return np.where(second[:, None], b, a)


def add(totals: dict[int, Tally], tally: Tally) -> None:
    """Adds a part to the totals, which are kept by size."""
    known = totals.get(tally.size)
    totals[tally.size] = tally if known is None else known.join(tally)


def first_wrong(tallies: Iterable[Tally]) -> tuple[int, ...] | None:
    """The first wrong input in the documented order: fewest active, then lexicographic."""
    return min((t.first for t in tallies if t.first is not None), key=lambda y: (len(y), y), default=None)


def statistics(claim: Claim, tallies: Iterable[Tally]) -> Statistics:
    """The sums over all parts."""
    totals: dict[int, Tally] = {}
    for tally in tallies:
        add(totals, tally)
    found, scale = list(totals.values()), claim.network.scale
    extremes = Extremes()
    for tally in found:
        extremes = extremes.join(tally.extremes)
    positives, negatives = sum(t.false_positives for t in found), sum(t.false_negatives for t in found)
    counted = claim.criterion.kind in ("linear", "code")
    return Statistics(
        inputs_covered=sum(t.inputs for t in found),
        wrong_inputs=sum(t.wrong_inputs for t in found),
        wrong_entries=positives + negatives,
        false_positives=positives,
        false_negatives=negatives,
        ties=sum(t.ties for t in found),
        min_margin=extremes.margin(claim.criterion.threshold * scale) / scale,
        max_deviation=Fraction(extremes.deviation(scale), scale) if counted else None,
        wrong_per_size=tuple(totals[s].wrong_inputs if s in totals else 0 for s in range(claim.k + 1)),
        wrong_per_output=tuple(map(int, np.sum([t.wrong_per_output for t in found], axis=0))),
        first_per_output=tuple(_firsts(totals, claim.network.outputs)),
    )


def _firsts(totals: dict[int, Tally], outputs: int) -> Iterator[tuple[int, ...] | None]:
    """For each output its first wrong input, fewest active first."""
    ascending = [totals[size] for size in sorted(totals) if totals[size].wrong_inputs]
    for i in range(outputs):
        part = next((t for t in ascending if t.wrong_per_output[i]), None)
        yield None if part is None else tuple(map(int, part.first_per_output[i]))
