"""The command line: representing features, beside what computing needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import Shell, refused


def test_a_code_is_found_and_proved(shell: Shell) -> None:
    run = shell("represent", "-m", 60, "-k", 2, "-o", "code.npz", "--json")
    answer = run.answer
    assert (run.code, answer["status"], answer["oracles"]) == (0, "PROVED", [])
    assert answer["neurons"] < 60
    assert (answer["computing"], answer["features"], answer["k"]) == (None, 60, 2)
    assert shell("recheck", answer["claim"], answer["certificate"]).code == 0
    shown = shell("represent", "-m", 60, "-k", 2).out
    assert f"60 features are read back from {answer['neurons']} neurons" in shown


def test_what_was_built_stands_beside_it(shell: Shell) -> None:
    row = {
        "family": "random",
        "outputs": 60,
        "k": 2,
        "neurons": 44,
        "variant": "compact",
        "seed": 0,
        "status": "PROVED",
    }
    other = row | {"neurons": 11, "status": "UNKNOWN"}
    table = Path("reports/capacity/capacity.json")
    table.parent.mkdir(parents=True)
    table.write_text(json.dumps({"networks": [row, other]}))
    assert shell("represent", "-m", 60, "-k", 2, "--json").answer["computing"] == 44
    assert shell("represent", "-m", 60, "-k", 1, "--json").answer["computing"] is None


@pytest.mark.parametrize("options", [("-m", "0", "-k", "1"), ("-m", "9", "-k", "-1"), ("-m", "9", "-k", "10")])
def test_what_cannot_be_represented_is_refused(options: tuple[str, ...], shell: Shell) -> None:
    assert "expected" in refused(shell("represent", *options))
