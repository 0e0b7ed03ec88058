"""What every picture shares: its words, SVG text that is the same bytes for the same data, and two kinds of ink.

Ink is drawn in a marker colour, so that a page can let it follow its own light or dark text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"  # replaced by the page's text colour; close enough to black for a file of its own
OTHER = "#8a8f98"
# Told apart by hue and by lightness, against white and against dark grey.
BLUE, ORANGE, PURPLE, GREEN = "#5aa9e6", "#d98324", "#b3446c", "#4c9f70"
TINTS = (BLUE, ORANGE, PURPLE, GREEN, "#7c6fcb", "#a3a23c", "#c96a6a", "#4aa3a2")
POINTS = ("o", "s", "^", "v", "D", "P", "X", "*")
MISSING = "not drawn, for matplotlib is not installed (extra: plots)"
UNSIGNED = dict.fromkeys(("Creator", "Date", "Format", "Type"))  # no date, no version: the same bytes anywhere
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "supverify",
    "svg.fonttype": "path",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
NARROW = 4.8  # inches: 9 points stay readable where 360 pixels are left
FAR = 1e300
SMALLEST, LARGEST = 0.95, 1.7  # pixels a point, between which a page may scale a picture


@dataclass(frozen=True, kw_only=True)
class Picture:
    """``svg`` is None without matplotlib. ``caption`` says how to read it, ``alternative`` what is seen, in numbers.

    ``name`` is fit for files and ids.
    """

    name: str
    title: str
    caption: str
    alternative: str
    svg: str | None


def drawn(draw: Callable[[Axes], None], *, width: float = NARROW, height: float) -> str | None:
    """The SVG text of one pair of axes, ``width`` x ``height`` inches; None without matplotlib."""
    return figure(lambda canvas: draw(canvas.add_subplot()), width=width, height=height)


def figure(draw: Callable[[Figure], None], *, width: float = NARROW, height: float) -> str | None:
    """The SVG text of a figure with any number of axes; None without matplotlib."""
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with matplotlib.rc_context(SETTINGS):
        canvas = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(canvas)
        draw(canvas)
        text = io.StringIO()
        canvas.savefig(text, format="svg", transparent=True, metadata=UNSIGNED)
    return text.getvalue()[text.getvalue().index("<svg") :]


def embedded(svg: str, prefix: str) -> str:
    """The drawing for use inside a page: ids of its own, no namespaces, ink in the page's text colour.

    It may shrink and grow with the page as long as its letters stay readable.
    """
    drawing = svg.replace(">*{", ">.picture *{")  # its style is for itself, not for the page
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", drawing)
    drawing = re.sub(r'<svg ([^>]*\bwidth="([\d.]+)pt")', _scaling, drawing, count=1)
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", drawing).replace(INK, "currentColor")


def _scaling(found: re.Match[str]) -> str:
    points = float(found[2])
    limits = f"min-width: {points * SMALLEST:.0f}px; max-width: {points * LARGEST:.0f}px"
    return f'<svg style="{limits}" {found[1]}'


def plain(text: str) -> str:
    """Text that was read, for a drawing: nothing in it is a formula."""
    return text.replace("$", r"\$")


def place(value: Fraction) -> float:
    """Where a number stands in a drawing; one that no float holds stands far out."""
    try:
        return float(value)
    except OverflowError:
        return FAR if value > 0 else -FAR
