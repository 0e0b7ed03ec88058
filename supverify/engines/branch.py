"""Branch and bound over supports: finds the split tree that the kernel re-checks, or a counterexample.

A cell is closed when the kernel's own bounds decide it. Otherwise it is split on the input that weighs most in the
bound that failed, one output at a time; outputs that the root decides share its leaf.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from supverify.kernel.bounds import FLAT, Bounds, Form
from supverify.kernel.certificate import LEAF, SPLIT
from supverify.kernel.check import Replayer, truths
from supverify.kernel.claim import Cell, Claim, Target

from .answer import Answer, Progress
from .shards_outputs import OutputBlocks, Walks
from .shards_run import decide
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
        return OutputBlocks(self.name, claim.network.outputs, _Search(claim, self.nodes))


class _Search:
    """Depth-first searches about one claim; what they share are the sums that the bounds keep."""

    def __init__(self, claim: Claim, nodes: int) -> None:
        self.claim, self.nodes, self.targets = claim, nodes, claim.targets()
        self.windows = claim.criterion.windows(claim.network.scale)
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
        cells = [self.claim.domain]
        while cells:
            cell = cells.pop()
            budget.spend()
            part = self._failing(cell, i, target)
            if part is None:
                words.append(LEAF)
                continue
            forms = list(self.bounds.forms(self.bounds.slots(part), [(i, -1), (i, 1)], FLAT)[1].values())
            for active in self._suspects(part, forms):
                if self.replayer.wrong(active):
                    return active
            j = self._heaviest(part, forms)
            words.append(f"{SPLIT}{j}")
            on, off = cell.split(j, self.claim.network.inputs)
            cells += [off, on]
        return None

    def _failing(self, cell: Cell, i: int, target: Target) -> Cell | None:
        """The first part of the cell, of one truth, on which the kernel's bounds do not decide the output."""
        for part, truth in truths(target, cell, self.claim.network.inputs):
            decided = not self.claim.population(part) or self.bounds.outside(part, {i: self.windows[truth]}) is None
            if not decided:
                return part
        return None

    def _suspects(self, cell: Cell, forms: Sequence[Form]) -> list[tuple[int, ...]]:
        """The inputs of the cell at which the lower and the upper bound of the output are attained."""
        free = [j for j in range(self.claim.network.inputs) if j not in cell.on and j not in cell.off]
        suspects = []
        for form in forms:
            gains = self.bounds.lanes.values(form.lanes)
            best = sorted(free, key=lambda j: (-gains[j], j))[: cell.budget]
            chosen = best if self.claim.mode == "exactly" else [j for j in best if gains[j] > 0]
            suspects.append(tuple(sorted((*cell.on, *chosen))))
        return suspects

    def _heaviest(self, cell: Cell, forms: Sequence[Form]) -> int:
        """The open input that moves the output most."""
        sizes = [
            max(map(abs, pair))
            for pair in zip(*(self.bounds.lanes.values(form.lanes) for form in forms), strict=True)
        ]
        free = (j for j in range(self.claim.network.inputs) if j not in cell.on and j not in cell.off)
        return max(free, key=lambda j: (sizes[j], -j))


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
