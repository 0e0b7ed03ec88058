"""The compact 2-AND network: four ReLU layers, all of one width, exact on every k-sparse input.

    x0 = C y    h = [x0 >= 2]    x1 = [W h >= T]      each step [z >= t] as relu(1 - relu(t - z)) on integers

C (n x m, 0/1) is made of the channels of ``compact_channels``: hidden neuron r counts the active members of S_r and
fires when there are two, for every k at once. W (n x n, integers in -8..8) is found by ``compact_output``. Output
neuron r' is the OR of the gates that have r' in their channel, and a linear readout that counts a gate's channel
gives the gate back. The input code is chosen together with the problem, as the channels themselves are.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from itertools import count
from math import ceil, log2, sqrt
from time import monotonic

import numpy as np

from supverify.kernel.claim import TwoAnd
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.network import Network

from .codes import decoder, linear, supports, threshold
from .compact_channels import Channels, route, unrouted
from .compact_output import Output, repair
from .compact_scan import LARGEST_K
from .construction import Construction
from .resample import Progress

START = {1: 0.3, 2: 0.3, 3: 1.2}  # the first width tried, in units of sqrt(M) log2 M
GROWTH = 1.25
# By how much each try in turn widens the channels, and the slack of their room; what packs best differs by problem.
TRIES = ((0, 1.0), (0, 1.5), (1, 1.25))


def build_compact(
    problem: TwoAnd,
    *,
    k: int,
    seed: int = 0,
    neurons: int | None = None,
    width: int | None = None,
    progress: Progress | None = None,
) -> Construction:
    """A compact network of the given width, or of the first that succeeds; the same seed gives the same network.

    ``neurons`` is the width of every layer, ``width`` that of a channel (3 for k <= 2, else 4), which a try may
    widen by one. Raises Malformed for a k above 3, a seed below 0, a channel of one neuron, or no more neurons than
    that; Rejected if all searches with ``neurons`` neurons fail.
    """
    width = width if width is not None else 3 if k <= 2 else 4
    _check(problem, k, seed, neurons, width)
    outputs = len(problem.pairs)
    size = neurons or max(2 * width + 2, ceil(START[max(k, 1)] * sqrt(outputs) * log2(outputs + 1)))
    for attempt in count():
        wider, slack = TRIES[attempt % len(TRIES)]
        found = _attempt(problem, size, min(width + wider, size - 1), slack, k, (seed, attempt), progress)
        if found is not None:
            return _construct(problem, *found, k=k, seed=seed, attempts=attempt + 1)
        if attempt % len(TRIES) == len(TRIES) - 1:
            if neurons is not None:
                break
            size = ceil(size * GROWTH)
    raise Rejected("neurons", "a width at which the search succeeds", size)


def narrowing(
    problem: TwoAnd,
    *,
    k: int,
    seed: int = 0,
    seconds: float | None = None,
    width: int | None = None,
    progress: Progress | None = None,
) -> Generator[Construction, None, None]:
    """Ever narrower exact networks, the first from ``build_compact``, until steps of one fail or time is up.

    ``seconds`` None sets no limit. Steps down by a tenth, and by half as much whenever a width
    fails. An attempt under way is not cut off.
    """
    started, best = monotonic(), build_compact(problem, k=k, seed=seed, width=width, progress=progress)
    yield best
    step, failed = max(1, best.neurons // 10), set[int]()
    while step and (seconds is None or monotonic() - started < seconds):
        size = best.neurons - step
        if size in failed:
            step //= 2
            continue
        try:
            found = build_compact(problem, k=k, seed=seed, neurons=size, width=width, progress=progress)
        except (Malformed, Rejected):
            failed.add(size)
            step //= 2
        else:
            best = replace(found, attempts=best.attempts + found.attempts)
            yield best


def minimise(steps: Generator[Construction, None, None]) -> Construction:
    """The last of what ``narrowing`` finds; an interrupt ends the search and keeps what it has."""
    best = next(steps)
    try:
        for best in steps:  # noqa: B007 - the last one is the answer
            pass
    except KeyboardInterrupt:
        steps.close()
    return best


def _check(problem: TwoAnd, k: int, seed: int, neurons: int | None, width: int) -> None:
    most = min(LARGEST_K, problem.inputs)
    if not 0 <= k <= most:
        raise Malformed("build_compact: k", f"0 to {most} for a compact network", k)
    if width < 2:
        raise Malformed("build_compact: width", "a channel of at least 2 neurons", width)
    if neurons is not None and neurons <= width:
        raise Malformed("build_compact: neurons", f"more than the {width} of a channel", neurons)
    if seed < 0:
        raise Malformed("build_compact: seed", "at least 0", seed)


def _attempt(
    problem: TwoAnd,
    neurons: int,
    width: int,
    slack: float,
    k: int,
    seeds: tuple[int, int],
    progress: Progress | None,
) -> tuple[Channels, Output] | None:
    """One search: greedy channels, gates of the most influential inputs first, then repair."""
    rng = np.random.default_rng(seeds)
    gates = np.unique(np.sort(np.array(problem.pairs, dtype=np.int64), axis=1), axis=0)
    influence = np.bincount(gates.ravel(), minlength=problem.inputs)
    order = rng.permutation(len(gates))
    order = order[np.argsort(-influence[gates[order]].max(axis=1), kind="stable")]
    state = rng.integers(1 << 30, size=1)
    channels = unrouted(gates, inputs=problem.inputs, neurons=neurons, width=width, slack=slack, k=k)
    route(channels, order, state=state)
    output = repair(channels, k=k, state=state, progress=progress)
    return None if output is None else (channels, output)


def _construct(
    problem: TwoAnd, channels: Channels, output: Output, *, k: int, seed: int, attempts: int
) -> Construction:
    members, width = channels.members, channels.rows.shape[1]
    neurons = members.shape[1]
    gates = {(a, b): i for i, (a, b) in enumerate(channels.gates.tolist())}
    gate_of = np.array([gates[min(pair), max(pair)] for pair in problem.pairs])
    code = output.code[gate_of]
    layers = (
        linear(members.T),
        *threshold(np.eye(neurons, dtype=np.int64), 2),
        *threshold(output.weights, output.threshold),
    )
    reads = channels.code[gate_of]
    return Construction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, decoder(reads.T, width))),
        code=supports(code.T),
        problem=problem,
        k=k,
        seed=seed,
        weights=(int(members.sum(axis=1).max()), width, int(code.sum(axis=1).max())),
        attempts=attempts,
    )
