"""A network of one hidden step, read for ``fast_check.steps``: gains of inputs, needs of neurons, weights of outputs.

    h_r = [G_r y >= T_r],  G = W1 C;    output i = bias_i + sum of D[i,r] h_r,  or [that sum >= 0] by a second step

Written anew, apart from the search that makes the certificates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from supverify.kernel.bounds import inverts
from supverify.kernel.claim import Claim, Window
from supverify.kernel.network import Layer

from .outcome import Undecided

Words = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
MOST = 1 << 30  # no gain, need or weight reaches it


class Lists(NamedTuple):
    """A sparse matrix: list c holds ``places`` and ``values`` from start[c] to start[c + 1]."""

    start: Words
    places: Words
    values: Words

    def of(self, c: int) -> tuple[Words, Words]:
        """The places and values of list c."""
        part = slice(int(self.start[c]), int(self.start[c + 1]))
        return self.places[part], self.values[part]

    def sums(self) -> Words:
        """The sum of the values of each list."""
        total = np.concatenate([[0], np.cumsum(self.values)])
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]])

    def turned(self, count: int) -> Lists:
        """The lists by place: the transposed matrix, with ``count`` lists."""
        order = np.argsort(self.places, kind="stable")
        owner = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        start = np.concatenate([[0], np.cumsum(np.bincount(self.places, minlength=count))])
        return Lists(start, owner[order], self.values[order])


@dataclass(frozen=True)
class Steps:
    """The network: ``code`` lists each coordinate's inputs, ``first`` each neuron's coordinates.

    ``read`` lists each output's neurons, ``needs`` are the T_r. ``finest``: the kernel rounds fractions upwards by
    less than 1 / finest.
    """

    inputs: int
    code: Lists
    first: Lists
    needs: Words
    read: Lists
    bias: Words
    second: bool
    finest: int

    def gains(self, r: int) -> Words:
        """What each input adds to neuron r."""
        total = np.zeros(self.inputs, dtype=np.int64)
        for t, value in zip(*(part.tolist() for part in self.first.of(r)), strict=True):
            inputs, weights = self.code.of(t)
            total[inputs] += value * weights
        return total

    def goals(self, window: Window, *, low: bool) -> Words | None:
        """The weight of rows met (``low``: not met) from which each output is out of its window; None: never.

        A row is a neuron that is read; one that is read negatively is met where it does not fire.
        """
        (least, most), bias = window, self.bias
        up, down = (self.read._replace(values=np.maximum(sign * self.read.values, 0)).sums() for sign in (1, -1))
        if self.second:  # 1 where bias + sum >= 0
            free = (least if low else most) is None and self.tolerates(window, low=low)
            return None if free else up + bias + 1 if low else down - bias
        if low:
            return None if least is None else up + bias - min(max(least, -MOST), 2 * MOST) + 1
        return None if most is None else max(min(most, MOST), -2 * MOST) + 1 - bias + down

    def tolerates(self, window: Window, *, low: bool) -> bool:
        """Whether an output that is 1 (``low``: 0) by a second step is in its window."""
        (least, most), z = window, 0 if low else 1
        return self.second and (least is None or least <= z) and (most is None or z <= most)


def steps(claim: Claim) -> Steps:
    """The network of a claim; raises Undecided if it is another one, or its numbers are too large."""
    layers, network = claim.network.layers, claim.network
    linear = next((i for i, layer in enumerate(layers) if layer.relu), len(layers))
    rest = layers[linear:]
    shape = [layer.relu for layer in rest]
    second = shape == [True] * 4 and inverts(rest[3])
    if linear > 1 or not (shape == [True, True, False] or second) or not inverts(rest[1]):
        raise Undecided("not a network of at most one linear layer, a step, and a readout or a second step")
    first, needs = _lists(rest[0]), np.array(rest[0].bias, dtype=object)
    if linear:
        code = _lists(layers[0])
        needs = needs + _times(rest[0], layers[0].bias)
    else:
        code = Lists(
            np.arange(network.inputs + 1), np.arange(network.inputs), np.ones(network.inputs, dtype=np.int64)
        )
    read, bias = _lists(rest[2]), _small(rest[2].bias)
    if second:
        read = read._replace(values=-read.values)
        bias = -bias
    _check_sizes(code, first, read, [*needs.tolist(), *bias.tolist()], claim.k)
    largest = max(map(abs, rest[0].bias)) + claim.k + 2
    finest = min(1 << (largest.bit_length() + 8), MOST)
    gains = first._replace(values=-first.values)
    return Steps(network.inputs, code, gains, needs.astype(np.int64), read, bias, second, finest)


def _lists(layer: Layer) -> Lists:
    lengths = np.fromiter(map(len, layer.sources), dtype=np.int64, count=len(layer.sources))
    start = np.concatenate([[0], np.cumsum(lengths)])
    places = np.fromiter(chain.from_iterable(layer.sources), dtype=np.int64, count=int(start[-1]))
    return Lists(start, places, _small(tuple(chain.from_iterable(layer.weights))))


def _small(numbers: tuple[int, ...]) -> Words:
    if max(map(abs, numbers), default=0) >= MOST:
        raise Undecided("a weight of more than 30 bits")
    return np.fromiter(numbers, dtype=np.int64, count=len(numbers))


def _times(layer: Layer, vector: tuple[int, ...]) -> npt.NDArray[np.object_]:
    """W v, in integers of any size."""
    if not any(vector):
        return np.zeros(len(layer.bias), dtype=object)
    return np.array([sum(w * vector[t] for t, w in layer.row(r)) for r in range(len(layer.bias))], dtype=object)


def _check_sizes(code: Lists, first: Lists, read: Lists, constants: list[int], k: int) -> None:
    """Every sum that is formed, fractions in units of 1 / MOST included, has less than 62 bits."""
    gain = int(np.abs(code.values).max(initial=0)) * _heaviest(first) * (k + 1)
    weight, constant = _heaviest(read) * (k + 1), max(map(abs, constants), default=0)
    if gain + constant >= MOST or weight >= 1 << 28 or weight * (gain + constant) >= 1 << 31:
        raise Undecided("sums of too many bits")


def _heaviest(lists: Lists) -> int:
    """The largest sum of absolute values of a list."""
    return int(lists._replace(values=np.abs(lists.values)).sums().max())
