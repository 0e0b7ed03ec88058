"""The second layer of a compact network: which hidden neurons make an output neuron fire, repaired until exact.

The output code is the channel itself: output neuron r' stands for the gates that have the hidden neuron r' in their
channel, and its weight on hidden neuron r' is OWN. With the weight JOINT on the neurons of the same channels a true
gate reaches the threshold OWN + (width - 1) JOINT exactly, an active neuron that nobody joins stays below it, and
what remains wrong is repaired: every wrong output found becomes a constraint of its row for good, the rows named are
searched anew, and gates whose constraints cannot be met get another channel (derived).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .compact_channels import Channels, route
from .compact_compile import Flags, Ints, compiled, random_below
from .compact_readout import loose_gates
from .compact_rows import FREE, Points, search_row
from .compact_scan import Wrong, silent_below, wrong_outputs
from .exactness import undecodable
from .resample import Progress

OWN, JOINT, LOWEST = 8, 4, -8
ROUNDS, PATIENCE, LIMIT = 100, 10, 50_000
NOISE = 0.5  # by how much a gate that is routed again may prefer a dearer neuron
PORTION = 20  # at most one gate in so many is routed again in one round


@dataclass(frozen=True)
class Output:
    """An exact second layer: ``weights`` (n x n) of the hidden neurons, firing at ``threshold``.

    ``code`` (G x n) says which neurons fire when a gate is true: its channel, and more only for k <= 2.
    """

    weights: Ints
    threshold: int
    code: Flags


def threshold_of(width: int) -> int:
    """What a true gate's channel adds up to before any repair."""
    return OWN + (width - 1) * JOINT


def largest_weight(width: int) -> int:
    """The largest weight beside OWN that keeps fewer than ``width`` active neurons silent (``silent_below``)."""
    return OWN - 1 if width == 2 else min(OWN - 1, ((width - 1) * JOINT - 1) // (width - 2))


def repair(channels: Channels, *, k: int, state: Ints, progress: Progress | None = None) -> Output | None:
    """Searches the second layer and changes ``channels`` where they are in its way; None if the search gives up.

    An Output that is returned is exact on every k-sparse input and its output code is readable: the last scan of
    all inputs found nothing wrong.
    """
    neurons, width = len(channels.together), channels.rows.shape[1]
    threshold = threshold_of(width)
    weights = np.zeros((neurons, neurons), dtype=np.int64)
    pools: list[set[tuple[int, ...]]] = [set() for _ in range(neurons)]
    for r in range(neurons):
        weights[r] = _initial(channels, r)
    fewest, since = FREE, 0
    for rounds in range(ROUNDS):
        if progress is not None:
            progress(f"repairing {neurons} neurons", rounds, ROUNDS)
        loose = loose_gates(channels) if k <= 2 else np.zeros(len(channels.gates), dtype=np.bool_)
        wrong = _scan(channels, loose, weights, k=k)
        stuck = _search_rows(channels, loose, weights, pools, wrong, state)
        blamed = _blame(channels, stuck, state) if len(wrong.rows) else unreadable(channels, k=k)
        if not len(wrong.rows) and not blamed and silent_below(weights, threshold, width):
            return Output(weights, threshold, _code(channels, weights, k=k))
        since = 0 if len(wrong.rows) < fewest else since + 1
        fewest = min(fewest, len(wrong.rows))
        if since > PATIENCE:
            break
        _reroute(channels, weights, blamed, state)
    return None


def unreadable(channels: Channels, *, k: int) -> list[int]:
    """The gates whose channel lies inside the union of channels of other gates that can be true without it."""
    return undecodable(channels.code.T, channels.gates.tolist(), k)


def _code(channels: Channels, weights: Ints, *, k: int) -> Flags:
    """Which output neurons fire when a gate is true; from k = 3 on exactly its channel, whatever else is active."""
    if k <= 2:
        firing = channels.members[channels.gates].sum(axis=1) >= 2
        return np.asarray(firing @ weights.T >= threshold_of(channels.rows.shape[1]))
    return channels.code


def _initial(channels: Channels, r: int) -> Ints:
    row = np.where(channels.together[r] > 0, JOINT, 0).astype(np.int64)
    row[r] = OWN
    return row


def _scan(channels: Channels, loose: Flags, weights: Ints, *, k: int) -> Wrong:
    width = channels.rows.shape[1]
    return wrong_outputs(
        channels.members, channels.gates, channels.rows, loose, weights, threshold_of(width), k=k, limit=LIMIT
    )


def _search_rows(
    channels: Channels,
    loose: Flags,
    weights: Ints,
    pools: list[set[tuple[int, ...]]],
    wrong: Wrong,
    state: Ints,
) -> list[tuple[int, ...]]:
    """Searches the rows with wrong outputs anew; the active inputs whose constraints stay violated."""
    for r, active in zip(wrong.rows.tolist(), np.sort(wrong.active, axis=1).tolist(), strict=True):
        pools[r].add(tuple(active))
    members, stuck = channels.members, list[tuple[int, ...]]()
    for r in sorted(set(wrong.rows.tolist())):
        groups = _groups(channels, sorted(pools[r]), r)
        points = _points(channels, members, loose, groups, r)
        row = _initial(channels, r)
        limit = largest_weight(channels.rows.shape[1])
        if search_row(row, points, smallest=LOWEST, largest=limit, state=state):
            sums = np.add.reduceat(np.append(row[points.columns], 0), points.pointers[:-1])
            sums[np.diff(points.pointers) == 0] = 0
            bad = np.flatnonzero((sums < points.low) | (sums > points.high))
            stuck += [tuple(int(j) for j in groups[p] if j >= 0) for p in bad]
        row[r] = OWN
        weights[r] = row
    return stuck


def _groups(channels: Channels, pool: list[tuple[int, ...]], r: int) -> Ints:
    """The active inputs that row r is searched for: the gates of its own, and what was found wrong."""
    own = channels.gates[(channels.rows == r).any(axis=1)]
    k = len(pool[0])
    groups = np.full((len(own) + len(pool), max(k, 2)), -1, dtype=np.int64)
    groups[: len(own), :2] = own
    groups[len(own) :, :k] = pool
    return groups


def _points(channels: Channels, members: Ints, loose: Flags, groups: Ints, r: int) -> Points:
    """The hidden neurons beside r that are active in each group, and the bounds of their sum in row r."""
    count, threshold = len(groups), threshold_of(channels.rows.shape[1])
    pointers = np.zeros(count + 1, dtype=np.int64)
    columns = np.zeros(count * members.shape[1], dtype=np.int64)
    low, high = np.full(count, -FREE, dtype=np.int64), np.full(count, FREE, dtype=np.int64)
    keys = channels.gates[:, 0] * len(members) + channels.gates[:, 1]
    owned = (channels.rows == r).any(axis=1)
    compiled(_fill)(groups, members, keys, owned, loose, r, threshold, OWN, pointers, columns, low, high)
    return Points(pointers, columns[: pointers[-1]], low, high)


def _fill(
    groups: Ints,
    members: Ints,
    keys: Ints,
    owned: Flags,
    loose: Flags,
    r: int,
    threshold: int,
    own: int,
    pointers: Ints,
    columns: Ints,
    low: Ints,
    high: Ints,
) -> None:
    inputs, neurons = members.shape
    for p in range(len(groups)):
        place, wanted, free, need = pointers[p], False, False, threshold
        for a in groups[p]:
            for b in groups[p]:
                if 0 <= a < b:
                    key = a * inputs + b
                    at = np.searchsorted(keys, key)
                    if at < len(keys) and keys[at] == key:
                        wanted |= owned[at]
                        free |= loose[at]
        for x in range(neurons):
            on = 0
            for j in groups[p]:
                if j >= 0:
                    on += members[j, x]
            if x == r:
                need -= own * (on >= 2)
                free &= on >= 2
            elif on >= 2:
                columns[place] = x
                place += 1
        pointers[p + 1] = place
        if wanted:
            low[p] = need
        elif not free:
            high[p] = need - 1


def _blame(channels: Channels, stuck: list[tuple[int, ...]], state: Ints) -> list[int]:
    """For each stuck input one gate of an active input, drawn from those whose channel fires under it."""
    members, blamed = channels.members, set[int]()
    for active in stuck[: len(channels.gates)]:
        firing = members[list(active)].sum(axis=0) >= 2
        near = np.flatnonzero(np.isin(channels.gates, active).any(axis=1))
        near = near[firing[channels.rows[near]].any(axis=1)]
        if len(near):
            blamed.add(int(near[random_below(state, len(near))]))
    return sorted(blamed)


def _reroute(channels: Channels, weights: Ints, blamed: list[int], state: Ints) -> None:
    """Other channels for some of the blamed gates, and the weights that they need at least."""
    rng = np.random.default_rng(int(state[0]))
    some = rng.permutation(np.array(blamed, dtype=np.int64))[: max(8, len(channels.gates) // PORTION)]
    route(channels, some, state=state, noise=NOISE)
    for i in some:
        rows = channels.rows[i]
        block = np.maximum(weights[np.ix_(rows, rows)], JOINT)
        block[np.diag_indices(len(rows))] = OWN
        weights[np.ix_(rows, rows)] = block
