"""Inputs on which a unit's sum is above 0, and on which it is below."""

from __future__ import annotations

from itertools import islice

import numpy as np

from supverify.kernel.claim import Claim

from .evaluation import CHUNK, Evaluator, Matrix, chosen, every, population
from .forms import Active


class Signs:
    """``on[l][r]`` is an input on which unit r of layer l has a sum above 0, ``off[l][r]`` one below 0.

    None where no such input was tried; ``complete``: every input with at most k ones was.
    """

    def __init__(self, claim: Claim) -> None:
        network = claim.network
        depth = max((i + 1 for i, layer in enumerate(network.layers) if layer.relu), default=0)
        self.on: list[list[Active | None]] = [[None] * width for width in network.widths[1 : depth + 1]]
        self.off: list[list[Active | None]] = [[None] * width for width in network.widths[1 : depth + 1]]
        evaluator = Evaluator(network, depth)
        self.complete = population(claim) <= evaluator.most
        if evaluator.too_large:
            return
        inputs = every(claim) if self.complete else islice(chosen(claim), max(evaluator.most, CHUNK))
        for chunk, sums in evaluator.sums(inputs):
            for i, layer in enumerate(sums):
                _keep(self.on[i], layer > 0, chunk)
                _keep(self.off[i], layer < 0, chunk)


def _keep(known: list[Active | None], found: Matrix, chunk: list[Active]) -> None:
    """Keeps the first input for each unit that had none."""
    for r in np.flatnonzero(found.any(axis=0)):
        if known[r] is None:
            known[r] = chunk[int(found[:, r].argmax())]
