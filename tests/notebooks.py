"""The example notebooks, executed in a copy of their folder, and written to it or elsewhere.

python tests/notebooks.py [FOLDER]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
FORMAT: Any = import_module("nbformat")  # its functions have no types
SECONDS = 120  # for a cell


def executed(path: Path, folder: Path) -> str:
    """The notebook with the outputs that its cells have in ``folder``; raises CellExecutionError.

    What differs between machines and runs is left out: who ran it, and the plain text of what has a table.
    """
    notebook = FORMAT.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as sockets:  # not TCP, which anyone on the machine could listen to
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/kernel")
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, km=manager, timeout=SECONDS, resources=where, coalesce_streams=True).execute()
    notebook.metadata = {"language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data.pop("text/plain", None)
    return f"{FORMAT.writes(notebook)}\n"


def in_a_copy(path: Path) -> str:
    """The same, in a copy of the examples."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "examples"
        shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return executed(path, folder)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    for notebook in NOTEBOOKS:
        (target / notebook.name).write_text(in_a_copy(notebook), "utf-8")
