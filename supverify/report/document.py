"""A report in words, tables and pictures: said once, and set as HTML, as Markdown and as Typst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Measured
from .pictures import Picture


@dataclass(frozen=True)
class Code:
    """Text as a machine reads it: a name, a command, a number of a file."""

    text: str


@dataclass(frozen=True)
class Badge:
    """A status such as PROVED: always the word, its colour beside it."""

    status: str


@dataclass(frozen=True)
class Formulas:
    """Text with formulas between dollar signs."""

    text: str


Inline = str | Code | Badge | Formulas
Words = tuple[Inline, ...]
SHORT = 40  # characters of a cell


@dataclass(frozen=True)
class Paragraph:
    """Words, one after the other."""

    words: Words


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Command:
    """Lines to be copied into a shell."""

    text: str


@dataclass(frozen=True)
class Pairs:
    """Terms, each with what is said of it."""

    items: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells under ``headings``; a heading that is in ``numbers`` has its cells on the right."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    numbers: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        """Whether its cells are so few and short that they had better stay together."""
        cells = (cell for row in self.rows for cell in row)
        return len(self.headings) < 4 and all(isinstance(cell, str) and len(cell) <= SHORT for cell in cells)


Block = Paragraph | Heading | Command | Pairs | Table | Picture


@dataclass(frozen=True)
class Section:
    """Blocks under a heading; ``anchor`` is its place in a page."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A question, its verdict in words, then all that belongs to it; ``made`` says by which command.

    ``mark`` tells the status without its colour."""

    title: str
    status: str
    mark: str
    answer: str
    plain: str
    sections: tuple[Section, ...]
    made: Words
    measured: Measured

    def pictures(self) -> Iterator[Picture]:
        """Every drawing, in order."""
        yield from (block for part in self.sections for block in part.blocks if isinstance(block, Picture))
