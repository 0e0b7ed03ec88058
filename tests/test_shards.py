"""Work in shards: the same answer whoever solves them, in whatever order, with workers that die on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import brute
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy import ands
from test_engines_dense import random_dense

from supverify.engines import verify
from supverify.engines.answer import Answer
from supverify.engines.branch import Branch
from supverify.engines.dense import engine as dense
from supverify.engines.dense.engine import Dense, Walked
from supverify.engines.enumeration import engine as enumeration
from supverify.engines.enumeration.engine import Enumerate
from supverify.engines.enumeration.tally import Extremes, Tally
from supverify.engines.shards import process as shards_process
from supverify.engines.shards.local import Attempts, Local, Pace
from supverify.engines.shards.outputs import OutputBlocks, Walks, joined
from supverify.engines.shards.run import Execution, decide
from supverify.engines.shards.work import Job, R, Sharded, plain, understood
from supverify.engines.shards.worker import restored, solve
from supverify.kernel.claim import Claim
from supverify.kernel.codec import encode
from supverify.kernel.errors import Malformed
from supverify.kernel.verdict import Status

seeds = st.integers(0, 2**32)
PROCESSES = Local(jobs=2, processes_after=0.0)


@dataclass(frozen=True)
class Shuffled:
    """Solves shards several at a time in a random order, some of them twice."""

    seed: int

    def run(self, job: Job[R], shards: Iterator[int], deadline: float | None) -> Generator[dict[int, R], None, None]:
        """The results in that order."""
        rng = random.Random(self.seed)
        waiting: list[int] = []
        while True:
            waiting += [shard for _ in range(rng.randint(1, 5)) if (shard := next(shards, None)) is not None]
            if not waiting:
                return
            some = rng.sample(waiting, rng.randint(1, len(waiting)))
            waiting = [shard for shard in waiting if shard not in some or rng.random() < 0.1]
            yield {shard: job.work.solve(shard, deadline) for shard in some}


def same(a: Answer, b: Answer) -> bool:
    """Equal but for the time they took."""
    return replace(a, seconds=0) == replace(b, seconds=0)


@contextmanager
def small_shards(rng: random.Random) -> Iterator[tuple[Claim, tuple[Sharded[Any], Sharded[Any]]]]:
    """A claim, and two engines that cut it into shards of a few neurons inside."""
    claim = brute.random_claim(rng)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumeration, "SHARD", rng.randint(1, 60))
        yield claim, (Enumerate(compiled=False), Branch())


@given(seeds)
def test_the_order_in_which_shards_are_solved_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    with small_shards(rng) as (claim, engines):
        for engine in engines:
            alone = decide(engine, claim, execution=Execution(Local(jobs=1)))
            assert same(decide(engine, claim, execution=Execution(Shuffled(seed))), alone)


def test_dense_layers_in_shards_are_as_dense_layers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One output a shard, in any order, and all in one; proved, refuted, and of another shape."""
    rng, seen = random.Random(3), set()
    for _ in range(12):
        claim = random_dense(rng)
        monkeypatch.setattr(dense, "ALONE", 1 << 60)
        alone = Dense().run(claim)
        monkeypatch.setattr(dense, "ALONE", 0)
        assert Dense().cut(claim).count == claim.network.outputs
        assert same(decide(Dense(), claim, execution=Execution(Shuffled(rng.randrange(99)))), alone)
        seen.add(alone.status)
        work = Dense().cut(claim)
        result = work.solve(0, None)
        assert understood(Walked, json.loads(json.dumps(plain(result))), "result") == result
    assert seen == {Status.PROVED, Status.REFUTED}
    other = decide(Dense(), ands(8), execution=Execution(Shuffled(1)))
    assert same(other, Dense().run(ands(8)))


@dataclass(frozen=True)
class Kept:
    """A journal that holds some results of an earlier run."""

    results: dict[int, str]

    def load(self, engine: str, identity: str) -> dict[int, str]:
        """Those results."""
        return self.results

    def add(self, engine: str, results: Mapping[int, str]) -> None:
        """Only what was not there."""
        assert not self.results.keys() & results.keys()

    def finish(self, engine: str) -> None:
        """Nothing to do."""


@given(seeds)
def test_whatever_was_kept_the_answer_is_the_same(seed: int) -> None:
    rng = random.Random(seed)
    with small_shards(rng) as (claim, engines):
        for engine in engines:
            work = engine.cut(claim)
            some = rng.sample(range(work.count), rng.randint(0, work.count))
            kept = Kept({shard: json.dumps(plain(work.solve(shard, None))) for shard in some})
            alone = decide(engine, claim, execution=Execution(Local(jobs=1)))
            assert same(decide(engine, claim, execution=Execution(Local(jobs=1), kept)), alone)


@given(seeds)
def test_results_travel_as_plain_values(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    engines: tuple[Sharded[Any], ...] = (Enumerate(compiled=False), Branch())
    for engine in engines:
        work = engine.cut(claim)
        for shard in range(work.count):
            result = work.solve(shard, None)
            assert understood(engine.result, json.loads(json.dumps(plain(result))), "result") == result


@given(seeds)
def test_blocks_of_an_enumeration_are_its_inputs_in_order(seed: int) -> None:
    with small_shards(random.Random(seed)) as (claim, (enumerate_all, _)):
        work = enumerate_all.cut(claim)
    tallies = [tally for shard in range(work.count) for tally in work.solve(shard, None).tallies]
    inputs = list(brute.inputs(claim))
    assert sum(work.amount(shard) for shard in range(work.count)) == work.total == len(inputs)
    for size in {len(active) for active in inputs}:
        wanted = sum(len(active) == size for active in inputs)
        assert sum(tally.inputs for tally in tallies if tally.size == size) == wanted


@given(st.integers(-(10**30), 10**30) | st.sampled_from([10**5000, -(10**5000)]))
def test_integers_of_any_length_travel(number: int) -> None:
    tally = Tally(
        size=1,
        inputs=1,
        wrong_inputs=0,
        false_positives=0,
        false_negatives=0,
        ties=0,
        extremes=Extremes(highest_false=number),
        failures=(),
    )
    assert understood(Tally, json.loads(json.dumps(plain(tally))), "tally") == tally


@pytest.mark.parametrize("value", [{"hex": "z"}, {"hex": 1}, {"hex": None}, {"hex": {}}, 1.5])
def test_what_is_no_integer_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        understood(Walks, {"walks": [], "cells": value, "wrong": None, "limit": ""}, "walks")


def test_walks_of_outputs_are_one_walk() -> None:
    assert joined(["L", "L"]) == "L"
    assert joined(["L", "S3 L L", "L", "R"]) == "X1 S3 L L X3 R L"


def test_outputs_fall_into_blocks_that_depend_on_their_number_only() -> None:
    for outputs in (1, 7, 256, 511, 512, 1000, 100_003):
        work = OutputBlocks("none", outputs, _Nothing())
        blocks = [work.outputs(shard) for shard in range(work.count)]
        assert [i for block in blocks for i in block] == list(range(outputs))
        assert len(blocks) <= 512


class _Nothing:
    def search(self, outputs: range, deadline: float | None) -> Walks:
        return Walks()


def test_worker_processes_find_what_one_finds_alone() -> None:
    for claim, status in ((ands(24), Status.PROVED), (ands(24, wrong=17), Status.REFUTED)):
        alone = decide(Branch(), claim, execution=Execution(Local(jobs=1)))
        assert alone.status is status
        assert same(decide(Branch(), claim, execution=Execution(PROCESSES)), alone)


class Recorded(subprocess.Popen[bytes]):
    """Remembers every process."""

    seen: list[subprocess.Popen[bytes]] = []  # noqa: RUF012 - of the class, on purpose

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seen.append(self)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The worker processes, as they are started."""
    monkeypatch.setattr(Recorded, "seen", [])
    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return Recorded.seen


def test_a_worker_that_is_killed_changes_nothing(workers: list[subprocess.Popen[bytes]]) -> None:
    claim = ands(96)  # so many that work is left when the second worker is lost, however fast it goes
    killed: list[int] = []

    def kill(what: str, done: int, total: int) -> None:
        if len(killed) < 2 and done >= 4 * (len(killed) + 1):
            os.kill(workers[-1].pid, signal.SIGKILL)
            killed.append(workers[-1].pid)

    answer = decide(Branch(), claim, progress=kill, execution=Execution(PROCESSES))
    assert len(killed) == 2
    assert len(workers) >= 3
    assert same(answer, decide(Branch(), claim, execution=Execution(Local(jobs=1))))
    assert [process.poll() is not None for process in workers] == [True] * len(workers)


def test_workers_that_cannot_start_give_no_opinion(
    monkeypatch: pytest.MonkeyPatch, workers: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(shards_process, "MODULE", "supverify.engines.nothing")
    verdict = verify(ands(8), engines=["branch"], execution=Execution(PROCESSES))
    assert verdict.status is Status.UNKNOWN
    assert "3 workers were lost over shard" in verdict.reason
    assert "No module named supverify.engines.nothing" in verdict.reason
    assert all(process.poll() is not None for process in workers)


def test_a_failing_worker_gives_no_opinion() -> None:
    claim = ands(8)
    told = json.dumps({"engine": "branch", "version": 0, "options": encode(Branch())})
    answer = solve(told, json.dumps(encode(claim)).encode(), [0], None)
    assert answer == {"error": "RuntimeError: a worker's supverify has no engine branch, version 0"}
    told = json.dumps({"engine": "smt", "version": 1, "options": {}})
    with pytest.raises(RuntimeError, match="no engine smt"):
        restored(told)
    told = json.dumps({"engine": "branch", "version": 1, "options": {"nodes": "many", "name": "branch"}})
    with pytest.raises(Malformed):
        restored(told)


def test_a_time_limit_ends_worker_processes_too(workers: list[subprocess.Popen[bytes]]) -> None:
    started = time.monotonic()
    answer = decide(Branch(), ands(2000), seconds=1.0, execution=Execution(PROCESSES))
    assert time.monotonic() - started < 10
    assert answer.status is Status.UNKNOWN
    assert answer.detail.startswith("time limit after ")
    assert all(process.poll() is not None for process in workers)


def test_an_interruption_ends_worker_processes_too(workers: list[subprocess.Popen[bytes]]) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decide(Branch(), ands(24), progress=interrupt, execution=Execution(PROCESSES))
    assert workers
    assert all(process.poll() is not None for process in workers)


def test_batches_grow_at_most_twofold_and_shrink_at_once() -> None:
    pace = Pace()
    for expected in (2, 4, 8):
        pace.learn(pace.size, 0.001)
        assert pace.size == expected
    pace.learn(8, 8.0)
    assert pace.size == 1


def test_a_shard_that_costs_three_workers_is_given_up() -> None:
    attempts, fresh = Attempts(), iter(range(10))
    assert attempts.batch(fresh, 3) == [0, 1, 2]
    attempts.lost([0, 1, 2], "killed")
    assert [attempts.batch(fresh, 3) for _ in range(4)] == [[0], [1], [2], [3, 4, 5]]
    attempts.lost([1], "killed")
    with pytest.raises(RuntimeError, match="3 workers were lost over shard 1: killed"):
        attempts.lost([1], "killed")
