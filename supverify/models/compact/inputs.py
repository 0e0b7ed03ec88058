"""A 2-AND network with a neuron for each input that is in a gate: exact for every k, and small where gates are many.

    x1_a = [k y_a + (sum of y_b over the partners b of a) >= k + 1]       as relu(1 - relu(k + 1 - .)) on integers

Invariant: x1_a is 1 iff a is active and a partner of it is. Without a, at most k partners reach k; a alone reaches k.
So neuron a is the OR of the gates with input a, gate {a, b} owns neurons a and b, and both are 1 only if a and b are
active, which makes the gate true: the output code is decodable for every k. The inputs are not superposed, the
outputs are: sqrt(2 M) neurons for the clique (derived).
"""

from __future__ import annotations

import numpy as np

from supverify.kernel.claim import TwoAnd
from supverify.kernel.network import Network

from ..codes import decoder, linear, supports, threshold
from ..construction import Construction


def used_inputs(problem: TwoAnd) -> list[int]:
    """The inputs that are in a gate, ascending."""
    return sorted({j for pair in problem.pairs for j in pair})


def build_by_inputs(problem: TwoAnd, *, k: int, seed: int = 0) -> Construction:
    """The network with as many neurons as inputs are used; nothing is drawn, the seed is only passed on."""
    used = used_inputs(problem)
    place = {j: a for a, j in enumerate(used)}
    pairs = np.array([[place[a], place[b]] for a, b in problem.pairs])
    code = np.zeros((len(used), len(pairs)), dtype=np.bool_)
    code[pairs, np.arange(len(pairs))[:, None]] = True
    chosen = np.zeros((len(used), problem.inputs), dtype=np.bool_)
    chosen[np.arange(len(used)), used] = True
    partners = np.zeros((len(used), len(used)), dtype=np.int64)
    partners[pairs, pairs[:, ::-1]] = 1
    np.fill_diagonal(partners, k)
    layers = (linear(chosen), *threshold(partners, k + 1))
    return Construction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, decoder(code, 2))),
        code=supports(code),
        problem=problem,
        k=k,
        seed=seed,
        weights=(1, 2),
        attempts=1,
    )
