"""Branch and bound over supports: finds the split tree that the kernel re-checks, or a counterexample.

A cell is closed when the kernel's own bounds decide it. Otherwise it is split on the input that weighs most in the
bound that failed, one output at a time; outputs that the root decides share its leaf.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from supverify.kernel.bounds import FLAT, Bounds, Form
from supverify.kernel.certificate import ASIDE, LEAF, SPLIT, witness
from supverify.kernel.check import Replayer, truths
from supverify.kernel.claim import Cell, Claim, Target
from supverify.kernel.verdict import Status

from .answer import Answer, Progress
from .shrink import shrink


@dataclass(frozen=True)
class Branch:
    """The engine; ``nodes`` limits the tree."""

    nodes: int = 2_000_000
    name: str = "branch"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED with a tree, REFUTED with a witness, or UNKNOWN when the nodes or the seconds are used up."""
        started = time.monotonic()
        deadline = None if seconds is None else started + seconds
        search = _Search(claim, self.nodes, deadline, progress)
        try:
            status, evidence, found = search.run()
        except TimeoutError as limit:
            return Answer(engine=self.name, seconds=time.monotonic() - started, detail=str(limit))
        return Answer(
            engine=self.name,
            status=status,
            seconds=time.monotonic() - started,
            counterexample=found,
            evidence=evidence,
            detail=f"{search.visited} cells",
        )


class _Search:
    """One depth-first search: the words of the walk so far, and what is left of the limits."""

    def __init__(self, claim: Claim, nodes: int, deadline: float | None, progress: Progress | None) -> None:
        self.claim, self.nodes, self.deadline, self.progress = claim, nodes, deadline, progress
        self.targets, self.visited = claim.targets(), 0
        self.windows = claim.criterion.windows(claim.network.scale)
        self.replayer = Replayer(claim)
        self.bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")

    def run(self) -> tuple[Status, str, tuple[int, ...] | None]:
        """The status with its evidence; raises TimeoutError at a limit."""
        root, words = self.claim.domain, []
        for i, target in enumerate(self.targets):
            if self._failing(root, i, target) is not None:
                words.append(f"{ASIDE}{i}")
                found = self._output(i, target, words)
                if found is not None:
                    smallest = shrink(self.claim, found)
                    return Status.REFUTED, witness(smallest), smallest
            if self.progress:
                self.progress("branch: outputs", i + 1, len(self.targets))
        return Status.PROVED, " ".join([*words, LEAF]), None

    def _output(self, i: int, target: Target, words: list[str]) -> tuple[int, ...] | None:
        """Adds the walk for output i to ``words``, or returns an input on which the network is wrong."""
        cells = [self.claim.domain]
        while cells:
            cell = cells.pop()
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
        self.visited += 1
        if self.visited > self.nodes or (self.deadline is not None and time.monotonic() > self.deadline):
            raise TimeoutError(f"limit reached after {self.visited - 1} cells")
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
