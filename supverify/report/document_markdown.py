"""A document as Markdown for GitHub: nothing of its texts is markup, drawings are files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .document import Badge, Block, Code, Command, Document, Formulas, Heading, Inline, Pairs, Paragraph, Table
from .markdown import table, timings
from .pictures import MISSING

MARKUP = re.compile(r"[\\`*\[\]<>|$~&#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def to_markdown(document: Document, *, drawings: Mapping[str, str | None]) -> str:
    """The whole document; ``drawings``: the path of each picture's file, by its name, None where there is none."""
    parts = [
        f"# {escaped(document.title)}",
        f"**{document.mark} {document.status}.** {escaped(document.answer)}",
        escaped(document.plain),
    ]
    for section in document.sections:
        parts.append(f"## {section.heading}")
        parts += [text for block in section.blocks for text in _block(block, drawings)]
    return "\n\n".join([*parts, *timings(document.measured), _words(document.made)]) + "\n"


def escaped(text: str) -> str:
    """The text on one line, so that none of it is markup."""
    return MARKUP.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def code(text: str) -> str:
    """The text between backticks, of which it may have some itself."""
    text = " ".join(text.split())
    fence = _fence(text, least=1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _fence(text: str, *, least: int) -> str:
    """More backticks than the text has in a row."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


def _words(words: Sequence[Inline]) -> str:
    return "".join(map(_word, words)).strip()


def _word(word: Inline) -> str:
    match word:
        case Code(text):
            return code(text)
        case Badge(status):
            return f"**{status}**"
        case Formulas(text):
            return text
        case _:
            kept = " " * (word[:1] == " "), " " * (word[-1:] == " ")
            return f"{kept[0]}{escaped(word)}{kept[1]}"


def _block(block: Block, drawings: Mapping[str, str | None]) -> Iterator[str]:
    match block:
        case Paragraph(words):
            yield _words(words)
        case Heading(text):
            yield f"### {escaped(text)}"
        case Command(text):
            fence = _fence(text, least=3)
            yield f"{fence}sh\n{text}\n{fence}"
        case Pairs(items):
            yield "\n".join(f"- **{escaped(term)}**: {_words(meaning)}" for term, meaning in items)
        case Table():
            yield escaped(block.caption)
            yield _table(block)
        case _:
            path = drawings[block.name]
            yield f"![{escaped(block.alternative)}]({path})" if path else f"{MISSING}. {escaped(block.alternative)}"
            yield escaped(block.caption)


def _table(block: Table) -> str:
    """Cells are escaped already; ``table`` escapes the bars that stand in code."""
    rows = [[_word(cell).replace("\\|", "|") for cell in row] for row in block.rows]
    lines = table(block.headings, rows).split("\n")
    lines[1] = "".join("| ---: " if heading in block.numbers else "| --- " for heading in block.headings) + "|"
    return "\n".join(lines)
