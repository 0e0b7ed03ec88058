"""The journal: a run that is killed goes on and ends with the same bytes; what does not fit is refused."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from noisy import ands, write
from shell import ROOT, Shell, refused

import supverify
from supverify.engines import verify
from supverify.engines.enumeration import engine as enumeration
from supverify.engines.enumeration.engine import Enumerate
from supverify.engines.shards.local import Local
from supverify.engines.shards.run import Execution, decide
from supverify.files import Journal
from supverify.kernel.errors import Malformed
from supverify.kernel.verdict import Status

CLAIM, ENGINE, IDENTITY = "c" * 64, "branch", '{"engine": "branch", "version": 1}'
RESULTS = {shard: f'{{"walks":["S{shard} L L"],"cells":{shard}}}' for shard in range(40)}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def written(path: Path) -> Path:
    """A journal of forty results."""
    journal = Journal(path, CLAIM)
    assert journal.load(ENGINE, IDENTITY) == {}
    journal.add(ENGINE, {shard: RESULTS[shard] for shard in range(20)})
    journal.add(ENGINE, {shard: RESULTS[shard] for shard in range(20, 40)})
    journal.close(keep=True)
    return path


def read(path: Path, claim: str = CLAIM, identity: str = IDENTITY) -> dict[int, str]:
    """What a run that resumes finds."""
    journal = Journal(path, claim, resume=True)
    try:
        return journal.load(ENGINE, identity)
    finally:
        journal.close(keep=True)


def test_results_are_found_again(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.journal")) == RESULTS
    assert [path.name for path in tmp_path.iterdir()] == ["a.journal"]


def test_another_claim_engine_version_or_program_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal")
    with pytest.raises(Malformed, match=r"a journal of the claim d{12}\.\.\. \(remove it, "):
        read(path, claim="d" * 64)
    with pytest.raises(Malformed, match=r'results of the engine \{"engine": "branch", "version": 2\}'):
        read(path, identity=IDENTITY.replace("1", "2"))
    other = sqlite3.connect(tmp_path / "b.journal")
    other.execute("CREATE TABLE about (name TEXT)")
    other.close()
    with pytest.raises(Malformed, match="table about has columns name"):
        read(tmp_path / "b.journal")


def test_one_run_at_a_time_and_never_by_accident(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal")
    with pytest.raises(Malformed, match="expected --resume"):
        Journal(path, CLAIM)
    first = Journal(path, CLAIM, resume=True)
    with pytest.raises(Malformed, match=r"no other run is using, got database is locked"):
        Journal(path, CLAIM, resume=True)
    first.close(keep=True)
    assert read(path) == RESULTS


@pytest.mark.parametrize("size", [0, 1, 15, 100, 4096, 8192, -4096, -1])
def test_a_truncated_journal_is_refused(size: int, tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal")
    whole = path.read_bytes()
    assert len(whole) > 8192
    path.write_bytes(whole[:size])
    with pytest.raises(Malformed, match=r"a journal of supverify|a damaged one"):
        read(path)


def test_a_damaged_journal_is_refused_or_has_lost_nothing(tmp_path: Path) -> None:
    path, rng = written(tmp_path / "a.journal"), random.Random(1)
    whole, refusals = path.read_bytes(), 0
    for _ in range(400):
        damaged = bytearray(whole)
        at = rng.randrange(len(whole))
        damaged[at] ^= rng.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            assert read(path) == RESULTS
        except Malformed:
            refusals += 1
    assert refusals > 40  # most of the pages is free space


def test_a_result_changed_by_hand_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal")
    file = sqlite3.connect(path)
    with file:
        file.execute("UPDATE results SET result = replace(result, '7', '8') WHERE shard = 7")
    file.close()
    with pytest.raises(Malformed, match="shard 7 of branch as written, got a damaged one"):
        read(path)


def test_a_short_run_leaves_no_trace(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.journal", CLAIM, after=60.0)
    journal.load(ENGINE, IDENTITY)
    journal.add(ENGINE, RESULTS)
    journal.close(keep=True)
    assert list(tmp_path.iterdir()) == []


def test_what_waited_is_kept_with_the_first_that_does_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.journal", CLAIM, after=0.2)
    journal.load(ENGINE, IDENTITY)
    journal.add(ENGINE, {0: RESULTS[0]})
    assert not journal.written
    time.sleep(0.2)
    journal.add(ENGINE, {1: RESULTS[1]})
    journal.close(keep=True)
    assert read(tmp_path / "a.journal") == {0: RESULTS[0], 1: RESULTS[1]}


def test_an_enumeration_goes_on_with_its_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "SHARD", 100)
    claim, path = ands(10, wrong=3), tmp_path / "a.journal"
    seen: list[int] = []

    def stop(what: str, done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 5:
            raise KeyboardInterrupt

    journal = Journal(path, claim.digest)
    with pytest.raises(KeyboardInterrupt):
        decide(Enumerate(), claim, progress=stop, execution=Execution(Local(jobs=1), journal))
    assert journal.unfinished
    journal.close(keep=True)
    calls: list[int] = []
    journal = Journal(path, claim.digest, resume=True)
    there = Execution(Local(jobs=1), journal)
    answer = decide(Enumerate(), claim, progress=lambda what, done, total: calls.append(done), execution=there)
    assert not journal.unfinished
    journal.close(keep=False)
    whole = decide(Enumerate(), claim)
    assert (answer.statistics, answer.counterexample) == (whole.statistics, whole.counterexample)
    assert min(calls) > seen[-1]
    assert not path.exists()


def test_results_of_another_shape_are_refused(tmp_path: Path) -> None:
    claim, path = ands(6), tmp_path / "a.journal"
    for shard, result in ((0, '{"walks":"L"}'), (99, '{"walks":["L"],"cells":1,"wrong":null,"limit":""}')):
        journal = Journal(path, claim.digest)
        there = Execution(Local(jobs=1), journal)
        verify(claim, engines=["branch"], execution=there)
        journal.add("branch", {shard: result})
        journal.close(keep=True)
        journal = Journal(path, claim.digest, resume=True)
        with pytest.raises(Malformed, match=r"journal.branch\["):
            verify(claim, engines=["branch"], execution=Execution(Local(jobs=1), journal))
        journal.close(keep=False)


def test_a_limit_keeps_the_journal_and_resuming_removes_it(shell: Shell) -> None:
    arguments = write(shell.folder, 60)
    first = shell(*arguments, "--json", "--seconds", "0.03", "--journal", "a.journal", "--jobs", "1")
    assert (first.code, first.answer["status"]) == (2, "UNKNOWN")
    assert first.answer["reason"].startswith("branch: time limit after ")
    assert first.answer["reason"].endswith("--resume goes on from a.journal")
    assert "expected --resume" in refused(shell(*arguments, "--journal", "a.journal"))
    other = write(shell.folder, 10)
    assert "a journal of the claim" in refused(shell(*other, "--journal", "a.journal", "--resume"))
    write(shell.folder, 60)
    second = shell(*arguments, "--json", "--journal", "a.journal", "--resume")
    assert (second.code, second.answer["status"]) == (0, "PROVED")
    assert "a.journal" not in shell.names()
    assert shell(*arguments, "--resume").code == 0  # nothing to resume is no fault
    assert shell(*arguments, "--keep-journal").code == 0
    assert "noisy.journal" in shell.names()


def test_unusable_journals_are_one_line(shell: Shell) -> None:
    arguments = write(shell.folder, 8)
    for path in ("none/a.journal", "noisy.npz/a.journal", "."):
        assert "expected a path that can be written" in refused(shell(*arguments, "--journal", path))
    assert "journal of supverify" in refused(shell(*arguments, "--journal", "noisy.npz", "--resume"))
    with pytest.raises(Malformed, match="a file to resume from"):
        supverify.verify("noisy.npz", "problem.json", k=4, resume=True)
    with pytest.raises(Malformed, match="jobs: expected at least 1, got 0"):
        supverify.verify("noisy.npz", "problem.json", k=4, jobs=0)


def test_python_has_the_same_options(shell: Shell) -> None:
    write(shell.folder, 8)
    half = supverify.Criterion(threshold=Fraction(6))
    verdict = supverify.verify(
        "noisy.npz", "problem.json", k=4, criterion=half, engines=["branch"], jobs=2, journal="b.journal", resume=True
    )
    assert verdict.status is Status.PROVED
    assert "b.journal" not in shell.names()


def test_a_full_disk_is_one_line(shell: Shell) -> None:
    """No file may grow beyond 64 kilobytes: the journal of this run has to."""
    arguments = [*write(shell.folder, 300), "--jobs", "1", "--journal", "a.journal"]
    limits = (64 * 1024, 64 * 1024)
    done = subprocess.run(
        [sys.executable, "-m", "supverify", *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("supverify: a.journal: expected a path that can be written, got ")
    assert done.stderr.count("\n") == 1


KILLS = 10
EMPTY = 24 * 1024  # bytes of a journal without results


def started(arguments: list[str]) -> subprocess.Popen[bytes]:
    """The command line as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "supverify", *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_killed_at_ten_moments_and_resumed_the_bytes_are_the_same(shell: Shell) -> None:
    """With one process or two, as it comes, on the same journal."""
    arguments = [*write(shell.folder, 700), "--journal", "a.journal", "--resume", "--certificate"]
    begun = time.monotonic()
    assert started([*arguments, "whole.json", "--jobs", "1"]).communicate()[1] == b""
    usual = time.monotonic() - begun
    rng, killed, largest = random.Random(0), 0, 0
    resumed = [*arguments, "resumed.json", "--jobs"]
    for _ in range(KILLS):
        process = started([*resumed, rng.choice("12")])
        try:
            process.communicate(timeout=rng.uniform(0.3, 1.0) * usual)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
        journal = shell.folder / "a.journal"
        largest = max(largest, journal.stat().st_size if journal.exists() else 0)
    assert killed >= KILLS // 2
    assert largest > EMPTY
    process = started([*resumed, "2"])
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"PROVED")
    assert Path("resumed.json").read_bytes() == Path("whole.json").read_bytes()
    assert not [name for name in shell.names() if "journal" in name]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no list of child processes")
def test_workers_do_not_outlive_the_process_they_work_for(shell: Shell) -> None:
    process = started([*write(shell.folder, 1500), "--jobs", "2"])
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + 60
    while not (workers := children.read_text().split()):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    while any(Path(f"/proc/{worker}").exists() and not _dead(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.05)


def _dead(process: str) -> bool:
    """Whether it has ended, though nobody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
