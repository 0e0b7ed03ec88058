"""A report's folder: all of its files are written beside it first, then it takes the folder's place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from supverify.kernel.errors import Malformed

PAGE, TEXT, DATA, PRINTED = "index.html", "report.md", "report.json", "report.pdf"
PAPER, NETWORK = "supverify-report-1", "supverify-network-report-1"
"""Kinds of reports, which their JSON names as its format."""
BEGINNING = 256  # bytes of a report's JSON, in which its format stands


def write_folder(files: Mapping[str, bytes], folder: Path, *, kind: str) -> Path:
    """Writes the files of a report of this ``kind``, by their paths in ``folder``, and returns the path of its page.

    Replaces an earlier report of the same kind, or an empty folder; raises Malformed for any other folder, and where
    nothing can be written. What was there stays until everything is written.
    """
    check_folder(folder, kind=kind)
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


def check_folder(folder: Path, *, kind: str, read: Iterable[str | Path] = ()) -> None:
    """Raises Malformed unless a report can be written there, so that nobody waits for one that cannot be kept.

    ``read`` are files that the report is made from: their folder is not replaced.
    """
    with _refusing(folder):
        if folder.exists() and not (folder.is_dir() and (_is_report(folder, kind) or not any(folder.iterdir()))):
            raise Malformed(str(folder), "a new folder, an empty one or an earlier report", "something else")
        nearest = next(parent for parent in folder.absolute().parents if parent.exists())
        tempfile.TemporaryFile(dir=nearest).close()
        for source in map(Path, read):
            if source.exists() and source.resolve().is_relative_to(folder.resolve()):
                raise Malformed(str(folder), "another folder than one with a file that was read", source.name)


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """OSErrors of the body become Malformed."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Malformed(str(folder), "a folder that can be written", reason) from error


def _is_report(folder: Path, kind: str) -> bool:
    if not all((folder / name).is_file() for name in (PAGE, TEXT, DATA)):
        return False
    with (folder / DATA).open("rb") as file:
        return f'"{kind}"'.encode() in file.read(BEGINNING)


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
