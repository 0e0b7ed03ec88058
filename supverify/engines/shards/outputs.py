"""Shards for engines that search output by output: a shard is a block of outputs, its result their walks.

Such an engine writes ``search(outputs, deadline)``, a pure function of the claim and a range of outputs, and has the
rest from here::

    version: ClassVar[int] = 1
    unit: ClassVar[str] = "outputs"
    result: ClassVar[type[Walks]] = Walks

    def run(self, claim, *, seconds=None, progress=None):
        return decide(self, claim, seconds=seconds, progress=progress)

    def cut(self, claim):
        return OutputBlocks(self.name, claim.network.outputs, MySearch(claim))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from supverify.kernel.certificate import ASIDE, LEAF, witness
from supverify.kernel.verdict import Status

from ..answer import Answer
from .work import Outcome

BLOCKS = 256  # so many blocks have more outputs than one


@dataclass(frozen=True, kw_only=True)
class Walks:
    """What a search found of some outputs: the walk over cells that proves each of them, in order.

    Or a counterexample, ``wrong``, already made small; or the ``limit`` (other than time) at which it gave up.
    ``cells`` counts the work, for people.
    """

    walks: tuple[str, ...] = ()
    cells: int = 0
    wrong: tuple[int, ...] | None = None
    limit: str = ""


class OutputSearch(Protocol):
    """A search prepared for one claim."""

    def search(self, outputs: range, deadline: float | None) -> Walks:
        """What is found of these outputs; raises TimeoutError at the deadline."""
        ...


@dataclass(frozen=True)
class OutputBlocks:
    """The work of a search: its outputs in blocks, the same for everybody; ``before``: words ahead of all walks."""

    engine: str
    total: int
    searcher: OutputSearch
    threads: bool = False
    before: tuple[str, ...] = ()

    @property
    def block(self) -> int:
        """Outputs in a shard."""
        return max(1, self.total // BLOCKS)

    @property
    def count(self) -> int:
        """How many shards there are."""
        return -(-self.total // self.block)

    def outputs(self, shard: int) -> range:
        """The outputs of a shard."""
        return range(shard * self.block, min((shard + 1) * self.block, self.total))

    def amount(self, shard: int) -> int:
        """How many outputs the shard has."""
        return len(self.outputs(shard))

    def solve(self, shard: int, deadline: float | None) -> Walks:
        """The walks of the shard's outputs."""
        return self.searcher.search(self.outputs(shard), deadline)

    def decisive(self, result: Walks) -> bool:
        """Whether no later output can make a proof of it."""
        return result.wrong is not None or bool(result.limit)

    def join(self, outcome: Outcome[Walks], deadline: float | None) -> Answer:
        """PROVED with all walks as one, REFUTED with the first shard's counterexample, or how far it got."""
        results = list(outcome.results.values())
        cells = f"{sum(result.cells for result in results)} cells"
        wrong = next((result.wrong for result in results if result.wrong is not None), None)
        if wrong is not None:
            evidence = witness(wrong)
            return Answer(
                engine=self.engine,
                status=Status.REFUTED,
                counterexample=wrong,
                evidence=evidence,
                detail=cells,
            )
        limit = "" if outcome.complete else "time limit"
        limit = next((result.limit for result in results if result.limit), limit)
        if limit:
            return Answer(engine=self.engine, detail=f"{limit} after {outcome.progress} outputs, {cells}")
        evidence = " ".join([*self.before, joined(walk for result in results for walk in result.walks)])
        return Answer(engine=self.engine, status=Status.PROVED, evidence=evidence, detail=cells)


def joined(walks: Iterable[str]) -> str:
    """One walk over all outputs from those of each, in order: outputs with more than a leaf are set aside."""
    aside = (f"{ASIDE}{i} {walk}" for i, walk in enumerate(walks) if walk != LEAF)
    return " ".join([*aside, LEAF])
