"""The prose of a derivation to HTML: paragraphs, headings, lists, code, emphasis and formulas; all else is text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from .typeset import Typesetter

INLINE = re.compile(
    r"\$\$(?P<display>.+?)\$\$|\$(?P<math>[^$]+?)\$|`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>.+?)\*\*|(?<![\w*])[*_](?=\S)(?P<em>[^*_]+?)(?<=\S)[*_](?![\w*])",
    re.DOTALL,
)
HEADING, ITEM, FENCE = re.compile(r"#+\s+(.*)"), re.compile(r"\s*(?:[-*]|\d+\.)\s+(.*)", re.DOTALL), "```"


def prose(text: str, typesetter: Typesetter) -> Markup:
    """``text`` as a sequence of HTML blocks; anything that is not markup in it is escaped."""
    return Markup("\n").join(_block(block, typesetter) for block in _blocks(text))


def _blocks(text: str) -> Iterator[str]:
    """Runs of lines between blank lines; a fenced block is one run."""
    run: list[str] = []
    fenced = False
    for line in text.splitlines():
        if line.startswith(FENCE):
            fenced = not fenced
        if line.strip() or fenced:
            run.append(line)
        elif run:
            yield "\n".join(run)
            run = []
    if run:
        yield "\n".join(run)


def _block(block: str, typesetter: Typesetter) -> Markup:
    heading = HEADING.fullmatch(block)
    if block.startswith(FENCE):
        return Markup("<pre><code>{}</code></pre>").format("\n".join(block.splitlines()[1:]).removesuffix(FENCE))
    if heading:
        return Markup("<h4>{}</h4>").format(inline(heading[1], typesetter))
    if ITEM.fullmatch(block.splitlines()[0]):
        return _list(block, typesetter)
    return Markup("<p>{}</p>").format(inline(block, typesetter))


def _list(block: str, typesetter: Typesetter) -> Markup:
    """Items, each with the lines that go on from it."""
    items: list[str] = []
    for line in block.splitlines():
        found = ITEM.fullmatch(line)
        if found:
            items.append(found[1])
        else:
            items[-1] += "\n" + line.strip()
    tag = "ol" if block.lstrip()[0].isdigit() else "ul"
    lines = Markup("").join(Markup("<li>{}</li>").format(inline(item, typesetter)) for item in items)
    return Markup(f"<{tag}>{lines}</{tag}>")


def inline(text: str, typesetter: Typesetter) -> Markup:
    """One run of text with its formulas, code and emphasis."""
    parts, start = [], 0
    for found in INLINE.finditer(text):
        parts += [escape(text[start : found.start()]), _span(found, typesetter)]
        start = found.end()
    return Markup("").join([*parts, escape(text[start:])])


def _span(found: re.Match[str], typesetter: Typesetter) -> Markup:
    match found.lastgroup:
        case "display":
            formula = typesetter.formula(found["display"].strip(), display=True)
            reached = typesetter.scrolls([found["display"].strip()], display=True)
            return Markup('<span class="display"{}>{}</span>').format(reached, formula)
        case "math":
            return typesetter.formula(found["math"].strip())
        case "code":
            return Markup("<code>{}</code>").format(found["code"])
        case tag:
            return Markup("<{0}>{1}</{0}>").format(tag, inline(found[tag or 0], typesetter))
