"""Counts of one part of an enumeration, and how parts add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from supverify.kernel.claim import Claim

from .answer import Statistics


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The counts over some inputs with ``size`` ones; ``margin`` is in units of 1 / (scale * q) of the level p/q."""

    size: int
    inputs: int
    wrong_inputs: int
    false_positives: int
    false_negatives: int
    ties: int
    margin: int
    first: tuple[int, ...] | None


def first_wrong(tallies: Iterable[Tally]) -> tuple[int, ...] | None:
    """The first wrong input in the documented order: fewest active, then lexicographic."""
    return min((t.first for t in tallies if t.first is not None), key=lambda y: (len(y), y), default=None)


def statistics(claim: Claim, tallies: list[Tally]) -> Statistics:
    """The sums over all parts."""
    level = claim.criterion.threshold * claim.network.scale
    per_size = [sum(t.wrong_inputs for t in tallies if t.size == size) for size in range(claim.k + 1)]
    positives, negatives = sum(t.false_positives for t in tallies), sum(t.false_negatives for t in tallies)
    return Statistics(
        inputs_covered=sum(t.inputs for t in tallies),
        wrong_inputs=sum(per_size),
        wrong_entries=positives + negatives,
        false_positives=positives,
        false_negatives=negatives,
        ties=sum(t.ties for t in tallies),
        min_margin=Fraction(min(t.margin for t in tallies), level.denominator * claim.network.scale),
        wrong_per_size=tuple(per_size),
    )
