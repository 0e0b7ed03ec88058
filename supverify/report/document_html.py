"""A document as one HTML page that needs nothing else."""

from __future__ import annotations

from .document import Document
from .pages import page


def to_html(document: Document) -> str:
    """The whole page; every text of the document is escaped."""
    contents = {part.anchor: part.heading for part in document.sections} | {"timings": "Timings"}
    return page("network.html", report=document, contents=contents, kind=lambda item: type(item).__name__)
