"""Exact integer bounds of a network's outputs on a cell of k-sparse inputs.

On a cell with budget B every value is enclosed between two forms constant + (sum of c_j over the active open
inputs j); the extreme of a form on the cell is a sum of its B best coefficients. For relu(s + the chosen x_j)
Jensen's inequality gives the upper form (1/B)(sum over the B slots of relu(s + B x_j)), an empty slot counting
relu(s): exact for B = 1, integral after scaling by B. Below relu(z) lies every multiple of z in [0, z]: the steep
reading takes 0 or z, the flat one z / (maximum of z); an output lies within the bounds of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .claim import Cell
from .network import Network


@dataclass(frozen=True)
class Form:
    """constant + the sum of coefficients[j] over the active open inputs j."""

    constant: int
    coefficients: dict[int, int]

    def times(self, factor: int) -> Form:
        """The form multiplied by an integer."""
        return Form(self.constant * factor, {j: c * factor for j, c in self.coefficients.items()})


ZERO = Form(0, {})
Enclosure = tuple[Form, Form]


@dataclass(frozen=True)
class Slots:
    """How many of the ``open`` inputs may be active: at most, or exactly, ``budget``."""

    budget: int
    open: int
    exactly: bool

    def largest(self, form: Form) -> int:
        """The maximum of the form on the cell."""
        return form.constant + sum(sorted(self.choice(form), reverse=True)[: self.budget])

    def smallest(self, form: Form) -> int:
        """The minimum of the form on the cell."""
        return form.constant + sum(sorted(self.choice(form))[: self.budget])

    def choice(self, form: Form) -> list[int]:
        """What an active input may add: a coefficient, or 0 where it has none or none need be active."""
        others = min(self.budget, self.open - len(form.coefficients)) if self.exactly else self.budget
        return [*form.coefficients.values(), *[0] * others]

    def jensen(self, form: Form) -> Form:
        """An upper form of max(budget, 1) * relu(form), exact if at most one input can be active."""
        factor, ground = max(self.budget, 1), max(form.constant, 0)
        gains = {j: max(form.constant + factor * c, 0) - ground for j, c in form.coefficients.items()}
        return Form(factor * ground, gains)

    def relu(self, enclosure: Enclosure, unit: int, steps: int) -> Enclosure:
        """The enclosure of max(budget, 1) * steps * relu(z) for a z in units of 1 / ``unit`` within ``enclosure``.

        The lower form of an undecided relu is a multiple of z, i / steps with 0 <= i <= steps: 0 or z if steps is
        1, else about z / (its maximum).
        """
        lower, upper = enclosure
        if self.budget <= 1:
            return self.jensen(lower).times(steps), self.jensen(upper).times(steps)
        if self.largest(upper) <= 0:
            return ZERO, ZERO
        low, high = self.smallest(lower), self.largest(lower)
        if low >= 0:
            return lower.times(self.budget * steps), upper.times(self.budget * steps)
        slope = int(low + high > 0) if steps == 1 else min(steps, steps * unit // high) if high > 0 else 0
        return lower.times(self.budget * slope), self.jensen(upper).times(steps)


class Bounds:
    """Bounds of one network; keeps the sums that are linear in the inputs, for they serve every cell."""

    def __init__(self, network: Network, *, exactly: bool) -> None:
        self.network, self.exactly = network, exactly
        self.readings = (False, True) if any(layer.relu for layer in network.layers) else (False,)
        self.depth = next((i for i, layer in enumerate(network.layers) if layer.relu), len(network.layers) - 1)
        self.linear: list[dict[int, Form]] = [{} for _ in range(self.depth + 2)]

    def slots(self, cell: Cell) -> Slots:
        """How many of the cell's open inputs may be active."""
        return Slots(cell.budget, self.network.inputs - len(cell.on) - len(cell.off), self.exactly)

    def outputs(self, cell: Cell, outputs: Collection[int]) -> dict[int, tuple[int, int]]:
        """For each of ``outputs`` two integers that enclose it on every input of the (non-empty) cell."""
        slots, readings = self.slots(cell), [self.forms(cell, outputs, flat=flat) for flat in self.readings]
        bounds = {}
        for r in outputs:
            low = max(-(-slots.smallest(forms[r][0]) // unit) for unit, forms in readings)
            bounds[r] = (low, min(slots.largest(forms[r][1]) // unit for unit, forms in readings))
        return bounds

    def forms(self, cell: Cell, outputs: Collection[int], *, flat: bool) -> tuple[int, dict[int, Enclosure]]:
        """A unit, and for each of ``outputs`` forms that enclose unit times the output."""
        slots, unit, cones = self.slots(cell), 1, _cones(self.network, outputs)
        sums = self._linear(cones)
        restricted = {r: _on(cell, sums[r]) for r in cones[self.depth + 1]}
        values = {r: (form, form) for r, form in restricted.items()}
        for depth, layer in enumerate(self.network.layers[self.depth :], self.depth):
            if depth > self.depth:
                values = {r: _sums(layer.row(r), layer.bias[r] * unit, values) for r in cones[depth + 1]}
            if layer.relu:
                steps = max([1, *(-(-slots.largest(lower) // unit) for lower, _ in values.values())]) if flat else 1
                values = {r: slots.relu(enclosure, unit, steps) for r, enclosure in values.items()}
                unit *= max(cell.budget, 1) * steps
        return unit, values

    def _linear(self, cones: list[Collection[int]]) -> dict[int, Form]:
        """The sums of the first layer with a ReLU (or the last layer) as forms over all inputs."""
        sums = self.linear[0]
        sums.update((j, Form(0, {j: 1})) for j in cones[0] if j not in sums)
        for layer, known, cone in zip(self.network.layers, self.linear[1:], cones[1:], strict=False):
            for r in cone:
                if r not in known:
                    known[r] = _sum(((weight, sums[source]) for source, weight in layer.row(r)), layer.bias[r])
            sums = known
        if len(self.readings) == 1:  # these are the outputs: asked for one after the other, and too many to be kept
            sums = self.linear[-1] = {r: sums[r] for r in cones[-1]}
        return sums


def _cones(network: Network, outputs: Collection[int]) -> list[Collection[int]]:
    """The inputs and, layer by layer, the neurons that the outputs depend on."""
    cones = [outputs]
    for layer in reversed(network.layers):
        cones.append({source for r in cones[-1] for source in layer.sources[r]})
    return cones[::-1]


def _on(cell: Cell, form: Form) -> Form:
    """The form on a cell: fixed inputs go into the constant."""
    coefficients, constant = form.coefficients, form.constant
    constant += sum(coefficients.get(j, 0) for j in cell.on)
    free = dict(coefficients) if cell.budget else {}
    for j in cell.on | cell.off:
        free.pop(j, None)
    return Form(constant, free)


def _sums(row: Iterable[tuple[int, int]], constant: int, values: dict[int, Enclosure]) -> Enclosure:
    """The lower and the upper form of a weighted sum: a negative weight swaps the sides."""
    pairs = [(w, values[j] if w > 0 else values[j][::-1]) for j, w in row]
    return _sum(((w, low) for w, (low, _) in pairs), constant), _sum(((w, high) for w, (_, high) in pairs), constant)


def _sum(parts: Iterable[tuple[int, Form]], constant: int) -> Form:
    coefficients: dict[int, int] = {}
    for weight, form in parts:
        constant += weight * form.constant
        for j, c in form.coefficients.items():
            coefficients[j] = coefficients.get(j, 0) + weight * c
    return Form(constant, coefficients)
