"""How far the outputs keep from their threshold, as a histogram of each output's smallest margin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING

from ..plural import plural
from .canvas import BLUE, INK, ORANGE, Picture, drawn, place
from .data import Margins
from .words import coverage, listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 24  # about so many, where margins differ more than that
CAPTION = (
    "For each output the smallest distance to its threshold, towards the right side; below 0 (orange) it is wrong."
)


def margin_histogram(found: Margins) -> Picture:
    """How many outputs have such a smallest margin, exact on the inputs that were gone through."""
    return Picture(
        name="margins",
        title="Margins of the outputs",
        caption=f"{CAPTION} Over {coverage(found.covered)}.",
        alternative=" ".join(_seen(found)),
        svg=drawn(lambda axes: _draw(axes, found), height=2.5),
    )


def _seen(found: Margins) -> Iterator[str]:
    outputs = sum(count for _, count in found.counts)
    (least, _), (most, _) = found.counts[0], found.counts[-1]
    output, computes = found.worst
    negative = sum(count for margin, count in found.counts if margin < 0)
    worst = f"is that of output {output} ({computes})"
    yield f"{plural(outputs, 'output')}; the smallest margin, {number(least)}, {worst}."
    if least < most:
        yield f"The largest of them is {number(most)}."
    if 1 < len(found.counts) <= 6:
        each = (f"{number(margin)}: {plural(count, 'output')}" for margin, count in found.counts)
        yield f"{listed(each)}."
    yield f"{plural(negative, 'output') if negative else 'No output'} below 0."
    if not all(part.complete for part in found.covered):
        known = "not known" if found.smallest is None else number(found.smallest)
        yield f"On inputs outside the sample margins may be smaller: the smallest of all is {known}."


def _draw(axes: Axes, found: Margins) -> None:
    width, bars = _bars(found)
    tints = [ORANGE if margin < 0 else BLUE for margin, _ in bars]
    axes.bar([place(at) for at, _ in bars], [count for _, count in bars], width=0.94 * place(width), color=tints)
    axes.axvline(0, color=INK, lw=0.9, ls=(0, (4, 3)))
    axes.annotate("threshold", (0, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    axes.set(xlabel="smallest margin of an output", ylabel="outputs")
    axes.locator_params(axis="y", integer=True)


def _bars(found: Margins) -> tuple[Fraction, list[tuple[Fraction, int]]]:
    """The width of a bar, and where each is with its height: at the margins themselves where they leave room."""
    ends = [*(margin for margin, _ in found.counts), Fraction(0)]
    width = (max(ends) - min(ends)) / BARS or Fraction(1)
    if all(b - a >= width for (a, _), (b, _) in pairwise(found.counts)):
        return width, list(found.counts)
    counts: Counter[int] = Counter()
    for margin, count in found.counts:
        counts[floor(margin / width)] += count
    return width, [((i + Fraction(1, 2)) * width, count) for i, count in sorted(counts.items())]
