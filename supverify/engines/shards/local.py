"""Shards solved on this machine: alone at first, then by threads or by worker processes.

Work that is over at once never waits for a worker to start. Workers are plain programs that are spoken to in lines of
JSON (``shards.worker``): nothing is forked, nothing is pickled, and the user's own program is not run again.
"""

from __future__ import annotations

import os
import queue
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic

from .process import Worker
from .work import Job, R, left, understood

BATCH_SECONDS = 0.2  # of work handed to a worker at once
ATTEMPTS = 3  # deaths of workers over one shard, after which it is held to be the cause
MOST = 4096  # shards handed out at once


@dataclass(frozen=True)
class Local:
    """The runner; ``jobs`` at a time (None: one for each core). The delays are seconds of work done alone first."""

    jobs: int | None = None
    threads_after: float = 0.02
    processes_after: float = 1.0

    def run(self, job: Job[R], shards: Iterator[int], deadline: float | None) -> Generator[dict[int, R], None, None]:
        """The results as they come; see ``Runner``."""
        alone_until = time.monotonic() + (self.threads_after if job.work.threads else self.processes_after)
        while time.monotonic() < alone_until or self.at_a_time() == 1:
            shard = next(shards, None)
            if shard is None:
                return
            try:
                result = job.work.solve(shard, deadline)
            except TimeoutError:
                return
            yield {shard: result}
            if left(deadline) == 0:
                return
        yield from (_threads if job.work.threads else _processes)(job, shards, deadline, self.at_a_time())

    def at_a_time(self) -> int:
        """How many shards are solved at once."""
        return self.jobs or os.cpu_count() or 1


class Pace:
    """How many shards make a batch, from how long they took; at most twice as many as last time."""

    def __init__(self) -> None:
        self.size = 1

    def learn(self, shards: int, seconds: float) -> None:
        """``shards`` of them took ``seconds``."""
        fitting = int(BATCH_SECONDS * shards / max(seconds, 1e-6))
        self.size = max(1, min(fitting, 2 * self.size, MOST))


class Attempts:
    """The shards that are to be tried again, one by one, after a worker was lost over them."""

    def __init__(self) -> None:
        self.waiting: deque[int] = deque()
        self.seen: Counter[int] = Counter()

    def lost(self, shards: list[int], reason: str) -> None:
        """A worker was lost over these; raises RuntimeError for one over which that happened too often."""
        for shard in shards:
            self.seen[shard] += 1
            if self.seen[shard] >= ATTEMPTS:
                raise RuntimeError(f"{ATTEMPTS} workers were lost over shard {shard}: {reason}")
        self.waiting.extend(shards)

    def batch(self, shards: Iterator[int], size: int) -> list[int]:
        """One that was lost, else the next ``size`` new ones."""
        return [self.waiting.popleft()] if self.waiting else list(islice(shards, size))


def _threads(
    job: Job[R], shards: Iterator[int], deadline: float | None, jobs: int
) -> Generator[dict[int, R], None, None]:
    running: dict[Future[R], int] = {}
    with ThreadPoolExecutor(jobs) as pool:
        try:
            while True:
                for shard in islice(shards, jobs - len(running)):
                    running[pool.submit(job.work.solve, shard, deadline)] = shard
                done = wait(running, left(deadline), FIRST_COMPLETED).done
                try:
                    results = {running.pop(future): future.result() for future in done}
                except TimeoutError:
                    return
                if results:
                    yield results
                if not done or left(deadline) == 0:
                    return
        finally:
            pool.shutdown(cancel_futures=True)


def _processes(
    job: Job[R], shards: Iterator[int], deadline: float | None, jobs: int
) -> Generator[dict[int, R], None, None]:
    crew = _Crew(job, jobs)
    try:
        while crew.employ(shards, deadline):
            results = crew.next(deadline)
            if results:
                yield results
            if crew.late or left(deadline) == 0:
                return
    finally:
        crew.dismiss()


class _Crew(Generic[R]):
    """Worker processes, at most ``jobs``, each with its batch; one that dies is replaced, its batch tried again."""

    def __init__(self, job: Job[R], jobs: int) -> None:
        self.job, self.jobs = job, jobs
        self.inbox: queue.Queue[tuple[Worker, Any]] = queue.Queue()
        self.idle: list[Worker] = []
        self.busy: dict[Worker, list[int]] = {}
        self.pace, self.attempts, self.late = Pace(), Attempts(), False

    def employ(self, shards: Iterator[int], deadline: float | None) -> bool:
        """Gives everybody something to do, starting workers where there are too few; whether anybody is at work."""
        while len(self.busy) < self.jobs:
            batch = self.attempts.batch(shards, self.pace.size)
            if not batch:
                break
            worker = self.idle.pop() if self.idle else Worker(self.job, self.inbox)
            self.busy[worker] = batch
            worker.give(batch, left(deadline))
        return bool(self.busy)

    def next(self, deadline: float | None) -> dict[int, R]:
        """The results in the next message, if it has any; ``late`` from then on if time was over before all were."""
        try:
            worker, message = self.inbox.get(timeout=left(deadline))
        except queue.Empty:
            self.late = True
            return {}
        batch = self.busy.pop(worker, [])
        if message is None:
            self.idle = [other for other in self.idle if other is not worker]
            self.attempts.lost(batch, worker.bury())
            return {}
        self.idle.append(worker)
        if "error" in message:
            raise RuntimeError(message["error"])
        self.late = len(message["results"]) < len(batch)
        self.pace.learn(len(batch), message["milliseconds"] / 1000)
        kind = self.job.engine.result
        return {s: understood(kind, r, f"shard {s}") for s, r in zip(batch, message["results"], strict=False)}

    def dismiss(self) -> None:
        """Ends every worker."""
        for worker in (*self.idle, *self.busy):
            worker.bury()
