"""Deliberately broken twins: one weight changed, and the claim fails. They show that a verifier can say no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from .codes import Counts

LARGEST = 1 << 16  # inputs of a claim whose network is broken
MOST_VALUES = 1 << 27  # of one layer on all of these inputs, kept at a time
WORD = 1 << 61


@dataclass(frozen=True)
class _Change:
    """Weight ``place`` of neuron ``row`` becomes ``weight`` (0: the connection goes)."""

    layer: int
    row: int
    place: int
    weight: int

    def applied(self, network: Network) -> Network:
        layers = list(network.layers)
        layers[self.layer] = self._layer(layers[self.layer])
        return Network(network.inputs, tuple(layers), network.scale)

    def _layer(self, layer: Layer) -> Layer:
        row = [pair for place, pair in enumerate(layer.row(self.row)) if place != self.place or self.weight]
        if self.weight:
            row[self.place] = (row[self.place][0], self.weight)
        sources, weights = list(layer.sources), list(layer.weights)
        sources[self.row], weights[self.row] = tuple(s for s, _ in row), tuple(w for _, w in row)
        return Layer(tuple(sources), tuple(weights), layer.bias, layer.relu)


def break_network(claim: Claim, *, rng: np.random.Generator | int = 0) -> Network:
    """The claim's network with one weight changed, so that the claim is false: the kernel has seen it fail.

    Changes are tried in random order: a weight grows or shrinks by 1 or changes its sign. The first that is right
    while no input is active but wrong somewhere is taken; one that fails even there, only if all do. Raises
    Malformed for claims too large to try all inputs on, and where no change makes the claim fail.
    """
    population = claim.population(claim.domain)
    if population > LARGEST or population * max(claim.network.widths) > MOST_VALUES:
        got = f"{population} inputs of a network with {max(claim.network.widths)} neurons in a layer"
        raise Malformed("break_network: claim", f"at most {LARGEST} inputs, and {MOST_VALUES} values", got)
    rows = (row for layer in claim.network.layers for row in (*layer.weights, layer.bias))
    if any(abs(number) >= WORD for row in rows for number in row):
        raise Malformed("break_network: claim", "weights and biases of less than 62 bits", "a larger one")
    suspects, everywhere = _Suspects(claim), None
    changes = list(_changes(claim.network))
    for i in np.random.default_rng(rng).permutation(len(changes)):
        network = changes[int(i)].applied(claim.network)
        broken = replace(claim, network=network)
        first = next((active for active in suspects.changed(network) if wrong_outputs(broken, active)), None)
        if first:
            return network
        everywhere = network if everywhere is None and first == () else everywhere
    if everywhere is None:
        raise Malformed("break_network: claim", "a weight whose change makes the claim fail", "none")
    return everywhere


def _changes(network: Network) -> Iterator[_Change]:
    for index, layer in enumerate(network.layers):
        for row, weights in enumerate(layer.weights):
            for place, weight in enumerate(weights):
                yield from (_Change(index, row, place, new) for new in (weight + 1, weight - 1, -weight))


class _Suspects:
    """The inputs of a claim on which another network differs from the claim's own: only there can it be newly wrong.

    Sums wrap silently beyond 64 bits, which could hide an input but not invent a failure: the kernel has the word.
    """

    def __init__(self, claim: Claim) -> None:
        self.inputs = list(claim.members(claim.domain))
        self.ones = np.zeros((len(self.inputs), claim.network.inputs), dtype=np.int64)
        for row, active in zip(self.ones, self.inputs, strict=True):
            row[list(active)] = 1
        self.right = _outputs(claim.network, self.ones)

    def changed(self, network: Network) -> Iterator[tuple[int, ...]]:
        """Those inputs, in the documented order."""
        differs = (_outputs(network, self.ones) != self.right).any(axis=1)
        return (self.inputs[i] for i in np.flatnonzero(differs))


def _outputs(network: Network, values: Counts) -> Counts:
    for layer, width in zip(network.layers, network.widths, strict=False):
        dense = np.zeros((len(layer.bias), width), dtype=np.int64)
        for r in range(len(layer.bias)):
            dense[r, list(layer.sources[r])] = layer.weights[r]
        sums = values @ dense.T + np.array(layer.bias)
        values = np.maximum(sums, 0) if layer.relu else sums
    return values
