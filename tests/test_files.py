"""Files are written whole or not at all; problem files are read, or refused with their place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from written import dump, refusal

from supverify.files import (
    check_writable,
    read_network,
    read_problem,
    write_atomically,
    write_certificate,
    write_claim,
)
from supverify.files import read as reading
from supverify.kernel.certificate import REPLAY, Certificate, witness
from supverify.kernel.check import recheck
from supverify.kernel.claim import Claim, Permutation, TwoAnd
from supverify.kernel.errors import Rejected
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status


def test_written_whole_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"1")
    write_atomically(path, b"2")
    assert path.read_bytes() == b"2"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["file/below", "missing/below", "folder", "", "null\0", "x" * 300])
@pytest.mark.parametrize("write", [check_writable, partial(write_atomically, data=b"1")], ids=["check", "write"])
def test_unwritable_path_is_refused(name: str, write: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    assert "expected a path that can be written, got" in refusal(write, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_writable_path_stays_as_it_is(tmp_path: Path) -> None:
    check_writable(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_claim_and_certificate_are_what_the_kernel_reads(tmp_path: Path) -> None:
    network = Network(2, (Layer(((0, 1),), ((1, 1),), (-1,), True),))
    claim = Claim(network, TwoAnd(2, ((0, 1),)), 2)
    write_claim(tmp_path / "claim", claim)
    for evidence, status in ((REPLAY, Status.PROVED), (witness([0]), None)):
        write_certificate(tmp_path / "certificate", Certificate(claim.digest, evidence))
        files = [(tmp_path / name).read_bytes() for name in ("claim", "certificate")]
        if status is None:
            with pytest.raises(Rejected):
                recheck(*files)
        else:
            assert recheck(*files).status is status


def test_problem_in_json(tmp_path: Path) -> None:
    path = dump(tmp_path / "p.json", {"kind": "2-and", "inputs": 4, "pairs": [[3, 0], [1, 2]]})
    assert read_problem(path) == TwoAnd(4, ((3, 0), (1, 2)))
    path = dump(tmp_path / "p.json", {"kind": "permutation", "order": [2, 0, 1]})
    assert read_problem(path) == Permutation((2, 0, 1))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0 1\n", TwoAnd(2, ((0, 1),))),
        ("# title\n\n3 1 # an AND\r\n1\t0", TwoAnd(4, ((3, 1), (1, 0)))),
        ("inputs 9\n0 1\n0 1\n", TwoAnd(9, ((0, 1), (0, 1)))),
        ("\ufeff0 2", TwoAnd(3, ((0, 2),))),
    ],
)
def test_problem_in_an_edge_list(text: str, problem: TwoAnd, tmp_path: Path) -> None:
    path = tmp_path / "edges.txt"
    path.write_text(text, "utf-8")
    assert read_problem(path) == problem


EDGES = {
    "": ": expected a problem",
    "# nothing\n": "no pair",
    "0 1\n2 2\n": ":2: expected two different inputs in 0..1048575, got (2, 2)",
    "0 1 2\n": "inputs in 0..1048575, with a space between them (a heading stands after a #), got 0 1 2",
    "0\n": "with a space between them (a heading stands after a #), got 0",
    "a b\n": "got a",
    "0 -1\n": "got -1",
    "0 1.0\n": "got 1.0",
    "0 \u0663\n": "got \u0663",
    "0 1048576\n": "got 1048576",
    "0 99999999999999999999\n": "got 99999999999999999999",
    "inputs 2\n0 2\n": ":2: expected two different inputs in 0..1, got 2",
    "inputs\n0 1\n": ":1: expected inputs and how many there are, got nothing",
    "inputs 0\n0 1\n": ":2: expected",
    "0 1\ninputs 2\n": ":2: expected",
    "__import__('os').system('x')\n": "got __import__('os').system('x')",
}


@pytest.mark.parametrize(("text", "fault"), EDGES.items())
def test_edge_list_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "edges.txt"
    path.write_text(text, "utf-8")
    assert fault in refusal(read_problem, path)


PROBLEMS: dict[str, tuple[object, str]] = {
    "equal": ({"kind": "2-and", "inputs": 4, "pairs": [[0, 1], [2, 2]]}, "pairs[1]: expected two different inputs"),
    "out of range": ({"kind": "2-and", "inputs": 4, "pairs": [[0, 4]]}, "problem.pairs[0]: expected two different"),
    "negative": ({"kind": "2-and", "inputs": 4, "pairs": [[0, -1]]}, "problem.pairs[0]"),
    "triple": ({"kind": "2-and", "inputs": 4, "pairs": [[0, 1, 2]]}, "problem.pairs[0]: expected a list of 2"),
    "no pairs": ({"kind": "2-and", "inputs": 4, "pairs": []}, "expected at least one pair"),
    "float": ({"kind": "2-and", "inputs": 4, "pairs": [[0, 1.0]]}, "problem.pairs[0][1]: expected int, got 1.0"),
    "truth value": ({"kind": "2-and", "inputs": 4, "pairs": [[0, True]]}, "expected int, got True"),
    "text": ({"kind": "2-and", "inputs": "4", "pairs": [[0, 1]]}, "problem.inputs: expected int"),
    "missing key": ({"kind": "2-and", "pairs": [[0, 1]]}, "expected an object with the keys inputs, pairs, kind"),
    "further key": ({"kind": "2-and", "inputs": 4, "pairs": [[0, 1]], "k": 2}, "an object with the keys"),
    "other kind": ({"kind": "3-and", "inputs": 4, "pairs": [[0, 1]]}, "expected one of 2-and, permutation"),
    "no kind": ({"inputs": 4, "pairs": [[0, 1]]}, "problem.kind"),
    "list": ([[0, 1]], ": expected an object such as"),
    "huge": ({"kind": "2-and", "inputs": 1 << 40, "pairs": [[0, 1]]}, "problem.inputs: expected at most 1048576"),
    "twice": ({"kind": "permutation", "order": [0, 0]}, "problem.order: expected each of 0..1 once"),
    "empty": ({"kind": "permutation", "order": []}, "problem.order"),
}


@pytest.mark.parametrize(("value", "fault"), PROBLEMS.values(), ids=PROBLEMS)
def test_json_problem_is_refused(value: object, fault: str, tmp_path: Path) -> None:
    assert fault in refusal(read_problem, dump(tmp_path / "p.json", value))


@pytest.mark.parametrize(
    "text", ["{", '{"kind": ', '{"kind": 1, "kind": 1}', "{" * 100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_broken_json_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(text, "utf-8")
    refusal(read_problem, tmp_path / "p.json")
    refusal(read_network, tmp_path / "p.json")


def test_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "latin").write_bytes(b"0 1 # \xe9")
    (tmp_path / "folder").mkdir()
    assert "expected UTF-8 text, got byte 233 at 6" in refusal(read_problem, tmp_path / "latin")
    assert "expected a readable file" in refusal(read_problem, tmp_path / "none")
    assert "expected a readable file" in refusal(read_problem, tmp_path / "folder")
    assert "expected a readable file" in refusal(read_problem, tmp_path / "null\0")
    monkeypatch.setattr(reading, "LARGEST_TEXT", 6)
    assert "expected at most 6 bytes, got more" in refusal(read_problem, tmp_path / "latin")
