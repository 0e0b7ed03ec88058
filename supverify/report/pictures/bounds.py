"""How many neurons M outputs ask for, drawn: counting floors, the paper's expressions, and what was verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .canvas import INK, OTHER, POINTS, TINTS, Picture, figure, plain
from .data import Curve, NeuronBounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMULAS = {"sqrt(M log2 M)": r"$\sqrt{M\,\log_2 M}$", "sqrt(M) log2 M": r"$\sqrt{M}\,\log_2 M$"}
CAPTION = (
    "Neurons n of the widest ReLU layer over outputs M, both axes logarithmic; the dotted line marks the number of "
    "outputs asked about. Dashed expressions carry no constant of the paper's."
)


def bounds_plot(found: NeuronBounds) -> Picture:
    """The curves over M on two logarithmic axes, with the number of outputs marked."""
    return Picture(
        name="capacity",
        title=f"Neurons for {found.outputs:,} outputs",
        caption=CAPTION,
        alternative=f"At M = {found.outputs:,}: {'; '.join(_seen(found))}.",
        svg=figure(lambda canvas: _draw(canvas, found), height=5.2),
    )


def _seen(found: NeuronBounds) -> Iterator[str]:
    """Each line and each kind of network at the outputs marked, or at the nearest that it has."""
    for curve in (*(() if found.own is None else (found.own,)), *found.lines, *found.points):
        if curve.outputs:
            near = min(range(len(curve.outputs)), key=lambda i: (abs(curve.outputs[i] - found.outputs), i))
            there = "" if curve.outputs[near] == found.outputs else f" (at M = {curve.outputs[near]:,})"
            yield f"{curve.label}: {curve.neurons[near]:,.6g} neurons{there}"


def _written(label: str) -> str:
    """A label as it is drawn: the paper's expressions as formulas, and nothing else that looks like one."""
    text = plain(label)
    for expression, formula in FORMULAS.items():
        text = text.replace(expression, formula)
    return text


def _draw(canvas: Figure, found: NeuronBounds) -> None:
    axes = canvas.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.axvline(found.outputs, color=OTHER, lw=0.8, ls=(0, (1, 3)))
    label = f"M = {found.outputs:,}"
    axes.annotate(label, (found.outputs, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    for i, curve in enumerate(found.lines):
        style = (0, (curve.dash, 3)) if curve.dash else "solid"
        shade = INK if curve.dash else TINTS[i % len(TINTS)]
        axes.plot(curve.outputs, curve.neurons, color=shade, lw=1.3, ls=style, label=_written(curve.label))
    for i, curve in enumerate(found.points):
        _scatter(axes, curve, POINTS[i % len(POINTS)], TINTS[i % len(TINTS)])
    if found.own is not None:
        _scatter(axes, found.own, "D", INK, size=45.0)
    axes.set(xlabel="outputs M", ylabel="neurons n")
    canvas.legend(loc="outside lower center", ncols=2, fontsize=8)


def _scatter(axes: Axes, curve: Curve, marker: str, tint: str, size: float = 26.0) -> None:
    axes.scatter(
        curve.outputs,
        curve.neurons,
        s=size,
        c=tint,
        marker=marker,
        edgecolors=INK,
        linewidths=0.5,
        label=_written(curve.label),
        zorder=2,
    )
