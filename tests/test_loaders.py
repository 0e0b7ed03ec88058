"""Nothing but a refusal leaves the readers, whatever is in a file; and hostile files cost little memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from random import Random

import hostile
import limits
import loaders
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import changed
from seeds import KINDS, Kind
from shell import ROOT

from supverify.files import NetworkFile, read_network
from supverify.kernel.errors import Malformed

FAST = (
    "tall zeros",
    "zip directory",
    "tiny weight",
    "JSON of brackets",
    "ONNX of empty nodes",
    "ONNX of unknown fields",
    "ONNX nested",
)


@pytest.mark.parametrize("kind", KINDS)
def test_whole_file_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / KINDS[kind].file
    path.write_bytes(KINDS[kind].content)
    KINDS[kind].read(path)


def test_whole_files_hold_the_same_network(tmp_path: Path) -> None:
    """The seeds, in the four formats, around which the fuzzing goes."""
    files = []
    for kind in ("npz", "safetensors", "onnx", "json", "kernel"):
        path = tmp_path / f"{kind}.{KINDS[kind].file.rpartition('.')[2]}"
        path.write_bytes(KINDS[kind].content)
        files.append(read_network(path))
    npz, safetensors, graph, table, kernel = files
    assert npz == table
    assert safetensors == graph != npz
    assert isinstance(kernel, NetworkFile)
    onnx.checker.check_model(onnx.load_model_from_string(KINDS["onnx"].content))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(seed=st.integers(0, 1 << 32), times=st.integers(1, 3))
def test_only_a_refusal_leaves_the_reader(
    kind: str, tmp_path_factory: pytest.TempPathFactory, seed: int, times: int
) -> None:
    random, data = Random(seed), KINDS[kind].content
    for _ in range(times):
        data = changed(kind, data, random)
    path = tmp_path_factory.getbasetemp() / KINDS[kind].file
    path.write_bytes(data)
    with suppress(Malformed):
        KINDS[kind].read(path)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_only_a_refusal_answers_any_bytes(kind: str, tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / KINDS[kind].file
    path.write_bytes(data)
    with warnings.catch_warnings(action="error"), suppress(Malformed):
        KINDS[kind].read(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAST)
def test_hostile_file_costs_little(name: str, tmp_path: Path) -> None:
    """In a process that could not have more; all files of ``hostile`` by running it."""
    answer = hostile.read_under_limits(name, tmp_path)
    assert answer["peak"] < limits.MOST_MEMORY
    assert answer["refused"] is not None or name == "tall zeros"


def test_process_under_limits_cannot_have_more(tmp_path: Path) -> None:
    """The limit bites: what the readers are kept below would have been seen."""
    command = "import limits; limits.limit(); bytes(limits.MOST_MEMORY)"
    path = f"{ROOT}:{ROOT / 'tests' / 'fuzz'}"
    done = subprocess.run([sys.executable, "-c", command], env={"PYTHONPATH": path}, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"MemoryError" in done.stderr


def test_fuzzer_counts_what_it_reads_and_keeps_what_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = loaders.Run(tmp_path, 1, "mutations", 0)
    run.read("edges", b"0 1")
    run.read("edges", b"0 0")
    broken = Kind("p.txt", b"", lambda _: 1 // 0)
    monkeypatch.setitem(KINDS, "edges", broken)
    run.read("edges", b"0 1")
    assert (tmp_path / "crash-0-p.txt").read_bytes() == b"0 1"
    summary = json.loads(run.summary())
    assert {key: summary[key] for key in ("inputs", "refused", "crashes")} == {
        "inputs": 3,
        "refused": 1,
        "crashes": 1,
    }
    assert "ZeroDivisionError" in capsys.readouterr().err
