"""A document as a PDF, set by Typst: every text is a string of its language, so that none of it is markup.

What depends on the machine is left out: the same document gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from .document import Badge, Block, Code, Command, Document, Formulas, Heading, Inline, Pairs, Paragraph, Table
from .pictures import MISSING

FIRST_PAGE = 2  # sections that stand with the verdict
WIDE = 28  # characters of a cell, from which its column takes what room there is


def to_pdf(document: Document) -> bytes:
    """The PDF; raises ImportError without the package typst."""
    import typst

    made = typst.compile(to_typst(document).encode(), format="pdf", ignore_system_fonts=True, timestamp=0)
    return bytes(made)


def to_typst(document: Document) -> str:
    """The whole document in the language of Typst, with the functions that it calls."""
    functions = files(__package__).joinpath("templates", "report.typ").read_text("utf-8")
    return "\n".join([functions, f"#show: body => paper({_text(document.title)}, body)", *_parts(document)]) + "\n"


def _parts(document: Document) -> Iterator[str]:
    yield f"#heading(level: 1, {_text(document.title)})"
    yield f"#answer({_text(document.status)}, {_text(document.mark)}, {_text(document.answer)})"
    yield f"#text(fill: soft, {_text(document.plain)})"
    for number, section in enumerate(document.sections):
        if number == FIRST_PAGE:
            yield "#pagebreak(weak: true)"
        yield f"#heading(level: 2, {_text(section.heading)})"
        yield from (f"#{part}\n" for block in section.blocks for part in _block(block))
    yield f"#text(fill: soft, {_words(document.made)})"


def _text(text: str) -> str:
    """A string of the language."""
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(sign, escape)
    return f'"{text}"'


def _words(words: Sequence[Inline]) -> str:
    return f"[{''.join(f'#{_word(word)};' for word in words)}]"


def _word(word: Inline) -> str:
    match word:
        case Code(text):
            return f"raw({_text(text)})"
        case Badge(status):
            return f"badge({_text(status)})"
        case Formulas(text):
            return _text(text.replace("$", ""))
        case _:
            return _text(word)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(words):
            yield f"par({_words(words)})"
        case Heading(text):
            yield f"heading(level: 3, {_text(text)})"
        case Command(text):
            yield f"command({_text(text)})"
        case Pairs(items):
            yield f"pairs({_list(part for term, meaning in items for part in (_strong(term), _words(meaning)))})"
        case Table():
            yield f"caption({_text(block.caption)})"
            yield _table(block)
        case _ if block.svg is None:
            yield f"par({_text(f'{MISSING}. {block.alternative}')})"
        case _:
            yield f"drawing({_text(block.svg)}, {_text(block.alternative)}, {_text(block.caption)})"


def _strong(text: str) -> str:
    return f"strong({_text(text)})"


def _list(parts: Iterable[str]) -> str:
    return "".join(f"{part}, " for part in parts)


def _table(block: Table) -> str:
    columns = list(zip(*block.rows, strict=True)) or [()] * len(block.headings)
    widths = _list("1fr" if any(len(_plain(cell)) > WIDE for cell in column) else "auto" for column in columns)
    align = _list("right" if heading in block.numbers else "left" for heading in block.headings)
    head = _list(map(_text, block.headings))
    cells = _list(f"[#{_word(cell)}]" for row in block.rows for cell in row)
    return f"rows(({widths}), ({align}), ({head}), {cells})"


def _plain(cell: Inline) -> str:
    match cell:
        case str():
            return cell
        case Badge(status):
            return status
        case _:
            return cell.text
