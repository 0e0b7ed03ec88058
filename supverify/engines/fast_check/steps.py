"""A second, fast reading of certificates about networks of one hidden step: what ``channels`` makes.

The words X, S, L and O are walked as the kernel walks them, and each leaf is bounded as the kernel bounds it, in
vectors and compiled loops instead of packed integers. It is never more generous: fractions that the kernel may
round upwards count a little more here, so what is accepted here is accepted there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import lcm
from typing import NamedTuple

import numpy as np

from supverify.kernel.certificate import ASIDE, LEAF, OUTPUTS, SPLIT, Certificate
from supverify.kernel.check import truths, walk
from supverify.kernel.claim import Cell, Claim, Target, Window
from supverify.kernel.errors import Rejected

from .outcome import Undecided
from .steps_network import MOST, Steps, Words, steps
from .steps_root import closed_at_root

MANY = 32  # outputs of a leaf at the root that are looked at together


def fast_check_steps(claim: Claim, certificate: Certificate) -> None:
    """Returns if the evidence proves the claim; raises Rejected if it does not, Undecided if this cannot be told."""
    if certificate.claim != claim.digest:
        raise Rejected("certificate.claim", claim.digest, certificate.claim)
    words = certificate.evidence.split(" ")
    strange = next(
        (word for word in words if word != LEAF and word != OUTPUTS and word[:1] not in (ASIDE, SPLIT)), None
    )
    if strange is not None:
        raise Undecided(f"the word {strange[:40]}")
    net, windows = steps(claim), claim.windows
    ends = {window: (net.goals(window, low=False), net.goals(window, low=True)) for window in windows}
    reading = _Reading(claim, net, claim.targets(), ends)
    for cell, outputs, _ in walk(claim, words):
        reading.leaf(cell, outputs)


class _Met(NamedTuple):
    """Rows met on a cell: their weight at once, in units of 1 / MOST, and the others' needs and what inputs add.

    ``capped`` (rows x open inputs): gains up to the need, times the row's weight.
    """

    constant: int
    needs: Words
    capped: Words


@dataclass
class _Reading:
    """One certificate's claim, with the rows of the output looked at last."""

    claim: Claim
    net: Steps
    targets: tuple[Target, ...]
    ends: dict[Window, tuple[Words | None, Words | None]]
    rows: dict[int, tuple[Words, Words, Words]] = field(default_factory=dict)

    def leaf(self, cell: Cell, outputs: frozenset[int]) -> None:
        """Returns if every output of the leaf is right on the whole cell."""
        left = np.array(sorted(outputs), dtype=np.int64)
        windows = self.claim.windows
        if cell == self.claim.domain and len(left) >= MANY:
            left = left[~closed_at_root(self.claim, self.net, left)]
        for i in left.tolist():
            for part, truth in truths(self.targets[i], cell, self.claim.network.inputs):
                if self.claim.population(part):
                    self.part(part, i, windows[truth], alone=len(outputs) == 1)

    def part(self, cell: Cell, i: int, window: Window, *, alone: bool) -> None:
        """Returns if output i is in its window on a cell that decides its truth.

        ``alone``: the kernel reads no other output with it, so the needs here are all that its unit has to divide.
        """
        gains, needs, weights = self._rows(i)
        open_inputs = np.ones(self.net.inputs, dtype=np.bool_)
        open_inputs[list(cell.on | cell.off)] = False
        left, free = needs - gains[:, list(cell.on)].sum(axis=1), gains[:, open_inputs]
        asked = []
        for low, goals in zip((False, True), self.ends[window], strict=True):
            if goals is not None:
                rows, lacks = (-free, 1 - left) if low else (free, left)
                asked.append((low, int(goals[i]) * MOST, self._met(rows, lacks, weights, cell.budget)))
        unit = lcm(*(need for _, _, met in asked for need in met.needs.tolist()))
        for low, goal, met in asked:
            careful, plain = self._reach(met, unit if alone else None, cell.budget)
            if self.net.tolerates(window, low=low):
                if cell.budget > 1 and met.constant < goal <= careful:  # the kernel counts the step more than once
                    raise Undecided(f"{cell}, output {i}: a step that may be met, and need not")
            elif plain >= goal:
                raise Rejected(f"{cell}, output {i}", f"bounds within {window}", f"rows of weight {plain / MOST:.6g}")
            elif careful >= goal:
                raise Undecided(f"{cell}, output {i}: too close to tell")

    def _rows(self, i: int) -> tuple[Words, Words, Words]:
        """Gains, needs and weights of the rows of an output: negatively read neurons are rows met when silent."""
        if i not in self.rows:
            neurons, values = self.net.read.of(i)
            signs = np.sign(values)
            gains = np.array([self.net.gains(r) for r in neurons.tolist()], dtype=np.int64)
            gains = gains.reshape(-1, self.net.inputs) * signs[:, None]
            needs = np.where(signs < 0, 1 - self.net.needs[neurons], self.net.needs[neurons])
            self.rows = {i: (gains, needs, np.abs(values))}
        return self.rows[i]

    def _met(self, gains: Words, needs: Words, weights: Words, budget: int) -> _Met:
        """What so many inputs can meet of these rows; all of it is constant where it needs no fractions."""
        met = needs <= 0
        constant = int(weights[met].sum())
        if budget > 1 and gains.shape[1]:
            positive = np.maximum(gains, 0)
            counted = ~met & (_largest(positive.T, budget) >= needs)
            needs, weights = needs[counted], weights[counted]
            return _Met(constant * MOST, needs, np.minimum(positive[counted], needs[:, None]) * weights[:, None])
        if budget and gains.shape[1]:
            most = int(((gains >= needs[:, None]) * weights[:, None]).sum(axis=0).max())
            constant = most if self.claim.mode == "exactly" else max(most, constant)
        return _Met(constant * MOST, needs[:0], gains[:0])

    def _reach(self, met: _Met, exact: int | None, budget: int) -> tuple[int, int]:
        """The weight of rows that so many inputs meet at most, in units of 1 / MOST: rounded upwards, and not.

        ``exact``: a multiple of the needs, in parts of which the kernel counts if they are not too fine.
        """
        if not len(met.needs):
            return met.constant, met.constant
        if exact is not None and exact <= min(self.net.finest, MOST):
            total = int(_largest((met.capped * (exact // met.needs)[:, None]).sum(axis=0), budget))
            return met.constant + -(-total * MOST // exact), met.constant + total * MOST // exact
        upper = (met.capped * (-(-MOST // met.needs) + -(-MOST // self.net.finest))[:, None]).sum(axis=0)
        lower = (met.capped * (MOST // met.needs)[:, None]).sum(axis=0)
        return met.constant + int(_largest(upper, budget)), met.constant + int(_largest(lower, budget))


def _largest(values: Words, count: int) -> Words:
    """The sum of the ``count`` largest values along the first axis; none is negative."""
    if count < len(values):
        values = np.partition(values, len(values) - count, axis=0)[len(values) - count :]
    return np.asarray(values.sum(axis=0))
