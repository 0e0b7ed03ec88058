"""How a counterexample goes through a network: the units that bear most on one wrong output, and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...engines import EXACTLY, NetworkVerdict
from ...kernel.bounds import inverts
from ...kernel.network import Layer, Network, trace
from ...report.pictures.data import CounterexamplePath, PathEdge, PathLayer, PathUnit
from ..measures import wrong_outputs

UNITS = 12  # shown of a layer


@dataclass(frozen=True)
class _Level:
    """What comes out of a layer, or of a step: its values other than 0, and the ``layer`` that adds up to them.

    An integer weight of the layer stands for ``unit``, below 0 where a step turns the sign of its sum, a bias for
    ``bias_unit``.
    """

    name: str
    values: Mapping[int, Fraction]
    layer: Layer
    unit: Fraction
    bias_unit: Fraction

    def adds(self, target: int, below: Mapping[int, Fraction]) -> Iterator[PathEdge]:
        """What the values below add to the sum of a unit; where none does, what could and is off."""
        pairs = list(self.layer.row(target))
        on = [(source, weight) for source, weight in pairs if source in below]
        for source, weight in on or pairs:
            value = below.get(source, Fraction(0))
            yield PathEdge(source=source, target=target, adds=value * weight * self.unit)


def counterexample_path(
    verdict: NetworkVerdict, names: Sequence[str], scales: Sequence[int]
) -> CounterexamplePath | None:
    """The path to the first wrong output, over the real numbers; None without a counterexample.

    ``names`` are those of the network's layers, ``scales`` what their numbers were multiplied by.
    """
    if verdict.counterexample is None:
        return None
    wrong, network = wrong_outputs(verdict), verdict.claim.network
    active = dict.fromkeys(verdict.counterexample, Fraction(1))
    levels = list(_levels(network, verdict.counterexample, names, scales))
    values = [active, *(level.values for level in levels)]
    shown, edges = _backwards(values[:-1], levels, wrong[0].output)
    named = zip(("inputs", *(level.name for level in levels)), values, shown, strict=False)
    return CounterexamplePath(
        layers=tuple(_layer(name, known, chosen) for name, known, chosen in named),
        edges=tuple(edges),
        bias=levels[-1].layer.bias[wrong[0].output] * levels[-1].bias_unit,
        output=wrong[0],
        wrong=len(wrong),
        rounded=None if verdict.decided_in == EXACTLY else str(verdict.decided_in),
    )


def _layer(name: str, values: Mapping[int, Fraction], chosen: Sequence[int]) -> PathLayer:
    units = tuple(PathUnit(index=r, value=values.get(r, Fraction(0))) for r in chosen)
    return PathLayer(name=name, on=len(values), units=units)


def _levels(network: Network, active: Sequence[int], names: Sequence[str], scales: Sequence[int]) -> Iterator[_Level]:
    layers, sums, i = network.layers, list(trace(network, active)), 0
    while i < len(layers):
        step = layers[i].relu and i + 1 < len(layers) and inverts(layers[i + 1])
        last, below, sign = i + step, scales[i - 1] if i else 1, -1 if step else 1
        values = (max(z, 0) for z in sums[last]) if layers[last].relu else sums[last]
        yield _Level(
            name=names[i],
            values={r: Fraction(z, scales[last]) for r, z in enumerate(values) if z},
            layer=layers[i],
            unit=Fraction(sign * below, scales[i]),
            bias_unit=Fraction(sign, scales[i]),
        )
        i = last + 1


def _backwards(
    values: Sequence[Mapping[int, Fraction]], levels: Sequence[_Level], output: int
) -> tuple[list[list[int]], list[tuple[PathEdge, ...]]]:
    """From the output down, of each level the units that add or take away most in all, and their edges."""
    targets, shown, edges = [output], list[list[int]](), list[tuple[PathEdge, ...]]()
    for below, level in zip(reversed(values), reversed(levels), strict=True):
        found = [edge for target in targets for edge in level.adds(target, below)]
        weights: dict[int, Fraction] = {}
        for edge in found:
            weights[edge.source] = weights.get(edge.source, Fraction(0)) + abs(edge.adds)
        targets = sorted(sorted(weights, key=lambda j: (-weights[j], j))[:UNITS])
        edges.insert(0, tuple(edge for edge in found if edge.source in targets))
        shown.insert(0, targets)
    return shown, edges
