"""Pictures as files of a report and what it says of them, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import Drawing, EvidenceFile
from .pictures import Picture


def filed(pictures: Iterable[Picture], *, prefix: str = "") -> Iterator[tuple[Drawing, EvidenceFile | None]]:
    """Each picture with its file, named after ``prefix`` and itself; None where nothing is drawn."""
    for picture in pictures:
        path = f"drawings/{prefix}{picture.name}.svg" if picture.svg else None
        drawing = Drawing(
            name=picture.name,
            title=picture.title,
            caption=picture.caption,
            alternative=picture.alternative,
            path=path,
        )
        yield drawing, None if path is None else EvidenceFile(path=path, content=(picture.svg or "").encode())


def unfiled(drawings: Iterable[Drawing], files: Iterable[EvidenceFile]) -> Iterator[Picture]:
    """The pictures, from the files of the report."""
    contents = {file.path: file.content for file in files}
    for drawing in drawings:
        svg = None if drawing.path is None else contents[drawing.path].decode()
        yield Picture(
            name=drawing.name,
            title=drawing.title,
            caption=drawing.caption,
            alternative=drawing.alternative,
            svg=svg,
        )
