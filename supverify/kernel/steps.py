"""What is seen at a glance of networks whose outputs are read from one layer of steps h_q = [z_q <= 0].

A step is on throughout a cell if what is on in the cell turns it on, and no input counts against it. And an output
that exceeds a level only with all of its steps (of positive weight) on does so only where the active inputs give each
step what it still needs: then they give all of them together the sum of the needs, no input giving a step more than
its need. If the budget's best inputs give less, together or to one step, that never happens (a covering argument).
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import repeat

from .claim import Cell, Window
from .linear import Sums
from .network import Layer
from .slots import Slots


class Steps:
    """The linear sums z, of which no multiple is more than ``most``, and the layer that reads their steps.

    The lanes of ``sums`` hold as many times ``most`` as the layer has weights in a row.
    """

    def __init__(self, sums: Sums, last: Layer, most: int) -> None:
        self.sums, self.last, self.most = sums, last, most
        self.slots = Slots(sums.lanes, Cell(frozenset(), frozenset(), 0), exactly=False)

    def shows(self, cell: Cell, r: int, window: Window, clause: Collection[int]) -> bool:
        """Whether output r is seen to be in the window where the cell lacks some of the clause, if there is one."""
        low, high = window
        return (low is None or self._stays(cell, r, low)) and (high is None or self._uncovered(cell, r, high, clause))

    def _stays(self, cell: Cell, r: int, low: int) -> bool:
        """Whether output r is at least ``low`` if no other steps help than those that are on throughout the cell."""
        level, sums, on = self.last.bias[r], self.sums, cell.on
        for q, weight in self.last.row(r):
            z, values, plus, _ = sums[q]
            for j in on:
                z += values[j]
            if weight < 0 or (z <= 0 and not (cell.budget and plus)):
                level += weight
        return level >= low

    def _uncovered(self, cell: Cell, r: int, high: int, clause: Collection[int]) -> bool:
        """Whether output r is at most ``high``, because not all of its steps can be on and all would have to be."""
        weights = [weight for weight in self.last.weights[r] if weight > 0]
        spare = sum(weights) - (high + 1 - self.last.bias[r])
        if spare < 0 or not weights or min(weights) <= spare:
            return spare < 0
        needs, gains = self._needs(cell, r)
        if self.slots.cell is not cell:
            self.slots = Slots(self.sums.lanes, cell, exactly=False)
        if not self._reach(sum(gains), sum(needs), clause):
            return True
        return not all(map(self._reach, gains, needs, repeat(clause)))

    def _needs(self, cell: Cell, r: int) -> tuple[list[int], list[int]]:
        """What the steps (of positive weight) that are not yet on need, and what each input gives of it."""
        needs, gains, sums, on, most = [], [], self.sums, cell.on, self.most
        for q, weight in self.last.row(r):
            need, values, _, gain = sums[q]
            for j in on:
                need += values[j]
            if weight > 0 and need > 0:
                needs.append(need)
                gains.append(gain if need >= most else sums.lanes.capped(gain, need))
        return needs, gains

    def _reach(self, gains: int, need: int, clause: Collection[int]) -> bool:
        """Whether the budget's best open inputs, without the least of the clause, give what is needed."""
        slots = self.slots
        return slots.reaches(slots.without(gains & slots.open, clause), need)
