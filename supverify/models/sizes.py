"""How large a network is, and how large counting says that it has to be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import comb, fsum, log2

from supverify.kernel.claim import Permutation, Problem
from supverify.kernel.network import Layer, Network

from .counting import Choices, bits_to_tell_apart, ceil_log2, least_width
from .expressions import Expressions, expressions


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Counts of a network; zeros are weights too, as no pattern of zeros is given in advance.

    ``neurons``: the widest ReLU layer (without one: the widest layer); ``layers``: all of them, input code included;
    ``parameters``: every weight and bias; ``nonzeros``: the weights other than 0; ``weight_bits``: what a weight
    needs (at least 1) to be named among the different ones of its layer, in the layer that has most; ``bits``: all
    weights and biases, each named among the different ones of its layer. ``entropy``: the same with each entry at
    the Shannon entropy of its layer's histogram, of weights and of biases; no table of what occurs is counted in
    either, and every entropy is rounded to 0.1 bit. ``separate_neurons`` is the width without superposition, a
    neuron for each input and each output: a network that is not narrower gains nothing.

    ``code_bits`` and ``code_entropy`` are the parts of a first layer without ReLU, which is the input code C.
    ``readout_bits`` and ``readout_entropy`` are those of the decoder, which ``bits`` leaves out; 0 without one.

    The counting floor: ``counting_floor_bits`` tell apart all problems of this size, 2-AND problems and other ANDs
    as sets of distinct clauses; ``counting_floor_neurons`` is the least n for which ReLU layers of n x n weights and
    n biases, as many as here and of ``weight_bits`` each, hold so many bits. It is for networks whose codes do not
    depend on the problem. Where C was chosen with the problem its bits count as well, as they do in ``bits_ratio``
    and ``entropy_ratio``, ``bits`` and ``entropy`` over the floor (to 1e-3; None where it is 0 bits); where the
    outputs were given their codes with the problem, so do those of the readout, as in no ratio here.
    """

    neurons: int
    layers: int
    parameters: int
    nonzeros: int
    weight_bits: int
    bits: int
    entropy: float
    code_bits: int
    code_entropy: float
    readout_bits: int
    readout_entropy: float
    separate_neurons: int
    counting_floor_bits: int
    counting_floor_neurons: int
    bits_ratio: float | None
    entropy_ratio: float | None
    paper: Expressions


def sizes(network: Network, problem: Problem, *, decoded: Network | None = None) -> Sizes:
    """The sizes of a network that computes ``problem``; ``decoded`` is the one that goes on with a decoder."""
    parts = [_Part(layer, width) for layer, width in zip(network.layers, network.widths, strict=False)]
    relus = [len(layer.bias) for layer in network.layers if layer.relu]
    code = parts[:1] if not network.layers[0].relu and len(parts) > 1 else []
    readout = [_Part(decoded.layers[-1], decoded.widths[-2])] if decoded else []
    neurons, outputs = max(relus or network.widths[1:]), len(problem.targets())
    weight_bits = max(1, *(part.weight_bits for part in parts))
    bits, entropy, floor = sum(part.bits for part in parts), _entropy(parts), counting_floor_bits(problem)
    return Sizes(
        neurons=neurons,
        layers=len(network.layers),
        parameters=sum(part.rows * (part.width + 1) for part in parts),
        nonzeros=sum(len(row) for layer in network.layers for row in layer.weights),
        weight_bits=weight_bits,
        bits=bits,
        entropy=entropy,
        code_bits=sum(part.bits for part in code),
        code_entropy=_entropy(code),
        readout_bits=sum(part.bits for part in readout),
        readout_entropy=_entropy(readout),
        separate_neurons=max(problem.inputs, outputs),
        counting_floor_bits=floor,
        counting_floor_neurons=least_width(floor, max(1, len(relus)) * weight_bits),
        bits_ratio=round(bits / floor, 3) if floor else None,
        entropy_ratio=round(entropy / floor, 3) if floor else None,
        paper=expressions(outputs, neurons),
    )


def counting_floor_bits(problem: Problem) -> int:
    """ceil(log2 of the number of problems of this size): m! permutations, C(C(m, 2), G) sets of G distinct pairs.

    Other ANDs: for each number c of inputs that a clause has, the sets of as many distinct clauses of c inputs.
    """
    m = problem.inputs
    if isinstance(problem, Permutation):
        return bits_to_tell_apart(Choices(m, m, ordered=True))
    clauses = Counter(len(clause) for clause in {clause for target in problem.targets() for clause in target})
    return bits_to_tell_apart(*(Choices(comb(m, size), count) for size, count in sorted(clauses.items())))


@dataclass(frozen=True)
class _Part:
    """A layer that reads ``width`` values, as the histograms of what it holds."""

    layer: Layer
    width: int

    @property
    def rows(self) -> int:
        return len(self.layer.bias)

    @cached_property
    def weights(self) -> Counter[int]:
        found = Counter(chain.from_iterable(self.layer.weights))
        zeros = self.rows * self.width - found.total()
        return found + Counter({0: zeros})  # addition drops a count of 0

    @property
    def weight_bits(self) -> int:
        return ceil_log2(len(self.weights))

    @property
    def bits(self) -> int:
        return self.rows * (self.width * self.weight_bits + ceil_log2(len(set(self.layer.bias))))

    @property
    def histograms(self) -> tuple[Counter[int], Counter[int]]:
        return self.weights, Counter(self.layer.bias)


def _entropy(parts: list[_Part]) -> float:
    """Entries times the entropy of their histogram, in all, to 0.1 bit."""
    counts = (sorted(histogram.values()) for part in parts for histogram in part.histograms)
    return round(fsum(n * log2(sum(each) / n) for each in counts for n in each), 1)
