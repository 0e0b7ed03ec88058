"""How large a network is, and how large counting says that it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial, isqrt

from supverify.kernel.claim import Problem, TwoAnd
from supverify.kernel.network import Layer, Network


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Counts of a network; zeros are weights too, as no pattern of zeros is given in advance.

    ``neurons``: the widest ReLU layer (without one: the widest layer); ``layers``: all of them, input code included;
    ``parameters``: every weight and bias; ``nonzeros``: the weights other than 0; ``weight_bits``: what a weight
    needs (at least 1) to be named among the different ones of its layer, in the layer that has most; ``bits``: all
    weights and biases, each named among the different ones of its layer. ``separate_neurons`` is the width without
    superposition, a neuron for each input and each output: a network that is not narrower gains nothing.

    The counting floor: ``counting_floor_bits`` tell apart all problems of this size, 2-AND problems as sets of
    distinct pairs; ``counting_floor_neurons`` is the least n for which ReLU layers of n x n weights and n biases, as
    many as here and of ``weight_bits`` each, hold so many bits. It is for networks whose codes do not depend on the
    problem; here they are drawn until they fit it, and so carry information that the floor does not count.
    """

    neurons: int
    layers: int
    parameters: int
    nonzeros: int
    weight_bits: int
    bits: int
    separate_neurons: int
    counting_floor_bits: int
    counting_floor_neurons: int


def sizes(network: Network, problem: Problem) -> Sizes:
    """The sizes of a network that computes ``problem``."""
    shapes = list(zip(network.layers, network.widths, strict=False))
    relus = [len(layer.bias) for layer in network.layers if layer.relu]
    weight_bits = max(1, *(_bits(len(_weights(layer, width))) for layer, width in shapes))
    floor = counting_floor_bits(problem)
    return Sizes(
        neurons=max(relus or network.widths[1:]),
        layers=len(network.layers),
        parameters=sum(len(layer.bias) * (width + 1) for layer, width in shapes),
        nonzeros=sum(len(row) for layer in network.layers for row in layer.weights),
        weight_bits=weight_bits,
        bits=sum(_layer_bits(layer, width) for layer, width in shapes),
        separate_neurons=max(problem.inputs, len(problem.targets())),
        counting_floor_bits=floor,
        counting_floor_neurons=_least_width(floor, max(1, len(relus)) * weight_bits),
    )


def counting_floor_bits(problem: Problem) -> int:
    """ceil(log2 of the number of problems of this size): C(C(m, 2), G) for G distinct pairs, m! permutations."""
    if isinstance(problem, TwoAnd):
        return _bits(comb(comb(problem.inputs, 2), len(set(problem.targets()))))
    return _bits(factorial(problem.inputs))


def _bits(count: int) -> int:
    """ceil(log2 count)."""
    return (count - 1).bit_length()


def _weights(layer: Layer, width: int) -> set[int]:
    """The different weights of a layer that reads ``width`` values."""
    sparse = any(len(row) < width for row in layer.weights)
    return {weight for row in layer.weights for weight in row} | ({0} if sparse else set())


def _layer_bits(layer: Layer, width: int) -> int:
    rows = len(layer.bias)
    return rows * (width * _bits(len(_weights(layer, width))) + _bits(len(set(layer.bias))))


def _least_width(bits: int, each: int) -> int:
    """The least n with each * n * (n + 1) >= bits."""
    n = isqrt(bits // each)
    while each * n * (n + 1) < bits:
        n += 1
    while n and each * (n - 1) * n >= bits:
        n -= 1
    return n
