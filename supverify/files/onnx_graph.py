"""The layers that an ONNX graph computes: one path of linear maps, additions and ReLUs from its input to its output.

Gemm, MatMul, Add, Relu, Transpose, Identity, Flatten and Constant, as torch.onnx and onnx.helper write them, with a
batch of any size or none. Everything else is refused by the node's name: nothing is approximated or left out.
"""

from __future__ import annotations

from math import prod
from pathlib import Path

from supverify.kernel.errors import Malformed

from .exact import RealLayer
from .matrix import Budget
from .onnx_flow import Flow, Walk
from .onnx_model import Graph, Node, Value, read_graph
from .onnx_operators import OPERATORS

THRESHOLDED = " (leave it out of the export, and say the threshold before it: --threshold)"
ADVICE = {
    "Dropout": " (model.eval() before the export leaves it out)",
    "BatchNormalization": " (multiply it into the layer before it)",
    "Sigmoid": THRESHOLDED,
    "Softmax": THRESHOLDED,
    "Tanh": " (other functions than ReLU are not decided)",
}


def read_layers(path: str | Path, budget: Budget) -> list[RealLayer]:
    """The layers of the network in an ONNX file; raises Malformed naming the node that is none."""
    graph = read_graph(path)
    for values, what in ((graph.inputs, "input"), (graph.outputs, "output")):
        if len(values) != 1:
            names = ", ".join(value.name for value in values)
            raise Malformed(graph.place, f"one {what} of the graph", names or "none")
    walk = Walk(graph, budget, dict(graph.constants), {graph.inputs[0].name: _start(graph.inputs[0], graph.place)})
    for node in _needed(graph):
        _step(walk, node)
    flow = walk.flows.get(graph.outputs[0].name)
    if flow is None or not flow.layers:
        raise Malformed(graph.place, "an output that is computed from the input", graph.outputs[0].name)
    return list(flow.layers)


def _start(value: Value, place: str) -> Flow:
    """The input: of two dimensions the second one has the features, unless only the first one is known to be more."""
    shape = value.shape
    if not shape:
        raise Malformed(f"{place}: input {value.name}", "one dimension or more", f"shape {shape}")
    if len(shape) == 1:
        return Flow("vector", 1, shape[0])
    if len(shape) == 2:
        columns = shape[1] in (None, 1) and (shape[0] or 0) > 1
        return Flow("column", shape[1], shape[0]) if columns else Flow("row", *shape)
    return Flow("tensor", shape[0], None if None in shape[1:] else prod(size or 1 for size in shape[1:]))


def _needed(graph: Graph) -> list[Node]:
    """The nodes that the output depends on, in the file's order, in which each comes after what it reads."""
    producers: dict[str, int] = {}
    for i, node in enumerate(graph.nodes):
        for name in filter(None, node.outputs):
            if name in producers or name in graph.constants or name == graph.inputs[0].name:
                raise Malformed(f"{graph.place}: {node.title}", "each value computed once", name)
            producers[name] = i
    wanted, needed = [graph.outputs[0].name], set[int]()
    while wanted:
        i = producers.get(wanted.pop(), -1)
        if i >= 0 and i not in needed:
            needed.add(i)
            wanted += graph.nodes[i].inputs
    return [graph.nodes[i] for i in sorted(needed)]


def _step(walk: Walk, node: Node) -> None:
    """Computes the node's output from its inputs; raises Malformed."""
    operator = OPERATORS.get(node.operator)
    if operator is None:
        known = f"one of the operators {', '.join(OPERATORS)}{ADVICE.get(node.operator, '')}"
        raise walk.refuse(node, known, node.operator)
    read = {name for name, value in node.attributes.items() if value is not None}
    strange = sorted(set(node.attributes) - (operator.attributes & read))
    if strange or len(node.outputs) != 1:
        got = f"the attribute {strange[0]}" if strange else f"{len(node.outputs)} outputs"
        allowed = ", ".join(sorted(operator.attributes)) or "none"
        raise walk.refuse(node, f"one output, and no attributes but {allowed}", got)
    if not operator.fewest <= len(node.inputs) <= operator.most:
        raise walk.refuse(node, f"{operator.fewest} to {operator.most} inputs", len(node.inputs))
    for name in node.inputs[: operator.fewest] + tuple(filter(None, node.inputs[operator.fewest :])):
        if name not in walk.constants and name not in walk.flows:
            raise walk.refuse(node, "inputs that are computed before", name)
    operator.step(walk, node)
