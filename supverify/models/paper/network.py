"""The 2-AND network of Adler & Shavit 2025 made exact: a block of neurons of its own for each class of outputs.

One input code C (n x m, w0 ones in each column) serves all blocks, x0 = C y. The block of a class with G distinct
pairs and M outputs has read sets R (n1 x G, w1 ones in each column, chosen in the channels of ``paper.channels``)
and an output code C1 (n2 x M, w2 ones in each column) of its own; A marks the inputs (members) that each hidden
neuron serves. With z = W x0, W = min(1, A C^T), a member adds exactly w0 to its row of z, another input the overlap
g of its column of C with the row. The layers, all on integers (u, o, p, c, h, v: one entry for each neuron):

    1  u = relu(2 w0 - z)       cancelled channels: p = relu(zs + zl), c = relu(zs - w0)
    2  h = relu(1 - u)                              u = relu(2 w0 - p + c)
    3  h again                                      h = relu(1 - u)
    4  v = relu(w1 - W2 h)      W2 = min(1, C1 R^T), for every block
    5  x1 = relu(1 - v)

Layer 3 is there only for a block of cancelled channels, as in the source: c detects two active super-heavy inputs of
a neuron (zs sums over these, zl over its light ones) and takes away what the second and the following ones add. So
h = 1 iff min(1, super-heavy members on) + light members on >= 2, for every k: two super-heavy inputs alone fire
nothing, and with a light one they fire what either fires with it. With o = relu(w0 - zs) that is zl - o >= w0, the
gate form. Zeroed weights of c leave an ordinary channel.

What makes each block exact, and is checked completely for the given k:
L1(k)  h fires only as said, whatever the overlaps g add (``exactness``; ``paper.input`` for cancelled channels);
L2(k)  a row of x1 fires only if a true output owns it (``paper.scan``; for super-heavy outputs with the h above);
and no column of C1 lies in those of other outputs that can be true with it. Blocks share no neuron after x0, so each
is checked alone. Classes, channels and cancelling are the source's, clipping, thresholds and conditions derived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil, log2, sqrt

import numpy as np

from supverify.kernel.claim import TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from ..codes import Bits, linear, supports, threshold, union
from ..construction import Construction
from ..influence import classify
from ..plan import WIDEST
from ..resample import Found, Progress
from .channels import Kind, Part, SuperHeavy, parts
from .input import Hidden, input_code
from .search import BlockCodes, BlockSearch

START = {0: 0.5, 1: 0.5, 2: 0.7, 3: 2.0}  # first width of a block, in units of sqrt(G) log2 (G + 1)


@dataclass(frozen=True, kw_only=True)
class Block:
    """The outputs of one class: they alone use hidden neurons ``neurons`` and rows ``rows`` of the output code.

    ``outputs`` are those of the problem; ``weights`` (w1, w2) the ones in a column of R and of C1.
    """

    name: str
    kind: Kind
    neurons: range
    rows: range
    outputs: tuple[int, ...]
    weights: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class PaperConstruction(Construction):
    """A construction of independent blocks; ``weights`` are w0 and the largest w1 and w2."""

    blocks: tuple[Block, ...]


def build_paper(
    problem: TwoAnd,
    *,
    k: int,
    seed: int = 0,
    neurons: int | None = None,
    super_heavy: SuperHeavy = "cancelled",
    progress: Progress | None = None,
) -> PaperConstruction:
    """The network, exact on every input with at most k ones, of the first widths from ``neurons`` on that are found.

    ``super_heavy`` "disjoint" gives super-heavy inputs disjoint channels, which need no cancelling. Raises Malformed
    for a k that is not in 0..m, neurons that are not in 1..2^13, and a seed below 0. Each look at a block visits all
    of its sets of k inputs: a matter of seconds at 1000 inputs and k = 3.
    """
    if not 0 <= k <= problem.inputs:
        raise Malformed("build_paper: k", f"0 <= k <= {problem.inputs}", k)
    if neurons is not None and not 1 <= neurons <= WIDEST:
        raise Malformed("build_paper: neurons", f"1 to {WIDEST}", neurons)
    if seed < 0:
        raise Malformed("build_paper: seed", "at least 0", seed)
    every = parts(classify(problem), problem, k, super_heavy=super_heavy)
    search = _Search(every, problem.inputs, k, np.random.default_rng(seed), progress)
    found, blocks = search.run(neurons)
    (C,), (w0,) = found.codes, found.design.weights
    layers = (linear(C), *_layers(blocks, C, w0))
    code = _output_code(blocks, len(problem.pairs))
    return PaperConstruction(
        network=Network(problem.inputs, layers),
        decoded=Network(problem.inputs, (*layers, _decoder(code))),
        code=supports(code),
        problem=problem,
        k=k,
        seed=seed,
        weights=(w0, max(b.weights[0] for b in blocks), max(b.weights[1] for b in blocks)),
        attempts=search.attempts,
        blocks=tuple(_described(blocks)),
    )


class _Search:
    """Blocks one after the other, then an input code for all of them; what is not found becomes wider."""

    def __init__(
        self, every: Sequence[Part], inputs: int, k: int, rng: np.random.Generator, progress: Progress | None
    ) -> None:
        self.parts, self.inputs, self.k, self.rng, self.progress = every, inputs, k, rng, progress
        self.attempts = 0

    def run(self, neurons: int | None) -> tuple[Found, list[BlockCodes]]:
        """Ends with probability 1: far above the number of ones, random columns do not meet at all."""
        widths = self._start(neurons)
        while True:
            blocks = [self._block(part, width) for part, width in zip(self.parts, widths, strict=True)]
            hidden = [_hidden(block, self.inputs) for block in blocks]
            found, tried = input_code(hidden, _rows(blocks), k=self.k, rng=self.rng, progress=self.progress)
            self.attempts += tried
            if found:
                return found, blocks
            widths = [_wider(len(block.R)) for block in blocks]

    def _start(self, neurons: int | None) -> list[int]:
        unit = START.get(self.k, self.k * 1.25)
        widths = [ceil(unit * sqrt(g) * log2(g + 1)) for g in (len(p.gates.distinct) for p in self.parts)]
        if neurons is None:
            return widths
        total = sum(_units(part, width) for part, width in zip(self.parts, widths, strict=True))
        return [width * neurons // total for width in widths]

    def _block(self, part: Part, width: int) -> BlockCodes:
        weights = max(4, self.k + 1), max(3, self.k)
        width = max(width, part.narrowest(weights[0]))
        while width <= WIDEST:
            search = BlockSearch(part, (width, _units(part, width)), weights, rng=self.rng)
            found = search.run(self.progress)
            self.attempts += search.rounds
            if found:
                return found
            width = _wider(width)
        raise Malformed("build_paper: k", f"a k for which blocks of {WIDEST} neurons suffice", self.k)


def _wider(width: int) -> int:
    return width + max(1, width // 8)


def _units(part: Part, width: int) -> int:
    """The neurons of the block in layer 1, where two serve a cancelled neuron; its output code has as many rows."""
    return 2 * width if part.cancelled else width


def _hidden(block: BlockCodes, inputs: int) -> Hidden:
    """The members of a block's hidden neurons among all inputs."""
    everyone = np.zeros((len(block.R), inputs), dtype=np.bool_)
    everyone[:, list(block.part.inputs)] = block.members
    lone = np.zeros_like(everyone)
    some = [j for j, alone in zip(block.part.inputs, block.part.loners, strict=True) if alone]
    lone[:, some] = everyone[:, some]
    return Hidden(block.part.cancelled, lone, everyone & ~lone)


def _layers(blocks: Sequence[BlockCodes], C: Bits, w0: int) -> Iterator[Layer]:
    """Layers 1 to 5; without cancelled channels there is no layer 3."""
    gated, before = any(block.part.cancelled for block in blocks), [0] * len(blocks)
    columns = (
        (
            *_hidden_layers(block, C, w0, gated),
            *threshold(block.part.gates.reads(block.R, block.C1), block.weights[0]),
        )
        for block in blocks
    )
    for layers in zip(*columns, strict=True):
        yield _stacked(layers, before)
        before = [len(layer.bias) for layer in layers]


def _hidden_layers(block: BlockCodes, C: Bits, w0: int, gated: bool) -> tuple[Layer, ...]:
    hidden, one = _hidden(block, C.shape[1]), np.eye(len(block.R), dtype=np.int64)
    lone, light = union(hidden.lone, C.T).astype(np.int64), union(hidden.members, C.T).astype(np.int64)
    if block.part.cancelled:
        detect = _stacked((linear(lone + light, relu=True), linear(lone, bias=-w0, relu=True)), (0, 0))
        return (detect, *threshold(np.hstack([one, -one]), 2 * w0))
    steps = threshold(light, 2 * w0)
    return (*steps, linear(one, relu=True)) if gated else steps


def _stacked(layers: Sequence[Layer], widths: Sequence[int]) -> Layer:
    """One layer whose blocks read values of their own, ``widths`` of them; 0 in front of what all of them read."""
    starts = accumulate(widths, initial=0)
    return Layer(
        tuple(
            tuple(start + j for j in row)
            for layer, start in zip(layers, starts, strict=False)
            for row in layer.sources
        ),
        tuple(row for layer in layers for row in layer.weights),
        tuple(b for layer in layers for b in layer.bias),
        layers[0].relu,
    )


def _output_code(blocks: Sequence[BlockCodes], outputs: int) -> Bits:
    """C1 of all blocks, in the problem's numbering of outputs."""
    code = np.zeros((_rows(blocks), outputs), dtype=np.bool_)
    start = 0
    for block in blocks:
        code[start : start + len(block.C1), list(block.part.outputs)] = block.C1
        start += len(block.C1)
    return code


def _rows(blocks: Sequence[BlockCodes]) -> int:
    return sum(len(block.C1) for block in blocks)


def _decoder(code: Bits) -> Layer:
    """1 where all ones of an output's column are there, else at most 0."""
    return replace(linear(code.T), bias=tuple((1 - code.sum(axis=0)).tolist()))


def _described(blocks: Sequence[BlockCodes]) -> Iterator[Block]:
    neurons = rows = 0
    for block in blocks:
        part, n, r = block.part, neurons + len(block.R), rows + len(block.C1)
        yield Block(
            name=part.name,
            kind=part.kind,
            neurons=range(neurons, n),
            rows=range(rows, r),
            outputs=part.outputs,
            weights=block.weights,
        )
        neurons, rows = n, r
