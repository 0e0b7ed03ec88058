"""The second layer of a compact network: which hidden neurons make an output neuron fire, repaired until exact.

Gate i has a column of ``width`` ones in the output code C1, two columns share at most ``shared`` neurons, and output
neuron q is the OR of the gates that own it. A weight of UNIT on the channels of those gates lets a true gate reach
the threshold; what fires falsely is repaired: every wrong input found becomes a constraint of its row for good, the
rows named are searched anew with integer weights, and a gate that a row cannot be rid of goes to another row
(derived). The last word is a complete scan of all k-sparse inputs, by ``compact.pairs`` or ``compact.reach``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from ..exactness import undecodable
from ..resample import Progress
from .channels import Channels, Members
from .compile import Flags, Floats, Ints, compiled, random_below
from .pairs import Close, close_pairs, wrong_pairs
from .reach import Wrong, reached
from .rows import FREE, Points, search_row

UNIT, LARGEST = 8, 12
LOWEST = {2: -8, 3: -8, 4: 0}  # for k = 4 two gates may be true beside any pair, so no weight may take firing away
WIDTH = {2: (3, 2), 3: (3, 1), 4: (5, 1)}  # ones of a column, and how many two columns may share
ROUNDS, PATIENCE, KEPT = 120, 8, 60
HOPELESS = 8  # where more than one row in so many stays wrong, no moving about has ever helped
CROWDED = 1e6


@dataclass(frozen=True)
class Output:
    """An exact second layer: ``weights`` (n x n) of the hidden neurons, firing at ``threshold``; ``code`` (G x n)."""

    weights: Ints
    threshold: int
    code: Flags


@dataclass(frozen=True)
class _Repair:
    """The search, changed in place: ``load[q]`` counts the gates of neuron q, ``pools[q]`` holds the
    active inputs that it was once wrong on."""

    channels: Channels
    members: Members
    firing: Ints
    code: Flags
    load: Ints
    weights: Ints
    pools: list[set[tuple[int, ...]]]
    k: int
    state: Ints

    @property
    def threshold(self) -> int:
        return UNIT * int(self.channels.rows.shape[1])

    @property
    def neurons(self) -> int:
        return len(self.weights)

    @cached_property
    def close(self) -> Close:
        return close_pairs(self.members, self.channels.gates)

    def wrong(self, rows: Ints) -> Wrong:
        """The wrong outputs of these rows on all k-sparse inputs, some of each row."""
        if self.k == 2:
            return wrong_pairs(self.close, self.code, self.weights, self.threshold, rows=rows, most=KEPT)
        gates, level = self.channels.gates, self.threshold
        return reached(self.members, gates, self.code, self.weights, level, k=self.k, rows=rows, most=KEPT)


def repair(channels: Channels, *, k: int, state: Ints, progress: Progress | None = None) -> Output | None:
    """Searches the second layer; None if the search gives up.

    An Output that is returned is exact on every k-sparse input and its output code is decodable.
    """
    k = max(k, 2)
    search = _start(channels, k, state)
    if search is None:
        return None
    dirty, fewest, since = np.arange(search.neurons), FREE, 0
    for rounds in range(ROUNDS):
        if progress is not None:
            progress(f"repairing {search.neurons} neurons", rounds, ROUNDS)
        wrong = search.wrong(dirty)
        changed, stuck = _mend(search, wrong) if len(wrong.rows) else (_separate(search), 0)
        if not changed:
            return Output(search.weights, search.threshold, search.code)
        if stuck * HOPELESS > search.neurons:
            break
        since = 0 if len(wrong.rows) < fewest else since + 1
        fewest = min(fewest, len(wrong.rows))
        if since > PATIENCE:
            break
        dirty = np.array(sorted(changed), dtype=np.int64)
    return None


def _start(channels: Channels, k: int, state: Ints) -> _Repair | None:
    """Columns packed one after the other where they add least to what a row reads; None if they do not fit."""
    ones, shared = WIDTH[k]
    gates, neurons = len(channels.gates), channels.counts.shape[1]
    columns = np.full((gates, ones), -1, dtype=np.int64)
    reads = np.zeros((neurons, neurons), dtype=np.bool_)
    load = np.zeros(neurons, dtype=np.int64)
    most = -(-ones * gates // neurons) + 1
    owners = np.full((neurons, most), -1, dtype=np.int64)
    loop = compiled(_pack, random_below, _block, _least)
    order = np.argsort(channels.rows[:, 0], kind="stable")
    if not loop(order, channels.rows, columns, reads, load, owners, shared, state):
        return None
    code = np.zeros((gates, neurons), dtype=np.bool_)
    np.put_along_axis(code, columns, True, axis=1)
    members = channels.counts > 0
    return _Repair(
        channels=channels,
        members=Members.of(members),
        firing=np.vstack([members, np.zeros((1, neurons), dtype=np.bool_)]).astype(np.int8),
        code=code,
        load=load,
        weights=np.where(reads, UNIT, 0).astype(np.int64),
        pools=[set() for _ in range(neurons)],
        k=k,
        state=state,
    )


def _pack(
    order: Ints, channels: Ints, columns: Ints, reads: Flags, load: Ints, owners: Ints, shared: int, state: Ints
) -> bool:
    met = np.zeros(len(channels), dtype=np.int64)
    costs = np.zeros(len(load))
    for i in order:
        for q in range(len(load)):
            costs[q] = 3 * load[q] / owners.shape[1] + random_below(state, 1024) / 2048
            for r in channels[i]:
                costs[q] += not reads[q, r]
            if load[q] == owners.shape[1]:
                costs[q] = CROWDED
        for p in range(columns.shape[1]):
            q = _least(costs)
            if q < 0:
                return False
            columns[i, p] = q
            costs[q] = CROWDED
            for o in range(load[q]):
                met[owners[q, o]] += 1
                if met[owners[q, o]] >= shared:
                    _block(columns[owners[q, o]], costs)
            owners[q, load[q]] = i
            load[q] += 1
            for r in channels[i]:
                reads[q, r] = True
        for p in range(columns.shape[1]):
            for o in range(load[columns[i, p]]):
                met[owners[columns[i, p], o]] = 0
    return True


def _block(rows: Ints, costs: Floats) -> None:
    for q in rows:
        if q >= 0:
            costs[q] = CROWDED


def _least(costs: Floats) -> int:
    """The cheapest neuron, -1 if there is none left."""
    q = int(np.argmin(costs))
    return q if costs[q] < CROWDED else -1


def _mend(search: _Repair, wrong: Wrong) -> tuple[set[int], int]:
    """Searches the rows with wrong outputs anew and moves a gate out of each that stays wrong.

    The rows changed, and how many stayed wrong.
    """
    for q, active in zip(wrong.rows.tolist(), np.sort(wrong.active, axis=1).tolist(), strict=True):
        search.pools[q].add(tuple(active))
    rows = sorted(set(wrong.rows.tolist()))
    blamed = {q: gate for q in rows if (gate := _search(search, q)) >= 0}
    return {*rows, *(_move(search, gate, q) for q, gate in blamed.items())}, len(blamed)


def _search(search: _Repair, q: int) -> int:
    """Searches one row for its constraints; the gate to blame for those that stay violated, or -1."""
    channels, threshold = search.channels, search.threshold
    own = np.flatnonzero(search.code[:, q])
    active = np.full((len(own) + len(search.pools[q]), search.k), -1, dtype=np.int64)
    active[: len(own), :2] = channels.gates[own]
    if search.pools[q]:
        active[len(own) :] = sorted(search.pools[q])
    firing = search.firing[active].sum(axis=1) >= 2
    wanted = _holds(active, channels.gates[own], len(channels.counts))
    places, columns = np.nonzero(firing)
    points = Points(
        pointers=np.searchsorted(places, np.arange(len(active) + 1)).astype(np.int64),
        columns=columns.astype(np.int64),
        low=np.where(wanted, threshold, -FREE),
        high=np.where(wanted, FREE, threshold - 1),
    )
    row = search.weights[q]
    left = search_row(row, points, smallest=LOWEST[search.k], largest=LARGEST, state=search.state)
    if not left:
        return -1
    sums = firing @ row
    bad = firing[(sums < points.low) | (sums > points.high)]
    meets = bad[:, channels.rows[own]].sum(axis=(0, 2))
    return int(own[np.argmax(meets)]) if len(own) else -1


def _holds(active: Ints, gates: Ints, inputs: int) -> Flags:
    """Which of the sets of active inputs (padded with -1) hold one of the gates."""
    keys, held = gates[:, 0] * inputs + gates[:, 1], np.zeros(len(active), dtype=np.bool_)
    for i, j in combinations(range(active.shape[1]), 2):
        low, high = np.minimum(active[:, i], active[:, j]), np.maximum(active[:, i], active[:, j])
        held |= (low >= 0) & np.isin(low * inputs + high, keys)
    return held


def _move(search: _Repair, i: int, q: int) -> int:
    """Gate i leaves row q for the row that reads most of its channel already; that row."""
    code, load, channel = search.code, search.load, search.channels.rows[i]
    code[i, q] = False
    load[q] -= 1
    owners, met = np.unique(
        np.concatenate([np.flatnonzero(code[:, r]) for r in np.flatnonzero(code[i])]), return_counts=True
    )
    crowded = owners[(met >= WIDTH[search.k][1]) & (owners != i)]
    costs = (search.weights[:, channel] < UNIT // 2).sum(axis=1) + load / max(1.0, load.mean())
    costs += np.random.default_rng(int(search.state[0])).random(search.neurons)
    random_below(search.state, 2)
    costs[code[crowded].any(axis=0) | code[i]] = CROWDED
    costs[q] = 2 * CROWDED
    target = int(np.argmin(costs))
    code[i, target] = True
    load[target] += 1
    search.weights[target, channel] = np.maximum(search.weights[target, channel], UNIT)
    return target


def _separate(search: _Repair) -> set[int]:
    """Moves one entry of every gate that cannot be decoded; the rows changed."""
    changed = set[int]()
    for i in undecodable(search.code.T, search.channels.gates.tolist(), search.k):
        q = int(np.flatnonzero(search.code[i])[0])
        changed |= {q, _move(search, i, q)}
    return changed
