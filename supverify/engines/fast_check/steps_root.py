"""Many outputs at the root at once, for ``fast_check.steps``: input by input, and only where gains are large.

Input j adds min(g, n) / n <= g / least to a row of need n >= least. Gains up to a cap are counted as the cap; what
single gains exceed it by is counted exactly, in the few outputs that read those neurons. So the B heaviest inputs
of an output weigh at most (B cap (sum of its weights) + its B largest excesses) / least.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from supverify.kernel.claim import Claim

from .steps_network import Flags, Lists, Steps, Words

NONE = 1 << 40  # a need, where there is no row
FEW = 1 << 26  # gains of rows that are all counted exactly
PARTS = 16  # ranges of inputs, each on one thread at a time


def closed_at_root(claim: Claim, net: Steps, outputs: Words) -> Flags:
    """Which of these outputs surely close on the whole domain; False where it takes a closer look."""
    k, targets, (false, true) = claim.k, claim.targets(), claim.windows
    high, low = net.goals(false, low=False), net.goals(true, low=True)
    closed = np.zeros(len(outputs), dtype=np.bool_)
    if k < 2 or high is None or low is None or (net.read.values < 0).any():
        return closed
    if net.goals(false, low=True) is not None or net.goals(true, low=False) is not None:
        return closed
    paired = np.array([len(targets[i]) == 1 and len(targets[i][0]) == 2 for i in outputs.tolist()], dtype=np.bool_)
    chosen = outputs[paired]
    if len(chosen):
        pairs = np.array([targets[i][0] for i in chosen.tolist()], dtype=np.int64)
        closed[paired] = _closed(net, chosen, pairs, np.column_stack([high, low])[chosen], k)
    return closed


def _closed(net: Steps, outputs: Words, pairs: Words, goals: Words, k: int) -> Flags:
    rows = [net.read.of(i) for i in outputs.tolist()]
    lengths = np.array([len(neurons) for neurons, _ in rows])
    start = np.concatenate([[0], np.cumsum(lengths)])
    neurons = np.concatenate([neurons for neurons, _ in rows])
    weights = np.concatenate([values for _, values in rows])
    owner, totals = np.repeat(np.arange(len(rows)), lengths), _per_output(weights, start)
    reading = Lists(start, neurons, weights).turned(len(net.needs))
    needs = net.needs[neurons]
    cap = max(int((goals[:, 0] * _least(needs, start) // (2 * k * np.maximum(totals, 1))).min()), 0)
    cap = cap if len(neurons) * net.inputs > FEW else 0
    excess, at, negative = _walk(net, reading, pairs, (neurons, weights, start, owner), cap, k)
    score_b = _per_output(np.maximum(at[1], 0) * weights, start)
    ok = ~_any(negative[neurons], start)
    ok &= _per_output(weights * (needs - at[0] - at[1] > 0), start) < goals[:, 1]
    base = cap * totals
    others = excess + base[:, None]
    ok &= _below(others[:, 1:], _least(needs - at[0], start), goals[:, 0], net.finest)
    with_b = np.sort(np.column_stack([others, score_b]), axis=1)[:, 1:]
    return np.asarray(ok & _below(with_b, _least(needs, start), goals[:, 0], net.finest))


def _below(scores: Words, least: Words, goal: Words, finest: int) -> Flags:
    """Whether sum / least < goal, each fraction rounded upwards by less than 1 / finest of its gain."""
    sums, wide = scores.sum(axis=1).astype(object), least.astype(object)
    return np.asarray((least >= 1) & np.asarray(sums * (finest + wide) < goal * wide * finest, dtype=np.bool_))


def _per_output(values: Words, start: Words) -> Words:
    sums = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(sums[start[1:]] - sums[start[:-1]])


def _any(flags: Flags, start: Words) -> Flags:
    return _per_output(flags.astype(np.int64), start) > 0


def _least(values: Words, start: Words) -> Words:
    """The least value of each output; NONE where it reads nothing."""
    found = np.full(len(start) - 1, NONE, dtype=np.int64)
    np.minimum.at(found, np.repeat(np.arange(len(found)), np.diff(start)), values)
    return found


def _walk(
    net: Steps, reading: Lists, pairs: Words, rows: tuple[Words, Words, Words, Words], cap: int, k: int
) -> tuple[Words, Words, Flags]:
    """For each output its k largest excesses, ascending, of inputs not of its pair; for each row its gain at both
    inputs of the pair; and the neurons with a negative gain."""
    neurons, _, start, _ = rows
    columns, spread = net.code.turned(net.inputs), net.first.turned(len(net.code.start) - 1)
    ends = Lists(np.arange(len(pairs) + 1) * 2, pairs.ravel(), np.ones(2 * len(pairs), np.int64)).turned(net.inputs)
    side = np.zeros(len(ends.places), dtype=np.int64)
    side[:] = pairs[ends.places, 1] == np.repeat(np.arange(net.inputs), np.diff(ends.start))
    at = np.zeros((2, len(neurons)), dtype=np.int64)
    cuts = np.linspace(0, net.inputs, PARTS + 1).astype(int).tolist()

    def part(t: int) -> tuple[Words, Flags]:
        best, negative = np.zeros((len(pairs), k), dtype=np.int64), np.zeros(len(net.needs), dtype=np.bool_)
        _compiled()(
            cuts[t], cuts[t + 1], columns, spread, reading, ends, side, neurons, start, cap, best, at, negative
        )
        return best, negative

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(part, range(PARTS)))
    best = np.sort(np.concatenate([one for one, _ in found], axis=1), axis=1)[:, -k:]
    return best, at, np.logical_or.reduce([negative for _, negative in found])


@cache
def _compiled() -> Callable[..., Any]:
    """``sweep``, compiled where numba is installed."""
    try:
        import numba
    except ImportError:
        return sweep
    fast: Callable[..., Any] = numba.njit(cache=True, nogil=True)(sweep)
    return fast


def sweep(
    begin: int,
    end: int,
    columns: Lists,
    spread: Lists,
    reading: Lists,
    ends: Lists,
    side: Words,
    neurons: Words,
    start: Words,
    cap: int,
    best: Words,
    at: Words,
    negative: Flags,
) -> None:
    """Adds what the inputs from ``begin`` to ``end`` do; ``best`` ascends in each row."""
    gain, excess = np.zeros(len(negative), dtype=np.int64), np.zeros(len(best), dtype=np.int64)
    hit = np.zeros(len(best), dtype=np.int64)
    for j in range(begin, end):
        gain[:] = 0
        for e in range(columns.start[j], columns.start[j + 1]):
            t, value = columns.places[e], columns.values[e]
            for f in range(spread.start[t], spread.start[t + 1]):
                gain[spread.places[f]] += value * spread.values[f]
        for e in range(ends.start[j], ends.start[j + 1]):
            for row in range(start[ends.places[e]], start[ends.places[e] + 1]):
                at[side[e], row] = gain[neurons[row]]
        count = 0
        for r in range(len(gain)):
            if gain[r] < 0:
                negative[r] = True
            elif gain[r] > cap:
                for e in range(reading.start[r], reading.start[r + 1]):
                    i = reading.places[e]
                    if excess[i] == 0:
                        hit[count] = i
                        count += 1
                    excess[i] += (gain[r] - cap) * reading.values[e]
        for e in range(ends.start[j], ends.start[j + 1]):
            excess[ends.places[e]] = 0
        for i in hit[:count]:
            value, place, top = excess[i], 0, best[i]
            excess[i] = 0
            if value > top[0]:
                while place + 1 < len(top) and top[place + 1] < value:
                    top[place] = top[place + 1]
                    place += 1
                top[place] = value
