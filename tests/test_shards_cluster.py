"""The same shards on a dask cluster of two workers, one of which is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from noisy import ands, write
from shell import Shell, refused

from supverify.engines.branch import Branch
from supverify.engines.enumeration.engine import Enumerate
from supverify.engines.shards.dask import Dask, connected
from supverify.engines.shards.local import Local
from supverify.engines.shards.run import Execution, decide
from supverify.kernel.errors import Malformed

START = 90.0  # seconds within which a scheduler or a worker starts on a busy machine


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers, all of them processes."""

    folder: Path
    address: str
    workers: list[subprocess.Popen[bytes]]

    def hire(self) -> None:
        """One more worker, of one thread."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
        self.workers.append(start("worker", self.address, *options))


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Two workers of one thread each."""
    file = tmp_path / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    scheduler = start("scheduler", *options)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        until = time.monotonic() + START
        while not file.exists() or not file.read_text("utf-8").strip():
            assert scheduler.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        here = Cluster(tmp_path, json.loads(file.read_text("utf-8"))["address"], workers)
        here.hire()
        here.hire()
        distributed: Any = import_module("distributed")
        with distributed.Client(here.address, timeout=START, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=START)
        yield here
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_cluster_finds_what_one_finds_alone_though_a_worker_is_killed(cluster: Cluster) -> None:
    claim = ands(900)
    killed: list[int] = []

    def kill(what: str, done: int, total: int) -> None:
        if not killed and done >= 20:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    alone = decide(Branch(), claim, execution=Execution(Local(jobs=1)))
    with connected(cluster.address) as runner:
        answer = decide(Branch(), claim, progress=kill, execution=Execution(runner))
        counted = decide(Enumerate(), ands(60, wrong=7), execution=Execution(runner))
    assert killed
    assert replace(answer, seconds=0) == replace(alone, seconds=0)
    same = decide(Enumerate(), ands(60, wrong=7))
    assert (counted.counterexample, counted.statistics) == (same.counterexample, same.statistics)


@pytest.mark.slow
def test_the_only_holder_of_the_claim_is_lost(cluster: Cluster) -> None:
    """Both workers are killed one after the other, and a third one takes over: the claim is sent again."""
    claim = ands(900)
    killed: list[int] = []

    def kill(what: str, done: int, total: int) -> None:
        if not killed and done >= 20:
            cluster.hire()
            for worker in cluster.workers[:2]:
                killed.append(worker.pid)
                os.kill(worker.pid, signal.SIGKILL)

    with connected(cluster.address) as runner:
        answer = decide(Branch(), claim, progress=kill, execution=Execution(runner))
    assert len(killed) == 2
    alone = decide(Branch(), claim, execution=Execution(Local(jobs=1)))
    assert replace(answer, seconds=0) == replace(alone, seconds=0)


@pytest.mark.slow
def test_the_command_line_writes_the_same_bytes(cluster: Cluster, shell: Shell) -> None:
    arguments = write(shell.folder, 60)
    there = shell(*arguments, "--scheduler", cluster.address, "--certificate", "there.json", "--json")
    here = shell(*arguments, "--jobs", "1", "--certificate", "here.json", "--json")
    assert there.answer["status"] == here.answer["status"] == "PROVED"
    assert Path("there.json").read_bytes() == Path("here.json").read_bytes()


class Lost:
    """The client of a cluster whose workers are all lost."""

    def nthreads(self) -> dict[str, int]:
        return {}

    def scatter(self, *_: object, **__: object) -> None:
        raise TimeoutError


def test_a_cluster_without_workers_says_so() -> None:
    with pytest.raises(RuntimeError, match="all workers of the cluster are lost"):
        decide(Branch(), ands(8), execution=Execution(Dask(Lost())))


def test_no_scheduler_and_no_extra_are_one_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = write(shell.folder, 8)
    for address in ("nowhere", "tcp://127.0.0.1", "http://127.0.0.1:1"):
        assert "scheduler: expected a dask scheduler" in refused(shell(*arguments, "--scheduler", address))
    assert "expected either jobs" in refused(shell(*arguments, "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    message = refused(shell(*arguments, "--scheduler", "tcp://127.0.0.1:1"))
    assert "expected the extra dask (pip install 'supverify[dask]'), got no package distributed" in message
    with pytest.raises(Malformed, match="extra dask"), connected("tcp://127.0.0.1:1"):
        pass
