"""Branch and bound over supports: finds the split tree that the kernel re-checks, or a counterexample.

A cell is closed when the kernel's own bounds decide it. Otherwise it is split: first on an input that the output
still has to wait for, then on the input that weighs most in the bound that failed (one output at a time).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from supverify.kernel.bounds import Bounds, Form
from supverify.kernel.certificate import LEAF, OUTPUTS, SPLIT, witness
from supverify.kernel.check import Replayer, decide, possible
from supverify.kernel.claim import Cell, Claim, Target
from supverify.kernel.errors import Rejected
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
        self.replayer = Replayer(claim)
        self.bounds = Bounds(claim.network, exactly=claim.mode == "exactly")

    def run(self) -> tuple[Status, str, tuple[int, ...] | None]:
        """The status with its evidence; raises TimeoutError at a limit."""
        root = self.claim.domain
        if self._closes(root, dict(enumerate(self.targets))):
            return Status.PROVED, LEAF, None
        words = [OUTPUTS] if len(self.targets) > 1 else []
        for i, target in enumerate(self.targets):
            found = self._output(i, target, words)
            if found is not None:
                smallest = shrink(self.claim, found)
                return Status.REFUTED, witness(smallest), smallest
            if self.progress:
                self.progress("branch: outputs", i + 1, len(self.targets))
        return Status.PROVED, " ".join(words), None

    def _output(self, i: int, target: Target, words: list[str]) -> tuple[int, ...] | None:
        """Adds the walk for output i to ``words``, or returns an input on which the network is wrong."""
        cells = [self.claim.domain]
        while cells:
            cell = cells.pop()
            if self._closes(cell, {i: target}):
                words.append(LEAF)
                continue
            weights = self.bounds.forms(cell, [i], flat=True)[1][i]
            for active in self._suspects(cell, weights):
                if self.replayer.wrong(active):
                    return active
            j = self._branch_input(cell, target, weights)
            words.append(f"{SPLIT}{j}")
            on, off = cell.split(j, self.claim.network.inputs)
            cells += [off, on]
        return None

    def _closes(self, cell: Cell, targets: dict[int, Target]) -> bool:
        self.visited += 1
        if self.visited > self.nodes or (self.deadline is not None and time.monotonic() > self.deadline):
            raise TimeoutError(f"limit reached after {self.visited - 1} cells")
        try:
            decide(self.claim, self.bounds, cell, targets)
        except Rejected:
            return False
        return True

    def _suspects(self, cell: Cell, weights: tuple[Form, Form]) -> list[tuple[int, ...]]:
        """The inputs of the cell at which the lower and the upper bound of the output are attained."""
        free = [j for j in range(self.claim.network.inputs) if j not in cell.on and j not in cell.off]
        suspects = []
        for form, sign in zip(weights, (-1, 1), strict=True):
            gains = {j: sign * form.coefficients.get(j, 0) for j in free}
            best = sorted(free, key=lambda j: (-gains[j], j))[: cell.budget]
            chosen = best if self.claim.mode == "exactly" else [j for j in best if gains[j] > 0]
            suspects.append(tuple(sorted((*cell.on, *chosen))))
        return suspects

    def _branch_input(self, cell: Cell, target: Target, weights: tuple[Form, Form]) -> int:
        """An open input of a clause that the cell leaves open, else the one that moves the output most."""
        if len(possible(target, cell)) == 2:
            clauses = [clause for clause in target if cell.off.isdisjoint(clause)]
            waiting = min(
                (set(clause) - cell.on for clause in clauses), key=lambda inputs: (len(inputs), min(inputs))
            )
            return min(waiting)
        sizes: dict[int, int] = {}
        for form in weights:
            for j, c in form.coefficients.items():
                sizes[j] = max(sizes.get(j, 0), abs(c))
        return max(sizes, key=lambda j: (sizes[j], -j))
