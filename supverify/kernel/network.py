"""Integer ReLU networks, and what they compute on a set of active inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from .errors import Malformed

WIDEST = 1 << 24  # inputs, or neurons of a layer


@dataclass(frozen=True)
class Layer:
    """z_r = ``bias[r]`` + sum of ``weights[r][i] * x[sources[r][i]]``, then max(z_r, 0) if ``relu``.

    ``sources[r]`` ascends and no weight is 0 (the sparse rows of W, outputs x inputs); raises Malformed otherwise.
    """

    sources: tuple[tuple[int, ...], ...]
    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    relu: bool

    def __post_init__(self) -> None:
        if not len(self.sources) == len(self.weights) == len(self.bias):
            got = (len(self.sources), len(self.weights), len(self.bias))
            raise Malformed("layer", "as many rows of sources, rows of weights and biases", got)
        for r, (sources, weights) in enumerate(zip(self.sources, self.weights, strict=True)):
            if len(sources) != len(weights) or 0 in weights or any(a >= b for a, b in pairwise((-1, *sources))):
                raise Malformed(f"layer.sources[{r}]", "ascending sources, a weight other than 0 for each", sources)

    def row(self, r: int) -> Iterator[tuple[int, int]]:
        """The (source, weight) pairs of neuron r."""
        return zip(self.sources[r], self.weights[r], strict=True)


@dataclass(frozen=True)
class Network:
    """Layers applied to y in {0,1}^inputs; an output z stands for the number z / scale."""

    inputs: int
    layers: tuple[Layer, ...]
    scale: int = 1

    def __post_init__(self) -> None:
        if self.scale < 1 or not self.layers or min(self.widths) < 1 or max(self.widths) > WIDEST:
            got = (self.scale, self.widths)
            raise Malformed("network", f"a scale of at least 1, and layers of 1 to {WIDEST} neurons", got)
        for i, (width, layer) in enumerate(zip(self.widths, self.layers, strict=False)):
            largest = max((sources[-1] for sources in layer.sources if sources), default=-1)
            if largest >= width:
                raise Malformed(f"network.layers[{i}].sources", f"sources below {width}", largest)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of inputs, then the width of each layer."""
        return (self.inputs, *(len(layer.bias) for layer in self.layers))

    @property
    def outputs(self) -> int:
        """The width of the last layer."""
        return len(self.layers[-1].bias)


def trace(network: Network, active: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The sums of each layer, before its ReLU, when exactly the inputs in ``active`` are 1."""
    ones = set(active)
    values = tuple(int(j in ones) for j in range(network.inputs))
    for layer in network.layers:
        sums = tuple(b + sum(w * values[j] for j, w in layer.row(r)) for r, b in enumerate(layer.bias))
        yield sums
        values = tuple(max(z, 0) for z in sums) if layer.relu else sums


def evaluate(network: Network, active: Iterable[int]) -> tuple[int, ...]:
    """The outputs when exactly the inputs in ``active`` are 1: the reference meaning of a network."""
    *_, sums = trace(network, active)
    return tuple(max(z, 0) for z in sums) if network.layers[-1].relu else sums
