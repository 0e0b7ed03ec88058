"""The search for one block: read sets and output code without a false read and without a hidden output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice

import numpy as np

from ..codes import Bits
from ..compact.compile import Ints
from ..exactness import undecodable
from ..resample import Progress
from .channels import Part, Router
from .scan import FalseReads, false_reads, fired

POOL = 40_000  # about so many sets of active inputs there are that new columns of the output code are kept clear of
LIMIT = 20_000  # failures that one look at a block names
HOPELESS = 10  # failures for each output at the start, from which on no round is tried
PATIENCE = 10  # rounds in a row that may mend nothing,
LASTING = 150  # and so many more, divided by the failures that are left
CROWDED = 300  # failures above which all blamed columns are chosen anew, and no read sets
REROUTED = 0.25  # how often read sets are, that would not have to be
SPARSE = 0.02  # what it costs a row of the output code to read one more hidden neuron, in failures
NOISE = 0.1


@dataclass(frozen=True)
class BlockCodes:
    """R (n1 x G) and C1 (n2 x M) of one block, with (w1, w2) ones in each column."""

    part: Part
    R: Bits
    C1: Bits
    weights: tuple[int, int]

    @property
    def members(self) -> Bits:
        """A (n1 x m of the part): the inputs of the gates that each hidden neuron serves."""
        return self.part.gates.members(self.R)


@dataclass(frozen=True)
class _Judged:
    """A try and all that is wrong with it."""

    codes: BlockCodes
    false: FalseReads
    hidden: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.false.rows) + len(self.hidden)

    @property
    def blamed(self) -> tuple[list[int], frozenset[int]]:
        """Outputs whose columns of C1, and gates whose read sets, are to be chosen anew.

        Of each false read the owner of its row whose read set meets the firing neurons most; if that meets them with
        all of its neurons no column can help. And the outputs that the decoder cannot tell from others.
        """
        codes, gate_of = self.codes, self.codes.part.gates.gate_of
        shared = self.false.firing.astype(np.float32) @ codes.R[:, gate_of].astype(np.float32)
        shared[~codes.C1[self.false.rows]] = -1
        owners = np.argmax(shared, axis=1)
        drowned = owners[shared[np.arange(len(owners)), owners] >= codes.weights[0]]
        return sorted({*owners.tolist(), *self.hidden}), frozenset(gate_of[i] for i in drowned.tolist())


class BlockSearch:
    """A Las Vegas search at fixed widths: judge completely, choose anew some of the columns that failed."""

    def __init__(
        self, part: Part, widths: tuple[int, int], weights: tuple[int, int], *, rng: np.random.Generator
    ) -> None:
        self.part, self.widths, self.weights, self.rng, self.rounds = part, widths, weights, rng, 0
        self.allowed = part.channels(widths[0], weights[0], rng)
        self.pool = _joined(part)

    def run(self, progress: Progress | None = None) -> BlockCodes | None:
        """Codes without a fault, or None when patience ends."""
        gates, outputs = self.part.gates, range(len(self.part.outputs))
        nothing = np.zeros((self.widths[0], len(gates.distinct)), dtype=np.bool_)
        R = self._routed(nothing, self.rng.permutation(len(gates.distinct)).tolist())
        best, idle = self._judged(R, self._written(R, None, list(outputs))), 0
        most = HOPELESS * len(outputs)
        while 0 < best.count < most and idle <= PATIENCE + LASTING // best.count:
            if progress:
                progress(f"{self.part.name}: {self.widths[0]} neurons", max(0, LIMIT - best.count), LIMIT)
            tried = self._next(best)
            idle = 0 if tried.count < best.count else idle + 1
            best = tried if tried.count <= best.count else best
        return None if best.count else best.codes

    def _next(self, best: _Judged) -> _Judged:
        """Some of the blamed outputs with new columns, and now and then with new read sets."""
        (outputs, drowned), codes = best.blamed, best.codes
        share = max(1 / len(outputs), float(self.rng.random()) ** 2)
        chosen = [i for i in outputs if self.rng.random() < share] or outputs[:1]
        gates = {self.part.gates.gate_of[i] for i in chosen}
        if best.count > CROWDED:  # new read sets would meet in ways that the pool does not know yet
            return self._judged(codes.R, self._written(codes.R, codes.C1, outputs))
        if self.rng.random() > REROUTED:
            gates &= drowned
        R = self._routed(codes.R, sorted(gates)) if gates else codes.R
        return self._judged(R, self._written(R, codes.C1, chosen))

    def _judged(self, R: Bits, C1: Bits) -> _Judged:
        self.rounds += 1
        gates, codes = self.part.gates, BlockCodes(self.part, R, C1, self.weights)
        false = false_reads(
            codes.members,
            self.part.loners,
            gates.reads(R, C1),
            gates.owned(C1),
            self.weights[0],
            k=gates.k,
            limit=LIMIT,
        )
        if len(false.rows):
            older = self.pool if len(self.pool) <= POOL + LIMIT else self.rng.permutation(self.pool)[:POOL]
            self.pool = np.unique(np.vstack([false.active, older]), axis=0)
        return _Judged(codes, false, tuple(undecodable(C1, gates.pairs, gates.k)))

    def _routed(self, R: Bits, chosen: list[int]) -> Bits:
        return Router(self.part, self.allowed, R).reroute(chosen, self.weights[0], self.rng)

    def _written(self, R: Bits, C1: Bits | None, chosen: list[int]) -> Bits:
        C1 = np.zeros((self.widths[1], len(self.part.outputs)), dtype=np.bool_) if C1 is None else C1.copy()
        C1[:, chosen] = False
        _Writer(self.part, R, C1, self.pool, self.weights).write(chosen, self.rng)
        return C1


def _joined(part: Part) -> Ints:
    """The sets of inputs that make one gate true, or two gates with a common input, padded with -1 to k."""
    k, partners = part.gates.k, dict[int, list[int]]()
    for a, b in part.gates.distinct:
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    pairs = part.gates.distinct if k > 1 else ()
    forks = ((a, *two) for a in partners for two in combinations(partners[a], 2)) if k > 2 else ()
    sets = [(*some, *(-1,) * (k - len(some))) for some in islice(chain(pairs, forks), POOL)]
    return np.array(sets, dtype=np.int64).reshape(len(sets), k)


class _Writer:
    """Chooses columns of C1 (n2 x M) such that few of the sets in ``pool`` make a row fire falsely."""

    def __init__(self, part: Part, R: Bits, C1: Bits, pool: Ints, weights: tuple[int, int]) -> None:
        self.C1, (self.level, self.weight) = C1, weights
        gates = part.gates
        on = np.zeros((len(pool), len(part.inputs) + 1), dtype=np.bool_)
        np.put_along_axis(on, pool, True, axis=1)  # -1 is the last column, of nobody
        ends = np.array(gates.pairs)
        self.true = on[:, ends[:, 0]] & on[:, ends[:, 1]]
        self.sets = fired(gates.members(R), part.loners, pool).astype(np.float32)
        self.columns = R[:, gates.gate_of]
        self.reads = gates.reads(R, C1)
        self.read = self.sets @ self.reads.T.astype(np.float32)  # by each row, of the neurons that each set fires
        self.owned = self.true.astype(np.float32) @ C1.T.astype(np.float32) > 0

    def write(self, chosen: Sequence[int], rng: np.random.Generator) -> None:
        """New columns for these outputs, in place."""
        for i in chosen:
            served = np.flatnonzero(self.columns[:, i])
            near = np.flatnonzero(self.sets[:, served].any(axis=1))
            fresh = (~self.reads[:, served]).astype(np.float32)
            grown = self.read[near] + self.sets[np.ix_(near, served)] @ fresh.T
            failing = (grown >= self.level) & (self.read[near] < self.level) & ~self.owned[near]
            cost = failing[~self.true[near, i]].sum(axis=0) + SPARSE * fresh.sum(axis=1)
            rows = np.argpartition(cost + NOISE * rng.random(len(cost)), self.weight - 1)[: self.weight]
            self.C1[rows, i] = True
            self.reads[np.ix_(rows, served)] = True
            self.read[np.ix_(near, rows)] = grown[:, rows]
            self.owned[:, rows] |= self.true[:, [i]]
