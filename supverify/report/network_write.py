"""The files of a report on one network."""

from __future__ import annotations

from pathlib import Path

from .document_html import to_html
from .document_markdown import to_markdown
from .document_typst import to_pdf
from .folder import DATA, NETWORK, PAGE, PRINTED, TEXT, write_folder
from .network_document import document
from .network_json import to_json
from .network_model import NetworkReport


def write_network_report(report: NetworkReport, folder: Path, *, pdf: bool = False) -> Path:
    """Writes the report and returns the path of its page; replaces and raises as ``folder.write_folder`` does."""
    return write_folder(rendered(report, pdf=pdf), folder, kind=NETWORK)


def rendered(report: NetworkReport, *, pdf: bool = False) -> dict[str, bytes]:
    """Every file of the report by its path in its folder; with ``pdf`` a PDF too, which the package typst sets."""
    said = document(report)
    texts = {
        PAGE: to_html(said),
        TEXT: to_markdown(said, drawings={drawing.name: drawing.path for drawing in report.drawings}),
        DATA: to_json(report),
    }
    printed = {PRINTED: to_pdf(said)} if pdf else {}
    written = {path: text.encode() for path, text in texts.items()}
    return written | printed | {file.path: file.content for file in report.files}
