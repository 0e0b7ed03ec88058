"""Permuting features that are in superposition, exactly, by one layer of threshold neurons.

One code C (n x m, w ones in each column) serves the inputs, x0 = C y, and the outputs. Output i is input order[i]:
P is the permutation matrix with P[i, order[i]] = 1, so column order[i] of C P is column i of C.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from supverify.kernel.claim import Permutation
from supverify.kernel.network import Network

from .codes import Bits, decoder, linear, supports, threshold, union
from .construction import Construction
from .exactness import largest_sums, overlaps, undecodable
from .plan import narrowest, plan_permutation
from .resample import Codes, Design, Faults, Progress, Search


def build_permutation(
    problem: Permutation, *, k: int, seed: int = 0, neurons: int | None = None, progress: Progress | None = None
) -> Construction:
    """x1 = [W x0 >= w] with W = min(1, C P C^T), n x n: the OR-code of the permuted input, exactly.

    A true output's input adds w to each row that the output owns. Row r is right on every input with at most k ones
    iff the k non-members that overlap it most add up to at most w - 1; so both this and that no column lies in k
    others is what the search for C establishes. Derived from the compression and decompression of Adler & Shavit
    2025, with the ReLU threshold that they propose made exact. The first width from ``neurons`` on that is found.
    """
    search = Search(partial(_design, problem, k), rng=np.random.default_rng(seed), progress=progress)
    plan = partial(plan_permutation, problem.inputs, k)
    found = search.widening(neurons or narrowest(plan, 64 + 6 * problem.inputs))
    if neurons is None:
        found = search.narrowing(found)
    (C,), (w,) = found.codes, found.design.weights
    layers = (linear(C), *threshold(union(_members(problem, C), C.T), w))
    return Construction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, decoder(C, w))),
        code=supports(C),
        problem=problem,
        k=k,
        seed=seed,
        weights=(w,),
        attempts=search.attempts,
    )


def _members(problem: Permutation, C: Bits) -> Bits:
    """C P: the inputs whose outputs own each row."""
    return C[:, np.argsort(problem.order)]


def _design(problem: Permutation, k: int, neurons: int) -> Design:
    weights = plan_permutation(problem.inputs, k, neurons).weights
    return Design(neurons, weights, (problem.inputs,), partial(_judge, problem, k, weights[0]))


def _judge(problem: Permutation, k: int, weight: int, codes: Codes) -> Faults:
    (C,) = codes
    foreign = overlaps(_members(problem, C), C)
    crowded = np.flatnonzero(largest_sums(foreign, k) >= weight)
    largest = np.argsort(-foreign[crowded], axis=1, kind="stable")[:, :k]
    crowding = {int(j) for r, some in zip(crowded, largest, strict=True) for j in some if foreign[r, j]}
    hidden = undecodable(C, [(j,) for j in problem.order], k)
    return Faults(len(crowded) + len(hidden), (frozenset(crowding.union(hidden)),))
