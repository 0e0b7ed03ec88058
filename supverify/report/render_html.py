"""The report as one HTML page that needs nothing else: no script, no network, drawings and formulas inside."""

from __future__ import annotations

from . import verdicts, wording, wording_sources
from .drawings import unfiled
from .model import Report
from .pages import page
from .pictures import influence_pictures
from .plural import plural
from .verdicts import Result


def to_html(report: Report, *, folder: str = wording.FOLDER) -> str:
    """The whole page, to be kept in ``folder``; every text that comes from the report is escaped."""
    return page(
        "page.html",
        report=report,
        folder=folder,
        groups=grouped(report),
        wording=wording,
        claims=wording_sources,
        plural=plural,
        verdicts=verdicts,
        influence_pictures=influence_pictures,
        unfiled=unfiled,
    )


def grouped(report: Report) -> dict[str, list[Result]]:
    """The rows of the verdict table by their groups."""
    groups: dict[str, list[Result]] = {}
    for result in verdicts.results(report):
        groups.setdefault(result.group, []).append(result)
    return groups
