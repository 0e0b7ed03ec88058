"""The files of a report on one network."""

from __future__ import annotations

from pathlib import Path

from .document_html import to_html
from .document_markdown import to_markdown
from .folder import DATA, NETWORK, PAGE, TEXT, write_folder
from .network_document import document
from .network_json import to_json
from .network_model import NetworkReport


def write_network_report(report: NetworkReport, folder: Path) -> Path:
    """Writes the report and returns the path of its page; replaces and raises as ``folder.write_folder`` does."""
    return write_folder(rendered(report), folder, kind=NETWORK)


def rendered(report: NetworkReport) -> dict[str, bytes]:
    """Every file of the report by its path in its folder."""
    said = document(report)
    texts = {
        PAGE: to_html(said),
        TEXT: to_markdown(said, drawings={drawing.name: drawing.path for drawing in report.drawings}),
        DATA: to_json(report),
    }
    return {path: text.encode() for path, text in texts.items()} | {file.path: file.content for file in report.files}
