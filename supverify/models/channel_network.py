"""Channel networks: random codes, one read set a gate, one hidden step, and a readout that counts.

Every input has ``weight`` random ones in the code C, and every gate i = {a, b} a read set s_i of ``weight`` random
hidden neurons, its channel. A hidden neuron adds up the coordinates of all inputs that it is read for, each once,
and fires from 2 * weight on; output i = (the firing neurons of s_i) - (weight - 1). Both ends of a gate fire the
whole channel, and the network is exact where nothing else does: the model in which verifiers are compared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

Ints = npt.NDArray[np.int64]
Form = Literal["step", "relu", "two steps"]


@dataclass(frozen=True)
class Channels:
    """``code`` (inputs x weight) and ``channels`` (gates x weight): ascending numbers below ``neurons``."""

    problem: TwoAnd
    neurons: int
    code: Ints
    channels: Ints

    @property
    def weight(self) -> int:
        """Ones a column of C, and neurons a channel."""
        return int(self.code.shape[1])

    def network(self, form: Form = "step") -> Network:
        """The network: the hidden step as relu(1 - relu(2w - W1 x)), or for k = 2 as relu(W1 x - (2w - 1)).

        ``two steps`` reads the outputs by a second step, relu(1 - relu(w - h(s_i))), instead of linearly.
        """
        n, w, reads = self.neurons, self.weight, self.reads()
        code = _layer(*_transposed(self.code), n, 1, 0, relu=False)
        if form == "relu":
            return Network(
                self.problem.inputs, (code, _layer(*reads, n, 1, 1 - 2 * w, relu=True), self._readout(1 - w))
            )
        hidden = _layer(*reads, n, -1, 2 * w, relu=True)
        if form == "step":
            return Network(self.problem.inputs, (code, hidden, _inverters(n), self._readout(1 - w)))
        second = self._readout(w, -1, relu=True)
        return Network(self.problem.inputs, (code, hidden, _inverters(n), second, _inverters(len(self.channels))))

    def reads(self) -> tuple[Ints, Ints]:
        """The ones (hidden neuron, coordinate) of W1, sorted: the codes of the inputs that a neuron is read for."""
        pairs = np.array(self.problem.pairs, dtype=np.int64)
        rows = np.repeat(self.channels, 2, axis=1).ravel()  # each neuron of s_i for a and for b
        ends = np.tile(pairs, (1, self.weight)).ravel()
        rows, ends = _distinct(rows, ends, self.problem.inputs)
        return _distinct(np.repeat(rows, self.weight), self.code[ends].ravel(), self.neurons)

    def _readout(self, bias: int, sign: int = 1, *, relu: bool = False) -> Layer:
        gates = np.repeat(np.arange(len(self.channels)), self.weight)
        return _layer(gates, self.channels.ravel(), len(self.channels), sign, bias, relu=relu)


def random_channels(problem: TwoAnd, *, neurons: int, weight: int = 8, seed: int = 0, fault: int = 0) -> Channels:
    """A channel network for the problem; raises Malformed unless ``neurons`` has room for two codes.

    ``fault`` = f > 0 plants a false firing of f + 1 inputs (so k > f fails): f inputs share out the code of one end
    of a gate among them, and stand for it wherever it is read.
    """
    if not 2 * weight <= neurons:
        raise Malformed("neurons", f"at least {2 * weight}", neurons)
    rng = np.random.default_rng(seed)
    code = _subsets(rng, problem.inputs, neurons, weight)
    channels = _subsets(rng, len(problem.pairs), neurons, weight)
    if fault:
        _plant(rng, code, problem, fault)
    return Channels(problem, neurons, code, channels)


def _plant(rng: np.random.Generator, code: Ints, problem: TwoAnd, fault: int) -> None:
    a, b = problem.pairs[int(rng.integers(len(problem.pairs)))]
    friends = {a, b}.union(*(pair for pair in problem.pairs if {a, b} & set(pair)))
    strangers = [j for j in range(problem.inputs) if j not in friends]
    if len(strangers) < fault or fault > code.shape[1]:
        raise Malformed("fault", f"at most {min(len(strangers), code.shape[1])}, what there is room for", fault)
    for share, j in zip(np.array_split(code[b], fault), rng.choice(strangers, fault, replace=False), strict=True):
        others = [r for r in code[j] if r not in share]
        code[j] = np.sort(np.concatenate([share, others[: code.shape[1] - len(share)]]))


def _subsets(rng: np.random.Generator, count: int, size: int, weight: int) -> Ints:
    """``count`` rows of ``weight`` distinct numbers below ``size``, ascending."""
    rows = np.sort(rng.integers(size, size=(count, weight)), axis=1)
    while len(again := np.flatnonzero((np.diff(rows, axis=1) == 0).any(axis=1))):
        rows[again] = np.sort(rng.integers(size, size=(len(again), weight)), axis=1)
    return rows


def _transposed(code: Ints) -> tuple[Ints, Ints]:
    """The ones (coordinate, input) of C, sorted."""
    inputs = np.repeat(np.arange(len(code)), code.shape[1])
    order = np.argsort(code.ravel(), kind="stable")
    return code.ravel()[order], inputs[order]


def _distinct(rows: Ints, columns: Ints, width: int) -> tuple[Ints, Ints]:
    keys = np.unique(rows * width + columns)
    return keys // width, keys % width


def _layer(rows: Ints, columns: Ints, height: int, value: int, bias: int, *, relu: bool) -> Layer:
    """The layer with ``value`` at these sorted places."""
    ends = np.searchsorted(rows, np.arange(height + 1)).tolist()
    numbers = columns.tolist()
    sources = tuple(tuple(numbers[start:end]) for start, end in pairwise(ends))
    return Layer(sources, tuple((value,) * len(row) for row in sources), (bias,) * height, relu)


def _inverters(size: int) -> Layer:
    return Layer(tuple((r,) for r in range(size)), ((-1,),) * size, (1,) * size, True)
