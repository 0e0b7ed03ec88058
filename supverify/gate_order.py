"""A likely mistake that a refutation can name: the outputs compute the gates, but in another order."""

from __future__ import annotations

from .kernel.claim import Claim
from .kernel.network import evaluate

MOST_STEPS = 1 << 22  # weights that are multiplied to find the order


def order_of_gates(claim: Claim) -> tuple[int, ...] | None:
    """For each gate the output that is true where the gate's own inputs are on, if no gate has its own output.

    None where each gate's output is the one that the claim says, where several outputs or none fit, and where to
    find out would take long. Only those inputs are tried: a suggestion for ``outputs`` in a sidecar, no verdict.
    """
    weights = sum(len(row) for layer in claim.network.layers for row in layer.weights)
    gates: dict[tuple[int, ...], list[int]] = {}
    for i, (clause, *_) in enumerate(claim.targets()):
        gates.setdefault(clause, []).append(i)
    readable = claim.code is None and claim.problem.kind != "and" and claim.criterion.kind in ("readout", "separated")
    if not readable or weights * len(gates) > MOST_STEPS or max(map(len, gates)) > claim.k:
        return None
    least = claim.criterion.windows(claim.network.scale)[1][0] or 0
    order = [0] * len(claim.targets())
    for clause, same in gates.items():
        true = [i for i, z in enumerate(evaluate(claim.network, clause)) if z >= least]
        if len(true) != len(same):
            return None
        for gate, output in zip(same, true, strict=True):
            order[gate] = output
    changed = order != list(range(len(order)))
    return tuple(order) if changed and len(set(order)) == len(order) else None
