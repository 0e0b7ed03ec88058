"""Exact integer bounds of a network's outputs on a cell of k-sparse inputs.

A bound of a value z on a cell with budget B is a form constant + (sum of x_j over the active open inputs j) above z,
or above -z; its maximum on the cell is a sum of the B best lanes. relu(s + the chosen x_j) is by Jensen's inequality
at most (1/B)(sum over the B slots of relu(s + B x_j)), an empty slot counting relu(s). Below relu(z) lies every
multiple of z in [0, z]: steep (0 or z), flat (about z / (maximum of z)), or the share of given inputs at which the
neuron is active. Two layers u = relu(z), h = relu(1 - u) are one step h = [z <= 0]; and where s + the chosen x_j
have to reach 0 from s < 0, that happens at most sum of min(x_j+, -s) / -s times. With B <= 1 all of it is exact,
if steps are not read roughly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import lcm

from .claim import Cell, Window
from .network import Layer, Network, trace
from .packed import Lanes
from .slots import Form, Key, Slots

FLAT = 16  # parts in which a flat slope is counted
MOST_STEPS = 64  # parts in which any slope is
MANY = 256  # outputs that are read together


class Bounds:
    """Bounds of one network for inputs with at most k ones; keeps the sums that are linear in the inputs."""

    def __init__(self, network: Network, k: int, *, exactly: bool) -> None:
        self.network, self.exactly, self.layers = network, exactly, network.layers
        self.depth = next((i for i, layer in enumerate(self.layers) if layer.relu), len(self.layers) - 1)
        self.readings = (1, FLAT) if any(layer.relu for layer in self.layers) else (1,)
        self.stepping: set[int] = set()
        for i, (one, two) in enumerate(pairwise(self.layers)):
            if one.relu and inverts(two) and i - 1 not in self.stepping:
                self.stepping.add(i)
        self.finest, *bits = self._sizes(k)
        self.linear_lanes, self.lanes = (Lanes(network.inputs, -(-size // 8) * 8) for size in bits)
        self.linear: list[dict[int, Form]] = [{} for _ in range(self.depth)]
        self.read: dict[int, tuple[int, int, int, int | None]] = {}

    def _sizes(self, k: int) -> tuple[dict[int, int], int, int]:
        """The finest unit of each step, and the bits for the lanes of linear sums, and for all, with a constant."""
        lane = column = unit = largest = linear = 1
        constant, finest = 0, {}
        for i, layer in enumerate(self.layers):
            row, entry = _norms(layer)
            constant = constant * row + max(map(abs, layer.bias)) * unit
            lane = entry * column if i <= self.depth else lane * row
            linear = max(linear, lane) if i <= self.depth else linear
            column *= _column(layer) if i < self.depth else 1
            largest = max(largest, constant + (k + 1) * lane + unit)
            if i in self.stepping:
                every = lcm(*range(1, min(largest, MOST_STEPS) + 1))  # a multiple of every need, if they are small
                finest[i] = unit = constant = min(every, 1 << (largest.bit_length() + 8))
                lane = unit + largest  # where a need does not divide the unit, it is rounded up
            elif layer.relu and i - 1 not in self.stepping:
                growth = max(k, 1) * MOST_STEPS
                constant = lane = (constant + (k + 1) * lane) * growth
                unit *= growth
            largest = max(largest, constant + (k + 1) * lane + unit)
        return finest, linear.bit_length() + 2, largest.bit_length() + 2

    def slots(self, cell: Cell) -> Slots:
        """What the cell allows."""
        return Slots(self.lanes, cell, exactly=self.exactly)

    def outputs(self, cell: Cell, outputs: Collection[int]) -> dict[int, tuple[int, int]]:
        """For each of ``outputs`` two integers that enclose it on every input of the (non-empty) cell."""
        slots, keys = self.slots(cell), [(r, sign) for r in outputs for sign in (-1, 1)]
        found = [self.forms(slots, keys, steps) for steps in self.readings]
        ends = {key: min(slots.largest(forms[key]) // unit for unit, forms in found) for key in keys}
        return {r: (-ends[r, -1], ends[r, 1]) for r in outputs}

    def excluded(self, cell: Cell, window: Window, clauses: Mapping[int, Collection[int]]) -> set[int]:
        """The outputs shown, roughly, to lie in the window wherever not all of their clause is on in the cell."""
        slots, order, left = self.slots(cell), list(clauses), set[int]()
        for start in range(0, len(order), MANY):
            ends = _ends(dict.fromkeys(order[start : start + MANY], window))
            unit, forms = self.forms(slots, ends, 1)
            left |= {key[0] for key in ends if slots.exceeds(forms[key], (ends[key] + 1) * unit - 1, clauses[key[0]])}
        return clauses.keys() - left

    def outside(
        self, cell: Cell, windows: Mapping[int, Window], supports: Sequence[Collection[int]] = ()
    ) -> int | None:
        """The first output not shown to lie in its window on the whole (non-empty) cell; None if all are."""
        slots, ends = self.slots(cell), _ends(windows)
        for steps in (len(supports),) if supports else self.readings:
            unit, forms = self.forms(slots, ends, steps, supports)
            ends = {key: end for key, end in ends.items() if slots.exceeds(forms[key], end * unit + unit - 1)}
            if not ends:
                return None
        return min(ends)[0]

    def forms(
        self, slots: Slots, keys: Collection[Key], steps: int, supports: Sequence[Collection[int]] = ()
    ) -> tuple[int, dict[Key, Form]]:
        """A unit, and for each (output, sign) of ``keys`` an upper form of unit * sign * output.

        ``steps`` 1 reads steep slopes, and steps roughly; FLAT reads flat ones; ``supports``, as many sets of active
        inputs, give them.
        """
        cones, i, unit, forms = self._cones(keys), self.depth, 1, dict[Key, Form]()
        active = [list(trace(self.network, points)) for points in supports]
        for r, sign in cones.pop():
            forms[r, sign] = slots.restrict(*self.sums(r, sign))
        while True:
            if i in self.stepping:
                forms, unit = slots.steps(forms, unit, self.finest[i], tight=steps > 1 or bool(supports))
                i += 1
            elif self.layers[i].relu:
                slopes = {r: sum(sums[i][r] > 0 for sums in active) if supports else None for r, _ in forms}
                forms = {(r, s): slots.relu(form, s, unit, steps, slopes[r]) for (r, s), form in forms.items()}
                unit *= max(slots.budget, 1) * steps
            i += 1
            if i == len(self.layers):
                return unit, {key: Form(form.constant, form.share * form.lanes) for key, form in forms.items()}
            forms = {key: _weighted(self.layers[i], *key, unit, forms) for key in cones.pop()}

    def _cones(self, keys: Collection[Key]) -> list[Collection[Key]]:
        """The keys and, layer by layer back to where the linear sums end, what their upper forms are made of."""
        cones = [keys]
        for i in range(len(self.layers) - 1, self.depth, -1):
            if i - 1 in self.stepping:  # relu(1 - u): it is read with the layer before
                cones[-1] = [(r, -sign) for r, sign in cones[-1]]
            else:
                rows = ((sign, self.layers[i].row(r)) for r, sign in cones[-1])
                cones.append({(j, sign if w > 0 else -sign) for sign, row in rows for j, w in row})
        return cones

    def sums(self, r: int, sign: int) -> tuple[int, int, int, int | None]:
        """sign * (sum r of the first layer with a ReLU, or of the last): constant, positive and negative lanes.

        The last number is one that no lane exceeds, if they are read by a step and all of one sign.
        """
        if r not in self.read:
            if self.depth == len(self.layers) - 1:  # an output, asked for once; all of them are too many to be kept
                self.read.clear()
            form, lanes = self._linear(r), self.linear_lanes
            plus, minus = lanes.positive(form.lanes), lanes.positive(-form.lanes)
            top = lanes.top(plus | minus) if self.depth in self.stepping and not (plus and minus) else None
            self.read[r] = form.constant, lanes.widened(plus, self.lanes), lanes.widened(minus, self.lanes), top
        constant, plus, minus, top = self.read[r]
        if sign < 0:
            constant, plus, minus = -constant, minus, plus
        return constant, plus, minus, top and (0 if minus else top)

    def _linear(self, r: int) -> Form:
        """Sum r of layer ``depth`` as a form over all inputs, from the sums of the linear layers before it."""
        wanted = [{r}]
        for layer, known in zip(self.layers[self.depth : 0 : -1], self.linear[::-1], strict=True):
            wanted.append({source for q in wanted[-1] for source in layer.sources[q] if source not in known})
        below: Mapping[int, Form] = _Inputs(self.linear_lanes.width)
        for layer, known, rows in zip(self.layers, self.linear, wanted[:0:-1], strict=False):
            known.update((q, _sum(layer, q, below)) for q in rows)
            below = known
        return _sum(self.layers[self.depth], r, below)


class _Inputs(dict[int, Form]):
    """The inputs as forms, made when they are asked for and not kept: all of them would be a square of bits."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def __missing__(self, j: int) -> Form:
        return Form(0, 1 << (self.width * j))


def _sum(layer: Layer, r: int, values: Mapping[int, Form]) -> Form:
    """Row r of a layer applied to forms; sources of one weight are added first, and multiplied once."""
    groups: dict[int, list[Form]] = {}
    if len(set(layer.weights[r])) == 1:
        groups[layer.weights[r][0]] = [values[j] for j in layer.sources[r]]
    else:
        for j, weight in layer.row(r):
            groups.setdefault(weight, []).append(values[j])
    constant = sum(weight * sum([form.constant for form in forms]) for weight, forms in groups.items())
    lanes = sum(weight * sum([form.lanes for form in forms]) for weight, forms in groups.items())
    return Form(layer.bias[r] + constant, lanes)


def _ends(windows: Mapping[int, Window]) -> dict[Key, int]:
    """What sign * output must not exceed."""
    lows = {(r, -1): -low for r, (low, _) in windows.items() if low is not None}
    return lows | {(r, 1): high for r, (_, high) in windows.items() if high is not None}


def inverts(layer: Layer) -> bool:
    """Whether the layer is relu(1 - u), row by row."""
    rows = zip(layer.sources, layer.weights, layer.bias, strict=True)
    return layer.relu and all(row == ((r,), (-1,), 1) for r, row in enumerate(rows))


def _norms(layer: Layer) -> tuple[int, int]:
    """The largest row sum of the absolute weights, and the largest of them."""
    entry = max((max(map(abs, weights)) for weights in layer.weights if weights), default=0)
    return max(sum(map(abs, weights)) for weights in layer.weights), entry


def _column(layer: Layer) -> int:
    """The largest column sum of the absolute weights."""
    columns: dict[int, int] = {}
    for sources, weights in zip(layer.sources, layer.weights, strict=True):
        for j, w in zip(sources, weights, strict=True):
            columns[j] = columns.get(j, 0) + abs(w)
    return max(columns.values(), default=0)


def _weighted(layer: Layer, r: int, sign: int, unit: int, forms: Mapping[Key, Form]) -> Form:
    """An upper form of sign * (row r of the layer), its sources in units of 1 / ``unit``."""
    constant, lanes = sign * layer.bias[r] * unit, dict[int, int]()
    for j, weight in layer.row(r):
        form, size = forms[j, sign if weight > 0 else -sign], abs(weight)
        constant += size * form.constant
        lanes[form.share] = lanes.get(form.share, 0) + (form.lanes if size == 1 else size * form.lanes)
    return Form(constant, sum(share * vector for share, vector in lanes.items()))
