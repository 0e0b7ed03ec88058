"""The command line as tests use it: a folder with small files, verbs run inside this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supverify import cli

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What a verb printed and its exit code."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Shell:
    """Runs verbs inside this process, in a folder with a small problem and networks for it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        problem = {"kind": "2-and", "inputs": 3, "pairs": [[0, 1], [1, 2]]}
        self.write("ands.json", json.dumps(problem))
        self.write("ands.txt", "0 1\n1 2\n")
        self.network("good", W1=[[1, 1, 0], [0, 1, 1]], b1=[-1, -1])
        self.network("wrong", W1=[[1, 1, 0], [0.75, 1, 1]], b1=[-1, -1])

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def network(self, name: str, **arrays: object) -> None:
        np.savez(self.folder / f"{name}.npz", allow_pickle=False, **{key: np.array(x) for key, x in arrays.items()})

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def __call__(self, *arguments: object) -> Run:
        with pytest.raises(SystemExit) as left:
            cli.main(list(map(str, arguments)))
        assert isinstance(left.value.code, int)
        return Run(left.value.code, *self.capsys.readouterr())

    def verify(self, network: str, *arguments: object, k: int = 2) -> Run:
        """By branch and bound only, which starts at once, unless the arguments say otherwise."""
        chosen = () if "--engines" in arguments else ("--engines", "branch")
        return self("verify", network, "ands.json", "-k", k, *chosen, *arguments)


def refused(run: Run, code: int = 3) -> str:
    """The one line that says why nothing was done."""
    assert run.code == code, run
    assert run.out == ""
    assert run.err.startswith("supverify: ")
    assert run.err.endswith("\n")
    assert run.err.count("\n") == 1, run.err
    return run.err.removeprefix("supverify: ").rstrip("\n")
