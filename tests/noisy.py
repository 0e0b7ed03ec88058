"""A claim that holds and that branch and bound has to split for, and its files."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.network import Layer, Network


def ands(inputs: int, *, wrong: int | None = None) -> Claim:
    """Neighbours' ANDs, one neuron each with a little noise from elsewhere; one of them without its bias."""
    rng = random.Random(inputs)
    pairs = tuple((i, (i + 1) % inputs) for i in range(inputs))
    sources, weights = [], []
    for a, b in pairs:
        noise = sorted(set(rng.sample(range(inputs), 6)) - {a, b})
        sources.append(tuple(sorted((a, b, *noise))))
        weights.append(tuple(12 if j in (a, b) else rng.choice((-2, 2)) for j in sources[-1]))
    bias = tuple(-12 if i != wrong else 0 for i in range(inputs))
    first = Layer(tuple(sources), tuple(weights), bias, True)
    last = Layer(tuple((i,) for i in range(inputs)), ((1,),) * inputs, (0,) * inputs, False)
    return Claim(Network(inputs, (first, last), 12), TwoAnd(inputs, pairs), 4)


def write(folder: Path, inputs: int) -> list[str]:
    """Writes the network, its numbers times 12, and its problem; the arguments for verifying them."""
    first = ands(inputs).network.layers[0]
    dense = np.zeros((inputs, inputs), dtype=np.int64)
    for r in range(inputs):
        for j, w in first.row(r):
            dense[r, j] = w
    arrays = {"W1": dense, "b1": np.array(first.bias), "W2": np.eye(inputs), "b2": np.zeros(inputs)}
    np.savez(folder / "noisy.npz", allow_pickle=False, **arrays)
    problem = {"kind": "2-and", "inputs": inputs, "pairs": [[i, (i + 1) % inputs] for i in range(inputs)]}
    (folder / "problem.json").write_text(json.dumps(problem), "utf-8")
    return ["verify", "noisy.npz", "problem.json", "-k", "4", "--threshold", "6", "--engines", "branch"]
