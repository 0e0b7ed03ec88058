"""Exact verdicts on networks with one hidden layer of any signs: compiled branch and bound over supports.

Each output is a task of its own, and its words are a function of the claim and the output alone: whoever distributes
tasks gets the same bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from supverify.kernel.certificate import OUTPUTS, witness
from supverify.kernel.claim import Cell, Claim
from supverify.kernel.verdict import Status

from ..answer import Answer, Progress
from ..enumeration.engine import numba_installed
from ..shards.local import Local
from ..shards.outputs import BLOCKS
from ..shards.run import Execution, decide
from ..shards.work import Outcome, left
from .cells import Case, Frame, cases, frame, hidden, packed, whole
from .exact import is_wrong
from .search import DOUBTS, FULL, Cells, Hidden, walks
from .walk import STOPPED, WRONG, Words
from .words import Report

Active = tuple[int, ...]
TEXT = 1 << 16  # characters that the walks of a task get at first
EVER = 1 << 62  # cells
LEAST = 24  # of an output
WORTH = 40  # inputs that are enumerated while one cell is bounded, for each input of the network
ALONE = 1 << 21  # weights times outputs up to which one shard has all of them


@dataclass(frozen=True)
class Found:
    """What the walks on some cells came to: words, wrong inputs met, outputs not proved, and the share decided."""

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
        wrong = self._wrong(cells, report)
        open_cells = np.flatnonzero(report.status)
        doubtful = {output for output, _ in wrong}
        return Found(
            words=report.text[: report.counts[0]].tobytes().decode(),
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


@dataclass(frozen=True, kw_only=True)
class Walked:
    """The result of a shard: the words of its outputs, wrong inputs met, the outputs not proved; or why not."""

    words: str = ""
    wrong: tuple[Active, ...] = ()
    outputs: tuple[int, ...] = ()
    nodes: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Dense:
    """The engine; ``threads`` None means one a core. It gives an output up at ``percent`` of enumeration's work."""

    threads: int | None = None
    percent: int = 20
    name: str = "dense"

    version: ClassVar[int] = 2
    unit: ClassVar[str] = "outputs"
    result: ClassVar[type[Walked]] = Walked

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED with a tree, REFUTED with the smallest witness, or UNKNOWN with the share that is decided."""
        there = Execution(Local(self.threads))
        return decide(self, claim, seconds=seconds, progress=progress, execution=there)

    def cut(self, claim: Claim) -> OutputTasks:
        """The outputs in blocks; a single shard where the network is of another shape, or nothing compiles."""
        if not numba_installed():
            return OutputTasks(claim, reason="numba is not installed (extra: fast)")
        shape = hidden(claim.network)
        if shape is None:
            return OutputTasks(claim, reason="not a network with one hidden layer")
        outputs = claim.network.outputs
        block = outputs if shape[0].rows.size * outputs <= ALONE else max(1, outputs // BLOCKS)
        worth = claim.population(claim.domain) * self.percent // (100 * WORTH * claim.network.inputs)
        task, most = Task(claim, shape[0], frame(claim, *shape)), min(max(worth, LEAST) * block, EVER)
        return OutputTasks(claim, task, block=block, most=most, first=task.ready(range(block), claim.k))


@dataclass(frozen=True)
class OutputTasks:
    """The work: outputs in blocks, searched by compiled code, each in at most so many cells.

    ``cut_off`` gathers what unfinished shards decided.
    """

    claim: Claim
    task: Task | None = None
    block: int = 1
    most: int = EVER
    first: Cells | None = None
    reason: str = ""
    threads: bool = True
    cut_off: list[Found] = field(default_factory=list, compare=False)

    @property
    def total(self) -> int:
        """How many outputs there are."""
        return self.claim.network.outputs

    @property
    def count(self) -> int:
        """How many shards there are."""
        return -(-self.total // self.block) if self.task else 1

    def _outputs(self, shard: int) -> range:
        return range(shard * self.block, min((shard + 1) * self.block, self.total))

    def amount(self, shard: int) -> int:
        """How many outputs the shard has."""
        return len(self._outputs(shard))

    def solve(self, shard: int, deadline: float | None) -> Walked:
        """The walks of the shard's outputs; raises TimeoutError at the deadline."""
        if self.task is None:
            return Walked(reason=self.reason)
        try:
            with _until(self.task, deadline, self.most) as task:
                ready = self.first if shard == 0 and self.first else task.ready(self._outputs(shard), self.claim.k)
                found = task.found(ready, once=self.count == 1)
        except ArithmeticError as reason:
            return Walked(reason=str(reason))
        if not found.finished and found.nodes > self.most:
            return Walked(nodes=found.nodes, reason=f"no cheaper than enumeration: over {self.most} cells of a block")
        if not found.finished:
            self.cut_off.append(found)
            raise TimeoutError
        return Walked(words=found.words, wrong=found.wrong, outputs=found.outputs, nodes=found.nodes)

    def decisive(self, result: Walked) -> bool:
        """Never: wrong inputs are asked of all outputs, for the smallest one, and so of those after one given up."""
        return False

    def join(self, outcome: Outcome[Walked], deadline: float | None) -> Answer:
        """All walks as one, the smallest wrong input of all outputs that have one, or the share that is decided."""
        results = list(outcome.results.values())
        nodes = sum(result.nodes for result in results) + sum(found.nodes for found in self.cut_off)
        wrong = [active for result in results for active in result.wrong]
        reason = next((result.reason for result in results if result.reason), "")
        if self.task is not None and wrong:
            outputs = self._unproved(outcome)
            least = min(wrong, key=lambda y: (len(y), y))
            try:
                with _until(self.task, deadline) as task:
                    least = smallest(task, outputs, least, walked=self.count > 1)
            except ArithmeticError as doubt:
                if self.count == 1:  # outputs that nobody has asked before: of them a smaller one may be wrong
                    return Answer(engine=Dense.name, detail=str(doubt))
            return Answer(
                engine=Dense.name,
                status=Status.REFUTED,
                counterexample=least,
                evidence=witness(least),
                detail=f"an input with {len(least)} ones; how many outputs are right was not asked",
            )
        if reason or not outcome.complete:
            return Answer(engine=Dense.name, detail=reason or self._unfinished(outcome, nodes))
        words = "".join(result.words for result in results).rstrip()
        return Answer(
            engine=Dense.name,
            status=Status.PROVED,
            evidence=words if self.total == 1 else f"{OUTPUTS} {words}",
            detail=f"{nodes} cells, {len(words)} characters",
        )

    def _unproved(self, outcome: Outcome[Walked]) -> list[int]:
        """The outputs that are wrong, or may be."""
        unproved = set(range(self.total))
        for shard, result in outcome.results.items():
            if not result.reason:
                unproved -= set(self._outputs(shard)) - set(result.outputs)
        return sorted(unproved)

    def _unfinished(self, outcome: Outcome[Walked], nodes: int) -> str:
        of_one = self.claim.population(self.claim.domain)
        share = outcome.done / self.total + sum(found.share for found in self.cut_off) / (self.total * of_one)
        return f"time limit after {nodes} cells, {share:.1%} of the inputs decided"


@contextmanager
def _until(task: Task, deadline: float | None, cells: int = EVER) -> Iterator[Task]:
    """The task with a ``stop`` of its own, set at the deadline."""
    own, seconds = replace(task, stop=np.array([0, cells], dtype=np.int64)), left(deadline)
    timer = threading.Timer(seconds, own.stop.__setitem__, [0, 1]) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield own
    finally:
        if timer is not None:
            timer.cancel()


def smallest(task: Task, outputs: Sequence[int], known: Active, *, walked: bool) -> Active:
    """The first input in the documented order on which one of ``outputs`` is wrong, ``known`` being one of them.

    ``walked``: whether each of them has been walked over. Only the smallest that is known by then if ``stop`` is set
    on the way.
    """
    claim, before = task.claim, outputs
    known, outputs = fewest(task, outputs, known)
    if outputs is before and not walked:
        found = task.found(task.ready(outputs, len(known)))
        known, outputs = min((known, *found.wrong), key=lambda y: (len(y), y)), found.outputs
    for place in range(len(known)):
        lower = range(known[place - 1] + 1 if place else 0, known[place])
        cells = [_begins(known[:place], j, len(known)) for j in lower]
        parts = [case for i in outputs for cell in cells for case in cases(claim, [i], cell)]
        found = task.search(parts) if parts else Found()
        known = min((known, *found.wrong))  # of each output the first cell with a wrong input is the lowest one
    return known


def fewest(task: Task, outputs: Sequence[int], known: Active) -> tuple[Active, Sequence[int]]:
    """A wrong input with as few ones as there is, and the outputs that may be wrong on others with as many.

    Outputs are asked about fewer ones than are known to be wrong, which costs a fraction of what more would.
    """
    while known and task.claim.mode == "at-most":
        found = task.found(task.ready(outputs, len(known) - 1))
        if not found.wrong:
            break
        known, outputs = min(found.wrong, key=lambda y: (len(y), y)), found.outputs
    return known, outputs


def _begins(prefix: Active, j: int, size: int) -> Cell:
    """The inputs with ``size`` ones that begin with the prefix and j."""
    on = frozenset((*prefix, j))
    return Cell(on, frozenset(range(j)) - on, size - len(on))
