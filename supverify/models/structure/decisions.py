"""The measured influence graph: which inputs change how an output is read."""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from supverify.kernel.claim import Claim

from .evaluation import Evaluator, every, population
from .forms import Active

MOST = 1 << 18  # inputs that are gone through


def deciding(claim: Claim) -> list[int] | None:
    """For each input the outputs that it decides, output i as 2^i; None where there are too many inputs to try.

    An input decides an output if that is read as true on one, and not on the other, of two inputs with at most k
    ones that differ in it alone. It is read as true above the threshold, and at it where the criterion says so.
    """
    network, criterion = claim.network, claim.criterion
    evaluator = Evaluator(network, len(network.layers))
    if population(claim) > min(evaluator.most, MOST):
        return None
    level = criterion.threshold * network.scale
    least = ceil(level) if criterion.kind == "readout" and not criterion.strict else floor(level) + 1
    read: dict[Active, int] = {}
    decided = [0] * network.inputs
    for chunk, outputs in evaluator.outputs(every(claim)):
        rows = np.packbits(evaluator.reaches(outputs, least), axis=1, bitorder="little")
        for active, bits in zip(chunk, rows, strict=True):
            read[active] = int.from_bytes(bits.tobytes(), "little")
            for place, j in enumerate(active):
                decided[j] |= read[active] ^ read[active[:place] + active[place + 1 :]]
    return decided
