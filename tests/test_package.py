"""The package as Python sees it: its public names, loaded when they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from shell import ROOT, Shell

import supverify
from supverify.kernel.verdict import Status


@pytest.mark.parametrize("name", supverify.__all__)
def test_public_name_is_there(name: str) -> None:
    value = getattr(supverify, name)
    assert value.__name__ == name
    assert value.__doc__
    assert name in dir(supverify)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'prove'"):
        _ = supverify.prove


def test_importing_the_package_loads_nothing_else() -> None:
    command = (
        "import sys, supverify.cli; print(*sorted({'numpy', 'rich', 'sympy', 'networkx', 'z3'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_verify_from_python(shell: Shell) -> None:
    file = supverify.read_network("good.npz")
    problem = supverify.TwoAnd(3, ((0, 1), (1, 2)))
    for network, asked in ((file, problem), (file.network, "ands.txt"), ("good.npz", Path("ands.json"))):
        verdict = supverify.verify(network, asked, k=2, engines=["branch"])
        assert (verdict.status, verdict.claim.problem) == (Status.PROVED, problem)
    strict = supverify.Criterion("linear")
    assert supverify.verify(file, problem, k=2, criterion=strict, engines=["branch"]).status is Status.REFUTED
    with pytest.raises(supverify.Malformed):
        supverify.verify(file, problem, k=9)
