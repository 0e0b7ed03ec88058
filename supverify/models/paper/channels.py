"""The outputs of one class, and the channels from which their read sets are chosen.

    class          kind                the neurons that may serve gate {a, b}
    double-light   output channels     all neurons of the block
    double-heavy   input channels      r_a & r_b, each r_j random with a share of 2 M^(-1/4) of the neurons
    mixed          heavy channels      r_a of the heavy input a, a share of M^(-1/4)
    super-heavy    cancelled channels  r_a of the super-heavy input a, a share of 1/2

The kinds are those that the summaries of Adler & Shavit 2025 name. Derived: the shares (M^(-1/4) from the exponents
of the noise, 1/2 for a constant; never more than 1/2), the choice in a channel, and the disjoint channels that may
take the place of the cancelled ones. Where two inputs of a gate have too few neurons in common, they are given more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import Literal

import numpy as np

from supverify.kernel.claim import TwoAnd

from ..codes import Bits
from ..compact.compile import Floats
from ..influence import Classification
from ..two_and import Gates

Kind = Literal["output channels", "input channels", "heavy channels", "cancelled channels", "disjoint channels"]
SuperHeavy = Literal["cancelled", "disjoint"]
KINDS: dict[str, Kind] = {
    "double-light": "output channels",
    "double-heavy": "input channels",
    "mixed": "heavy channels",
    "super-heavy": "cancelled channels",
}
# In units of M^(-1/4) and at most 1/2; two heavy inputs need more than a few neurons in common to choose from.
SHARES = {"double-light": 1.0, "double-heavy": 2.0, "mixed": 1.0, "super-heavy": inf}
MEETING = 6.0  # by what the cost of a meeting of two members grows with each neuron in which they meet already,
OFTEN = 6  # up to so many
NOISE = 0.5  # random part of a neuron's cost


@dataclass(frozen=True)
class Part:
    """The outputs of one class as a 2-AND problem of their own: its input j is ``inputs[j]`` of the whole.

    ``centres`` are the inputs of the part that have channels, each a ``share`` of the block's neurons.
    """

    name: str
    kind: Kind
    outputs: tuple[int, ...]
    inputs: tuple[int, ...]
    centres: frozenset[int]
    share: float
    gates: Gates

    @property
    def cancelled(self) -> bool:
        """Whether two centres alone fire no neuron."""
        return self.kind == "cancelled channels"

    @property
    def loners(self) -> Bits:
        """Which inputs (m) count as one where several of them are active."""
        return np.array([self.cancelled and j in self.centres for j in range(len(self.inputs))])

    def narrowest(self, weight: int) -> int:
        """The neurons without which not every gate can have ``weight`` of them."""
        return weight * (len(self.centres) if self.kind == "disjoint channels" else 1)

    def channels(self, neurons: int, weight: int, rng: np.random.Generator) -> Bits:
        """r (n x m): the neurons that may serve an input; every gate has ``weight`` of them or more.

        There are at least ``narrowest(weight)`` neurons.
        """
        allowed = np.ones((neurons, len(self.inputs)), dtype=np.bool_)
        centres, size = sorted(self.centres), min(neurons, max(weight, round(self.share * neurons)))
        if self.kind == "disjoint channels":
            allowed[:, centres] = self._disjoint(centres, neurons, weight, rng)
            return allowed
        for j in centres:
            allowed[:, j] = False
            allowed[rng.choice(neurons, size, replace=False), j] = True
        for a, b in self.gates.distinct:
            both, either = allowed[:, a] & allowed[:, b], np.flatnonzero(allowed[:, a] ^ allowed[:, b])
            missing = max(0, weight - int(both.sum()))
            joined = rng.permutation(either)[:missing] if missing else either[:0]
            allowed[joined, a] = allowed[joined, b] = True
        return allowed

    def _disjoint(self, centres: Sequence[int], neurons: int, weight: int, rng: np.random.Generator) -> Bits:
        """Blocks of neurons in proportion to the centres' gates, of at least ``weight`` neurons each."""
        counts = np.bincount(np.ravel(self.gates.distinct), minlength=len(self.inputs))[centres]
        spare = neurons - self.narrowest(weight)
        ends = weight * np.arange(1, len(centres) + 1) + np.cumsum(counts) * spare // counts.sum()
        owner = np.searchsorted(ends, rng.permutation(neurons), side="right")
        own: Bits = owner[:, None] == np.arange(len(centres))
        return own


def parts(
    classes: Classification, problem: TwoAnd, k: int, *, super_heavy: SuperHeavy = "cancelled"
) -> tuple[Part, ...]:
    """The classes of outputs that occur, in the order of the classification."""
    occurring = (c for c in classes.output_classes if c.members)
    return tuple(_part(c.name, c.members, classes, problem, k, super_heavy) for c in occurring)


def _part(
    name: str, outputs: tuple[int, ...], classes: Classification, problem: TwoAnd, k: int, remedy: SuperHeavy
) -> Part:
    pairs = [problem.pairs[i] for i in outputs]
    inputs = tuple(sorted(set(chain.from_iterable(pairs))))
    place = {j: local for local, j in enumerate(inputs)}
    light = classes.members("light", "input")
    central = {j for j in inputs if name != "double-light"}.difference(light)
    kind = KINDS[name] if name != "super-heavy" or remedy == "cancelled" else "disjoint channels"
    return Part(
        name=name,
        kind=kind,
        outputs=outputs,
        inputs=inputs,
        centres=frozenset(place[j] for j in central),
        share=min(0.5, SHARES[name] * len(problem.pairs) ** -0.25),
        gates=Gates(TwoAnd(len(inputs), tuple((place[a], place[b]) for a, b in pairs)), k),
    )


class Router:
    """Chooses read sets R (n x G) in channels, the neurons of least cost first, and takes them back."""

    def __init__(self, part: Part, allowed: Bits, R: Bits) -> None:
        self.pairs, self.allowed, self.R, self.loners = part.gates.distinct, allowed, R.copy(), part.loners
        self.served = np.zeros(allowed.shape, dtype=np.int64)  # gates of neuron r that contain input j
        for (a, b), column in zip(self.pairs, self.R.T, strict=True):
            self.served[column, a] += 1
            self.served[column, b] += 1

    def reroute(self, gates: Sequence[int], weight: int, rng: np.random.Generator) -> Bits:
        """R with these gates' read sets chosen anew, ``weight`` neurons each, one after the other."""
        for g in gates:
            self.served[np.ix_(np.flatnonzero(self.R[:, g]), np.array(self.pairs[g]))] -= 1
            self.R[:, g] = False
        members = (self.served > 0).astype(np.float64)
        meetings: Floats = members.T @ members
        for g in gates:
            pair = list(self.pairs[g])
            free = np.flatnonzero(self.allowed[:, pair].all(axis=1))
            for _ in range(weight):
                cost = self._cost(pair, members, meetings) * (1 + NOISE * rng.random(len(members)))
                row = int(free[np.argmin(cost[free])])
                free = free[free != row]
                self.R[row, g] = True
                self.served[row, pair] += 1
                for j in pair:
                    if not members[row, j]:
                        members[row, j] = 1
                        meetings[j] += members[row]
                        meetings[:, j] = meetings[j]
        return self.R

    def _cost(self, pair: list[int], members: Floats, meetings: Floats) -> Floats:
        """Of each neuron: its load, and the pairs of members that would meet in it, the more the oftener they do."""
        met = MEETING ** np.minimum(meetings[pair], OFTEN)
        met[:, pair] = 0
        met[np.ix_(self.loners[pair], self.loners)] = 0  # two of these fire nothing
        new = (1 - members[:, pair]) * (members @ met.T)
        cost: Floats = 1 + members.sum(axis=1) + new.sum(axis=1)
        return cost
