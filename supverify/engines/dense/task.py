"""A network with one hidden layer in arrays, and walks over its cells until they are over or stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from supverify.kernel.claim import Claim

from ..shards.work import left
from .cells import Case, Frame, packed, whole
from .exact import is_wrong
from .search import DOUBTS, FULL, Cells, Hidden, walks
from .walk import STOPPED, WRONG, Words
from .words import Report

Active = tuple[int, ...]
TEXT = 1 << 16  # characters that the walks of a task get at first
EVER = 1 << 62  # cells


@dataclass(frozen=True)
class Found:
    """What the walks on some cells came to: words, wrong inputs met, outputs not proved.

    ``share`` is what they decided unless they proved all, in inputs for each output.
    """

    words: str = ""
    wrong: tuple[Active, ...] = ()
    outputs: tuple[int, ...] = ()
    share: float = 0.0
    finished: bool = True
    nodes: int = 0


@dataclass(frozen=True)
class Task:
    """A network that is asked about, in floats; ``stop``: whether to, and after how many cells."""

    claim: Claim
    network: Hidden
    shown: Frame
    stop: Words = field(default_factory=lambda: np.array([0, EVER], dtype=np.int64))

    def ready(self, outputs: Sequence[int], budget: int) -> Cells:
        """The cells for some outputs on all inputs with so many ones, one output after the other."""
        return whole(self.claim, outputs, self.shown, budget)

    def search(self, parts: Iterable[Case]) -> Found:
        """The walks on cells that ascend in their outputs."""
        return self.found(packed(list(parts), self.shown))

    def found(self, cells: Cells, *, once: bool = False) -> Found:
        """The walks on the cells, of each output until one has a wrong input, and until ``stop`` is set.

        ``once``: of all outputs until one has; those behind it count as not proved.
        """
        report = self._walks(cells, once=once)
        if not report.status.any() and not report.counts[1]:  # all proved
            return Found(words=_text(report), nodes=int(report.counts[2]))
        wrong = self._wrong(cells, report)
        open_cells = np.flatnonzero(report.status)
        doubtful = {output for output, _ in wrong}
        return Found(
            words=_text(report),
            wrong=tuple(active for _, active in wrong),
            outputs=tuple(sorted({*cells.outputs[open_cells].tolist(), *doubtful})),
            share=float(report.decided.sum()),
            finished=bool(wrong) or not len(open_cells),
            nodes=int(report.counts[2]),
        )

    def _walks(self, cells: Cells, *, once: bool) -> Report:
        count, longest = len(cells.outputs), self.claim.k + 2
        report = Report(
            text=np.empty(TEXT, dtype=np.uint8),
            status=np.full(count, STOPPED, dtype=np.int64),
            found=np.zeros((count, longest), dtype=np.int64),
            doubts=np.zeros((DOUBTS, longest + 1), dtype=np.int64),
            counts=np.zeros(4, dtype=np.int64),
            decided=np.zeros(count),
            stop=self.stop,
        )
        exactly = self.claim.mode == "exactly"
        walks()(self.network, cells, exactly, once, report)
        while report.status[min(report.counts[3], count - 1)] == FULL:
            text = np.empty(4 * len(report.text), dtype=np.uint8)
            text[: len(report.text)] = report.text
            report = report._replace(text=text)
            walks()(self.network, cells, exactly, once, report)
        return report

    def _wrong(self, cells: Cells, report: Report) -> list[tuple[int, Active]]:
        """The outputs and inputs that exact evaluation calls wrong; raises ArithmeticError where floats fail."""
        if report.counts[1] > DOUBTS:
            raise ArithmeticError(f"{report.counts[1]} inputs are too close to the threshold for floating point")
        doubts = [(int(row[-1]), row) for row in report.doubts[: report.counts[1]]]
        found = [(t, report.found[t]) for t in np.flatnonzero(report.status == WRONG).tolist()]
        wrong = []
        for t, row in doubts + found:
            output, on = int(cells.outputs[t]), [j for j in cells.on[t].tolist() if j >= 0]
            active = tuple(sorted((*on, *map(int, row[1 : 1 + row[0]]))))
            if is_wrong(self.claim, output, active):
                wrong.append((output, active))
        if len(wrong) < len(found):
            raise ArithmeticError("floating point calls an input wrong that is right")
        return wrong


def _text(report: Report) -> str:
    return report.text[: report.counts[0]].tobytes().decode()


@contextmanager
def until(task: Task, deadline: float | None, cells: int = EVER) -> Iterator[Task]:
    """The task with a ``stop`` of its own, set at the deadline."""
    own = Task(task.claim, task.network, task.shown, np.array([0, cells], dtype=np.int64))
    seconds = left(deadline)
    timer = threading.Timer(seconds, own.stop.__setitem__, [0, 1]) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield own
    finally:
        if timer is not None:
            timer.cancel()
