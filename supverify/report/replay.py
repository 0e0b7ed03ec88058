"""One input through the layers of a network, as exact sums: only what matters for some of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from supverify.kernel.network import Network, trace

from .network_model import LayerReplay, Term, UnitReplay
from .verified import fraction

MOST_OUTPUTS, MOST_UNITS, MOST_TERMS = 3, 8, 6


@dataclass(frozen=True)
class _Traced:
    """A network on one input: ``values`` before each layer and at the end, all multiplied by ``scales``."""

    network: Network
    scales: tuple[int, ...]
    sums: tuple[tuple[int, ...], ...]
    values: tuple[tuple[int, ...], ...]

    def products(self, depth: int, unit: int) -> list[tuple[int, int, int]]:
        """The terms (source, weight, product) that a unit's sum is due to, the largest first.

        They are those that are not 0. Where all units that it reads are 0, it is due to that.
        """
        before = self.values[depth]
        terms = [(j, w, w * before[j]) for j, w in self.network.layers[depth].row(unit)]
        on = [term for term in terms if term[2]]
        return sorted(on or terms * bool(depth), key=lambda term: (-abs(term[2]), -abs(term[1]), term[0]))

    def unit(self, depth: int, unit: int) -> UnitReplay:
        """The unit's sum in the numbers of the file."""
        scale, terms = self.scales[depth + 1], self.products(depth, unit)
        shown = tuple(
            Term(
                source=j,
                weight=fraction(Fraction(w * self.scales[depth], scale)),
                value=fraction(Fraction(self.values[depth][j], self.scales[depth])),
            )
            for j, w, _ in terms[:MOST_TERMS]
        )
        return UnitReplay(
            unit=unit,
            terms=shown,
            more=len(terms) - len(shown),
            bias=fraction(Fraction(self.network.layers[depth].bias[unit], scale)),
            total=fraction(Fraction(self.sums[depth][unit], scale)),
            value=fraction(Fraction(self.values[depth + 1][unit], scale)),
        )


def replay(
    network: Network, active: Sequence[int], outputs: Sequence[int], *, scales: Sequence[int]
) -> tuple[LayerReplay, ...]:
    """What becomes of the input whose ones are ``active`` on its way to ``outputs``, of which the first few count.

    ``scales[l]`` is what the numbers of layer l were multiplied by. Of each layer the units are shown to which the
    sums that are shown of the next one are due, those that weigh most there.
    """
    ones = set(active)
    values = [tuple(int(j in ones) for j in range(network.inputs))]
    sums = tuple(trace(network, active))
    for layer, reached in zip(network.layers, sums, strict=True):
        values.append(tuple(max(z, 0) for z in reached) if layer.relu else reached)
    traced = _Traced(network, (1, *scales), sums, tuple(values))
    found, wanted, feeding = list[LayerReplay](), list(outputs), len(outputs)
    for depth in reversed(range(len(network.layers))):
        shown = wanted[: MOST_UNITS if found else MOST_OUTPUTS]
        found.append(_layer(traced, depth, shown, feeding))
        weights = _weights(traced, depth, shown)
        wanted, feeding = sorted(weights, key=lambda j: (-weights[j], j)), len(weights)
    return tuple(reversed(found))


def _weights(traced: _Traced, depth: int, shown: Sequence[int]) -> dict[int, int]:
    """The most that each source weighs in one of the units."""
    most: dict[int, int] = {}
    for unit in shown:
        for source, _, product in traced.products(depth, unit):
            most[source] = max(most.get(source, 0), abs(product))
    return most


def _layer(traced: _Traced, depth: int, shown: Sequence[int], feeding: int) -> LayerReplay:
    layer = traced.network.layers[depth]
    return LayerReplay(
        layer=depth + 1,
        units=len(layer.bias),
        relu=layer.relu,
        on=sum(map(bool, traced.values[depth + 1])),
        feeding=feeding,
        shown=tuple(traced.unit(depth, unit) for unit in shown),
    )
