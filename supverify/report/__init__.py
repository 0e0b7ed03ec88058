"""One immutable ``Report`` rendered to HTML, Markdown and JSON; the package's ``paper`` module gathers it."""

from __future__ import annotations

from .instances import Instances, read_instances
from .model import Report
from .write import check_folder, rendered, write_report

__all__ = ["Instances", "Report", "check_folder", "read_instances", "rendered", "write_report"]
