"""The graph of an ONNX file: its nodes, its constant tensors, its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from supverify.kernel.errors import Malformed

from .matrix import Array, Budget, Dense, as_stored, bfloat16, from_numpy
from .onnx_wire import EIGHT, FOUR, Message, Wire
from .read import read_bytes

MOST_NODES, MOST_FIELDS = 1 << 12, 1 << 20
STANDARD = ("", "ai.onnx")  # the domain of the operators that ONNX specifies
MODEL = {7: "graph", 25: "functions"}
FUNCTION = {1: "name", 10: "domain"}
GRAPH = {1: "node", 5: "initializer", 11: "input", 12: "output", 15: "sparse_initializer"}
NODE = {1: "input", 2: "output", 3: "name", 4: "op_type", 5: "attribute", 7: "domain"}
ATTRIBUTE = {1: "name", 2: "f", 3: "i", 5: "t", 7: "floats", 8: "ints", 20: "type"}
TENSOR = {
    1: "dims",
    2: "data_type",
    3: "segment",
    4: "float_data",
    5: "int32_data",
    7: "int64_data",
    8: "name",
    9: "raw_data",
    10: "double_data",
    11: "uint64_data",
    13: "external_data",
    14: "data_location",
}
VALUE, TYPE, TENSOR_TYPE = {1: "name", 2: "type"}, {1: "tensor_type"}, {2: "shape"}
SHAPE, DIMENSION = {1: "dim"}, {1: "dim_value"}
# By ONNX's number of each type: its name, numpy's type of its raw data, and the field of its numbers.
TYPES = {
    1: ("float", "<f4", "float_data"),
    2: ("uint8", "|u1", "int32_data"),
    3: ("int8", "|i1", "int32_data"),
    4: ("uint16", "<u2", "int32_data"),
    5: ("int16", "<i2", "int32_data"),
    6: ("int32", "<i4", "int32_data"),
    7: ("int64", "<i8", "int64_data"),
    9: ("bool", "|u1", "int32_data"),
    10: ("float16", "<f2", "int32_data"),
    11: ("double", "<f8", "double_data"),
    12: ("uint32", "<u4", "uint64_data"),
    13: ("uint64", "<u8", "uint64_data"),
    16: ("bfloat16", "<u2", "int32_data"),
}
READ = ", ".join(name for name, _, _ in TYPES.values())


@dataclass(frozen=True)
class Constant:
    """A tensor of the file, or one made of it by exchanging its axes."""

    name: str
    array: Dense
    is_bfloat16: bool
    place: str

    @property
    def shape(self) -> tuple[int, ...]:
        """As numpy writes it."""
        return self.array.shape

    def exchanged(self, order: tuple[int, ...] | None = None) -> Constant:
        """With its axes in another order, reversed if none is given."""
        return Constant(self.name, self.array.transpose(order), self.is_bfloat16, self.place)

    def read(self, budget: Budget) -> Array:
        """Its numbers; raises Malformed."""
        return from_numpy(self.array, self.place, budget, widen=bfloat16 if self.is_bfloat16 else as_stored)


@dataclass(frozen=True)
class Node:
    """An operation; ``title`` is its name, or its operator and what it computes where it has none."""

    title: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """An input or output of the graph; a dimension that is not fixed is None, a shape that is not given too."""

    name: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Graph:
    """The nodes in the file's order, and what they start from."""

    place: str
    nodes: tuple[Node, ...]
    constants: Mapping[str, Constant]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def read_graph(path: str | Path) -> Graph:
    """The graph of an ONNX file; raises Malformed. Initializers that are inputs too are constants."""
    place, data = str(path), memoryview(read_bytes(path))
    wire = Wire(place, MOST_FIELDS)
    model = wire.message(data, MODEL)
    if "graph" not in model:
        raise Malformed(place, "an ONNX file", "no graph in it" if len(data) else "an empty file")
    for content in model.blobs("functions"):
        function = wire.message(content, FUNCTION)
        if function.text("domain") in STANDARD:
            raise Malformed(place, "the operators of the ONNX standard", f"its own {function.text('name')}")
    graph = wire.message(model.blob("graph"), GRAPH)
    if "sparse_initializer" in graph:
        raise Malformed(place, "dense initializers", "a sparse_initializer")
    if len(graph.blobs("node")) > MOST_NODES:
        raise Malformed(place, f"at most {MOST_NODES} nodes", len(graph.blobs("node")))
    constants: dict[str, Constant] = {}
    for content in graph.blobs("initializer"):
        constant = _constant(wire.message(content, TENSOR), place)
        if constant.name in constants:
            raise Malformed(place, "each initializer once", constant.name)
        constants[constant.name] = constant
    values = [tuple(_value(wire, content) for content in graph.blobs(name)) for name in ("input", "output")]
    inputs = tuple(value for value in values[0] if value.name not in constants)
    return Graph(place, tuple(_node(wire, content) for content in graph.blobs("node")), constants, inputs, values[1])


def _value(wire: Wire, content: memoryview) -> Value:
    value = wire.message(content, VALUE)
    tensor = wire.message(wire.message(value.blob("type"), TYPE).blob("tensor_type"), TENSOR_TYPE)
    if "shape" not in tensor:
        return Value(value.text("name"), None)
    dimensions = wire.message(tensor.blob("shape"), SHAPE).blobs("dim")
    sizes = (wire.message(dimension, DIMENSION).integer("dim_value") for dimension in dimensions)
    return Value(value.text("name"), tuple(size if size > 0 else None for size in sizes))


def _node(wire: Wire, content: memoryview) -> Node:
    node = wire.message(content, NODE)
    operator, domain = node.text("op_type"), node.text("domain")
    if domain not in STANDARD:
        operator = f"{domain}.{operator}"
    outputs = node.texts("output")
    title = f"node {node.text('name') or 'of ' + ', '.join(outputs)} ({operator})"
    found = [wire.message(attribute, ATTRIBUTE) for attribute in node.blobs("attribute")]
    attributes = {attribute.text("name"): _attribute(attribute, f"{wire.place}: {title}") for attribute in found}
    if len(attributes) < len(found):
        raise Malformed(
            f"{wire.place}: {title}", "each attribute once", ", ".join(attribute.text("name") for attribute in found)
        )
    return Node(title, operator, tuple(node.texts("input")), tuple(outputs), attributes)


def _attribute(attribute: Message, place: str) -> object:
    """Its value; one of another type, or of none, is None, which no operator here takes."""
    kind = attribute.integer("type")
    if kind == 1:
        return attribute.real("f", 0.0)
    if kind == 2:
        return attribute.integer("i")
    if kind == 4:
        tensor = attribute.wire.message(attribute.blob("t"), TENSOR)
        return _constant(tensor, place)
    if kind == 6:
        return Constant("", _raw(attribute.packed("floats", FOUR), "<f4"), False, place)
    if kind == 7:
        return attribute.integers("ints")
    return None


def _constant(tensor: Message, place: str) -> Constant:
    """The tensor, whose shape and type say how many bytes it has."""
    name = tensor.text("name")
    place = f"{place}: {name}" if name else place
    if "external_data" in tensor or tensor.integer("data_location"):
        expected = "weights inside the file: torch.onnx.export(..., external_data=False), or onnx.save(model, path)"
        raise Malformed(place, expected, "external data")
    number, shape = tensor.integer("data_type"), tuple(tensor.integers("dims"))
    if number not in TYPES or "segment" in tensor:
        raise Malformed(place, f"a tensor of type {READ}", f"type {number}")
    if len(shape) > 8 or any(size < 0 for size in shape):
        raise Malformed(place, "at most 8 dimensions, none negative", f"shape {shape}")
    kind, layout, field = TYPES[number]
    raw = "raw_data" in tensor
    if raw and field in tensor:
        raise Malformed(place, "its numbers once", f"raw_data and {field}")
    flat = _raw(tensor.blob("raw_data"), layout) if raw else _typed(tensor, kind, layout, field, place)
    if flat.size != prod(shape):
        raise Malformed(place, f"the {prod(shape)} numbers of shape {shape}", flat.size)
    flat = flat != 0 if kind == "bool" else flat
    return Constant(name, flat.reshape(shape), kind == "bfloat16", place)


def _raw(content: bytes | memoryview, layout: str) -> Dense:
    whole = len(content) - len(content) % np.dtype(layout).itemsize
    return np.frombuffer(content, layout) if whole == len(content) > 0 else np.zeros(0, layout)


def _typed(tensor: Message, kind: str, layout: str, field: str, place: str) -> Dense:
    """The numbers of the field that is for the tensor's type."""
    if field in ("float_data", "double_data"):
        return _raw(tensor.packed(field, FOUR if field == "float_data" else EIGHT), layout)
    values = tensor.integers(field)
    if field == "uint64_data":
        values = [value % (1 << 64) for value in values]
    held = np.dtype("<u2" if kind == "float16" else layout)
    limits = np.iinfo(held)
    if not all(limits.min <= value <= limits.max for value in values):
        raise Malformed(place, f"numbers of type {kind}", "larger ones")
    return np.array(values, held).view(layout)
