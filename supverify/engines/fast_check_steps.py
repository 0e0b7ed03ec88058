"""A second, fast reading of certificates about networks of one hidden step: what ``channels`` makes.

The words X, S, L and O are walked as the kernel walks them, and each leaf is bounded as the kernel bounds it, in
vectors and compiled loops instead of packed integers. It is never more generous: fractions that the kernel may
round upwards count a little more here, so what is accepted here is accepted there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import lcm

import numpy as np

from supverify.kernel.certificate import ASIDE, LEAF, OUTPUTS, SPLIT, Certificate
from supverify.kernel.check import truths, walk
from supverify.kernel.claim import Cell, Claim, Target, Window
from supverify.kernel.errors import Rejected

from .fast_check_steps_network import MOST, Steps, Undecided, Words, steps
from .fast_check_steps_root import closed_at_root

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
    net, windows = steps(claim), claim.criterion.windows(claim.network.scale)
    ends = {window: (net.goals(window, low=False), net.goals(window, low=True)) for window in windows}
    reading = _Reading(claim, net, claim.targets(), ends)
    for cell, outputs, _ in walk(claim, words):
        reading.leaf(cell, outputs)


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
        left, windows = (
            np.array(sorted(outputs), dtype=np.int64),
            self.claim.criterion.windows(self.claim.network.scale),
        )
        if cell == self.claim.domain and len(left) >= MANY:
            left = left[~closed_at_root(self.claim, self.net, left)]
        for i in left.tolist():
            for part, truth in truths(self.targets[i], cell, self.claim.network.inputs):
                if self.claim.population(part):
                    self.part(part, i, windows[truth])

    def part(self, cell: Cell, i: int, window: Window) -> None:
        """Returns if output i is in its window on a cell that decides its truth."""
        gains, needs, weights = self._rows(i)
        open_inputs = np.ones(self.net.inputs, dtype=np.bool_)
        open_inputs[list(cell.on | cell.off)] = False
        left, free = needs - gains[:, list(cell.on)].sum(axis=1), gains[:, open_inputs]
        for low in (False, True):
            goals = self.ends[window][low]
            if goals is None:
                continue
            goal = int(goals[i])
            rows, lacks = (-free, 1 - left) if low else (free, left)
            careful, plain = self._reach(rows, lacks, weights, cell.budget)
            if plain >= goal * MOST:
                raise Rejected(f"{cell}, output {i}", f"bounds within {window}", f"rows of weight {plain / MOST:.6g}")
            if careful >= goal * MOST:
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

    def _reach(self, gains: Words, needs: Words, weights: Words, budget: int) -> tuple[int, int]:
        """The weight of rows that so many inputs meet at most, in units of 1 / MOST: rounded upwards, and not."""
        if budget <= 1 or not gains.shape[1]:
            now = int(weights[needs <= 0].sum())
            if budget == 0 or not gains.shape[1]:
                return now * MOST, now * MOST
            sums = ((gains >= needs[:, None]) * weights[:, None]).sum(axis=0)
            most = int(sums.max()) if self.claim.mode == "exactly" else max(int(sums.max()), now)
            return most * MOST, most * MOST
        met, positive = needs <= 0, np.maximum(gains, 0)
        best = _largest(positive.T, budget)
        counted = ~met & (best >= needs)
        constant = int(weights[met].sum()) * MOST
        if not counted.any():
            return constant, constant
        needs, weights = needs[counted], weights[counted]
        capped = np.minimum(positive[counted], needs[:, None]) * weights[:, None]
        exact = lcm(*needs.tolist())
        if exact <= min(self.net.finest, MOST):
            total = int(_largest((capped * (exact // needs)[:, None]).sum(axis=0), budget))
            return constant + -(-total * MOST // exact), constant + total * MOST // exact
        upper = (capped * (-(-MOST // needs) + -(-MOST // self.net.finest))[:, None]).sum(axis=0)
        lower = (capped * (MOST // needs)[:, None]).sum(axis=0)
        return constant + int(_largest(upper, budget)), constant + int(_largest(lower, budget))


def _largest(values: Words, count: int) -> Words:
    """The sum of the ``count`` largest values along the first axis; none is negative."""
    if count < len(values):
        values = np.partition(values, len(values) - count, axis=0)[len(values) - count :]
    return np.asarray(values.sum(axis=0))
