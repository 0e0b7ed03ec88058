"""What separates true units from false ones, before and after every threshold, against the number of ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from .canvas import BLUE, INK, ORANGE, Picture, figure, place, plain
from .data import Extremes, Noise, Threshold
from .words import coverage, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOGARITHMIC = " Where the steps of a scale are not even, it is logarithmic on both sides of 0."
CROWDED = 20  # times the smallest distance
HEIGHT = 1.75  # inches for each threshold
KINDS = {"step": "step", "relu": "ReLU", "readout": "read"}
CAPTION = (
    "For each threshold the highest value of a false unit (orange, pointing up) and the lowest of a true one (blue, "
    "pointing down), by the number of active inputs: on the left what is compared with the threshold (dashed), on "
    "the right what comes out, where orange above 0 is noise that the next layer gets."
)


def threshold_noise(found: Noise) -> Picture:
    """A row of axes for each threshold, before and after it."""
    rows = len(found.thresholds)
    truths = dict.fromkeys(threshold.truth for threshold in found.thresholds)
    meant = "; ".join(f"{_where(found, truth)}: {truth}" for truth in truths)
    scales = LOGARITHMIC if any(map(_crowded, found.thresholds)) else ""
    return Picture(
        name="noise",
        title="Noise at every threshold",
        caption=f"{CAPTION}{scales} Over {coverage(found.covered)}. {meant}.",
        alternative=" ".join(_seen(found)),
        svg=figure(lambda canvas: _draw(canvas, found), height=HEIGHT * rows),
    )


def _where(found: Noise, truth: str) -> str:
    return ", ".join(threshold.name for threshold in found.thresholds if threshold.truth == truth)


def _seen(found: Noise) -> Iterator[str]:
    for threshold in found.thresholds:
        before = "; ".join(_sizes(found, threshold.before))
        level = f"{'at least' if threshold.reached else 'above'} {number(threshold.level)}"
        yield f"{threshold.name} ({KINDS[threshold.kind]}, true {level}): before, {before}."
        if threshold.after:
            yield f"After, {'; '.join(_sizes(found, threshold.after))}."


def _sizes(found: Noise, extremes: Sequence[Extremes]) -> Iterator[str]:
    for part, ends in zip(found.covered, extremes, strict=True):
        false = "none false" if ends.highest_false is None else f"false up to {number(ends.highest_false)}"
        true = "none true" if ends.lowest_true is None else f"true from {number(ends.lowest_true)}"
        yield f"{part.size} active: {false}, {true}"


def _draw(canvas: Figure, found: Noise) -> None:
    rows = canvas.subplots(len(found.thresholds), 2, squeeze=False)
    for (left, right), threshold in zip(rows, found.thresholds, strict=True):
        title = f"{_short(threshold.name)}: before" if threshold.after else threshold.name
        _side(left, found, threshold.before, title)
        _zoom(left, threshold)
        left.axhline(place(threshold.level), color=INK, lw=0.9, ls=(0, (4, 3)))
        if threshold.after:
            _side(right, found, threshold.after, f"after the {KINDS[threshold.kind]}")
        else:
            right.set_axis_off()
            _key(right)
    for axes in rows[-1]:
        axes.set_xlabel("active inputs")


def _distances(threshold: Threshold) -> list[Fraction]:
    ends = (end for one in threshold.before for end in (one.highest_false, one.lowest_true))
    return [abs(end) for end in ends if end]


def _crowded(threshold: Threshold) -> bool:
    sizes = _distances(threshold)
    return threshold.level == 0 and bool(sizes) and max(sizes) > CROWDED * min(sizes)


def _zoom(axes: Axes, threshold: Threshold) -> None:
    """Where sums far from the threshold 0 would hide those near it, both sides become logarithmic."""
    sizes = _distances(threshold)
    if _crowded(threshold):
        axes.set_yscale("symlog", linthresh=place(min(sizes)), linscale=0.5)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def _short(name: str) -> str:
    return plain(name if len(name) <= 22 else f"{name[:21]}…")


def _side(axes: Axes, found: Noise, extremes: Sequence[Extremes], title: str) -> None:
    sizes = [part.size for part in found.covered]
    for tint, marker, ends in (
        (ORANGE, "^", [one.highest_false for one in extremes]),
        (BLUE, "v", [one.lowest_true for one in extremes]),
    ):
        points = [(size, place(end)) for size, end in zip(sizes, ends, strict=True) if end is not None]
        axes.plot(*_columns(points), color=tint, marker=marker, ms=5, lw=1.0, clip_on=False)
    axes.set_title(title, fontsize=8, loc="left")
    axes.set(xticks=sizes, xlim=(min(sizes) - 0.4, max(sizes) + 0.4))
    axes.margins(y=0.12)


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _key(axes: Axes) -> None:
    """What the marks mean, where the readout leaves room for it."""
    axes.plot([], [], color=ORANGE, marker="^", ms=5, lw=1.0, label="false: highest")
    axes.plot([], [], color=BLUE, marker="v", ms=5, lw=1.0, label="true: lowest")
    axes.plot([], [], color=INK, lw=0.9, ls=(0, (4, 3)), label="threshold")
    axes.legend(loc="center left")
