"""Enumeration of k-sparse inputs by BLAS in float32, as fast as numpy does it: the opponent of the dense engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from .dense_networks import Trained

Batch = tuple[npt.NDArray[np.int64], int]
"""What comes before (rows of active inputs), and how many of the pairs follow."""

ROWS = 1024  # inputs of one product, whose hidden layer stays in the second cache


class Enumeration:
    """All inputs with at most k ones (or a random ``part`` of the batches); counts wrong entries.

    A batch is some inputs that have the same third last one b: for each choice of what comes before, its sum is added
    to the sums of all pairs behind b, which lie together.
    """

    def __init__(self, network: Trained, k: int, *, part: float) -> None:
        self.network, self.k = network, k
        inputs = network.W1.shape[1]
        self.columns = np.ascontiguousarray(network.W1.T)
        pairs = np.array([(c, d) for c in reversed(range(inputs)) for d in range(c + 1, inputs)])
        self.pairs, self.sums = pairs, self.columns[pairs[:, 0]] + self.columns[pairs[:, 1]]
        self.weights = np.ascontiguousarray(network.W2.T)
        self.levels = (0.5 - network.b2).astype(np.float32)
        batches = list(self._batches())
        rng = np.random.default_rng(0)
        kept = [batch for batch in batches if part == 1 or rng.random() < part]
        self.batches = kept or batches[:1]
        self.share = sum(map(self._size, self.batches)) / sum(map(self._size, batches))
        self.wrong = 0

    def _batches(self) -> Iterator[Batch]:
        inputs = self.network.W1.shape[1]
        for size in range(2, self.k + 1):
            if size == 2:
                yield np.zeros((1, 0), dtype=np.int64), comb(inputs, 2)
            for b in range(size - 3, inputs - 2) if size > 2 else ():
                behind = comb(inputs - b - 1, 2)
                before = [(*rest, b) for rest in combinations(range(b), size - 3)]
                step = max(1, ROWS // behind)
                for t in range(0, len(before), step):
                    yield np.array(before[t : t + step], dtype=np.int64).reshape(-1, size - 2), behind

    def _size(self, batch: Batch) -> int:
        return len(batch[0]) * batch[1]

    def run(self) -> None:
        """Once through all batches, in as many threads as there are cores."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            share = -(-len(self.batches) // (8 * (os.cpu_count() or 1)))
            parts = [self.batches[t : t + share] for t in range(0, len(self.batches), share)]
            fired, true = map(sum, zip(*pool.map(self._part, parts), strict=True))
        missed = self._true() - true if self.share == 1 else 0
        self.wrong = fired - true + missed + self._few()

    def _part(self, batches: list[Batch]) -> tuple[int, int]:
        counts = [self._batch(*batch) for batch in batches]
        return sum(fired for fired, _ in counts), sum(true for _, true in counts)

    def _batch(self, before: npt.NDArray[np.int64], behind: int) -> tuple[int, int]:
        """How many outputs fire, and how many of them are true."""
        start = self.network.b1 + self.columns[before].sum(axis=1)
        fired = true = 0
        for t in range(0, behind, ROWS):
            sums = self.sums[t : min(t + ROWS, behind)]
            hidden = (start[:, None, :] + sums[None, :, :]).reshape(-1, sums.shape[1])
            np.maximum(hidden, 0, out=hidden)
            places = np.flatnonzero((hidden @ self.weights) > self.levels)
            rows, outputs = np.divmod(places, len(self.levels))
            active = np.concatenate([before[rows // len(sums)], self.pairs[t + rows % len(sums)]], axis=1)
            a, b = self.network.pairs[outputs].T
            true += int(((active == a[:, None]).any(axis=1) & (active == b[:, None]).any(axis=1)).sum())
            fired += len(places)
        return fired, true

    def _few(self) -> int:
        """The outputs that fire with less than two ones."""
        hidden = np.maximum(np.vstack([self.network.b1, self.network.b1 + self.columns]), 0)
        return int(((hidden @ self.weights) > self.levels).sum())

    def _true(self) -> int:
        """How many entries are true, of all inputs with two ones or more."""
        return len(self.levels) * sum(comb(len(self.columns) - 2, size - 2) for size in range(2, self.k + 1))


class Plain:
    """The plain way, for comparison: a batch gathers and sums its inputs' columns. Only inputs with k ones count."""

    def __init__(self, network: Trained, k: int, *, most: int) -> None:
        self.network, inputs = network, network.W1.shape[1]
        self.columns, self.weights = np.ascontiguousarray(network.W1.T), np.ascontiguousarray(network.W2.T)
        whole = comb(inputs, k)
        if whole <= most:
            self.active = np.array(list(combinations(range(inputs), k)), dtype=np.int64)
        else:
            rng = np.random.default_rng(0)
            self.active = rng.random((most, inputs), dtype=np.float32).argpartition(k, axis=1)[:, :k]
        self.share = len(self.active) / whole

    def run(self) -> int:
        """The outputs that fire."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return sum(pool.map(self._batch, range(0, len(self.active), ROWS)))

    def _batch(self, first: int) -> int:
        sums = self.columns[self.active[first : first + ROWS]].sum(axis=1) + self.network.b1
        return int((np.maximum(sums, 0) @ self.weights + self.network.b2 > 0.5).sum())
