"""Pieces of Markdown that every part of a report uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from .model import Measured


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def formula(pieces: Sequence[str]) -> str:
    """LaTeX between dollar signs."""
    joined = r"\; ".join(pieces)
    return f"${joined}$"


def place(name: str) -> str:
    """Where links to ``#name`` lead."""
    return f'<a id="{escape(name)}"></a>'


def timings(measured: Measured) -> Iterator[str]:
    """The section with what depends on the machine."""
    yield "## Timings"
    yield "Only this section depends on the machine. Times are in seconds, single runs."
    seconds = [(what, f"{time:.2f}") for what, time in measured.seconds]
    yield table(("What", "Seconds, or version"), [*seconds, *measured.versions])
