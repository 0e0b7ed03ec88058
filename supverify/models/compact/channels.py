"""Greedy channels: which hidden neurons each gate of a 2-AND problem reads.

A gate is a pair of inputs {a, b}. Its channel is a set of ``width`` hidden neurons; the neuron r is shared by the
inputs S_r of all gates that have r in their channel and fires when two of S_r are active. So two inputs that are
not a gate still fire every neuron they share, and the greedy choice makes such overlaps rare (derived; the channels
themselves are the output channels of Adler & Shavit 2025).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .compile import Flags, Floats, Ints, compiled, random_below

OVERFLOW = 1e6  # the price of a neuron beyond the room of an input
PRICE = 12.0  # how much dearer one more neuron shared by two inputs is than the last
CANDIDATES = 600  # neurons looked at for one choice, beside those that the inputs use already: all, or about so many
CROWDING = 1000.0  # the price, from k = 3 on, of two neurons that another gate reads together already


@dataclass(frozen=True)
class Channels:
    """The channels of all gates, changed in place by ``route``.

    ``gates`` (G x 2) pairs of inputs, ``rows`` (G x width) the channel of each or -1, ``counts`` (m x n) in how many
    channels of gates with input j the neuron r is, ``together`` (n x n) how many channels hold both neurons, ``room``
    (m) in how many neurons an input should be at most, ``tolls`` (n) what a neuron costs beside the pairs it joins.
    """

    gates: Ints
    rows: Ints
    counts: Ints
    together: Ints
    room: Ints
    tolls: Floats
    crowding: float

    @property
    def members(self) -> Ints:
        """The input code (m x n, 0/1): neuron r is shared by input j."""
        return (self.counts > 0).astype(np.int64)

    @property
    def code(self) -> Flags:
        """The channels as an output code (G x n, 0/1)."""
        code = np.zeros((len(self.gates), len(self.together)), dtype=np.bool_)
        np.put_along_axis(code, self.rows, True, axis=1)
        return code


@dataclass(frozen=True)
class Members:
    """Hidden neuron r has the inputs ``members[starts[r]:starts[r + 1]]``, input j ``neurons[places[j]:...]``."""

    starts: Ints
    members: Ints
    places: Ints
    neurons: Ints

    @classmethod
    def of(cls, members: Flags) -> Members:
        """From ``members`` (m x n, 0/1)."""
        inputs, neurons = members.shape
        by_neuron, by_input = np.nonzero(members.T), np.nonzero(members)
        return cls(
            starts=np.searchsorted(by_neuron[0], np.arange(neurons + 1)).astype(np.int64),
            members=by_neuron[1].astype(np.int64),
            places=np.searchsorted(by_input[0], np.arange(inputs + 1)).astype(np.int64),
            neurons=by_input[1].astype(np.int64),
        )


def unrouted(gates: Ints, *, inputs: int, neurons: int, width: int, slack: float, k: int) -> Channels:
    """Channels still to be chosen: ``width`` of ``neurons`` for each of the ``gates``.

    ``slack`` is the room of an input in units of what a perfect packing of its channels takes.
    """
    influence = np.bincount(gates.ravel(), minlength=inputs)
    return Channels(
        gates=gates,
        rows=np.full((len(gates), width), -1, dtype=np.int64),
        counts=np.zeros((inputs, neurons), dtype=np.int64),
        together=np.zeros((neurons, neurons), dtype=np.int64),
        room=_room(influence, neurons, width, slack),
        tolls=np.zeros(neurons),
        crowding=CROWDING if k > 2 else 0.0,
    )


def _room(influence: Ints, neurons: int, width: int, slack: float) -> Ints:
    """In how many neurons each input should be at most.

    An input in d gates needs room for d channels that pairwise share one neuron at most, and its neurons should not
    be more crowded than others. Beyond that it only brings itself together with inputs it has no gate with.
    """
    packing = np.minimum(width * influence, np.ceil(slack * width * np.sqrt(influence)))
    share = np.ceil(neurons * influence / max(1, influence.sum() // 2))
    return np.asarray(np.minimum(np.maximum(packing, share), neurons), dtype=np.int64)


class _Routing(NamedTuple):
    """The arrays of ``Channels`` and what the loop keeps beside them.

    ``members[r, :sizes[r]]`` lists the inputs of neuron r, ``places[j, r]`` where j stands there; ``overlap`` (2 x m)
    holds how many neurons each input shares with either end of the gate at hand, ``room`` what is left of it.
    """

    gates: Ints
    rows: Ints
    counts: Ints
    together: Ints
    members: Ints
    sizes: Ints
    places: Ints
    overlap: Ints
    prices: Floats
    room: Ints
    tolls: Floats
    crowding: float
    noise: float
    state: Ints


def route(channels: Channels, chosen: Iterable[int], *, state: Ints, noise: float = 0.0) -> None:
    """Chooses the channels of the ``chosen`` gates anew, one after the other, each for the least new overlap.

    A neuron costs PRICE^overlap for every pair of inputs that it brings together newly, and ``crowding`` for each
    channel it already shares with the neurons chosen before it. ``noise`` stretches every cost by a random factor.
    """
    inputs, neurons = channels.counts.shape
    routing = _Routing(
        gates=channels.gates,
        rows=channels.rows,
        counts=channels.counts,
        together=channels.together,
        members=np.full((neurons, inputs), -1, dtype=np.int64),
        sizes=np.zeros(neurons, dtype=np.int64),
        places=np.full((inputs, neurons), -1, dtype=np.int64),
        overlap=np.zeros((2, inputs), dtype=np.int64),
        prices=PRICE ** np.arange(channels.rows.shape[1] + 2),
        room=channels.room - (channels.counts > 0).sum(axis=1),
        tolls=channels.tolls,
        crowding=channels.crowding,
        noise=noise,
        state=state,
    )
    loop = compiled(_route, random_below, _enlist, _leave, _join, _overlap, _cheapest, _price)
    loop(routing, np.array(list(chosen), dtype=np.int64))


def _route(routing: _Routing, order: Ints) -> None:
    _enlist(routing)
    for i in order:
        channel = routing.rows[i]
        if channel[0] >= 0:
            for r in channel:
                for q in channel:
                    routing.together[r, q] -= 1
                for j in routing.gates[i]:
                    _leave(routing, j, r)
        _overlap(routing, routing.gates[i])
        for p in range(len(channel)):
            channel[p] = _cheapest(routing, routing.gates[i], channel[:p])
            for end in range(2):
                _join(routing, routing.gates[i], end, channel[p])
        for r in channel:
            for q in channel:
                routing.together[r, q] += 1


def _enlist(routing: _Routing) -> None:
    """Lists the members of every neuron."""
    inputs, neurons = routing.counts.shape
    for j in range(inputs):
        for r in range(neurons):
            if routing.counts[j, r] > 0:
                routing.members[r, routing.sizes[r]] = j
                routing.places[j, r] = routing.sizes[r]
                routing.sizes[r] += 1


def _leave(routing: _Routing, j: int, r: int) -> None:
    """One gate of input j reads neuron r no longer; the last member takes j's place if it was the only one."""
    routing.counts[j, r] -= 1
    if routing.counts[j, r] == 0:
        routing.sizes[r] -= 1
        routing.room[j] += 1
        last, place = routing.members[r, routing.sizes[r]], routing.places[j, r]
        routing.members[r, place] = last
        routing.places[last, r] = place
        routing.places[j, r] = -1


def _join(routing: _Routing, ends: Ints, end: int, r: int) -> None:
    """One more gate of this end reads neuron r; the overlaps of both ends follow."""
    j, other = ends[end], ends[1 - end]
    if routing.counts[j, r] == 0:
        for x in routing.members[r, : routing.sizes[r]]:
            routing.overlap[end, x] += 1
        if routing.counts[other, r] > 0:
            routing.overlap[1 - end, j] += 1
        routing.members[r, routing.sizes[r]] = j
        routing.places[j, r] = routing.sizes[r]
        routing.sizes[r] += 1
        routing.room[j] -= 1
    routing.counts[j, r] += 1


def _overlap(routing: _Routing, ends: Ints) -> None:
    """How many neurons each input shares with either end of the gate."""
    routing.overlap[:] = 0
    for end in range(2):
        for r in range(len(routing.sizes)):
            if routing.counts[ends[end], r] > 0:
                for x in routing.members[r, : routing.sizes[r]]:
                    routing.overlap[end, x] += 1


def _cheapest(routing: _Routing, ends: Ints, chosen: Ints) -> int:
    """The neuron outside ``chosen`` that costs least; ties are broken by the draw."""
    best, least = -1, np.inf
    neurons = len(routing.sizes)
    for r in range(neurons):
        unused = routing.counts[ends[0], r] == 0 and routing.counts[ends[1], r] == 0
        if neurons > CANDIDATES and unused and random_below(routing.state, neurons) >= CANDIDATES:
            continue
        taken, cost = False, routing.tolls[r] + random_below(routing.state, 1024) / 2048
        for q in chosen:
            taken |= q == r
            cost += routing.crowding * routing.together[r, q]
        if not taken:
            cost = _price(routing, ends, r, cost, least)
            cost *= 1 + routing.noise * random_below(routing.state, 1024) / 1024
            if cost < least:
                best, least = r, cost
    return best


def _price(routing: _Routing, ends: Ints, r: int, cost: float, least: float) -> float:
    """``cost`` and the price of the pairs of inputs that neuron r brings together newly, exact below ``least``."""
    first, second = ends[0], ends[1]
    new_first, new_second = routing.counts[first, r] == 0, routing.counts[second, r] == 0
    cost += OVERFLOW * (new_first and routing.room[first] <= 0) + OVERFLOW * (
        new_second and routing.room[second] <= 0
    )
    if new_first or new_second:
        top = len(routing.prices) - 1
        for x in routing.members[r, : routing.sizes[r]]:
            if x not in (first, second):
                if new_first:
                    cost += routing.prices[min(routing.overlap[0, x], top)]
                if new_second:
                    cost += routing.prices[min(routing.overlap[1, x], top)]
                if cost >= least:
                    break
    return cost
