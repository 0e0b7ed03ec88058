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

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, pairwise
from math import lcm

from .claim import Cell, Window
from .linear import Sums
from .network import Layer, Network, trace
from .packed import Lanes, whole
from .slots import Form, Key, Slots
from .steps import Steps

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
        shallow = self.depth in self.stepping and self.depth == len(self.layers) - 3 and not self.layers[-1].relu
        self.finest, most, largest = self._sizes(k)
        added = most * max(map(len, self.layers[-1].weights)) if shallow else most
        narrow = whole(added.bit_length() + 1)
        self.lanes = Lanes(network.inputs, max(narrow, -(-(largest.bit_length() + 2) // 8) * 8))
        keep = self.depth < len(self.layers) - 1  # outputs are asked for once, and all of them are too many
        self.linear = Sums(self.layers[: self.depth + 1], Lanes(network.inputs, narrow), keep=keep)
        self.steps = Steps(self.linear, self.layers[-1], most) if shallow else None
        self.read: dict[int, tuple[int, int]] = {}

    def _sizes(self, k: int) -> tuple[dict[int, int], int, int]:
        """The finest unit of each step, and what no lane of a linear sum exceeds, and none of any with a constant."""
        lane = column = unit = largest = linear = 1
        constant, finest = 0, {}
        for i, layer in enumerate(self.layers):
            row, entry = _norms(layer)
            constant = constant * row + max(map(abs, layer.bias)) * unit
            lane = entry * column if i <= self.depth else lane * row
            linear = max(linear, lane) if i <= self.depth else linear
            column *= max(_column(layer), 1) if i < self.depth else 1
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
        return finest, linear, largest

    def slots(self, cell: Cell) -> Slots:
        """What the cell allows."""
        return Slots(self.lanes, cell, exactly=self.exactly)

    def shows(self, cell: Cell, r: int, window: Window, clause: Collection[int] = ()) -> bool:
        """Whether output r is seen at a glance to be in the window where the cell lacks some of the clause."""
        return self.steps is not None and self.steps.shows(cell, r, window, clause)

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
        cones, i, unit = self._cones(keys), self.depth, 1
        active = [list(trace(self.network, points)) for points in supports]
        forms = {(r, sign): slots.restrict(*self.sums(r, sign)) for r, sign in cones.pop()}
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

    def sums(self, r: int, sign: int) -> tuple[int, int, int]:
        """sign * (sum r of the first layer with a ReLU, or of the last): constant, positive and negative lanes."""
        if r not in self.read:
            if not self.linear.keep:
                self.read.clear()
            narrow = self.linear.lanes
            plus, minus = (narrow.widened(part, self.lanes) for part in self.linear[r][2:])
            self.read[r] = plus, minus
        constant, (plus, minus) = self.linear[r][0], self.read[r]
        return (constant, plus, minus) if sign > 0 else (-constant, minus, plus)


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
    one = next((weights[0] for weights in layer.weights if weights), 0)
    if all(weights.count(one) == len(weights) for weights in layer.weights):  # often, and quicker
        return abs(one) * max(map(len, layer.weights)), abs(one)
    entry = max(max(map(abs, weights)) for weights in layer.weights if weights)
    return max(sum(map(abs, weights)) for weights in layer.weights), entry


def _column(layer: Layer) -> int:
    """At least the largest column sum of the absolute weights."""
    return _norms(layer)[1] * max(Counter(chain.from_iterable(layer.sources)).values(), default=0)


def _weighted(layer: Layer, r: int, sign: int, unit: int, forms: Mapping[Key, Form]) -> Form:
    """An upper form of sign * (row r of the layer), its sources in units of 1 / ``unit``."""
    terms = [(abs(weight), forms[j, sign if weight > 0 else -sign]) for j, weight in layer.row(r)]
    constant = sign * layer.bias[r] * unit + sum([size * form.constant for size, form in terms])
    factors = [(size * form.share, form.lanes) for size, form in terms if form.lanes]
    return Form(constant, sum([lanes if factor == 1 else factor * lanes for factor, lanes in factors]))
