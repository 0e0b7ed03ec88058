"""LaTeX to SVG paths through ziamath: nothing to load, no script, and the glyphs are drawn only once a page.

Where ziamath is missing or refuses a formula, its text stands in the page instead.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from markupsafe import Markup

SIZE = 16.0  # the font size that formulas are laid out in; the page scales them in em
NARROW = 19.0  # em that are left for a formula in a window of 400 pixels
WIDTH = re.compile(r'style="width:([\d.]+)em')
SYMBOL = re.compile(r'<symbol id="(?P<id>[^"]+)"[^>]*?(?:/>|>.*?</symbol>)', re.DOTALL)
USE = re.compile(r'"#([^"]+)"')
BOX = re.compile(r'<svg[^>]* viewBox="(?P<box>[^"]+)">(?P<drawing>.*)</svg>', re.DOTALL)


@dataclass
class Typesetter:
    """The formulas of one page; ``glyphs`` collects the shapes that they use, by short names for the page."""

    glyphs: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    done: dict[tuple[str, str, bool], Markup] = field(default_factory=dict)

    def formula(self, latex: str, *, text: str | None = None, display: bool = False) -> Markup:
        """The formula as an image whose label is ``text`` (default: its LaTeX)."""
        key = (latex, text or latex, display)
        if key not in self.done:
            self.done[key] = self._drawn(latex, text or latex, display=display)
        return self.done[key]

    def sequence(self, pieces: Sequence[str], *, text: str, display: bool = False) -> Markup:
        """One formula whose line may break between its pieces, labelled as a whole."""
        drawn = Markup(" ").join(self.formula(piece, display=display) for piece in pieces)
        return Markup('<span role="img" aria-label="{}">{}</span>').format(text, drawn)

    def scrolls(self, pieces: Sequence[str], *, display: bool = False) -> Markup:
        """What lets the keyboard reach a line of which a piece is too wide for a narrow window, else nothing."""
        widths = (WIDTH.search(self.formula(piece, display=display)) for piece in pieces)
        return Markup(' tabindex="0"' if any(float(width[1]) > NARROW for width in widths if width) else "")

    def definitions(self) -> Markup:
        """The glyphs, to stand once in the page."""
        shapes = "".join(self.glyphs.values())
        return Markup('<svg class="glyphs" width="0" height="0" aria-hidden="true"><defs>{}</defs></svg>').format(
            Markup(shapes)
        )

    def _drawn(self, latex: str, text: str, *, display: bool) -> Markup:
        svg = picture(latex, display=display)
        found = BOX.search(svg) if svg else None
        if found is None:
            return Markup('<code class="formula">{}</code>').format(text)
        for symbol in SYMBOL.finditer(found["drawing"]):
            name = self.names.setdefault(symbol["id"], f"g{len(self.names)}")
            self.glyphs[name] = symbol[0].replace(symbol["id"], name)
        _, top, width, height = (float(number) for number in found["box"].split())
        lengths = {"width": width, "height": height, "vertical-align": -(height + top)}
        style = ";".join(f"{name}:{length / SIZE:.3f}em" for name, length in lengths.items())
        drawing = SYMBOL.sub("", found["drawing"]).replace(' fill="currentColor"', "").replace(" />", "/>")
        drawing = USE.sub(lambda use: f'"#{self.names[use[1]]}"', drawing)
        return Markup(
            f'<svg class="formula" role="img" aria-label="{escape(text)}" viewBox="{found["box"]}" '
            f'style="{style}">{drawing}</svg>'
        )


def picture(latex: str, *, display: bool) -> str | None:
    """The formula as an SVG document; None if ziamath is missing or cannot set it."""
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of how it finds its own fonts
            from ziamath.zmath import Math
    except ImportError:
        return None
    try:
        return str(Math.fromlatex(latex, size=SIZE, color="currentColor", inline=not display).svg())
    except Exception:  # noqa: BLE001 - it raises whatever its parsers raise; the text is shown instead
        return None
