"""The package keeps its floors, and every rule of ``floors`` refuses what it is there for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from statistics import median

import pytest
from floors import (
    BODY_LINES,
    FILE_LINES,
    HEAVY,
    LINES,
    MEDIAN_BODY_LINES,
    ORDER,
    Module,
    body_lines,
    faults,
    functions,
    parse,
)

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "supverify"


@cache
def modules() -> tuple[Module, ...]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple(parse(path.relative_to(PACKAGE).with_suffix("").parts, path.read_text("utf-8")) for path in paths)


@pytest.mark.parametrize("module", modules(), ids=lambda module: ".".join(module.path))
def test_module_keeps_its_floor(module: Module) -> None:
    assert faults(module) == []


@pytest.mark.parametrize("floor", ORDER)
def test_what_has_to_be_trusted_stays_small_enough_to_be_read(floor: str) -> None:
    assert sum(len(m.source.splitlines()) for m in modules() if m.floor == floor) <= LINES[floor]


def test_median_function_is_short() -> None:
    assert median(body_lines(f) for module in modules() for f in functions(module.tree)) <= MEDIAN_BODY_LINES


def loaded_by(names: Iterable[str], *options: str) -> set[str]:
    """Top-level packages that importing ``names`` brings into a fresh interpreter."""
    program = f"import sys; sys.path.insert(0, '.'); import {', '.join(names)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, *options, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {module.partition(".")[0] for module in done.stdout.split()}


@pytest.mark.parametrize("floor", ORDER)
def test_what_has_to_be_trusted_runs_on_the_standard_library_alone(floor: str) -> None:
    paths = [module.path for module in modules() if module.floor == floor and module.path[1] != "__init__"]
    assert loaded_by([".".join(("supverify", *path)) for path in paths], "-S") <= {
        "supverify",
        "__main__",
        *sys.stdlib_module_names,
    }


def test_command_line_starts_without_heavy_packages() -> None:
    assert not loaded_by(["supverify.cli"]) & HEAVY


LONG = "def walk() -> None:\n" + '    """Walks."""\n' + "    step()\n" * (BODY_LINES + 1)

REFUSED = {
    "sibling": ("models.graph", "from supverify.engines import branch", "models imports engines"),
    "sibling, relative": ("engines.smt", "from ..models import graph", "engines imports models"),
    "sibling, lazily": ("files.npz", "def _f():\n    import supverify.report", "files imports report"),
    "the whole package": ("report.html", "import supverify", "report imports all of supverify"),
    "the package's own name": ("report.html", "from supverify import verify", "report imports verify"),
    "the command line": ("engines.smt", "from .. import cli", "engines imports cli"),
    "a verb": ("files.npz", "from ..commands import options", "files imports commands"),
    "a verb to the command line": ("commands.networks", "from ..cli import main", "commands imports cli"),
    "heavy, in a verb": ("commands.networks", "import z3", "z3 imported at module level"),
    "a leaf, upwards": ("notebook_table", "from .kernel.claim import Claim", "notebook_table imports supverify.ker"),
    "kernel to a leaf": ("kernel.check", "from ..notebook_table import table_html", "kernel imports supverify.note"),
    "new floor": ("helpers.text", "", "helpers is on no floor"),
    "kernel upwards": ("kernel.network", "from .check import check", "does not come before network"),
    "kernel, itself": ("kernel.network", "from . import network", "does not come before network"),
    "kernel to the calculus": ("kernel.check", "from ..calculus.audit import audit", "kernel imports supverify.cal"),
    "calculus upwards": ("calculus.statement", "from .grammar import parse", "not come before statement"),
    "calculus to networks": ("calculus.rules", "from ..kernel.network import Layer", "calculus imports supverify.k"),
    "calculus to a package": ("calculus.rules", "import sympy", "calculus imports sympy"),
    "calculus, float": ("calculus.rules", "half = 0.5", "float 0.5"),
    "kernel, package": ("kernel.check", "from supverify import kernel", "does not come before check"),
    "kernel, new module": ("kernel.search", "", "search has no place"),
    "kernel to a floor": ("kernel.check", "from ..engines import branch", "kernel imports supverify.engines"),
    "kernel to a package": ("kernel.check", "import numpy as np", "kernel imports numpy"),
    "kernel, math": ("kernel.check", "from math import log2", "math.log2 is not an integer function"),
    "kernel, math attribute": ("kernel.check", "import math\nmath.sqrt(2)", "math.sqrt is not an integer"),
    "kernel, float": ("kernel.check", "half = 0.5", "float 0.5"),
    "kernel, float call": ("kernel.check", "x = float('1')", "float in kernel"),
    "kernel, imaginary": ("kernel.check", "x = 1j", "float 1j"),
    "kernel, assert": ("kernel.check", "assert True", "assert in kernel"),
    "heavy": ("engines.smt", "import z3", "z3 imported at module level"),
    "heavy, in a try": ("engines.fast", "try:\n    import numba\nfinally:\n    pass", "numba imported"),
    "heavy, in a class": ("report.pictures.bounds", "class A:\n    from matplotlib import cm", "matplotlib imported"),
    "heavy, command line": ("cli", "import onnx.helper", "onnx imported at module level"),
    "eval": ("oracles.text", "eval('1')", "line 2: eval"),
    "exec, renamed": ("oracles.text", "run = exec", "line 2: exec"),
    "dynamic import": ("engines.text", "__import__('os')", "line 2: __import__"),
    "sympify": ("oracles.text", "from sympy import sympify", "import of sympy.sympify"),
    "sympify, attribute": ("oracles.text", "import sympy\nsympy.sympify('x')", "line 3: sympify"),
    "parse_expr": ("oracles.text", "from sympy.parsing.sympy_parser import parse_expr", "parse_expr"),
    "pickle": ("files.npz", "import pickle", "import of pickle"),
    "numpy pickle": ("files.npz", "load(path, allow_pickle=True)", "allow_pickle"),
    "global": ("engines.text", "def _f():\n    global seen", "global seen"),
    "long file": ("models.graph", "x = 1\n" * FILE_LINES, "301 lines"),
    "long function": ("models.graph", LONG, "walk has 46 lines"),
    "function": ("models.graph", "def size(): return 1", "size has no docstring"),
    "class": ("models.graph", "class Graph: pass", "Graph has no docstring"),
    "method": (
        "models.graph",
        "class Graph:\n    'A graph.'\n    def size(self): ...",
        "size has no docstring",
    ),
}

ALLOWED = {
    "kernel downwards": ("kernel.check", "from .network import Layer\nimport supverify.kernel.errors"),
    "kernel, integers": ("kernel.check", "import math\nfrom math import comb\nmath.isqrt(2)"),
    "calculus, refusals": ("calculus.rules", "from supverify.kernel.errors import Rejected\nimport tomllib"),
    "floor to a leaf": ("models.graph", "from supverify.notebook_table import table_html"),
    "own floor": ("models.graph", "from .problems import Problem\nfrom supverify.models import codes"),
    "floor to kernel": ("oracles.smt", "from ..calculus.statement import Term\nimport sympy"),
    "everything from the command line": ("cli", "from .models import graph\nfrom supverify import engines"),
    "everything from a verb": ("commands.networks", "from .. import engines\nfrom ..models import graph"),
    "heavy, when used": ("engines.smt", "def _solve():\n    import z3"),
    "heavy, for its types": ("engines.smt", "if TYPE_CHECKING:\n    import z3"),
    "a solver's model": ("engines.smt", "model.eval(x)\nre.compile('x')\nload(path, allow_pickle=False)"),
    "private names": ("models.graph", "def _size(): return 1\nclass _Graph:\n    def size(self): return 1"),
    "45 lines": ("models.graph", LONG.removesuffix("    step()\n")),
}


def snippet(path: str, source: str) -> Module:
    return parse(tuple(path.split(".")), f'"""A module."""\n{source}')


@pytest.mark.parametrize(("path", "source", "fault"), REFUSED.values(), ids=REFUSED)
def test_refused(path: str, source: str, fault: str) -> None:
    assert any(fault in found for found in faults(snippet(path, source)))


@pytest.mark.parametrize(("path", "source"), ALLOWED.values(), ids=ALLOWED)
def test_allowed(path: str, source: str) -> None:
    assert faults(snippet(path, source)) == []


def test_module_without_a_docstring_is_refused() -> None:
    assert faults(parse(("models", "graph"), "x = 1")) == ["the module has no docstring"]
