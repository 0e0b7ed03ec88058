"""Shards solved on a dask.distributed cluster (extra ``dask``), whose workers have the same supverify installed.

The claim is sent once, each task is a batch of shards of some tenths of a second. Dask moves the task of a worker
that is lost to another one; what it gives up, or loses with the claim, is handed out again from here. Dask unpickles
what the cluster sends: name a scheduler only if you trust it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic

from supverify.kernel.codec import serialise
from supverify.kernel.errors import Malformed

from .local import Attempts, Pace
from .work import Job, R, left, order, understood
from .worker import solve

PATIENCE = 10  # seconds for reaching the scheduler, and for the first worker
ADDRESS = re.compile(r"(?:[a-z]+://)?.+:\d+|inproc://.+")
AHEAD = 2  # tasks for each thread of the cluster, so that none waits for the next one
REFRESH = 5.0  # seconds between two looks at how many threads there are


@contextmanager
def connected(address: str) -> Iterator[Dask]:
    """The runner of a scheduler, such as ``tcp://host:8786``; raises Malformed where there is none, or no worker."""
    if not ADDRESS.fullmatch(address):
        raise Malformed("scheduler", "a dask scheduler, such as tcp://host:8786", address)
    try:
        client = _distributed().Client(address, timeout=PATIENCE, set_as_default=False)
    except ImportError as missing:
        expected = "the extra dask (pip install 'supverify[dask]')"
        raise Malformed("scheduler", expected, "no package distributed") from missing
    except (OSError, ValueError, TypeError) as error:
        raise Malformed("scheduler", "a dask scheduler, such as tcp://host:8786", f"{address} ({error})") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as none:
            raise Malformed("scheduler", f"a worker within {PATIENCE} seconds", f"none at {address}") from none
        yield Dask(client)


@dataclass(frozen=True)
class Dask:
    """The runner; ``client`` is a connected ``distributed.Client``."""

    client: Any

    def run(self, job: Job[R], shards: Iterator[int], deadline: float | None) -> Generator[dict[int, R], None, None]:
        """The results as they come; see ``Runner``."""
        tasks = _Tasks(self.client, job)
        try:
            while tasks.hand_out(shards, deadline):
                results = tasks.next(deadline)
                if results:
                    yield results
                if tasks.late or left(deadline) == 0:
                    return
        finally:
            tasks.cancel()


class _Tasks(Generic[R]):
    """The tasks of one job on the cluster, each with its batch."""

    def __init__(self, client: Any, job: Job[R]) -> None:
        self.client, self.job = client, job
        self.engine, self.text = json.dumps(order(job.engine)), serialise(job.claim)
        self.claim: Any = None
        self.running: dict[Any, list[int]] = {}
        self.pace, self.attempts, self.late = Pace(), Attempts(), False
        self.most, self.looked = 0, -REFRESH

    def hand_out(self, shards: Iterator[int], deadline: float | None) -> bool:
        """Submits batches until the cluster has enough of them; whether any task is running."""
        if time.monotonic() - self.looked >= REFRESH:
            self.most, self.looked = AHEAD * max(1, sum(self.client.nthreads().values())), time.monotonic()
        if self.claim is None:
            self.claim = self._sent()
        while len(self.running) < self.most:
            batch = self.attempts.batch(shards, self.pace.size)
            if not batch:
                break
            limit = left(deadline)
            milliseconds = None if limit is None else int(1000 * limit)
            task = self.client.submit(solve, self.engine, self.claim, batch, milliseconds, pure=False)
            self.running[task] = batch
        return bool(self.running)

    def _sent(self) -> Any:
        """The claim, held by every worker; raises RuntimeError where there are none any more."""
        try:
            return self.client.scatter(self.text, broadcast=True, hash=False)
        except TimeoutError as none:  # dask's has no words
            raise RuntimeError("all workers of the cluster are lost, and no other one has come") from none

    def next(self, deadline: float | None) -> dict[int, R]:
        """The results of the tasks that have ended; ``late`` from then on if time was over first."""
        distributed = _distributed()
        try:
            with self.client.as_current(), suppress(distributed.CancelledError):
                distributed.wait(list(self.running), timeout=left(deadline), return_when="FIRST_COMPLETED")
        except TimeoutError:
            self.late = True
        results: dict[int, R] = {}
        for task in [task for task in self.running if task.done()]:
            results |= self._ended(task, self.running.pop(task))
        return results

    def _ended(self, task: Any, batch: list[int]) -> dict[int, R]:
        try:
            message = task.result()  # what a worker raises, it returns as a message
        except Exception as lost:  # noqa: BLE001 - workers were lost over it, or the claim or the result with a worker
            self.attempts.lost(batch, str(lost))
            self.claim = None
            return {}
        if "error" in message:
            raise RuntimeError(message["error"])
        self.late = self.late or len(message["results"]) < len(batch)
        self.pace.learn(len(batch), message["milliseconds"] / 1000)
        kind = self.job.engine.result
        return {
            s: understood(kind, _listed(r), f"shard {s}") for s, r in zip(batch, message["results"], strict=False)
        }

    def cancel(self) -> None:
        """Nobody waits for anything any more."""
        if self.running:
            self.client.cancel(list(self.running), force=True)
        self.running, self.claim = {}, None


def _distributed() -> Any:
    """The package, which ships half of its types."""
    return import_module("distributed")


def _listed(result: object) -> object:
    """The result as JSON would carry it."""
    return json.loads(json.dumps(result))
