"""One immutable ``Report`` rendered to HTML, Markdown and JSON; the package's ``paper`` module gathers it.

Names are loaded when first used: a verdict needs the ``model`` alone, not the renderers and what they import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .folder import check_folder
    from .instances import Instances, read_instances
    from .model import Report
    from .write import rendered, write_report

__all__ = ["Instances", "Report", "check_folder", "read_instances", "rendered", "write_report"]

_HOMES = {"check_folder": "folder", "Instances": "instances", "read_instances": "instances", "Report": "model"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES.get(name, 'write')}", __name__), name)
