"""Branch and bound over supports: finds the split tree that the kernel re-checks, or a counterexample.

A cell is closed when the kernel's own bounds decide it. Otherwise it is split, one output at a time, on the input
that weighs most in the bound that failed; in a network of steps on every input without which, by pigeonhole, the
bound would hold, one after the other. Outputs that the root decides share its leaf. A first step that the kernel
finds ideal is searched as its ideal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from supverify.kernel.bounds import FLAT, Bounds
from supverify.kernel.certificate import IDEAL, LEAF, SPLIT
from supverify.kernel.check import Replayer, truths
from supverify.kernel.claim import Cell, Claim, Target, Window
from supverify.kernel.errors import Rejected
from supverify.kernel.ideal import ideal
from supverify.kernel.slots import Form, Key

from .answer import Answer, Progress
from .shards.outputs import OutputBlocks, Walks
from .shards.run import decide
from .shrink import shrink


@dataclass(frozen=True)
class Branch:
    """The engine; ``nodes`` limits the trees of one shard."""

    nodes: int = 2_000_000
    name: str = "branch"

    version: ClassVar[int] = 1
    unit: ClassVar[str] = "outputs"
    result: ClassVar[type[Walks]] = Walks

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED with a tree, REFUTED with a witness, or UNKNOWN when the nodes or the seconds are used up."""
        return decide(self, claim, seconds=seconds, progress=progress)

    def cut(self, claim: Claim) -> OutputBlocks:
        """The outputs of the claim, each searched alone."""
        try:
            simpler, before = replace(claim, network=ideal(claim)), (IDEAL,)
        except Rejected:
            return OutputBlocks(self.name, claim.network.outputs, _Search(claim, self.nodes))
        return OutputBlocks(self.name, claim.network.outputs, _Search(simpler, self.nodes), before=before)


class _Search:
    """Depth-first searches about one claim; what they share are the sums that the bounds keep."""

    def __init__(self, claim: Claim, nodes: int) -> None:
        self.claim, self.nodes, self.targets = claim, nodes, claim.targets()
        self.windows = claim.windows
        self.replayer = Replayer(claim)
        self.bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")

    def search(self, outputs: range, deadline: float | None) -> Walks:
        """The walks of these outputs, or the first counterexample."""
        budget, walks = _Budget(self.nodes, deadline), []
        try:
            for i in outputs:
                words: list[str] = []
                found = self._output(i, self.targets[i], words, budget)
                if found is not None:
                    return Walks(cells=budget.used, wrong=shrink(self.claim, found))
                walks.append(" ".join(words))
        except _Exhausted:
            return Walks(cells=budget.used, limit=f"limit reached at {self.nodes} cells of a shard,")
        return Walks(walks=tuple(walks), cells=budget.used)

    def _output(self, i: int, target: Target, words: list[str], budget: _Budget) -> tuple[int, ...] | None:
        """Adds the walk for output i to ``words``, or returns an input on which the network is wrong."""
        cells: list[Cell | int] = [self.claim.domain]
        while cells:
            cell = cells.pop()
            if isinstance(cell, int):  # a split that was planned with the one before it
                words.append(f"{SPLIT}{cell}")
                continue
            budget.spend()
            failing = self._failing(cell, i, target)
            if failing is None:
                words.append(LEAF)
                continue
            for active in self._suspects(failing.part, failing.forms.values()):
                if self.replayer.wrong(active):
                    return active
            cells += self._splits(cell, self._branching(failing))[::-1]
        return None

    def _splits(self, cell: Cell, inputs: Sequence[int]) -> list[Cell | int]:
        """The walk that splits on one input after the other: its word and the cell with it on, and last the rest."""
        walk: list[Cell | int] = []
        for j in inputs:
            on, cell = cell.split(j, self.claim.network.inputs)
            walk += [j, on]
        return [*walk, cell]

    def _failing(self, cell: Cell, i: int, target: Target) -> _Failing | None:
        """The first part of the cell, of one truth, on which the kernel's bounds do not decide the output."""
        for part, truth in truths(target, cell, self.claim.network.inputs):
            window = self.windows[truth]
            if self.claim.population(part) and self.bounds.outside(part, {i: window}) is not None:
                unit, forms = self.bounds.forms(self.bounds.slots(part), [(i, -1), (i, 1)], FLAT)
                return _Failing(part, window, unit, forms)
        return None

    def _branching(self, failing: _Failing) -> list[int]:
        """The inputs to split on, the heaviest first."""
        open_inputs = [j for j in range(self.claim.network.inputs) if j not in failing.part.on | failing.part.off]
        values = {key: self.bounds.lanes.numbers(form.lanes) for key, form in failing.forms.items()}
        if self.bounds.stepping and self.claim.mode == "at-most":
            needed = failing.shares(values)
            heavy = [j for j in open_inputs if any(lanes[j] >= share for lanes, share in needed)]
            if heavy:
                return sorted(heavy, key=lambda j: (-max(lanes[j] for lanes, _ in needed), j))
        return [max(open_inputs, key=lambda j: (max(abs(lanes[j]) for lanes in values.values()), -j))]

    def _suspects(self, cell: Cell, forms: Iterable[Form]) -> list[tuple[int, ...]]:
        """The inputs of the cell at which the lower and the upper bound of the output are attained."""
        free = [j for j in range(self.claim.network.inputs) if j not in cell.on and j not in cell.off]
        suspects = []
        for form in forms:
            gains = self.bounds.lanes.numbers(form.lanes)
            best = sorted(free, key=lambda j: (-gains[j], j))[: cell.budget]
            chosen = best if self.claim.mode == "exactly" else [j for j in best if gains[j] > 0]
            suspects.append(tuple(sorted((*cell.on, *chosen))))
        return suspects


@dataclass(frozen=True)
class _Failing:
    """A cell of one truth, the window of that truth, and the forms of unit * sign * output on it."""

    part: Cell
    window: Window
    unit: int
    forms: Mapping[Key, Form]

    def shares(self, values: Mapping[Key, Sequence[int]]) -> list[tuple[Sequence[int], int]]:
        """The lanes of each form that passes its end of the window, and what some active lane has to have of it."""
        low, high = self.window
        ends = {-1: None if low is None else -low, 1: high}
        found = []
        for key, form in self.forms.items():
            end = ends[key[1]]
            if end is not None:
                need = (end + 1) * self.unit - form.constant
                found.append((values[key], max(-(-need // max(self.part.budget, 1)), 1)))
        return found


class _Exhausted(Exception):
    """No cells are left."""


class _Budget:
    """The cells and the time that are left to the search of one shard."""

    def __init__(self, cells: int, deadline: float | None) -> None:
        self.cells, self.deadline, self.used = cells, deadline, 0

    def spend(self) -> None:
        """One cell; raises TimeoutError at the deadline, and _Exhausted where none is left."""
        if self.used >= self.cells:
            raise _Exhausted
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError
        self.used += 1
