"""How long deciding takes against M, beside peers: measured once, and read from the committed table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .canvas import POINTS, TINTS, Picture, figure, plain
from .data import TimedCurve, Times
from .words import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 2.3  # inches for each k
CAPTION = (
    "Seconds to prove that a random network of channels is right, over its outputs M, both axes logarithmic; solid: "
    "supverify, dashed: peers on the same claims, one output at a time, some worked out from a part of the outputs. "
    "Measured once"
)


def verification_times(times: Times) -> Picture:
    """A pair of axes for each k."""
    return Picture(
        name="times",
        title="Time to verify, with peers",
        caption=f"{CAPTION} ({times.machine}).",
        alternative=" ".join(_seen(times)),
        svg=figure(lambda canvas: _draw(canvas, times), height=HEIGHT * len(times.panels) + 0.9),
    )


def _seen(times: Times) -> Iterator[str]:
    """Every way to decide at the largest M that it was measured at."""
    for k, curves in times.panels:
        largest = (f"{one.label} {_duration(one.seconds[-1])} s at M = {one.outputs[-1]:,}" for one in curves)
        yield f"k = {k}: {listed(largest, most=12)}."


def _duration(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}"


def _draw(canvas: Figure, times: Times) -> None:
    labels = list(dict.fromkeys(plain(curve.label) for _, curves in times.panels for curve in curves))
    panels = canvas.subplots(len(times.panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (k, curves) in zip(panels, times.panels, strict=True):
        for curve in curves:
            _line(axes, curve, labels.index(plain(curve.label)))
        axes.set_title(f"k = {k}", fontsize=9, loc="left")
        axes.set_ylabel("seconds")
    panels[-1].set_xlabel("outputs M")
    handles = {label: line for axes in panels for line, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    canvas.legend([handles[label] for label in labels], labels, loc="outside lower center", ncols=2, fontsize=8)


def _line(axes: Axes, curve: TimedCurve, place: int) -> None:
    tint, marker = TINTS[place % len(TINTS)], POINTS[place % len(POINTS)]
    (line,) = axes.loglog(curve.outputs, curve.seconds, color=tint, marker=marker, ms=4, lw=1.2)
    line.set(ls=(0, (4, 2)) if curve.peer else "solid", label=plain(curve.label))
    axes.minorticks_off()
