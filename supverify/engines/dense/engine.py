"""Exact verdicts on networks with one hidden layer of any signs: compiled branch and bound over supports.

Each output is a task of its own, and its words are a function of the claim and the output alone: whoever distributes
tasks gets the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from supverify.kernel.certificate import OUTPUTS, witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from ..answer import Answer, Progress
from ..enumeration.engine import numba_installed
from ..shards.local import Local
from ..shards.outputs import BLOCKS
from ..shards.run import Execution, decide
from ..shards.work import Outcome
from .cells import frame, hidden
from .search import Cells
from .smallest import smallest
from .task import EVER, Active, Found, Task, until

LEAST = 24  # of an output
WORTH = 40  # inputs that are enumerated while one cell is bounded, for each input of the network
ALONE = 1 << 21  # weights times outputs up to which one shard has all of them


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
            with until(self.task, deadline, self.most) as task:
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
                with until(self.task, deadline) as task:
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
