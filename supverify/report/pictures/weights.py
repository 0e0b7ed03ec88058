"""The weights of a layer as a map of colours, its rows by what their units are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from ..plural import plural
from .bitmap import Colour, data_url
from .canvas import BLUE, INK, NARROW, ORANGE, Picture, drawn
from .data import WeightMatrix
from .words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = 7  # of each sign
IMAGE = re.compile(r"data:image/png;base64,[^\"]*")


def weight_matrix(matrix: WeightMatrix, place: int) -> Picture:
    """The matrix as the ``place``-th of its network: blue above 0, orange below, nothing where it is 0."""
    svg = drawn(lambda axes: _draw(axes, matrix), height=_height(matrix))
    rows = [[_shade(cell) for cell in row] for row in matrix.cells]
    return Picture(
        name=f"weights-{place}",
        title=f"Weights {matrix.name}",
        caption=" ".join(_caption(matrix)),
        alternative=" ".join(_seen(matrix)),
        svg=None if svg is None else IMAGE.sub(lambda _: data_url(rows, _palette()), svg, count=1),
    )


def _height(matrix: WeightMatrix) -> float:
    """Cells are square where that leaves the map neither flat nor longer than it is wide."""
    return min(max((NARROW - 1) * len(matrix.cells) / len(matrix.cells[0]), 1.0), NARROW - 1) + 0.8


def _shade(share: float) -> int:
    """0 for 0, then the shades above 0, then those below, weakest first."""
    strength = ceil(abs(share) * SHADES)
    return strength + SHADES if share < 0 else strength


def _palette() -> list[Colour]:
    colours = [(0, 0, 0, 0)]
    for tint in (BLUE, ORANGE):
        red, green, blue = (int(tint[i : i + 2], 16) for i in (1, 3, 5))
        colours += [(red, green, blue, round(255 * strength / SHADES)) for strength in range(1, SHADES + 1)]
    return colours


def _caption(matrix: WeightMatrix) -> Iterator[str]:
    yield f"Each row is a unit. Blue is above 0, orange below, the strongest at {number(matrix.largest)}."
    if matrix.regions:
        yield "Rows are grouped by region, as named on the right; columns stand in the order of the layer before."
    down, across = matrix.step
    if (down, across) != (1, 1):
        yield f"Each cell stands for {down} x {across} weights and shows the one with the largest absolute value."


def _seen(matrix: WeightMatrix) -> Iterator[str]:
    zero = matrix.rows * matrix.columns - matrix.positive - matrix.negative
    yield (
        f"{matrix.rows:,} rows and {matrix.columns:,} columns: {plural(matrix.positive, 'weight')} above 0, "
        f"{matrix.negative:,} below and {zero:,} equal to 0; the largest absolute value is {number(matrix.largest)}."
    )
    if matrix.regions:
        groups = (f"{region.end - region.begin:,} {region.name}" for region in matrix.regions)
        yield f"Units: {', '.join(groups)}."


def _draw(axes: Axes, matrix: WeightMatrix) -> None:
    axes.imshow([[abs(cell) for cell in row] for row in matrix.cells], interpolation="none", aspect="auto")
    axes.spines[["top", "right"]].set_visible(True)
    axes.set(xlabel=f"{matrix.columns:,} columns", ylabel=f"{matrix.rows:,} rows", xticks=[], yticks=[])
    for region in matrix.regions:
        begin, end = (Fraction(edge, matrix.step[0]) - Fraction(1, 2) for edge in (region.begin, region.end))
        if region.begin:
            axes.axhline(float(begin), color=INK, lw=0.6)
        name = f" {region.name} ({region.end - region.begin:,})"
        axes.annotate(
            name, (1.0, float(begin + end) / 2), xycoords=("axes fraction", "data"), va="center", fontsize=8
        )
