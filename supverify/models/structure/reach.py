"""Which inputs are led to which outputs by weights other than 0, through units that they matter to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supverify.kernel.network import Layer, Network

from .forms import Active, first_relu


def reaching(network: Network, relevant: Sequence[Active], dead: Iterable[tuple[int, Iterable[int]]]) -> list[int]:
    """For each output the inputs that reach it, input j as 2^j.

    ``relevant[r]``: the inputs that matter to unit r of the first ReLU layer (without one: to output r); ``dead``:
    pairs of a layer and its dead units, which lead nowhere. An input that does not reach an output changes it on no
    input that ``relevant`` and ``dead`` speak of.
    """
    start = first_relu(network)
    silent = {i: set(units) for i, units in dead}
    masks = [sum(1 << j for j in inputs) for inputs in relevant]
    for i, layer in enumerate(network.layers[start + 1 :], start=start + 1):
        masks = [0 if r in silent.get(i, ()) else _joined(layer, r, masks) for r in range(len(layer.bias))]
    return masks


def _joined(layer: Layer, r: int, masks: Sequence[int]) -> int:
    joined = 0
    for source in layer.sources[r]:
        joined |= masks[source]
    return joined
