"""Tools that the paper's report uses where they are there, and what it says less without each of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec

from ..report.model import MissingTool


def missing_tools() -> Iterator[MissingTool]:
    """Those that are not there; nothing is imported to find out."""
    return (tool for tool, there in TOOLS if not there())


def _package(name: str) -> bool:
    return find_spec(name) is not None


def _program(name: str) -> bool:
    return shutil.which(name) is not None


TOOLS: tuple[tuple[MissingTool, Callable[[], bool]], ...] = (
    (
        MissingTool(
            name="python-flint",
            install="extra: arb",
            left_out="real numbers are not compared and growth is not decided, so the steps that need it are holes "
            "and the claims that rest on them are left open",
            shows=True,
        ),
        partial(_package, "flint"),
    ),
    (
        MissingTool(name="matplotlib", install="extra: plots", left_out="nothing is drawn", shows=True),
        partial(_package, "matplotlib"),
    ),
    (
        MissingTool(
            name="numba",
            install="extra: fast",
            left_out="inputs are counted without compiled code; the same results take longer",
            shows=False,
        ),
        partial(_package, "numba"),
    ),
    (
        MissingTool(
            name="coqc",
            install="Debian and Ubuntu: apt install coq",
            left_out="make coq, which checks the core of the lower bounds a second time, cannot run; nothing in the "
            "report rests on it",
            shows=False,
        ),
        partial(_program, "coqc"),
    ),
)
