"""Which ReLU units can ever be on, which are ever off, and which are one unit written twice.

All of it is about the inputs with at most k ones. In the first ReLU layer a unit's sum is linear in the input, so
its extremes are sums of the k largest weights and everything is decided. Further up a unit is alive where an input
turns it on, and dead where all inputs were tried or where the kernel's bounds leave its sum at most 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from supverify.kernel.bounds import Bounds, inverts
from supverify.kernel.claim import Cell, Claim
from supverify.kernel.network import Network

from .forms import Active, first_forms, first_relu, form_of
from .signs import Signs

BOUND_WORK = 1 << 26  # weights times inputs of what the kernel's bounds are asked for


@dataclass(frozen=True, kw_only=True)
class UnitLayer:
    """The units of layer ``layer`` (from 0) with ReLU; ``step``: they are ReLU(1 - u) of the units u before them.

    ``on[r]`` is an input on which the sum of unit r is above 0, ``off[r]`` one on which it is below; None where none
    is known. ``dead``: proved never above 0. ``never_off``: proved never below 0, and not known to be dead.
    ``twins``: groups with the same weights and bias up to a positive factor.
    """

    layer: int
    step: bool
    on: tuple[Active | None, ...]
    off: tuple[Active | None, ...]
    dead: tuple[int, ...]
    never_off: tuple[int, ...]
    twins: tuple[tuple[int, ...], ...]

    @property
    def not_told(self) -> tuple[int, ...]:
        """The units that are neither known to be dead nor to be alive."""
        return tuple(r for r, active in enumerate(self.on) if active is None and r not in set(self.dead))

    @property
    def distinct(self) -> int:
        """How many units are left without the dead ones, each group of twins being one."""
        dead = set(self.dead)
        doubles = sum(len(group) - 1 for group in self.twins if not dead.intersection(group))
        return len(self.on) - len(dead) - doubles


@dataclass(frozen=True, kw_only=True)
class FirstLayer:
    """The first ReLU layer as it reads the inputs (without ReLU: the last layer).

    ``relevant[r]``: the inputs that change unit r on some input with at most k ones; of a unit without ReLU, those
    with a weight other than 0.
    """

    relevant: tuple[Active, ...]
    units: UnitLayer | None


def first_layer(claim: Claim) -> FirstLayer:
    """The first ReLU layer, with everything about its units decided."""
    depth, k = first_relu(claim.network), claim.k
    forms = first_forms(claim.network)
    if not claim.network.layers[depth].relu:
        return FirstLayer(relevant=tuple(tuple(map(int, form.sources)) for form in forms), units=None)
    found = [(form.extreme(k, 1), form.extreme(k, -1), form.relevant(k), form.key()) for form in forms]
    units = UnitLayer(
        layer=depth,
        step=_is_step(claim.network, depth),
        on=tuple(active if value > 0 else None for (value, active), *_ in found),
        off=tuple(active if value < 0 else None for _, (value, active), *_ in found),
        dead=tuple(r for r, ((high, _), *_) in enumerate(found) if high <= 0),
        never_off=tuple(r for r, ((high, _), (low, _), *_) in enumerate(found) if low >= 0 < high),
        twins=_twins(key for *_, key in found),
    )
    return FirstLayer(relevant=tuple(relevant for *_, relevant, _ in found), units=units)


def unit_layers(claim: Claim, first: FirstLayer) -> Iterator[UnitLayer]:
    """Every layer with ReLU, from the ``first_layer`` on."""
    if first.units is None:
        return
    yield first.units
    later = [i for i, layer in enumerate(claim.network.layers) if layer.relu and i > first.units.layer]
    signs = Signs(claim) if later else None
    for i in later:
        if signs is not None:
            yield _later_layer(claim, i, signs)


def _later_layer(claim: Claim, i: int, signs: Signs) -> UnitLayer:
    network, on, off = claim.network, signs.on[i], signs.off[i]
    silent = [r for r, active in enumerate(on) if active is None]
    upright = [r for r, active in enumerate(off) if active is None]
    if not signs.complete:
        asked = sorted({*silent, *upright})
        ends = _ends(network, i, claim.k, asked)
        silent = [r for r in silent if r in ends and ends[r][1] <= 0]
        upright = [r for r in upright if r in ends and ends[r][0] >= 0]
    layer = network.layers[i]
    return UnitLayer(
        layer=i,
        step=_is_step(network, i),
        on=tuple(on),
        off=tuple(off),
        dead=tuple(silent),
        never_off=tuple(r for r in upright if r not in set(silent)),
        twins=_twins(form_of(layer, r).key() for r in range(len(layer.bias))),
    )


def _ends(network: Network, i: int, k: int, asked: list[int]) -> dict[int, tuple[int, int]]:
    """Bounds of the sums of units of layer i by the kernel; none where they would take long."""
    below = network.layers[:i]
    work = network.inputs * (sum(len(row) for layer in below for row in layer.sources) + len(asked))
    if not asked or work > BOUND_WORK:
        return {}
    sums = Network(network.inputs, (*below, replace(network.layers[i], relu=False)))
    return Bounds(sums, k, exactly=False).outputs(Cell(frozenset(), frozenset(), k), asked)


def _is_step(network: Network, i: int) -> bool:
    return i > 0 and network.layers[i - 1].relu and inverts(network.layers[i])


def _twins(keys: Iterable[bytes]) -> tuple[tuple[int, ...], ...]:
    """The groups of at least two units with one key."""
    groups: dict[bytes, list[int]] = {}
    for r, key in enumerate(keys):
        groups.setdefault(key, []).append(r)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
