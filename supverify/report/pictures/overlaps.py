"""How much the columns of the first layer have in common, as a histogram over every two of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ..plural import plural
from .canvas import BLUE, INK, ORANGE, Picture, drawn
from .data import Overlaps
from .words import listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = Fraction(1, 20)  # of a bar of cosines


def column_overlaps(found: Overlaps) -> Picture:
    """Numbers of common ones for a 0/1 code, cosines for other weights."""
    what = "Channel overlap" if found.code else "Cosines between the columns"
    return Picture(
        name="overlaps",
        title=f"{what} of {found.name}",
        caption=" ".join(_caption(found)),
        alternative=" ".join(_seen(found)),
        svg=drawn(lambda axes: _draw(axes, found), height=2.7),
    )


def _caption(found: Overlaps) -> Iterator[str]:
    if found.code:
        yield "How many pairs of columns have so many ones in common. The scale of the pairs is logarithmic."
    else:
        yield "How many pairs of columns have such a cosine; 0 is no overlap, 1 the same direction."
    if found.tolerated is not None:
        yield (
            f"Of overlaps up to the dashed line no {found.k} together fill a column, so that a threshold always "
            "reads each input; larger ones (orange) may still do, if few of them meet."
        )
    if found.columns < found.of:
        yield f"A seeded sample of {found.columns:,} of the {found.of:,} columns."


def _seen(found: Overlaps) -> Iterator[str]:
    pairs = sum(count for _, count in found.bars)
    if not found.code:
        crowd, count = max(found.bars, key=lambda bar: bar[1])
        yield f"{plural(pairs, 'pair')} of columns, cosines from {found.least:.3f} to {found.most:.3f}."
        yield f"Most, {count:,}, lie between {float(crowd):.2f} and {float(crowd + WIDTH):.2f}."
        return
    bars = (f"{number(overlap)} in common: {count:,}" for overlap, count in found.bars)
    yield f"{plural(pairs, 'pair')} of columns. {listed(bars, most=12)}."
    if found.ones is not None and found.tolerated is not None:
        least, most = found.ones
        has = f"{least}" if least == most else f"{least} to {most}"
        above = sum(count for overlap, count in found.bars if overlap > found.tolerated)
        yield f"A column has {has} ones; {plural(above, 'pair')} have more than {found.tolerated} in common."
    if found.filled is not None:
        column, filled, ones = found.filled
        yield f"The fullest column, {column}: its {found.k} largest overlaps sum to {filled} of its {ones} ones."


def _draw(axes: Axes, found: Overlaps) -> None:
    width = 0.8 if found.code else float(WIDTH) * 0.94
    places = [float(value) if found.code else float(value + WIDTH / 2) for value, _ in found.bars]
    heights = [count for _, count in found.bars]
    tints = [BLUE if found.tolerated is None or value <= found.tolerated else ORANGE for value, _ in found.bars]
    axes.bar(places, heights, width=width, color=tints)
    axes.set(ylabel="pairs of columns", xlabel="ones in common" if found.code else "cosine")
    if not found.code:
        return
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.5)
    axes.locator_params(axis="x", integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else "")
    if found.tolerated is not None:
        axes.axvline(found.tolerated + 0.5, color=INK, lw=0.9, ls=(0, (4, 3)))
        label = f"{found.k} never fill a column"
        where = ("data", "axes fraction")
        axes.annotate(label, (found.tolerated + 0.5, 1.0), (-3, 3), where, "offset points", ha="right")
