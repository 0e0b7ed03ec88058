"""A wrong input among a few thousand: what shows at once that most networks are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

import numpy as np

from supverify.kernel.claim import Claim, Clause

from .evaluation import Evaluator, Matrix, chosen
from .forms import Active


def wrong_input(claim: Claim) -> Active | None:
    """An input on which some output is wrong, if the inputs of a gate, a few others or random ones are any."""
    network, sizes = claim.network, claim.sizes(claim.domain)
    evaluator, truths = Evaluator(network, len(network.layers)), _Truths(claim)
    tried = (active for active in chosen(claim) if len(active) in sizes)
    for chunk, outputs in evaluator.outputs(islice(tried, evaluator.most)):
        wrong = np.zeros(outputs.shape, bool)
        truth = truths.of(chunk)
        for value, (low, high) in zip((~truth, truth), claim.criterion.windows(network.scale), strict=True):
            if low is not None:
                wrong |= value & ~evaluator.reaches(outputs, low)
            if high is not None:
                wrong |= value & evaluator.reaches(outputs, high + 1)
        for r in np.flatnonzero(wrong.any(axis=1)):
            return chunk[int(r)]
    return None


class _Truths:
    """What each output should be."""

    def __init__(self, claim: Claim) -> None:
        self._outputs = claim.network.outputs
        self._places: dict[Clause, list[int]] = {}
        for i, target in enumerate(claim.targets()):
            for clause in target:
                self._places.setdefault(clause, []).append(i)
        self._sizes = sorted({len(clause) for clause in self._places})

    def of(self, inputs: list[Active]) -> Matrix:
        """A row for each input."""
        found = np.zeros((len(inputs), self._outputs), bool)
        for row, active in zip(found, inputs, strict=True):
            for clause in self._clauses(active):
                row[self._places.get(clause, [])] = True
        return found

    def _clauses(self, active: Active) -> Iterator[Clause]:
        return (clause for size in self._sizes for clause in combinations(active, size))
