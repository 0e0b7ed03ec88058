"""The example notebooks: executed as they stand, each cell gives the output that is committed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = Path("tests", "notebooks.py")
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
LARGEST = 20_000  # bytes


def outputs(path: Path) -> list[dict[str, Any]]:
    return [found for cell in json.loads(path.read_text("utf-8"))["cells"] for found in cell.get("outputs", ())]


def test_there_are_two() -> None:
    assert [path.name for path in NOTEBOOKS] == ["audit_my_bound.ipynb", "verify_my_network.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_outputs_are_small_and_have_tables(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    kinds = [found["output_type"] for found in outputs(path)]
    assert "error" not in kinds
    assert sum("<table>" in "".join(found.get("data", {}).get("text/html", ())) for found in outputs(path)) >= 3


@pytest.mark.slow
def test_every_cell_gives_its_committed_output(tmp_path: Path) -> None:
    # In a process of its own, for the client of the kernels leaves sockets open.
    subprocess.run([sys.executable, ROOT / SCRIPT, tmp_path], check=True)
    for path in NOTEBOOKS:
        given = (tmp_path / path.name).read_text("utf-8")
        assert given == path.read_text("utf-8"), f"python {SCRIPT} writes it anew"
