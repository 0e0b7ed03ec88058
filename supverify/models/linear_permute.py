"""The source's linear permutation of features in superposition, with its noise measured exactly.

C (n x m) has w ones in each column, its decompression is D = C^T / w, and T = C P D (n x n) takes x0 = C y to about
C (P y) (Adler & Shavit 2025, Neural Permutation). Everything is linear in y, so the extremes over all k-sparse
inputs are sums of k best coefficients: no input is sampled and none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from supverify.kernel.claim import Claim, Criterion, Permutation
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Network

from .codes import Counts, draw, linear
from .exactness import largest_sums


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Extremes over every input with at most k ones, as exact fractions.

    ``superposed``: the largest |T x0 - C (P y)| of a neuron; ``decoded``: the largest |D T x0 - P y| of an output;
    ``least_true`` and ``most_false``: the smallest decoded value of a true output, the largest of a false one.
    """

    superposed: Fraction
    decoded: Fraction
    least_true: Fraction
    most_false: Fraction


@dataclass(frozen=True, kw_only=True)
class LinearPermutation:
    """The networks y -> T C y (``network``) and y -> D T C y (``decoded``), without any threshold."""

    network: Network
    decoded: Network
    problem: Permutation
    k: int
    seed: int
    weight: int
    noise: Noise

    def claim(self) -> Claim:
        """Every decoded output is within ``noise.decoded`` of its truth: no smaller slack would do."""
        return Claim(self.decoded, self.problem, self.k, Criterion("linear", slack=self.noise.decoded))


def linear_permutation(
    problem: Permutation, *, k: int, neurons: int, weight: int, seed: int = 0
) -> LinearPermutation:
    """T = C P D for a random code of ``neurons`` x m with ``weight`` ones a column.

    Raises Malformed unless 1 <= weight <= neurons, 0 <= k <= m and seed >= 0.
    """
    if seed < 0:
        raise Malformed("linear_permutation: seed", "at least 0", seed)
    if not 1 <= weight <= neurons:
        raise Malformed("linear_permutation: weight", f"1 to {neurons} ones a column", weight)
    if not 0 <= k <= problem.inputs:
        raise Malformed("linear_permutation: k", f"0 <= k <= {problem.inputs}", k)
    C = draw(np.random.default_rng(seed), length=neurons, weight=weight, count=problem.inputs)
    code, order = C.astype(np.int64), list(problem.order)
    spread = code.T @ code  # w D C
    superposed, decoded = code @ spread[order], spread @ spread[order]  # w T C and w^2 D T C, from y
    layers = (linear(C), linear(code @ code[:, order].T))
    return LinearPermutation(
        network=Network(problem.inputs, layers, weight),
        decoded=Network(problem.inputs, (*layers, linear(C.T)), weight**2),
        problem=problem,
        k=k,
        seed=seed,
        weight=weight,
        noise=_noise(superposed, decoded, code, order, weight, k),
    )


def _noise(superposed: Counts, decoded: Counts, code: Counts, order: list[int], weight: int, k: int) -> Noise:
    exact = np.zeros_like(decoded)
    exact[np.arange(len(order)), order] = 1
    own, others = decoded[exact == 1], np.where(exact, 0, decoded)
    return Noise(
        superposed=Fraction(_extreme(superposed - weight * code @ exact, k), weight),
        decoded=Fraction(_extreme(decoded - weight**2 * exact, k), weight**2),
        least_true=Fraction(int(own.min()), weight**2),
        most_false=Fraction(int(largest_sums(others, k).max()), weight**2),
    )


def _extreme(errors: Counts, k: int) -> int:
    """The largest |sum of at most k entries of one row|."""
    return max(int(largest_sums(np.maximum(sign * errors, 0), k).max()) for sign in (1, -1))
