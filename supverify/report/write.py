"""The report's folder: all of its files are written beside it first, then it takes the folder's place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supverify.kernel.errors import Malformed

from .model import Report
from .pictures import influence_pictures
from .render_html import to_html
from .render_json import to_json
from .render_markdown import to_markdown
from .wording import FOLDER

PAGE = "index.html"


def write_report(report: Report, folder: Path) -> Path:
    """Writes the report and returns the path of its page.

    Replaces an earlier report, or an empty folder; raises Malformed for any other folder, and where nothing can be
    written. What was there stays until everything is written.
    """
    check_folder(folder)
    files = rendered(report, folder=str(folder))
    with _refusing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            fresh, old = Path(temporary, "new"), Path(temporary, "old")
            for path, content in files.items():
                target = fresh / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            _exchange(fresh, folder, old)
    return folder / PAGE


def check_folder(folder: Path) -> None:
    """Raises Malformed unless a report can be written there, so that nobody waits for one that cannot be kept."""
    with _refusing(folder):
        if folder.exists() and not (folder.is_dir() and (_is_report(folder) or not any(folder.iterdir()))):
            raise Malformed(str(folder), "a new folder, an empty one or an earlier report", "something else")
        nearest = next(parent for parent in folder.absolute().parents if parent.exists())
        tempfile.TemporaryFile(dir=nearest).close()


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """OSErrors of the body become Malformed."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Malformed(str(folder), "a folder that can be written", reason) from error


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
        "report.md": to_markdown(report, folder=folder, drawings=alternatives),
        "report.json": to_json(report),
        **{path: picture.svg or "" for path, picture in pictures.items()},
    }
    return {path: text.encode() for path, text in texts.items()} | {file.path: file.content for file in report.files}


def _is_report(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (PAGE, "report.md", "report.json"))


def _exchange(fresh: Path, folder: Path, old: Path) -> None:
    """Puts ``fresh`` where ``folder`` is; puts the old one back if that fails."""
    existed = folder.exists()
    if existed:
        folder.replace(old)
    try:
        fresh.replace(folder)
    except BaseException:  # an interrupt, too
        if existed:
            old.replace(folder)
        raise
