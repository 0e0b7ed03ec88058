"""Which outputs are true where a gate's own inputs are on: enough to name likely mistakes, not to decide anything."""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel.claim import Claim, Clause
from ..kernel.network import evaluate

MOST_STEPS = 1 << 22  # weights that are multiplied to find a mistake


def order_of_gates(claim: Claim) -> tuple[int, ...] | None:
    """For each gate the output that is true where the gate's own inputs are on, if no gate has its own output.

    None where each gate's output is the one that the claim says, where several outputs or none fit, and where to
    find out would take long. Only those inputs are tried: a suggestion for ``outputs`` in a sidecar, no verdict.
    """
    gates = _gates([clause for clause, *_ in claim.targets()])
    if not _readable(claim, gates):
        return None
    order = [0] * len(claim.targets())
    for clause, same in gates.items():
        true = _true_outputs(claim, clause)
        if len(true) != len(same):
            return None
        for gate, output in zip(same, true, strict=True):
            order[gate] = output
    changed = order != list(range(len(order)))
    return tuple(order) if changed and len(set(order)) == len(order) else None


def fits(claim: Claim, clauses: Sequence[Clause]) -> bool:
    """Whether each output is true where its one of ``clauses`` is on, and where another is on false."""
    gates = _gates(clauses)
    return _readable(claim, gates) and all(_true_outputs(claim, clause) == same for clause, same in gates.items())


def _gates(clauses: Sequence[Clause]) -> dict[Clause, list[int]]:
    """The gates of each clause."""
    gates: dict[Clause, list[int]] = {}
    for i, clause in enumerate(clauses):
        gates.setdefault(clause, []).append(i)
    return gates


def _readable(claim: Claim, gates: dict[Clause, list[int]]) -> bool:
    """Whether outputs are gates of their own that are read as true or false, and few enough to try them."""
    weights = sum(len(row) for layer in claim.network.layers for row in layer.weights)
    single = claim.code is None and claim.problem.kind != "and" and claim.criterion.kind in ("readout", "separated")
    return single and weights * len(gates) <= MOST_STEPS and max(map(len, gates)) <= claim.k


def _true_outputs(claim: Claim, active: Clause) -> list[int]:
    least = claim.windows[1][0] or 0
    return [i for i, z in enumerate(evaluate(claim.network, active)) if z >= least]
