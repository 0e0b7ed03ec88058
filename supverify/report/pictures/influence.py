"""The influence graph of a problem, and how many inputs have each influence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..model import Classification
from ..plural import plural
from .canvas import BLUE, GREEN, INK, ORANGE, OTHER, PURPLE, Picture, drawn, figure
from .words import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    "light": BLUE,
    "heavy": ORANGE,
    "super-heavy": PURPLE,
    "double-light": BLUE,
    "double-heavy": ORANGE,
    "mixed": GREEN,
}
GRAPH = (
    "Inputs above, most influential first; outputs below; each line joins an output with one of its inputs and has "
    "the colour of that input's class."
)
HISTOGRAM = "How many inputs have each influence; the dashed lines are the thresholds. Both axes are logarithmic."


def influence_pictures(graph: Classification) -> tuple[Picture, ...]:
    """The graph, where it is to be drawn, and the histogram."""
    graphs = (influence_graph(graph),) if graph.drawn else ()
    return (*graphs, influence_histogram(graph))


def influence_graph(graph: Classification) -> Picture:
    """The bipartite graph, inputs above and outputs below, coloured by class."""
    return Picture(
        name="graph",
        title=f"Influence graph of {graph.problem}",
        caption=GRAPH,
        alternative=" ".join(_seen_graph(graph)),
        svg=drawn(lambda axes: _draw_graph(axes, graph), width=8.0, height=3.8),
    )


def influence_histogram(graph: Classification) -> Picture:
    """How many inputs have each influence, with the thresholds."""
    return Picture(
        name="histogram",
        title=f"Influences of {graph.problem}",
        caption=HISTOGRAM,
        alternative=_seen_histogram(graph),
        svg=figure(lambda canvas: _draw_histogram(canvas, graph), height=3.0),
    )


def _seen_graph(graph: Classification) -> list[str]:
    sizes = f"{graph.inputs:,} inputs and {graph.outputs:,} outputs, joined by {len(graph.edges):,} lines."
    classes = [f"{len(group.members):,} {group.name} {group.of}s" for group in graph.classes if group.members]
    most = max(graph.influence)
    hubs = [str(j) for j, influence in enumerate(graph.influence) if influence == most]
    first = f"The most influential, in {plural(most, 'output')}: input{'s' * (len(hubs) > 1)} {listed(hubs)}."
    return [sizes, f"Classes: {', '.join(classes)}.", first]


def _seen_histogram(graph: Classification) -> str:
    counts = sorted(Counter(filter(None, graph.influence)).items())
    thresholds = [f"M^({name}) = {_threshold(graph, name):.4g}" for name, _ in graph.thresholds]
    unused = graph.influence.count(0)
    has = listed((f"{influence:,} has {plural(count, 'input')}" for influence, count in counts), most=12)
    return (
        f"Influences from {counts[0][0]:,} to {counts[-1][0]:,}: {has}; "
        f"{plural(unused, 'input')} in no output. Thresholds at {' and '.join(thresholds)}."
    )


def _threshold(graph: Classification, exponent: str) -> float:
    """A place in a drawing; classes compare exactly."""
    return float(graph.outputs ** float(Fraction(exponent)))


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


def _draw_histogram(canvas: Figure, graph: Classification) -> None:
    """A stem for each influence, as high as the number of inputs that have it; thresholds as dashed lines."""
    axes = canvas.add_subplot()
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    for name, members in _by_class(graph, "input"):
        counts = Counter(graph.influence[j] for j in members if graph.influence[j])
        where, heights, colour = list(counts), list(counts.values()), COLOURS.get(name, OTHER)
        axes.vlines(where, 0.5, heights, color=colour, lw=2.4)
        axes.scatter(where, heights, color=colour, s=24, label=f"{name} inputs", zorder=2)
    for exponent, _ in graph.thresholds:
        place = _threshold(graph, exponent)
        axes.axvline(place, color=INK, lw=0.9, ls=(0, (4, 3)))
        label = f"$M^{{{exponent}}}$"
        axes.annotate(label, (place, 1.0), (0, 3), ("data", "axes fraction"), "offset points", ha="center")
    axes.set(xlabel="influence: the number of outputs an input is in", ylabel="number of inputs")
    axes.set_ylim(bottom=0.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else "")
    canvas.legend(loc="outside lower center", ncols=3)
