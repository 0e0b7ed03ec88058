"""The smallest exact networks found for Neural Permutation (Adler & Shavit 2025), and what sizes they have.

As in ``permute``, x1 = [W x0 >= T] on x0 = C y is the OR-code of the permuted input. But C is shaped for the
permutation (``smallest_code``), and each row of W alone is a row of small integers (``compact.rows``) with

    own inputs: at least G        others: -de..ep        k ep < T <= G - (k - 1) de

so that one own input reaches T whatever else is active, and no k others do (derived).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2, sqrt

import numpy as np

from supverify.kernel.claim import Permutation
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Network

from .codes import Bits, Counts, decoder, draw, linear, product, supports, threshold
from .compact.compile import Ints
from .compact.rows import FREE, Points, search_row
from .construction import Construction
from .linear_permute import Noise, linear_permutation
from .problems import permutation
from .resample import Progress
from .smallest_code import HOT, WARM, shaped_code

OWN = 128  # G
LOW = 15  # de, for small k
PASSES = 1000  # of the projections for a row
MOST = 1 << 13  # inputs
MOVES = 1000  # of the annealing, for each input
START = (0.5, 1.3, 2.4, 4.0)  # the first width tried, in units of sqrt(m log2 m), for k = 0, 1, 2, 3
NARROWER, WIDER = 0.95, 1.1
MENDED, DEARER, HOPELESS = 6, 3, 0.25  # how often a code is mended, and while at most which share of rows fails

_Layer = tuple[Bits, Counts, int]  # the code, W and T


@dataclass(frozen=True)
class _Bounds:
    """What others add at least and at most, and the threshold."""

    low: int
    high: int
    threshold: int

    @classmethod
    def of(cls, k: int) -> _Bounds:
        if k <= 1:  # nobody else is active beside an own input
            return cls(-FREE, OWN - 1, OWN)
        low = min(LOW, OWN // (2 * k))
        level = OWN - (k - 1) * low
        return cls(-low, (level - 1) // k, level)


def smallest_permutation(
    problem: Permutation, *, k: int, seed: int = 0, moves: int = MOVES, progress: Progress | None = None
) -> Construction:
    """An exact network of the fewest neurons that the search finds; the same seed gives the same network.

    Widths are tried downwards from an estimate until one fails, or upwards until one succeeds; m neurons always
    do, one for each input. ``moves``: effort, for each input. Raises Malformed for a k that is not in 0..m,
    a seed or moves below 0 and more than 2^13 inputs.
    """
    if not 0 <= k <= problem.inputs:
        raise Malformed("smallest_permutation: k", f"0 <= k <= {problem.inputs}", k)
    if seed < 0 or moves < 0:
        raise Malformed("smallest_permutation: seed and moves", "at least 0", (seed, moves))
    if problem.inputs > MOST:
        raise Malformed("smallest_permutation: inputs", f"at most {MOST}", problem.inputs)
    search = _Search(problem, max(k, 1), seed, moves, progress)
    found = search.narrowest()
    C, W, level = found if found else _separate(problem)
    weight = int(C[:, 0].sum())
    layers = (linear(C), *threshold(W, level))
    return Construction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, decoder(C, weight))),
        code=supports(C),
        problem=problem,
        k=k,
        seed=seed,
        weights=(weight,),
        attempts=search.attempts,
    )


def _separate(problem: Permutation) -> _Layer:
    """One neuron for each input, and the permutation itself."""
    unit = np.eye(problem.inputs, dtype=np.int64)
    return unit.astype(np.bool_), unit[list(problem.order)], 1


class _Search:
    """Widths tried one after the other; ``attempts`` counts them."""

    def __init__(self, problem: Permutation, k: int, seed: int, moves: int, progress: Progress | None) -> None:
        self.problem, self.k, self.seed, self.moves, self.progress = problem, k, seed, moves, progress
        self.order, self.attempts = np.array(problem.order, dtype=np.int64), 0

    def narrowest(self) -> _Layer | None:
        """Code, weights and threshold of the narrowest network found; None if none is narrower than m."""
        inputs = self.problem.inputs
        unit = START[self.k] if self.k < len(START) else 1.4 * self.k
        neurons = min(inputs - 1, ceil(unit * sqrt(inputs * log2(inputs + 1))))
        found = None
        while found is None and 2 * (self.k + 1) <= neurons < inputs:
            found = self._at(neurons)
            if found is None:
                neurons = max(neurons + 1, int(neurons * WIDER))
        narrower = found
        while narrower is not None and neurons > 2 * (self.k + 1):
            found, neurons = narrower, min(neurons - 1, int(neurons * NARROWER))
            narrower = self._at(neurons)
        return narrower or found

    def _at(self, neurons: int) -> _Layer | None:
        """A network of this width, with k + 1 ones a column, any two columns sharing one at most, or None."""
        self.attempts += 1
        inputs, weight = self.problem.inputs, self.k + 1
        if inputs * weight * (weight - 1) > neurons * (neurons - 1):
            return None  # so many pairs of rows there are not
        rng = np.random.default_rng((self.seed, neurons))
        drawn = draw(rng, length=neurons, weight=weight, count=inputs)
        columns, state = _places(drawn), np.array([int(rng.integers(1 << 31))], dtype=np.int64)
        prices, moves, heat = np.ones(neurons, dtype=np.int64), self.moves * inputs, HOT
        for mending in range(MENDED + 1):
            self._tell(f"code for {neurons} neurons", mending, MENDED)
            columns = shaped_code(columns, self.order, prices, heat=heat, moves=moves, state=state)
            code = _matrix(columns, neurons)
            W, failed = self._rows(code, columns, state)
            if not failed and _apart(code):
                return code, W, _Bounds.of(self.k).threshold
            if len(failed) > neurons * HOPELESS:
                break
            prices[failed] *= DEARER
            moves, heat = self.moves * inputs // 4, WARM
        return None

    def _rows(self, code: Bits, columns: Ints, state: Ints) -> tuple[Counts, list[int]]:
        """W, and the rows for which the search fails; it ends where they are hopelessly many."""
        (inputs, weight), neurons = columns.shape, len(code)
        bounds, owned = _Bounds.of(self.k), code[:, np.argsort(self.order)]
        pointers, W = (
            np.arange(0, inputs * weight + 1, weight, dtype=np.int64),
            np.zeros((neurons, neurons), np.int64),
        )
        failed: list[int] = []
        for r in range(neurons):
            low, high = np.where(owned[r], OWN, bounds.low), np.where(owned[r], FREE, bounds.high)
            W[r, code[:, owned[r]].any(axis=1)] = OWN // weight
            points = Points(pointers, columns.ravel(), low.astype(np.int64), high.astype(np.int64))
            if search_row(W[r], points, smallest=-OWN, largest=OWN, state=state, passes=PASSES):
                failed.append(r)
            if len(failed) > neurons * HOPELESS:
                break
            self._tell(f"rows for {neurons} neurons", r + 1, neurons)
        return W, failed

    def _tell(self, what: str, done: int, total: int) -> None:
        if self.progress:
            self.progress(what, done, total)


def _places(code: Bits) -> Ints:
    """The rows of each column (m x w)."""
    return np.array(supports(code.T), dtype=np.int64)


def _matrix(columns: Ints, neurons: int) -> Bits:
    """The code (n x m) with these columns."""
    code = np.zeros((neurons, len(columns)), dtype=np.bool_)
    code[columns, np.arange(len(columns))[:, None]] = True
    return code


def _apart(code: Bits) -> bool:
    """Whether no two columns share two rows: then k others leave one of the k + 1 rows of a column alone."""
    shared = product(code.T, code)
    np.fill_diagonal(shared, 0)
    return bool(shared.max(initial=0) <= 1)


@dataclass(frozen=True, kw_only=True)
class PermutationSize:
    """One row of the capacity report: the smallest exact network found, and the source's T = C P D at that width.

    ``noise`` is that of T with the weight that makes ``noise.decoded`` least, ``linear_weight``.
    """

    inputs: int
    k: int
    seed: int
    neurons: int
    weight: int
    built: Construction
    linear_weight: int
    noise: Noise


def permutation_sizes(
    sizes: Sequence[int], *, k: int, seed: int = 0, moves: int = MOVES, progress: Progress | None = None
) -> Iterator[PermutationSize]:
    """A row for each number of inputs, the permutation drawn from ``seed``; ``built`` is still to be verified."""
    for inputs in sizes:
        problem = permutation(inputs, seed=seed)
        built = smallest_permutation(problem, k=k, seed=seed, moves=moves, progress=progress)
        choices = sorted({min(w, built.neurons) for w in (1, 2, 4, 8, 16)})
        noises = {
            w: linear_permutation(problem, k=k, neurons=built.neurons, weight=w, seed=seed).noise for w in choices
        }
        best = min(noises, key=lambda w: noises[w].decoded)
        yield PermutationSize(
            inputs=inputs,
            k=k,
            seed=seed,
            neurons=built.neurons,
            weight=built.weights[0],
            built=built,
            linear_weight=best,
            noise=noises[best],
        )
