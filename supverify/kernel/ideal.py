"""The ideal of a network's first step: h_r = [at least two of the inputs S_r are active], shown for k-sparse inputs.

With g_j what input j adds to row r, T >= 1 what the row needs and S_r = {j : 2 g_j >= T}, the row is ideal for at
most k active inputs if the two smallest members and the k - 2 most negative others reach T (more members only add
to that), and neither the largest member with the k - 1 largest others nor the k largest others do.
"""

from __future__ import annotations

from .bounds import Bounds
from .claim import Claim
from .errors import Rejected
from .network import Layer, Network


def ideal(claim: Claim) -> Network:
    """The network with its linear layers and first step replaced by the ideal; raises Rejected if they differ."""
    bounds = Bounds(claim.network, claim.k, exactly=False)
    if bounds.depth not in bounds.stepping:
        raise Rejected("evidence I", "a first step relu(1 - relu(z))", "another layer")
    layers = claim.network.layers[bounds.depth :]
    members = tuple(_members(bounds, r, claim.k) for r in range(len(layers[0].bias)))
    counts = Layer(members, tuple((-1,) * len(row) for row in members), (2,) * len(members), True)
    return Network(claim.network.inputs, (counts, *layers[1:]), claim.network.scale)


def _members(bounds: Bounds, r: int, k: int) -> tuple[int, ...]:
    """S_r of neuron r; raises Rejected if some k-sparse input may move it off its ideal."""
    need, values, _, _ = bounds.linear[r]
    gains = [-value for value in values]
    members = tuple(j for j, gain in enumerate(gains) if 2 * gain >= need)
    inside = sorted(gains[j] for j in members)
    others = sorted((gain for gain in gains if 2 * gain < need), reverse=True)
    best = [max(gain, 0) for gain in others[:k]]
    worst = [min(gain, 0) for gain in others[::-1][: max(k - 2, 0)]]
    two = need if k < 2 or len(inside) < 2 else inside[0] + inside[1] + sum(worst)
    one = inside[-1] + sum(best[: k - 1]) if inside and k else 0
    if not (need >= 1 and two >= need and one < need and sum(best) < need):
        got = f"needs {need}, two members reach {two}, one {one}, none {sum(best)}"
        raise Rejected(f"evidence I, neuron {r}", f"on at most {k} inputs as many as two of its members decide", got)
    return members
