"""A derivation's Markdown apart: the prose before each step, and the prose after the last one."""

from __future__ import annotations

from collections.abc import Iterator


def passages(text: str) -> list[str]:
    """One passage of prose for each ``step`` block, in order, and one for what follows the last.

    The title (first heading) and the ``derivation`` block are left out; other fenced blocks are prose.
    """
    found, prose = [], list[str]()
    for kind, block in _parts(text):
        if kind == "step":
            found.append("\n".join(prose).strip())
            prose = []
        elif kind != "derivation":
            prose += block
    return [*found, "\n".join(prose).strip()]


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    """Kind ("" for prose) and lines of each part, fences included."""
    kind, part = "", list[str]()
    for number, line in enumerate(text.splitlines()):
        fence = line.strip()
        if not kind and fence.startswith("```"):
            yield "", part
            kind, part = fence.strip("`").strip() or "text", [line]
        elif kind and fence and set(fence) == {"`"} and len(fence) >= 3:
            yield kind, [*part, line]
            kind, part = "", []
        elif number or not line.startswith("# "):
            part.append(line)
    yield kind, part
