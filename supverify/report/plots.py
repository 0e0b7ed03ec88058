"""Drawings of influence graphs as SVG text; the same data gives the same bytes.

Ink is drawn in a marker colour, so that a page can let it follow its own light or dark text.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .model import Classification

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#010203"  # replaced by the page's text colour; close enough to black for a file of its own
# Told apart by hue and by lightness, against white and against dark grey.
COLOURS = {
    "light": "#5aa9e6",
    "heavy": "#d98324",
    "super-heavy": "#b3446c",
    "double-light": "#5aa9e6",
    "double-heavy": "#d98324",
    "mixed": "#4c9f70",
}
OTHER = "#8a8f98"
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


def influence_graph(graph: Classification) -> str | None:
    """The bipartite graph, inputs above and outputs below, coloured by class; None without matplotlib."""
    return _svg(lambda axes: _draw_graph(axes, graph), width=8.0, height=3.8)


def influence_histogram(graph: Classification) -> str | None:
    """How many inputs have each influence, with the thresholds; None without matplotlib."""
    return _svg(lambda axes: _draw_histogram(axes, graph), width=8.0, height=2.6)


def embedded(svg: str, prefix: str) -> str:
    """The drawing for use inside a page: ids of its own, no namespaces, ink in the page's text colour."""
    drawing = svg.replace(">*{", ">.picture *{")  # its style is for itself, not for the page
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", drawing)
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", drawing).replace(INK, "currentColor")


def _svg(draw: Callable[[Axes], None], *, width: float, height: float) -> str | None:
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", bbox_inches="tight", transparent=True, metadata=UNSIGNED)
    return text.getvalue()[text.getvalue().index("<svg") :]


def _draw_graph(axes: Axes, graph: Classification) -> None:
    from matplotlib.collections import LineCollection

    inputs, outputs = _places(graph)
    of_input = _classes(graph, "input")
    lines = [((inputs[j], 1.0), (outputs[i], 0.0)) for j, i in graph.edges]
    colours = [COLOURS.get(of_input.get(j, ""), OTHER) for j, _ in graph.edges]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=0.8, alpha=0.75, zorder=1))
    for of, places, height, marker in (("input", inputs, 1.0, "o"), ("output", outputs, 0.0, "s")):
        for name, members in _by_class(graph, of):
            where = [places[node] for node in members]
            axes.scatter(where, [height] * len(where), marker=marker, label=f"{name} {of}s", **_markers(graph, name))
        _label_nodes(axes, places, of, height)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=4, handletextpad=0.2, columnspacing=1.2)
    axes.set(xlim=(0.0, 1.0), ylim=(-0.2, 1.2))
    axes.set_axis_off()


def _places(graph: Classification) -> tuple[dict[int, float], dict[int, float]]:
    """Where the inputs stand (most influence first) and the outputs (below their inputs): few lines cross."""
    inputs = _spread(sorted(range(graph.inputs), key=lambda j: (-graph.influence[j], j)))
    ends: dict[int, list[float]] = {i: [] for i in range(graph.outputs)}
    for j, i in graph.edges:
        ends[i].append(inputs[j])
    return inputs, _spread(sorted(ends, key=lambda i: (sum(ends[i]), i)))


def _spread(nodes: Sequence[int]) -> dict[int, float]:
    return {node: (place + 0.5) / len(nodes) for place, node in enumerate(nodes)}


def _classes(graph: Classification, of: str) -> dict[int, str]:
    return {member: name for name, members in _by_class(graph, of) for member in members}


def _by_class(graph: Classification, of: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(group.name, group.members) for group in graph.classes if group.of == of and group.members]


def _markers(graph: Classification, name: str) -> dict[str, Any]:
    size = max(12.0, min(90.0, 2600.0 / max(graph.inputs, graph.outputs)))
    return {"c": COLOURS.get(name, OTHER), "s": size, "edgecolors": INK, "linewidths": 0.6, "zorder": 2}


def _label_nodes(axes: Axes, places: Mapping[int, float], of: str, height: float) -> None:
    """The number of each node, where there is room for them all, and what kind of nodes they are."""
    away, side = (0.07, "bottom") if height else (-0.07, "top")
    for node, place in places.items() if len(places) <= 48 else ():
        axes.text(place, height + away, str(node), ha="center", va=side, fontsize=6.5)
    axes.text(-0.01, height + away, f"{of}s", ha="right", va=side, fontsize=8)


def _draw_histogram(axes: Axes, graph: Classification) -> None:
    """A stem for each influence, as high as the number of inputs that have it; thresholds as dashed lines."""
    for name, members in _by_class(graph, "input"):
        counts = Counter(graph.influence[j] for j in members if graph.influence[j])
        where, heights, colour = list(counts), list(counts.values()), COLOURS.get(name, OTHER)
        axes.vlines(where, 0.5, heights, color=colour, lw=2.4)
        axes.scatter(where, heights, color=colour, s=24, label=f"{name} inputs", zorder=2)
    for exponent, _ in graph.thresholds:
        place = graph.outputs ** float(Fraction(exponent))  # a place in a drawing; classes compare exactly
        axes.axvline(place, color=INK, lw=0.9, ls=(0, (4, 3)))
        label = f"$M^{{{exponent}}}$"
        axes.annotate(label, (place, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set(xlabel="influence: the number of outputs an input is in", ylabel="number of inputs")
    axes.set_ylim(bottom=0.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else "")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
