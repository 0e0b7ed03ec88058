"""Forms constant + (sum of the lanes of the active open inputs), and what a cell makes of them.

Upper forms of a ReLU and of a step are made here from those of their sums; see ``bounds`` for why they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import lcm
from typing import NamedTuple

from .claim import Cell
from .packed import Lanes


class Form(NamedTuple):
    """constant + share * (the sum of the lanes of the active open inputs); all other lanes are 0.

    ``share`` is 1 but between a step and the sum of what it is read by.
    """

    constant: int
    lanes: int
    share: int = 1

    def times(self, factor: int) -> Form:
        """The form multiplied by an integer."""
        return Form(self.constant * factor, self.lanes * factor)


Key = tuple[int, int]  # a neuron or output r and a sign: what is bounded from above is sign * z_r


class Slots:
    """Which forms a cell allows: at most, or exactly, ``budget`` of its open inputs are active."""

    def __init__(self, lanes: Lanes, cell: Cell, *, exactly: bool) -> None:
        self.lanes, self.cell, self.budget, self.exactly = lanes, cell, cell.budget, exactly
        self.closed = cell.on | cell.off
        shut = sum(1 << (lanes.width * j) for j in self.closed)
        self.open = (lanes.ones - shut) * ((1 << lanes.width) - 1) if cell.budget else 0

    def restrict(self, constant: int, plus: int, minus: int) -> Form:
        """The form constant + plus - minus (no negative lanes) on the cell: what is on goes into the constant."""
        for j in self.cell.on:
            constant += (plus and self.lanes.lane(plus, j)) - (minus and self.lanes.lane(minus, j))
        return Form(constant, (plus & self.open) - (minus & self.open))

    def largest(self, form: Form) -> int:
        """The maximum of the form on the cell."""
        lanes = form.lanes if self.exactly else self.lanes.positive(form.lanes)
        values = (x for j, x in enumerate(self.lanes.numbers(lanes)) if j not in self.closed)
        return form.constant + sum(sorted(values, reverse=True)[: self.budget])

    def exceeds(self, form: Form, bound: int, clause: Collection[int] = ()) -> bool:
        """Whether the maximum of the form on the cell is more than ``bound``.

        With a clause of open inputs, on the inputs that lack some of it (at least; ``exactly`` passes it over): its
        least lane may be left out, for who has it lacks another one of the clause, and gains by the exchange.
        """
        if self.exactly:
            return self.largest(form) > bound
        gains = self.without(self.lanes.positive(form.lanes), clause)
        return self.reaches(gains, bound - form.constant + 1)

    def without(self, gains: int, clause: Collection[int]) -> int:
        """The lanes, none negative, without the least one of the clause."""
        if not clause:
            return gains
        width, mask = self.lanes.width, (1 << self.lanes.width) - 1
        gain, j = min([(gains >> (width * j) & mask, j) for j in clause])
        return gains - (gain << (width * j))

    def reaches(self, gains: int, need: int) -> bool:
        """Whether the budget's best lanes, none negative, sum to at least ``need``."""
        budget, used, width, mask = self.budget, 0, self.lanes.width, (1 << self.lanes.width) - 1
        while need > 0 and budget:
            # Some lane has to have this share, and it never grows: what is used has it, too.
            heavy = self.lanes.attain(gains, -(-need // budget)) ^ used
            count = heavy.bit_count()
            if count >= budget or not count:
                return count > 0
            budget, used = budget - count, used | heavy
            while heavy:
                start = heavy.bit_length() - width
                need -= gains >> start & mask
                heavy ^= 1 << (start + width - 1)
        return need <= 0

    def relu(self, form: Form, sign: int, unit: int, steps: int, slope: int | None) -> Form:
        """An upper form of sign * max(budget, 1) * steps * relu(z), ``form`` being one of sign * z in 1 / ``unit``.

        ``slope`` / ``steps`` of z bound an undecided relu from below (None: steep if steps is 1, else flat).
        """
        factor = max(self.budget, 1)
        if factor > 1:
            if sign > 0 and not self.exceeds(form, 0):  # z <= 0
                return Form(0, 0)
            if not self.exceeds(form.times(-sign), 0):  # z >= 0
                return form.times(factor * steps)
            if sign < 0:
                return form.times(factor * (self.slope(form, unit, steps) if slope is None else slope))
        ground = max(sign * form.constant, 0)
        grown = self.lanes.positive(sign * (form.constant * self.lanes.ones + factor * form.lanes))
        return Form(factor * ground, grown - ground * self.lanes.ones).times(sign * steps)

    def slope(self, form: Form, unit: int, steps: int) -> int:
        """The steep slope (``steps`` 1) or the flat one of a relu(z) of which -z is below ``form``."""
        low, high = -self.largest(form), self.largest(form.times(-1))
        return int(low + high > 0) if steps == 1 else min(steps, steps * unit // high) if high > 0 else 0

    def crossed(self, form: Form, need: int, *, tight: bool) -> tuple[int, int, int]:
        """An upper form (constant, lanes) of [form >= need], in units of the last number; ``tight``: 0 if it is."""
        need -= form.constant
        if self.budget == 1 and tight:  # exactly
            flags = self.lanes.reach(form.lanes, need * self.lanes.ones) >> (self.lanes.width - 1)
            return int(need <= 0), flags - int(need <= 0) * self.lanes.ones, 1
        if need <= 0 or not self.budget:
            return int(need <= 0), 0, 1
        gains = self.lanes.positive(form.lanes)
        heavy = self.reaches(gains, need) if tight else self.lanes.attain(gains, -(-need // self.budget))
        return (0, self.lanes.capped(gains, need), need) if heavy else (0, 0, 1)

    def steps(self, forms: Mapping[Key, Form], unit: int, finest: int, *, tight: bool) -> tuple[dict[Key, Form], int]:
        """Upper forms of h and -h, h = [z <= 0], from those of -z and z in units of 1 / ``unit``, and their unit."""
        levels = {-1: 0, 1: unit}
        parts = {(r, -sign): self.crossed(form, levels[sign], tight=tight) for (r, sign), form in forms.items()}
        fine = min(finest, lcm(*(need for _, _, need in parts.values())))
        found = {}
        for (r, sign), (constant, lanes, need) in parts.items():
            found[r, sign] = Form(constant * fine - (fine if sign < 0 else 0), lanes, -(-fine // need))
        return found, fine
