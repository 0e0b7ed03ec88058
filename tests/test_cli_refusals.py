"""The command line: bad input of every kind is one line, exit code 3, and nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from shell import ROOT, Run, Shell, refused

ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
VERIFY = ("verify", "good.npz", "ands.json", "-k", "2")

BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "negative k": (("verify", "good.npz", "ands.json", "-k", "-1"), "claim.k: expected 0 <= k <= 3, got -1"),
    "k above m": (("verify", "good.npz", "ands.json", "-k", "4"), "claim.k: expected 0 <= k <= 3, got 4"),
    "k is no number": (("verify", "good.npz", "ands.json", "-k", "two"), "'two' is not a valid integer"),
    "no k": (("verify", "good.npz", "ands.json"), "Missing option '-k'. (see supverify verify --help)"),
    "no network": (("verify", "none.npz", "ands.json", "-k", "2"), "none.npz: expected a readable file"),
    "no problem": (
        ("verify", "good.npz", "none", "-k", "2"),
        "none: expected a file, or a generator such as random:M=",
    ),
    "another problem": (
        ("verify", "good.npz", "four.txt", "-k", "2"),
        "claim.network: expected 4 inputs and 1 outputs",
    ),
    "no arguments": (("verify",), "Missing argument 'NETWORK'. (see supverify verify --help)"),
    "other mode": ((*VERIFY, "--mode", "some"), "'some' is not one of 'at-most', 'exactly'"),
    "other criterion": ((*VERIFY, "--criterion", "x"), "'x' is not one of 'readout', 'code', 'separated', 'linear'"),
    "slack as a decimal": (
        (*VERIFY, "--slack", "0.5"),
        '--slack: expected a fraction as text, such as "1/2", got 0.5',
    ),
    "threshold by zero": ((*VERIFY, "--threshold", "1/0"), "--threshold: expected a fraction as text"),
    "negative slack": ((*VERIFY, "--criterion", "linear", "--slack", "-1"), "criterion.slack: expected 0, or more"),
    "slack of a readout": (
        (*VERIFY, "--slack", "1/8"),
        "criterion.slack: expected 0, or more for separated and linear",
    ),
    "other engine": (
        (*VERIFY, "--engines", "magic"),
        "engines: expected some of enumerate, smt, branch, contract, channels, dense, got magic",
    ),
    "no engine": (
        (*VERIFY, "--engines", ","),
        "engines: expected at least one of enumerate, smt, branch, contract, channels, dense, got none",
    ),
    "no seconds": ((*VERIFY, "--seconds", "0"), "0.0 is not in the range x>0"),
    "other option": ((*VERIFY, "--fast"), "No such option"),
    "too many arguments": ((*VERIFY, "more"), "Got unexpected extra argument (more)"),
    "certificate below a file": (
        (*VERIFY, "--certificate", "good.npz/c.json"),
        "expected a path that can be written",
    ),
    "certificate without a folder": (
        (*VERIFY, "--certificate", "none/c.json"),
        "expected a path that can be written",
    ),
    "certificate is the claim": (
        (*VERIFY, "--certificate", "good.claim.json"),
        "of a file, and not a claim's",
    ),
    "certificate without a name": ((*VERIFY, "--certificate", ""), "expected the name of a file"),
    "certificate is a folder": ((*VERIFY, "--certificate", "."), "expected the name of a file"),
    "report name too long": (("report", "--output", "x" * 300), "expected a folder that can be written"),
    "no output": (("build", "ands.json", "-k", "2"), "Missing option '-o' / '--output'"),
    "output is no npz": (
        ("build", "ands.json", "-k", "2", "-o", "net.onnx"),
        "expected a name ending in .npz, got .onnx",
    ),
    "output below a file": (("build", "ands.json", "-k", "2", "-o", "good.npz/n.npz"), "a path that can be written"),
    "output in no folder": (("build", "ands.json", "-k", "2", "-o", "none/n.npz"), "a path that can be written"),
    "build with negative k": (("build", "ands.json", "-k", "-1", "-o", "net.npz"), "expected"),
    "build with no neurons": (("build", "ands.json", "-k", "2", "--neurons", "0", "-o", "n.npz"), "'--neurons'"),
    "build of nothing": (("build", "equal.txt", "-k", "2", "-o", "net.npz"), "equal.txt:2: expected two different"),
    "other variant": (
        ("build", "ands.json", "-k", "2", "--variant", "small", "-o", "net.npz"),
        "'small' is not one of 'paper', 'compact', 'random'",
    ),
    "bounds of nothing": (("bounds", "-M", "0", "-k", "2"), "bounds: outputs: expected 1 to 1000000000000, got 0"),
    "bounds with negative k": (("bounds", "-M", "9", "-k", "-1"), "bounds: k: expected 0 to 9, got -1"),
    "bounds with k above m": (("bounds", "-M", "9", "-m", "5", "-k", "6"), "bounds: k: expected 0 to 5, got 6"),
    "bounds with too few inputs": (
        ("bounds", "-M", "9", "-m", "4", "-k", "2"),
        "bounds: inputs for 9 distinct pairs: expected 5 to",
    ),
    "bounds without k": (("bounds", "-M", "9"), "Missing option '-k'. (see supverify bounds --help)"),
    "bounds without outputs": (("bounds", "-k", "2"), "Missing option '-M' / '--outputs'"),
    "bounds of no neurons": (("bounds", "-M", "9", "-k", "2", "-n", "0"), "bounds: neurons: expected 1 to"),
    "bounds of weights without bits": (
        ("bounds", "-M", "9", "-k", "2", "--bits-per-weight", "0"),
        "bounds: bits per weight: expected 1 to 64, got 0",
    ),
    "no such table": (("bounds", "-M", "9", "-k", "2", "--table", "none"), "none: expected a readable file"),
    "bounds drawn below a file": (
        ("bounds", "-M", "9", "-k", "2", "--plot", "good.npz/a.svg"),
        "a path that can be written",
    ),
    "classes of a permutation": (("classify", "permutation:m=4"), "problem.kind: expected 2-and"),
    "unknown family": (("classify", "circle:M=4"), "generator circle: expected permutation or a family: random"),
    "unknown generator key": (("classify", "random:M=4,n=3"), "generator random: n: expected"),
    "plot below a file": (("classify", "ands.json", "--plot", "good.npz/a.svg"), "a path that can be written"),
    "one of two outputs": (
        ("classify", "ands.json", "--plot", "a.svg", "--graphml", "none/a.graphml"),
        "none/a.graphml: expected a path that can be written",
    ),
    "report of nothing": (
        ("report", "--proofs", "none"),
        "none: expected a folder with derivations (*.md), got none",
    ),
    "other verb": (("prove",), "No such command 'prove'. (see supverify --help)"),
    "no claim": (("recheck", "none.json", "good.npz"), "none.json: expected a readable file"),
    "claim is a folder": (("recheck", ".", "good.npz"), ".: expected a readable file, got Is a directory"),
    "no derivation": (("audit", "none.md"), "none.md: expected a readable UTF-8 file"),
    "derivation is no text": (("audit", "good.npz"), "good.npz: expected a readable UTF-8 file"),
    "equal pair": (("verify", "good.npz", "equal.txt", "-k", "2"), "equal.txt:2: expected two different inputs"),
    "certificate in place of the problem": (
        (*VERIFY, "--certificate", "ands.json"),
        "ands.json: expected another place to write than a file that was read",
    ),
    "code of other outputs": (
        ("verify", "coded.npz", "ands.json", "-k", "2", "--criterion", "code"),
        "C1: expected 2 columns, one for each output of the problem, got 3",
    ),
    "broken npz": (("verify", "broken.npz", "ands.json", "-k", "2"), "broken.npz: expected an npz file"),
    "broken JSON": (("verify", "broken.json", "ands.json", "-k", "2"), "broken.json: expected JSON, got Expecting"),
    "not a number": (("verify", "nan.npz", "ands.json", "-k", "2"), "nan.npz: W1[0][1]: expected a finite number"),
    "wrong shape": (
        ("verify", "shape.npz", "ands.json", "-k", "2"),
        "shape.npz: b1: expected shape (2,), got shape (1,)",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_leaves_nothing(arguments: tuple[str, ...], message: str, shell: Shell) -> None:
    shell.write("four.txt", "0 3")
    shell.write("equal.txt", "0 1\n1 1")
    shell.write("broken.json", '{"W1": [[1')
    shell.write("broken.npz", "PK\x03\x04")
    shell.network("nan", W1=[[1, np.nan]], b1=[0])
    shell.network("shape", W1=[[1, 0, 0], [0, 1, 1]], b1=[0])
    shell.network("coded", W1=[[1, 1, 0]], b1=[0], C1=[[1, 0, 1]])
    before = shell.names()
    assert message in refused(shell(*arguments))
    assert message in refused(shell(*arguments, "--json"))
    assert shell.names() == before


def test_more_inputs_than_can_be_printed_are_refused(shell: Shell) -> None:
    shell.write("wide.json", '{"kind": "2-and", "inputs": 15000, "pairs": [[0, 1]]}')
    shell.network("wide", W1=[[1, 1, *[0] * 14998]], b1=[-1])
    run = shell("verify", "wide.npz", "wide.json", "-k", "7500", "--mode", "exactly")
    assert "claim.k: expected inputs whose number has at most 4000 digits, got 7500 of 15000" in refused(run)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_no_refutation(shell: Shell) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "supverify", *VERIFY, "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stderr.splitlines()[0]) == (3, "supverify: output: No space left on device")


def test_a_bug_is_no_refutation(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, said in ((KeyError("oops"), "KeyError: 'oops'"), (MemoryError(), "supverify: out of memory")):
        monkeypatch.setattr("supverify.files.read_network", Mock(side_effect=error))
        run = shell(*VERIFY)
        assert (run.code, run.out) == (2, "")
        assert run.err.endswith(f"{said}\n")


@pytest.mark.parametrize("arguments", [("verify", "x.npz", "x.json", "-k", "2"), ("audit", "x.md"), ("magic",)])
def test_no_traceback_from_the_program_itself(arguments: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "supverify", *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    refused(Run(done.returncode, done.stdout, done.stderr))


def test_without_a_verb_the_help_is_shown(shell: Shell) -> None:
    run = shell()
    assert (run.code, run.out) == (3, "")
    assert run.err == shell("--help").out
    assert shell("verify", "--help").code == 0
