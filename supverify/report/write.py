"""The files of the paper's report."""

from __future__ import annotations

from pathlib import Path

from .folder import DATA, PAGE, PAPER, TEXT, write_folder
from .model import Report
from .pictures import influence_pictures
from .render_html import to_html
from .render_json import to_json
from .render_markdown import to_markdown
from .wording import FOLDER


def write_report(report: Report, folder: Path) -> Path:
    """Writes the report and returns the path of its page.

    Replaces an earlier report, or an empty folder; raises Malformed for any other folder, and where nothing can be
    written. What was there stays until everything is written.
    """
    return write_folder(rendered(report, folder=str(folder)), folder, kind=PAPER)


def rendered(report: Report, *, folder: str = FOLDER) -> dict[str, bytes]:
    """Every file of the report by its path in ``folder``."""
    pictures = {
        f"drawings/{graph.name}-{picture.name}.svg": picture
        for graph in report.classifications
        for picture in influence_pictures(graph)
        if picture.svg
    }
    alternatives = {path: f"{picture.title}. {picture.alternative}" for path, picture in pictures.items()}
    texts = {
        PAGE: to_html(report, folder=folder),
        TEXT: to_markdown(report, folder=folder, drawings=alternatives),
        DATA: to_json(report),
        **{path: picture.svg or "" for path, picture in pictures.items()},
    }
    return {path: text.encode() for path, text in texts.items()} | {file.path: file.content for file in report.files}
