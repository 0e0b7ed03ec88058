"""The operators that an ONNX network may have, each with the attributes it takes and what it does to the layers.

Semantics: the ONNX operator specification, for opsets 7 and later (earlier ones need attributes refused here).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .onnx_flow import Layout, Walk
from .onnx_model import Node

# What Flatten makes of a layout at an axis; for the second table, in a batch of one.
KEPT: dict[tuple[Layout, int], Layout] = {
    ("vector", 0): "row",
    ("vector", 1): "column",
    ("row", 1): "row",
    ("column", 1): "column",
    ("tensor", 1): "row",
}
KEPT_OF_ONE: dict[tuple[Layout, int], Layout] = {
    ("row", 0): "row",
    ("column", 0): "row",
    ("row", 2): "column",
    ("column", 2): "column",
}


@dataclass(frozen=True)
class Operator:
    """How many inputs it takes, the attributes it may have, and its step."""

    step: Callable[[Walk, Node], None]
    fewest: int
    most: int
    attributes: frozenset[str] = frozenset()


def gemm(walk: Walk, node: Node) -> None:
    """alpha A' B' + beta C, where A' and B' may be transposed: a layer whose weights are the constant one of A, B."""
    at, flow = walk.flow(node)
    exchanged = [walk.number(node, name, 0) != 0 for name in ("transA", "transB")]
    if at == 2 or flow.layout not in ("row", "column"):
        raise walk.refuse(node, "two dimensions, computed as A or B", flow.layout)
    # After its own transposition A has a row, B a column for each input of the batch.
    if (flow.layout == "row") == (exchanged[at] if at == 0 else not exchanged[at]):
        raise walk.refuse(node, "the features where it sums", "the batch")
    other = walk.constants[node.inputs[1 - at]]
    # Weights are outputs x inputs: A' itself, B' transposed.
    weights = other if exchanged[1 - at] == (at == 0) else other.exchanged()
    flow = replace(flow, layout="row" if at == 0 else "column")
    flow, alpha = walk.linear(node, flow, weights), walk.factor(node, "alpha")
    flow = flow if alpha == 1 else walk.multiplied(node, flow, "alpha", alpha)
    if len(node.inputs) == 3 and node.inputs[2]:
        flow = walk.shifted(node, flow, walk.constants[node.inputs[2]], walk.factor(node, "beta"))
    walk.flows[node.outputs[0]] = flow


def matmul(walk: Walk, node: Node) -> None:
    """x W, or W x where the features come first."""
    at, flow = walk.flow(node)
    other = walk.constants[node.inputs[1 - at]]
    if flow.layout not in ("vector", "row" if at == 0 else "column") or len(other.shape) != 2:
        raise walk.refuse(node, "a matrix, and the features where it sums", f"{other.name} of shape {other.shape}")
    walk.flows[node.outputs[0]] = walk.linear(node, flow, other.exchanged() if at == 0 else other)


def add(walk: Walk, node: Node) -> None:
    """A bias, on either side."""
    at, flow = walk.flow(node)
    walk.flows[node.outputs[0]] = walk.shifted(node, flow, walk.constants[node.inputs[1 - at]])


def relu(walk: Walk, node: Node) -> None:
    """The ReLU of the layer before; twice is once."""
    _, flow = walk.flow(node)
    if not (flow.layers and flow.layers[-1].relu):
        flow = walk.opened(node, flow)
        flow = replace(flow, layers=(*flow.layers[:-1], replace(flow.layers[-1], relu=True)))
    walk.flows[node.outputs[0]] = flow


def transpose(walk: Walk, node: Node) -> None:
    """Other axes of a constant, or features and batch exchanged."""
    order = node.attributes.get("perm")
    constant = walk.constants.get(node.inputs[0])
    rank = len(constant.shape) if constant else walk.flow(node)[1].rank
    if order is None:
        order = list(range(rank))[::-1]
    if not isinstance(order, list) or sorted(order) != list(range(rank)):
        raise walk.refuse(node, f"perm as the axes 0..{rank - 1}", order)
    if constant:
        walk.constants[node.outputs[0]] = constant.exchanged(tuple(order))
        return
    _, flow = walk.flow(node)
    if flow.layout == "tensor":
        raise walk.refuse(node, "at most two dimensions", "more")
    if order == [1, 0]:
        flow = replace(flow, layout="column" if flow.layout == "row" else "row")
    walk.flows[node.outputs[0]] = flow


def same(walk: Walk, node: Node) -> None:
    """Its input."""
    name = node.inputs[0]
    if name in walk.constants:
        walk.constants[node.outputs[0]] = walk.constants[name]
    else:
        walk.flows[node.outputs[0]] = walk.flow(node)[1]


def flatten(walk: Walk, node: Node) -> None:
    """All dimensions before the axis as one, all others as another: the features have to stay together."""
    _, flow = walk.flow(node)
    axis = walk.number(node, "axis", 1)
    axis += flow.rank if axis < 0 and flow.layout != "tensor" else 0
    layout = KEPT.get((flow.layout, axis)) or (KEPT_OF_ONE.get((flow.layout, axis)) if flow.batch == 1 else None)
    if layout is None:
        raise walk.refuse(node, "an axis that keeps the features of one input together", axis)
    walk.flows[node.outputs[0]] = replace(flow, layout=layout)


def constant(walk: Walk, node: Node) -> None:
    """A tensor written into the node."""
    walk.constant(node, next(iter(node.attributes.values())) if len(node.attributes) == 1 else None)


OPERATORS = {
    "Gemm": Operator(gemm, 2, 3, frozenset({"alpha", "beta", "transA", "transB"})),
    "MatMul": Operator(matmul, 2, 2),
    "Add": Operator(add, 2, 2),
    "Relu": Operator(relu, 1, 1),
    "Transpose": Operator(transpose, 1, 1, frozenset({"perm"})),
    "Identity": Operator(same, 1, 1),
    "Flatten": Operator(flatten, 1, 1, frozenset({"axis"})),
    "Constant": Operator(constant, 0, 0, frozenset({"value", "value_floats"})),
}
