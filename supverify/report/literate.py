"""A derivation's Markdown apart: the prose before each step, and the prose after the last one."""

from __future__ import annotations

from supverify.calculus.derivation import parts


def passages(text: str) -> list[str]:
    """One passage of prose for each ``step`` block, in order, and one for what follows the last.

    The title (a heading in the first line) and the ``derivation`` block are left out; other fenced blocks are prose.
    Raises Malformed for a block that is not closed.
    """
    found, prose = [], list[str]()
    body = text.partition("\n")[2] if text.startswith("# ") else text
    for kind, _, lines in parts(body, "derivation"):
        if kind == "step":
            found.append("\n".join(prose).strip())
            prose = []
        elif kind != "derivation":
            prose += lines
    return [*found, "\n".join(prose).strip()]
