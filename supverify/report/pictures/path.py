"""The path of a counterexample: active inputs, the units that they turn on, and the output that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from .canvas import BLUE, INK, NARROW, ORANGE, OTHER, Picture, drawn, place, plain
from .data import CounterexamplePath, PathLayer
from .words import listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Places = Mapping[int, tuple[float, float]]
ROW = 0.32  # inches for each unit of the layer that shows most
CAPTION = (
    "From left to right: the active inputs, the units that are on, with what comes out of them where that is not 1, "
    "and the wrong output. A line is what a unit adds to the next sum, as wide as it is large: blue raises it, "
    "orange lowers it. An empty circle is a unit that is off, and lets others be on by that."
)


def counterexample(path: CounterexamplePath) -> Picture:
    """A small layered diagram of what matters to the first wrong output."""
    most = max(len(layer.units) for layer in path.layers)
    return Picture(
        name="counterexample",
        title=f"How output {path.output.output} goes wrong",
        caption=" ".join(_caption(path)),
        alternative=" ".join(_seen(path)),
        svg=drawn(lambda axes: _draw(axes, path), width=NARROW, height=max(ROW * most, 1.2) + 0.7),
    )


def _caption(path: CounterexamplePath) -> Iterator[str]:
    yield CAPTION
    hidden = [f"{more:,} of {layer.name}" for layer in path.layers if (more := layer.on - _on(layer)) > 0]
    if hidden:
        yield f"Units that are on and not shown, since they bear less on this output or not at all: {listed(hidden)}."
    if path.rounded is not None:
        yield f"Values are those of the real numbers; the output is wrong in {path.rounded}."


def _on(layer: PathLayer) -> int:
    return sum(unit.value != 0 for unit in layer.units)


def _seen(path: CounterexamplePath) -> Iterator[str]:
    first, *others = path.layers
    yield f"Active inputs: {listed((str(unit.index) for unit in first.units), most=12)}."
    for layer in others:
        units = listed((f"{unit.index} = {number(unit.value)}" for unit in layer.units), most=12)
        yield f"{layer.name}, {layer.on:,} on: {units or 'none that the output reads'}."
    adds = listed((f"{number(edge.adds)} from {edge.source}" for edge in path.edges[-1]), most=12) or "nothing"
    output, bias = path.output, number(path.bias)
    yield f"Output {output.output} ({output.computes}) gets {adds}, and {bias} as its bias."
    yield f"It is {output.got} and should be {output.expected}."
    if path.wrong > 1:
        yield f"{path.wrong:,} outputs are wrong on this input."


def _draw(axes: Axes, path: CounterexamplePath) -> None:
    columns = [_stand(layer, i) for i, layer in enumerate(path.layers)]
    last = float(len(path.layers))
    output = path.output.output
    _lines(axes, path, [*columns, {output: (last, 0.5)}])
    for x, (layer, places) in enumerate(zip(path.layers, columns, strict=True)):
        _column(axes, layer, places)
        axes.text(x, 1.08, plain(layer.name), ha="center", va="bottom", fontsize=9)
    axes.scatter([last], [0.5], s=110, c=OTHER, marker="s", edgecolors=INK, linewidths=0.8, zorder=2)
    axes.text(last, 1.08, f"output {output}", ha="center", va="bottom", fontsize=9)
    wrong = f"{_decimal(path.output.got)}\nshould be\n{_decimal(path.output.expected)}"
    axes.text(last, 0.5 - 0.09, wrong, ha="center", va="top", fontsize=8)
    axes.set(xlim=(-0.35, last + 0.4), ylim=(-0.06, 1.12))
    axes.set_axis_off()


def _stand(layer: PathLayer, column: int) -> dict[int, tuple[float, float]]:
    """Where the units stand, from above downwards."""
    count = len(layer.units)
    return {unit.index: (float(column), 1 - (i + 0.5) / count) for i, unit in enumerate(layer.units)}


def _lines(axes: Axes, path: CounterexamplePath, columns: list[dict[int, tuple[float, float]]]) -> None:
    for edges, left, right in zip(path.edges, columns, columns[1:], strict=False):
        largest = max((abs(edge.adds) for edge in edges), default=Fraction(1)) or Fraction(1)
        for edge in edges:
            (x, y), (to_x, to_y) = left[edge.source], right[edge.target]
            width = 0.5 + 2 * place(abs(edge.adds) / largest)
            tint = BLUE if edge.adds > 0 else ORANGE if edge.adds else OTHER
            axes.plot([x, to_x], [y, to_y], color=tint, lw=width, alpha=0.6, zorder=1, solid_capstyle="butt")


def _column(axes: Axes, layer: PathLayer, places: Places) -> None:
    for unit in layer.units:
        x, y = places[unit.index]
        axes.scatter([x], [y], s=30, c=OTHER if unit.value else "none", edgecolors=INK, linewidths=0.6, zorder=2)
        value = "" if unit.value == 1 else f": {number(unit.value)}"
        axes.annotate(f"{unit.index}{value}", (x, y), (0, 4), textcoords="offset points", ha="center", fontsize=8)


def _decimal(text: str) -> str:
    """The last word of a window or a value in decimals where it is a long fraction."""
    words = text.split()
    if words and "/" in words[-1] and len(words[-1]) > 8:
        words[-1] = number(Fraction(words[-1]))
    return " ".join(words)
