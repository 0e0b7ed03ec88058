"""What an ONNX graph has computed up to a node, as layers, and the steps by which a node adds to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite, prod
from typing import Literal

from supverify.kernel.errors import Malformed

from .exact import RealLayer
from .matrix import Budget, Matrix, Vector, diagonal, times
from .onnx_model import Constant, Graph, Node

Layout = Literal["vector", "row", "column", "tensor"]


@dataclass(frozen=True)
class Flow:
    """What is computed from the input so far: features alone, or with the batch before ("row") or after them.

    A "tensor" has more dimensions, and is waiting for Flatten. ``batch`` and ``width`` are None where the file
    leaves them open.
    """

    layout: Layout
    batch: int | None
    width: int | None
    layers: tuple[RealLayer, ...] = ()

    @property
    def rank(self) -> int:
        """The number of dimensions, of a tensor more than 2."""
        return {"vector": 1, "row": 2, "column": 2, "tensor": 3}[self.layout]


@dataclass
class Walk:
    """One pass over the nodes: each one's output is a constant or a flow."""

    graph: Graph
    budget: Budget
    constants: dict[str, Constant]
    flows: dict[str, Flow]

    def refuse(self, node: Node, expected: str, got: object) -> Malformed:
        """Names the node."""
        return Malformed(f"{self.graph.place}: {node.title}", expected, got)

    def flow(self, node: Node) -> tuple[int, Flow]:
        """The one input of the node that is computed from the network's input, and which one it is."""
        found = [(i, self.flows[name]) for i, name in enumerate(node.inputs) if name in self.flows]
        if len(found) != 1:
            got = ", ".join(node.inputs[i] for i, _ in found) or "none"
            raise self.refuse(node, "one input that is computed and constants otherwise", got)
        return found[0]

    def number(self, node: Node, name: str, default: int) -> int:
        """An integer attribute."""
        value = node.attributes.get(name, default)
        if not isinstance(value, int):
            raise self.refuse(node, f"an integer as {name}", value)
        return value

    def factor(self, node: Node, name: str) -> Fraction:
        """alpha or beta: the 32-bit float that it is, exactly."""
        value = node.attributes.get(name, 1.0)
        if not isinstance(value, float) or not isfinite(value):
            raise self.refuse(node, f"a finite number as {name}", value)
        return Fraction(value)

    def constant(self, node: Node, value: object) -> None:
        """A constant node's output."""
        if not isinstance(value, Constant):
            raise self.refuse(node, "a tensor or numbers as its value", "another value")
        place = f"{self.graph.place}: {node.title}"
        self.constants[node.outputs[0]] = replace(value, name=value.name or node.outputs[0], place=place)

    def linear(self, node: Node, flow: Flow, weights: Constant) -> Flow:
        """The flow through a matrix, outputs x inputs."""
        if len(weights.shape) != 2 or flow.width not in (None, weights.shape[1]):
            expected = f"a matrix with {flow.width or 'its'} inputs"
            raise self.refuse(node, expected, f"{weights.name} of shape {weights.shape} (as outputs, inputs)")
        matrix = weights.read(self.budget)
        if not isinstance(matrix, Matrix):
            raise self.refuse(node, "a matrix", weights.name)
        return self._through(node, flow, matrix, weights.name)

    def shifted(self, node: Node, flow: Flow, bias: Constant, factor: Fraction = Fraction(1)) -> Flow:
        """The flow plus a constant: the bias of its last layer, or of a new one where that has a ReLU or a bias.

        Two biases are not added up beforehand: in floating point each sum is rounded.
        """
        flow = self.opened(node, flow)
        flow = flow if flow.layers[-1].bias_name is None else self.multiplied(node, flow, "identity")
        values = times(self.broadcast(node, flow, bias), factor)
        last = replace(flow.layers[-1], bias=values, bias_name=bias.name)
        return replace(flow, layers=(*flow.layers[:-1], last))

    def opened(self, node: Node, flow: Flow) -> Flow:
        """The flow ending in a linear layer: a layer that changes nothing is added where there is none."""
        linear = flow.layers and not flow.layers[-1].relu
        return flow if linear else self.multiplied(node, flow, "identity")

    def multiplied(self, node: Node, flow: Flow, name: str, factor: Fraction = Fraction(1)) -> Flow:
        """The flow times a number, a layer of its own."""
        if flow.width is None or flow.rank > 2:
            raise self.refuse(node, "a fixed number of features", "an open one")
        self.budget.spend(2 * flow.width, self.graph.place)
        return self._through(node, flow, diagonal(flow.width, factor), name)

    def _through(self, node: Node, flow: Flow, weights: Matrix, name: str) -> Flow:
        width, place = weights.shape[0], f"{self.graph.place}: {node.title}"
        layer = RealLayer(weights, (0,) * width, False, place, name)
        return replace(flow, width=width, layers=(*flow.layers, layer))

    def broadcast(self, node: Node, flow: Flow, bias: Constant) -> Vector:
        """What is added to each feature, by numpy's rules."""
        width = flow.layers[-1].weights.shape[0]
        shapes: list[tuple[int, ...]] = [(width, 1)] if flow.layout == "column" else [(width,)]
        shapes += [(1, width)] if flow.layout == "row" else []
        single = prod(bias.shape) == 1 and len(bias.shape) <= flow.rank
        if bias.shape not in shapes and not single:
            expected = f"a constant of shape {' or '.join(map(str, shapes))}, the same for every input"
            raise self.refuse(node, expected, f"{bias.name} of shape {bias.shape}")
        values = replace(bias, array=bias.array.reshape(-1)).read(self.budget)
        if not isinstance(values, tuple):
            raise self.refuse(node, "a vector", bias.name)
        return values * width if single else values
