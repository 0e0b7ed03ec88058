"""How many neurons M outputs ask for, drawn: counting floors, the paper's expressions, and what was verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .plots import INK, OTHER, _svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = ("o", "s", "^", "v", "D", "P", "X", "*")
TINTS = ("#5aa9e6", "#d98324", "#b3446c", "#4c9f70", "#7c6fcb", "#a3a23c", "#c96a6a", "#4aa3a2")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Neurons, above 0, at rising numbers of outputs: a line, ``dash`` long if that is not 0, or separate points."""

    label: str
    outputs: tuple[int, ...]
    neurons: tuple[float, ...]
    dash: int = 0


def bounds_plot(lines: Sequence[Curve], points: Sequence[Curve], *, outputs: int) -> str | None:
    """The curves over M on two logarithmic axes, ``outputs`` marked; None without matplotlib."""
    return _svg(lambda axes: _draw(axes, lines, points, outputs), width=7.0, height=4.4)


def _draw(axes: Axes, lines: Sequence[Curve], points: Sequence[Curve], outputs: int) -> None:
    axes.axvline(outputs, color=OTHER, lw=0.8, ls=(0, (1, 3)))
    axes.annotate(f"M = {outputs:,}", (outputs, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    for i, curve in enumerate(lines):
        style = (0, (curve.dash, 3)) if curve.dash else "solid"
        shade = INK if curve.dash else TINTS[i % len(TINTS)]
        axes.plot(curve.outputs, curve.neurons, color=shade, lw=1.3, ls=style, label=curve.label)
    for i, curve in enumerate(points):
        marker, tint = POINTS[i % len(POINTS)], TINTS[i % len(TINTS)]
        axes.scatter(
            curve.outputs, curve.neurons, marker=marker, c=tint, s=22, label=curve.label, zorder=2, edgecolors=INK
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set(xlabel="outputs M", ylabel="neurons n")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
