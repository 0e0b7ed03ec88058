"""A claim decided shard by shard: what is kept of an earlier run, what is still to do, and the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Generic

from supverify.kernel.claim import Claim
from supverify.kernel.codec import parse
from supverify.kernel.errors import Malformed

from ..answer import Answer, Progress
from .local import Local
from .work import Job, Journal, Outcome, R, Runner, Sharded, identity, plain, understood

KEPT_EVERY = 0.2  # seconds of work that a sudden end may cost; a transaction takes some milliseconds


@dataclass(frozen=True)
class Execution:
    """Where shards are solved, and where their results are kept meanwhile."""

    runner: Runner = field(default_factory=Local)
    journal: Journal | None = None


def decide(
    engine: Sharded[R],
    claim: Claim,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
    execution: Execution | None = None,
) -> Answer:
    """The engine's answer after at most about ``seconds``, the same whoever solved the shards and when.

    Raises Malformed for a journal of something else, or one that cannot be written.
    """
    started = time.monotonic()
    deadline = None if seconds is None else started + seconds
    execution = execution or Execution()
    job = Job(engine, claim, engine.cut(claim))
    state = _State(job, _kept(job, execution.journal))
    keeper = _Keeper(engine.name, execution.journal)
    try:
        with closing(execution.runner.run(job, state.wanted(), deadline)) as solved:
            while not state.complete and (results := next(solved, None)) is not None:
                state.add(results)
                keeper.add(results)
                if progress:
                    progress(f"{engine.name}: {engine.unit}", state.done, job.work.total)
    finally:
        keeper.flush()
    if state.complete and execution.journal:
        execution.journal.finish(engine.name)
    return replace(job.work.join(state.outcome(), deadline), seconds=time.monotonic() - started)


def _kept(job: Job[R], journal: Journal | None) -> dict[int, R]:
    """The results of an earlier run; raises Malformed for one that is none."""
    if journal is None:
        return {}
    kept: dict[int, R] = {}
    for shard, text in journal.load(job.engine.name, identity(job)).items():
        place = f"journal.{job.engine.name}[{shard}]"
        if not 0 <= shard < job.work.count:
            raise Malformed(place, f"one of {job.work.count} shards", shard)
        kept[shard] = understood(job.engine.result, parse(text, place), place)
    return kept


class _State(Generic[R]):
    """The results so far; ``end`` is the shard behind the last one that matters."""

    def __init__(self, job: Job[R], kept: Mapping[int, R]) -> None:
        self.job = job
        self.results: dict[int, R] = {}
        self.end, self.missing, self.done = job.work.count, job.work.count, 0
        self.add(kept)

    def add(self, results: Mapping[int, R]) -> None:
        """More results, each shard's for the first time or once more."""
        for shard, result in results.items():
            if shard in self.results:
                continue
            self.results[shard] = result
            self.done += self.job.work.amount(shard)
            if shard < self.end:
                self.missing -= 1
                if self.job.work.decisive(result):
                    self.end = shard + 1
                    self.missing = self.end - sum(other < self.end for other in self.results)

    @property
    def complete(self) -> bool:
        """Whether every shard that matters has its result."""
        return self.missing == 0

    def wanted(self) -> Iterator[int]:
        """The shards to solve, in order; ends earlier if meanwhile a decisive result comes in."""
        kept, shard = frozenset(self.results), 0
        while shard < self.end:
            if shard not in kept:
                yield shard
            shard += 1

    def outcome(self) -> Outcome[R]:
        """What is known, in the order of the shards."""
        results = {shard: self.results[shard] for shard in sorted(self.results) if shard < self.end}
        return Outcome(results, self.complete, sum(map(self.job.work.amount, results)), self.job.work.total)


class _Keeper:
    """Gathers results until they are worth a transaction."""

    def __init__(self, engine: str, journal: Journal | None) -> None:
        self.engine, self.journal = engine, journal
        self.waiting: dict[int, str] = {}
        self.since = time.monotonic()

    def add(self, results: Mapping[int, Any]) -> None:
        if self.journal is None:
            return
        self.waiting |= {shard: _text(result) for shard, result in results.items()}
        if time.monotonic() - self.since >= KEPT_EVERY:
            self.flush()

    def flush(self) -> None:
        if self.journal is not None and self.waiting:
            self.journal.add(self.engine, self.waiting)
        self.waiting, self.since = {}, time.monotonic()


def _text(result: object) -> str:
    return json.dumps(plain(result), separators=(",", ":"))
