"""How many neurons M outputs ask for, drawn: counting floors, the paper's expressions, and what was verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .canvas import INK, OTHER, POINTS, TINTS, Picture, drawn, plain
from .data import Curve, NeuronBounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
        svg=drawn(lambda axes: _draw(axes, found), width=7.0, height=4.4),
    )


def _seen(found: NeuronBounds) -> Iterator[str]:
    """Each line and each kind of network at the outputs marked, or at the nearest that it has."""
    for curve in (*found.lines, *found.points):
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


def _draw(axes: Axes, found: NeuronBounds) -> None:
    axes.axvline(found.outputs, color=OTHER, lw=0.8, ls=(0, (1, 3)))
    label = f"M = {found.outputs:,}"
    axes.annotate(label, (found.outputs, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    for i, curve in enumerate(found.lines):
        style = (0, (curve.dash, 3)) if curve.dash else "solid"
        shade = INK if curve.dash else TINTS[i % len(TINTS)]
        axes.plot(curve.outputs, curve.neurons, color=shade, lw=1.3, ls=style, label=_written(curve.label))
    for i, curve in enumerate(found.points):
        _scatter(axes, curve, i)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set(xlabel="outputs M", ylabel="neurons n")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _scatter(axes: Axes, curve: Curve, i: int) -> None:
    look: dict[str, Any] = {"marker": POINTS[i % len(POINTS)], "c": TINTS[i % len(TINTS)], "edgecolors": INK}
    axes.scatter(curve.outputs, curve.neurons, s=22, label=_written(curve.label), zorder=2, **look)
