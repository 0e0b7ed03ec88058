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
from .dense_search import DOUBTS, FULL, Cells, Hidden, walks
from .dense_walk import STOPPED, WRONG, Words
from .dense_words import Report
from .enumerate import numba_installed
from .shrink import shrink

Active = tuple[int, ...]
TEXT = 1 << 16  # characters that the walks of a task get at first
TASKS = 32  # into which the outputs are cut
ALONE = 1 << 21  # weights times outputs up to which threads cost more than they gain


@dataclass(frozen=True)
class Found:
    """What the walks on some cells came to: words, the wrong inputs met, the outputs that are, the share decided."""

    words: str
    wrong: tuple[Active, ...]
    outputs: tuple[int, ...]
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
        """The walks on the cells, of each output until one has a wrong input, and until ``stop`` is set."""
        report = self._walks(packed(self.network, self.unit, self.claim.k, list(parts)))
        text, ends = report.text[: report.counts[0]].tobytes().decode(), [0, *report.ends.tolist()]
        words = [part.words + text[ends[t] : ends[t + 1]] for t, part in enumerate(parts)]
        wrong = self._wrong(parts, report)
        return Found(
            words="".join(words),
            wrong=tuple(active for _, active in wrong),
            outputs=tuple(sorted({output for output, _ in wrong})),
            share=float(report.decided.sum()),
            finished=bool(wrong) or not np.any(report.status),
            nodes=int(report.counts[2]),
        )

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
            walks()(self.network, arrays, self.claim.mode == "exactly", report)
            if FULL not in report.status:
                return report
            size *= 4

    def _wrong(self, parts: Sequence[Case], report: Report) -> list[tuple[int, Active]]:
        """The outputs and inputs that exact evaluation calls wrong; raises ArithmeticError where floats fail."""
        if report.counts[1] > DOUBTS:
            raise ArithmeticError(f"{report.counts[1]} inputs are too close to the threshold for floating point")
        doubts = [(parts[int(row[-1])], row) for row in report.doubts[: report.counts[1]]]
        found = [(parts[t], report.found[t]) for t in np.flatnonzero(report.status == WRONG).tolist()]
        wrong = []
        for part, row in doubts + found:
            active = tuple(sorted((*part.cell.on, *map(int, row[1 : 1 + row[0]]))))
            if part.output in wrong_outputs(self.claim, active):
                wrong.append((part.output, active))
        if len(wrong) < len(found):
            raise ArithmeticError("floating point calls an input wrong that is right")
        return wrong


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
        except ArithmeticError as reason:
            return Answer(engine=self.name, seconds=time.monotonic() - started, detail=str(reason))
        finally:
            if timer is not None:
                timer.cancel()

    def _outputs(self, task: Task, progress: Progress | None) -> list[Found]:
        """The outputs, cut into as many tasks as keep all threads busy to the end."""
        count = len(task.claim.targets())
        if task.network.rows.size * count <= ALONE:
            return [task.outputs(range(count))]
        size = -(-count // TASKS)
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
        wrong = [active for result in found for active in result.wrong]
        if wrong:
            outputs = sorted({output for result in found for output in result.outputs})
            least = smallest(task, outputs, min(wrong, key=lambda y: (len(y), y)))
            return Answer(
                engine=self.name,
                status=Status.REFUTED,
                seconds=time.monotonic() - started,
                counterexample=least,
                evidence=witness(least),
                detail=f"{nodes} cells, {len(outputs)} outputs wrong",
            )
        if not all(result.finished for result in found):
            whole = len(task.claim.targets()) * task.claim.population(task.claim.domain)
            share = sum(result.share for result in found) / whole
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


def smallest(task: Task, outputs: Sequence[int], known: Active) -> Active:
    """The first input in the documented order on which one of ``outputs`` is wrong, ``known`` being one of them.

    Only the smallest that is known by then if ``stop`` is set on the way.
    """
    claim = task.claim
    known = shrink(claim, known)
    for size in [] if claim.mode == "exactly" else range(len(known)):
        found = task.search(list(cases(claim, outputs, Cell(frozenset(), frozenset(), size))))
        if found.wrong:
            known = shrink(claim, min(found.wrong, key=lambda y: (len(y), y)))
            break
    for place in range(len(known)):
        for j in range(known[place - 1] + 1 if place else 0, known[place]):
            found = task.search(list(cases(claim, outputs, _begins(known[:place], j, len(known)))))
            if found.wrong:
                known = min(found.wrong)
                break
    return known


def _begins(prefix: Active, j: int, size: int) -> Cell:
    """The inputs with ``size`` ones that begin with the prefix and j."""
    on = frozenset((*prefix, j))
    return Cell(on, frozenset(range(j)) - on, size - len(on))
