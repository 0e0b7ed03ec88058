"""Random ONNX graphs: whatever the reader takes for a network computes what the reference evaluator computes."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from onnx_models import Dense, model, node, reference, write

from supverify.deciding.verification import verify
from supverify.files import read_network
from supverify.kernel.claim import Criterion, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Network, evaluate
from supverify.kernel.verdict import Status

SIZES = (1, 2, 3)


class Graph:
    """Grows a graph operation by operation, with constants whose shapes often fit and sometimes do not."""

    def __init__(self, random: Random, shape: tuple[Any, ...]) -> None:
        self.random, self.shape = random, shape
        self.nodes: list[Any] = []
        self.tensors: dict[str, Dense] = {}
        self.at, self.dims = "y", tuple(2 if size == "N" else size for size in shape)

    def constant(self, *dims: int) -> str:
        name = f"c{len(self.tensors)}"
        eighths = [self.random.randint(-16, 16) / 8 for _ in range(int(np.prod(dims)))]
        self.tensors[name] = np.array(eighths, np.float32).reshape(dims)
        return name

    def size(self, fits: int) -> int:
        return fits if self.random.random() < 0.9 else self.random.choice(SIZES)

    def apply(self, operator: str, inputs: str, dims: tuple[int, ...], **attributes: Any) -> None:
        out = f"v{len(self.nodes)}"
        self.nodes.append(node(operator, inputs, out, **attributes))
        self.at, self.dims = out, dims

    def matmul(self) -> None:
        other = self.random.choice(SIZES)
        if self.random.random() < 0.5:
            self.apply(
                "MatMul", f"{self.at} {self.constant(self.size(self.dims[-1]), other)}", (*self.dims[:-1], other)
            )
        else:
            inner = self.size(self.dims[-2] if len(self.dims) > 1 else self.dims[0])
            self.apply("MatMul", f"{self.constant(other, inner)} {self.at}", (other, *self.dims[1:]))

    def gemm(self) -> None:
        exchanged = [self.random.randrange(2), self.random.randrange(2)]
        first = self.random.random() < 0.5
        ours = self.dims[:: -1 if exchanged[0 if first else 1] else 1]
        if len(ours) != 2:
            return
        inner, other = self.size(ours[1] if first else ours[0]), self.random.choice(SIZES)
        theirs = (inner, other) if first else (other, inner)
        constant = self.constant(*theirs[:: -1 if exchanged[1 if first else 0] else 1])
        result = (ours[0], other) if first else (other, ours[1])
        inputs = f"{self.at} {constant}" if first else f"{constant} {self.at}"
        if self.random.random() < 0.6:
            inputs += " " + self.constant(*self.bias(result))
        alpha, beta = self.random.choice((1.0, 0.5, -2.0)), self.random.choice((1.0, 0.25, 0.0))
        self.apply("Gemm", inputs, result, transA=exchanged[0], transB=exchanged[1], alpha=alpha, beta=beta)

    def bias(self, dims: tuple[int, ...]) -> tuple[int, ...]:
        if self.random.random() < 0.15:
            return tuple(self.random.choice(SIZES) for _ in range(self.random.randint(0, 3)))
        shape = tuple(size if self.random.random() < 0.6 else 1 for size in dims)
        return shape[self.random.randrange(len(shape) + 1) :]

    def add(self) -> None:
        constant = self.constant(*self.bias(self.dims))
        self.apply("Add", self.random.choice((f"{self.at} {constant}", f"{constant} {self.at}")), self.dims)

    def relu(self) -> None:
        self.apply("Relu", self.at, self.dims)

    def transpose(self) -> None:
        if len(self.dims) == 2 and self.random.random() < 0.2:
            self.apply("Transpose", self.at, self.dims, perm=[0, 1])
        else:
            self.apply("Transpose", self.at, self.dims[::-1])

    def flatten(self) -> None:
        axis = self.random.randint(-len(self.dims), len(self.dims))
        at = axis if axis >= 0 else axis + len(self.dims)
        self.apply("Flatten", self.at, (int(np.prod(self.dims[:at])), int(np.prod(self.dims[at:]))), axis=axis)

    def grown(self) -> Any:
        steps = (self.matmul, self.gemm, self.add, self.relu, self.transpose, self.flatten)
        for _ in range(self.random.randint(1, 6)):
            self.random.choice(steps)()
        self.nodes.append(node("Identity", self.at, "z"))
        return model(self.nodes, self.tensors, shape=self.shape)


SHAPES: tuple[tuple[Any, ...], ...] = (
    ("N", 3),
    ("N", 2),
    (2, 3),
    (1, 3),
    (3, 1),
    (3, "N"),
    (3,),
    (1, 2, 2),
    ("N", 1, 3),
)


def outputs(network: Network, inputs: list[tuple[int, ...]]) -> list[list[Fraction]]:
    """A row for each input."""
    found = (evaluate(network, [j for j, on in enumerate(y) if on]) for y in inputs)
    return [[Fraction(z, network.scale) for z in row] for row in found]


def batches(shape: tuple[Any, ...], network: Network) -> list[tuple[Dense, list[tuple[int, ...]]]]:
    """Arrays of the graph's input shape, each with the inputs that are in it: one, or two where there is room."""
    every = list(product((0, 1), repeat=network.inputs))
    if len(shape) == 1 or 1 in shape[:1]:
        return [(np.array(y, np.float32).reshape(shape), [y]) for y in every]
    if shape[-1] in (1, "N"):
        count = 2 if shape[-1] == "N" else 1
        pairs = [[every[i - k] for k in range(count)] for i in range(len(every))]
        return [(np.array(pair, np.float32).T, pair) for pair in pairs]
    pairs = [[y, every[i - 1]] for i, y in enumerate(every)]
    return [(np.array(pair, np.float32).reshape(2, *shape[1:]), pair) for pair in pairs]


@pytest.mark.parametrize("seed", range(12))
def test_accepted_graph_computes_what_the_reference_evaluator_does(seed: int, tmp_path: Path) -> None:
    """100 graphs for each seed; small eighths make every sum of the reference evaluator exact."""
    random, seen = Random(seed), Counter[str]()
    for _ in range(100):
        shape = random.choice(SHAPES)
        made = Graph(random, shape).grown()
        try:
            network = read_network(write(tmp_path / "n.onnx", made)).network
        except Malformed:
            seen["refused"] += 1
            continue
        seen["read"] += 1
        for array, inputs in batches(shape, network):
            computed = reference(made, array)
            expected = outputs(network, inputs)
            rows = [[Fraction(float(x)) for x in row] for row in computed.reshape(computed.shape[0], -1)]
            columns = [list(row) for row in zip(*rows, strict=True)]
            flat = [[x for row in rows for x in row]]
            assert expected in (rows, columns, flat), (shape, made.graph.node)
    assert seen["read"] > 10
    assert seen["refused"] > 10


FLOATS: dict[str, tuple[list[Any], dict[str, Dense], str]] = {
    "two biases": (
        [node("Gemm", "y W b", "m"), node("Add", "c m", "z")],
        {"W": np.ones((2, 1), np.float32), "b": np.array([2**25], np.float32), "c": np.array([-(2**25)], np.float32)},
        "3/2",
    ),
    "alpha": (
        [node("Gemm", "y W", "z", alpha=3.0)],
        {"W": np.array([[2**24], [1]], np.float32)},
        str(3 * 2**24 + 1),
    ),
}


@pytest.mark.parametrize(("nodes", "tensors", "threshold"), FLOATS.values(), ids=FLOATS)
def test_float32_rounds_where_the_graph_does(
    nodes: list[Any], tensors: dict[str, Dense], threshold: str, tmp_path: Path
) -> None:
    """Right over the real numbers, wrong where the reference evaluator computes it in float32."""
    made, limit = model(nodes, tensors, shape=["N", 2]), Fraction(threshold)
    assert not float(reference(made, np.ones((1, 2), np.float32))[0, 0]) > limit
    path, asked = write(tmp_path / "n.onnx", made), Criterion(threshold=limit)
    for arithmetic, status in (("exact", Status.PROVED), ("float32", Status.REFUTED), ("any-order:float32", None)):
        found = verify(path, TwoAnd(2, ((0, 1),)), k=2, criterion=asked, arithmetic=arithmetic).status
        assert found is status or (status is None and found is not Status.PROVED)
