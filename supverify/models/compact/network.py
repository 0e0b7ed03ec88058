"""The compact 2-AND network: four ReLU layers, all of one width, exact on every k-sparse input, k <= 4.

    x0 = C y    h = [W1 x0 >= T1]    x1 = [W2 h >= T2]      each step [z >= t] as relu(1 - relu(t - z)) on integers

C (n x m, 0/1) is the input code of ``compact.input``, from which every k-sparse input can be read by a threshold. It
is drawn before the problem is looked at unless ``aligned`` says otherwise. The rows of W1 (n x n, integers up to 63)
find two active members of S_r, the inputs of the gates that have hidden neuron r in their channel
(``compact.channels``). W2 (n x n, integers -8..12) is found by ``compact.output``; x1 is the OR-code C1 of the true
gates, a few ones a gate.

Invariants, each checked completely before a network is returned: on every k-sparse input a row of W1 reaches T1 iff
two of its members are active (every entry of a row lies in the bounds of ``compact.input``); a row of W2 reaches T2
iff it owns a true gate (``compact.reach``); no column of C1 lies in the columns of gates that can be true without it.
Derived from the output channels of Adler & Shavit 2025.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import ceil, log2, sqrt

import numpy as np

from supverify.kernel.claim import TwoAnd
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.network import Network

from ..codes import decoder, linear, supports, threshold
from ..construction import Construction
from ..influence import influences
from ..plan import WIDEST
from ..powers import exceeds
from ..resample import Progress
from .channels import Channels, route, unrouted
from .compile import Ints
from .input import InputCode, draw_input, fit_input
from .inputs import build_by_inputs, used_inputs
from .output import Output, repair
from .reach import MOST

# The first width tried, in units of sqrt(M) log2 M, without and with a hub, and the least one.
START = {2: (0.355, 0.65), 3: (1.14, 1.3), 4: (2.2, 2.4)}
LEAST = {2: 12, 3: 20, 4: 48}
GROWTH = 1.12
HUB = Fraction(3, 8)  # an influence above M^HUB needs a wider start; random problems stay below


@dataclass(frozen=True)
class Try:
    """``width`` of a channel, ``slack`` of the room of an input, ``aligned`` ones of each column of C."""

    width: int
    slack: float
    aligned: int


# What packs best differs by problem: fewer neurons an input make the first layer easier and the second one harder.
TRIES = {
    2: (Try(3, 1.5, 0), Try(3, 1.5, 3), Try(4, 1.25, 3)),
    3: (Try(4, 1.5, 0), Try(4, 1.5, 2), Try(4, 3.0, 0), Try(6, 1.5, 2)),
    4: (Try(6, 1.5, 0), Try(8, 1.5, 0), Try(8, 3.0, 0)),
}


def build_compact(
    problem: TwoAnd, *, k: int, seed: int = 0, neurons: int | None = None, progress: Progress | None = None
) -> Construction:
    """A compact network of the given width, or of the first that succeeds; the same seed gives the same network.

    ``neurons`` is the width of every layer; where it leaves room for a neuron an input, those are taken instead
    (``compact.inputs``). Raises Malformed for a k above 4 or m, a seed below 0, or a width that no search is
    made for; Rejected if all searches with ``neurons`` neurons fail.
    """
    _check(problem, k, seed, neurons)
    used = len(used_inputs(problem))
    widths = list(_widths(problem, k)) if neurons is None else [neurons]
    for attempt, (size, tried) in enumerate(product(widths, TRIES[max(k, 2)])):
        if used <= size:
            return build_by_inputs(problem, k=k, seed=seed)
        found = _attempt(problem, size, tried, k, (seed, attempt), progress)
        if found is not None:
            return _construct(problem, found, k=k, seed=seed, attempts=attempt + 1)
    raise Rejected("build: neurons", "a width at which the search succeeds", widths[-1])


def minimise_compact(problem: TwoAnd, *, k: int, seed: int = 0, progress: Progress | None = None) -> Construction:
    """The narrowest network that steps of a tenth, then of less and less, lead to; an interrupt keeps the best.

    Raises Malformed as ``build_compact`` does.
    """
    steps = narrowing(problem, k=k, seed=seed, progress=progress)
    best = next(steps)
    try:
        for best in steps:  # noqa: B007 - the last one is the answer
            pass
    except KeyboardInterrupt:
        steps.close()
    return best


def narrowing(
    problem: TwoAnd, *, k: int, seed: int = 0, progress: Progress | None = None
) -> Generator[Construction, None, None]:
    """Ever narrower exact networks, the first from ``build_compact``, until steps of one neuron fail.

    Steps go down by a tenth, and by half as much whenever a width fails.
    """
    best = build_compact(problem, k=k, seed=seed, progress=progress)
    yield best
    step, failed = max(1, best.neurons // 10), set[int]()
    while step:
        size = best.neurons - step
        if size in failed:
            step //= 2
            continue
        try:
            found = build_compact(problem, k=k, seed=seed, neurons=size, progress=progress)
        except (Malformed, Rejected):
            failed.add(size)
            step //= 2
        else:
            best = replace(found, attempts=best.attempts + found.attempts)
            yield best


def _check(problem: TwoAnd, k: int, seed: int, neurons: int | None) -> None:
    most = min(MOST, problem.inputs)
    if not 0 <= k <= most:
        raise Malformed("build: k", f"0 to {most} for a compact network", k)
    least = 1 + TRIES[max(k, 2)][-1].width
    if neurons is not None and not least <= neurons <= WIDEST:
        raise Malformed("build: neurons", f"{least} to {WIDEST} for a compact network", neurons)
    if seed < 0:
        raise Malformed("build: seed", "at least 0", seed)


def _widths(problem: TwoAnd, k: int) -> Iterator[int]:
    """The widths to try one after the other."""
    outputs, k = len(problem.pairs), max(k, 2)
    hub = exceeds(max(influences(problem)), outputs, HUB)
    size = max(LEAST[k], ceil(START[k][hub] * sqrt(outputs) * log2(outputs + 1)))
    while size <= WIDEST:
        yield size
        size = ceil(size * GROWTH)


@dataclass(frozen=True)
class _Found:
    channels: Channels
    code: InputCode
    first: tuple[Ints, int]
    output: Output


def _attempt(
    problem: TwoAnd, neurons: int, tried: Try, k: int, seeds: tuple[int, int], progress: Progress | None
) -> _Found | None:
    """One search: greedy channels, gates of the most influential inputs first, then a layer after the other."""
    rng = np.random.default_rng(seeds)
    gates = np.unique(np.sort(np.array(problem.pairs, dtype=np.int64), axis=1), axis=0)
    influence = np.bincount(gates.ravel(), minlength=problem.inputs)
    order = rng.permutation(len(gates))
    order = order[np.argsort(-influence[gates[order]].max(axis=1), kind="stable")]
    state = rng.integers(1 << 30, size=1)
    channels = unrouted(
        gates, inputs=problem.inputs, neurons=neurons, width=tried.width, slack=tried.slack, k=max(k, 2)
    )
    route(channels, order, state=state)
    code = draw_input(channels.counts > 0, k=k, aligned=tried.aligned, state=rng.integers(1 << 30, size=1))
    first = fit_input(channels, code, k=k, state=state, progress=progress) if code else None
    output = repair(channels, k=k, state=state, progress=progress) if first else None
    return None if code is None or first is None or output is None else _Found(channels, code, first, output)


def _construct(problem: TwoAnd, found: _Found, *, k: int, seed: int, attempts: int) -> Construction:
    gates = {(a, b): i for i, (a, b) in enumerate(found.channels.gates.tolist())}
    gate_of = np.array([gates[min(pair), max(pair)] for pair in problem.pairs])
    code, ones = found.output.code[gate_of], int(found.output.code[0].sum())
    layers = (
        linear(found.code.matrix),
        *threshold(*found.first),
        *threshold(found.output.weights, found.output.threshold),
    )
    return Construction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, decoder(code.T, ones))),
        code=supports(code.T),
        problem=problem,
        k=k,
        seed=seed,
        weights=(found.code.columns.shape[1], found.channels.rows.shape[1], ones),
        attempts=attempts,
        aligned=found.code.aligned,
    )
