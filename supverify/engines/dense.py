"""Exact verdicts on networks with one hidden layer of any signs: compiled branch and bound over supports.

Each output is a task of its own, and its words are a function of the claim and the output alone: whoever distributes
tasks gets the same bytes. Networks of another shape go to ``dense_deep``.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from supverify.kernel.certificate import OUTPUTS, witness
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Cell, Claim
from supverify.kernel.verdict import Status

from .answer import Answer, Progress
from .dense_cells import Case, cases, hidden, packed
from .dense_search import DOUBTS, FULL, Cells, Hidden, Report, walks
from .dense_walk import PROVED, STOPPED, WRONG, Words
from .enumerate import numba_installed
from .shrink import shrink

Active = tuple[int, ...]
TEXT = 1 << 16  # characters that the walks of a task get at first
TASKS = 32  # into which the outputs are cut


@dataclass(frozen=True)
class Found:
    """What the walks on some cells came to: words, the wrong input they met, and the share of the cells decided."""

    words: str
    wrong: Active | None
    share: float
    finished: bool
    nodes: int


@dataclass(frozen=True)
class Task:
    """A network that is asked about, in floats."""

    claim: Claim
    network: Hidden
    unit: float
    stop: Words = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    def outputs(self, outputs: Iterable[int]) -> Found:
        """The walks for some outputs on the whole domain, one output after the other."""
        return self.search(list(cases(self.claim, outputs, self.claim.domain)))

    def search(self, parts: Sequence[Case]) -> Found:
        """The walks on the cells, until one has a wrong input or ``stop`` is set."""
        arrays = packed(self.network, self.unit, self.claim.k, list(parts))
        report = self._walks(arrays)
        words, begin, wrong = [], 0, None
        text = report.text[: report.counts[0]].tobytes().decode()
        for t, part in enumerate(parts):
            if report.status[t] == PROVED:
                words.append(part.words + text[begin : report.ends[t]])
                begin = int(report.ends[t])
        wrong = self._wrong(parts, report)
        finished = wrong is not None or len(words) == len(parts)
        whole = sum(self.claim.population(part.cell) for part in parts)
        share = float(report.decided.sum()) / max(whole, 1)
        return Found("".join(words), wrong, min(share, 1.0), finished, int(report.counts[2]))

    def _walks(self, arrays: Cells) -> Report:
        count, longest, size = len(arrays.outputs), self.claim.k + 2, TEXT
        while True:
            report = Report(
                text=np.empty(size, dtype=np.uint8),
                ends=np.zeros(count, dtype=np.int64),
                status=np.full(count, STOPPED, dtype=np.int64),
                found=np.zeros((count, longest), dtype=np.int64),
                doubts=np.zeros((DOUBTS, longest + 1), dtype=np.int64),
                counts=np.zeros(3, dtype=np.int64),
                decided=np.zeros(count),
                stop=self.stop,
            )
            done = walks()(self.network, arrays, self.claim.mode == "exactly", report)
            if report.status[done - 1] != FULL:
                return report
            size *= 4

    def _wrong(self, parts: Sequence[Case], report: Report) -> Active | None:
        """The first input that exact evaluation calls wrong; raises ArithmeticError where floats cannot tell."""
        if report.counts[1] > DOUBTS:
            raise ArithmeticError(f"{report.counts[1]} inputs are too close to the threshold for floating point")
        for doubt in report.doubts[: report.counts[1]]:
            active = _active(parts[int(doubt[-1])].cell, doubt)
            if wrong_outputs(self.claim, active):
                return active
        for t in np.flatnonzero(report.status == WRONG):
            active = _active(parts[t].cell, report.found[t])
            if not wrong_outputs(self.claim, active):
                raise ArithmeticError(f"floating point calls {list(active)} wrong, and it is right")
            return active
        return None


def _active(cell: Cell, row: Words) -> Active:
    return tuple(sorted((*cell.on, *map(int, row[1 : 1 + row[0]]))))


@dataclass(frozen=True)
class Dense:
    """The engine; ``threads`` None means one a core."""

    threads: int | None = None
    name: str = "dense"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED with a tree, REFUTED with the smallest witness, or UNKNOWN with the share that is decided."""
        started = time.monotonic()
        if not numba_installed():
            return Answer(engine=self.name, detail="the extra 'fast' (numba) is not installed")
        shape = hidden(claim.network)
        if shape is None:
            return Answer(engine=self.name, detail="not a network with one hidden layer")
        task = Task(claim, *shape)
        timer = threading.Timer(seconds, task.stop.fill, [1]) if seconds is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            return self._answer(task, started, self._outputs(task, progress))
        finally:
            if timer is not None:
                timer.cancel()

    def _outputs(self, task: Task, progress: Progress | None) -> list[Found]:
        count = len(task.claim.targets())
        size = max(1, -(-count // TASKS))
        shares = [range(i, min(i + size, count)) for i in range(0, count, size)]
        found = []
        with ThreadPoolExecutor(self.threads or os.cpu_count()) as pool:
            for share, result in zip(shares, pool.map(task.outputs, shares), strict=True):
                found.append(result)
                if progress:
                    progress("dense: outputs", share.stop, count)
        return found

    def _answer(self, task: Task, started: float, found: list[Found]) -> Answer:
        nodes = sum(result.nodes for result in found)
        wrong = [result.wrong for result in found if result.wrong is not None]
        if wrong:
            least = smallest(task, min(wrong, key=lambda y: (len(y), y)))
            return Answer(
                engine=self.name,
                status=Status.REFUTED,
                seconds=time.monotonic() - started,
                counterexample=least,
                evidence=witness(least),
                detail=f"{nodes} cells",
            )
        if not all(result.finished for result in found):
            share = sum(result.share for result in found) / len(found)
            detail = f"time limit after {nodes} cells, {share:.1%} of the inputs decided"
            return Answer(engine=self.name, seconds=time.monotonic() - started, detail=detail)
        words = "".join(result.words for result in found).rstrip()
        return Answer(
            engine=self.name,
            status=Status.PROVED,
            seconds=time.monotonic() - started,
            evidence=words if len(task.claim.targets()) == 1 else f"{OUTPUTS} {words}",
            detail=f"{nodes} cells, {len(words)} characters",
        )


def smallest(task: Task, known: Active) -> Active:
    """The first counterexample in the documented order; shrunk ``known`` if ``stop`` is set on the way."""
    claim, outputs = task.claim, range(task.claim.network.outputs)
    known = shrink(claim, known)
    for size in [] if claim.mode == "exactly" else range(len(known)):
        found = task.search(list(cases(claim, outputs, Cell(frozenset(), frozenset(), size))))
        if found.wrong is not None:
            known = shrink(claim, found.wrong)
            break
    for place in range(len(known)):
        first = known[place - 1] + 1 if place else 0
        parts = [
            case
            for j in range(first, known[place])
            for case in cases(claim, outputs, _begins(known[:place], j, len(known)))
        ]
        found = task.search(parts) if parts else None
        if found is not None and found.wrong is not None:
            known = found.wrong
    return known


def _begins(prefix: Active, j: int, size: int) -> Cell:
    """The inputs with ``size`` ones that begin with the prefix and j."""
    on = frozenset((*prefix, j))
    return Cell(on, frozenset(range(j)) - on, size - len(on))
