"""ONNX files: the exact network computes what the onnx package's reference evaluator computes, or names the node."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx_models import Dense, model, node, reference, torch_mlp, write
from shell import ROOT
from written import refusal

from supverify.files import NetworkFile, read_network
from supverify.files.onnx_model import TYPES
from supverify.kernel.network import Network, evaluate

A = np.array([[1, -2, 3], [0.5, 0, -0.25]], np.float32)  # 3 -> 2
B = np.array([[2, 1], [-1, 4], [0, 0.125]], np.float32)  # 2 -> 3
a, b = np.array([0.5, -1], np.float32), np.array([1, -2, 0.25], np.float32)


def agrees(made: Any, network: Network, *, shape: Callable[[Dense], Dense]) -> None:
    """Equal on every input with at most three ones; small dyadic numbers make the reference evaluator exact."""
    for size in range(4):
        for active in combinations(range(network.inputs), size):
            y = np.zeros(network.inputs, np.float32)
            y[list(active)] = 1
            expected = [Fraction(float(z)) for z in reference(made, shape(y)).reshape(-1)]
            assert [Fraction(z, network.scale) for z in evaluate(network, active)] == expected


def as_row(y: Dense) -> Dense:
    return y[None, :]


def as_vector(y: Dense) -> Dense:
    return y


def as_column(y: Dense) -> Dense:
    return y[:, None]


def as_image(y: Dense) -> Dense:
    return y.reshape(1, 1, 3)


TWO = {"A": A, "B": B, "a": a, "b": b}
GRAPHS: dict[str, tuple[Any, Callable[[Dense], Dense]]] = {
    "torch, dynamic batch": (torch_mlp([A, B], [a, b]), as_row),
    "torch, fixed batch": (torch_mlp([A, B], [a, b], batch=1), as_row),
    "torch, without biases": (torch_mlp([A, B], [None, None]), as_row),
    "Gemm, plain": (model([node("Gemm", "y W b", "z")], {"W": A.T.copy(), "b": a}, shape=["N", 3]), as_row),
    "Gemm without C": (model([node("Gemm", "y W", "z", transB=1)], {"W": A}, shape=["N", 3]), as_row),
    "Gemm with alpha and beta": (
        model([node("Gemm", "y W b", "z", alpha=-0.375, beta=3.0, transB=1)], {"W": A, "b": a}, shape=["N", 3]),
        as_row,
    ),
    "Gemm with alpha 0": (
        model([node("Gemm", "y W b", "z", alpha=0.0, transB=1)], {"W": A, "b": a}, shape=["N", 3]),
        as_row,
    ),
    "Gemm with beta 0": (
        model([node("Gemm", "y W b", "z", beta=0.0, transB=1)], {"W": A, "b": a}, shape=["N", 3]),
        as_row,
    ),
    "Gemm, weights first": (
        model([node("Gemm", "A y c", "z", transB=1)], {"A": A, "c": a[:, None].copy()}, shape=[1, 3]),
        as_row,
    ),
    "Gemm, weights first and transposed": (
        model([node("Gemm", "W y", "z", transA=1, transB=1)], {"W": A.T.copy()}, shape=[1, 3]),
        as_row,
    ),
    "Gemm, columns": (model([node("Gemm", "A y", "z")], {"A": A}, shape=[3, "N"]), as_column),
    "Gemm, columns transposed": (
        model([node("Gemm", "y W a", "z", transA=1)], {"W": A.T.copy(), "a": a}, shape=[3, 1]),
        as_column,
    ),
    "Gemm, scalar C": (
        model([node("Gemm", "y A c", "z", transB=1)], {"A": A, "c": np.array(0.5, np.float32)}, shape=["N", 3]),
        as_row,
    ),
    "MatMul and Add": (
        model(
            [
                node("MatMul", "y V", "m"),
                node("Add", "m a", "n"),
                node("Relu", "n", "h"),
                node("MatMul", "h W", "p"),
                node("Add", "b p", "z"),
            ],
            {"V": A.T.copy(), "W": B.T.copy(), "a": a, "b": b[None, :].copy()},
            shape=["N", 3],
        ),
        as_row,
    ),
    "MatMul on a vector": (
        model([node("MatMul", "A y", "m"), node("Relu", "m", "h"), node("MatMul", "B h", "z")], TWO, shape=[3]),
        as_vector,
    ),
    "MatMul after a vector": (model([node("MatMul", "y W", "z")], {"W": A.T.copy()}, shape=[3]), as_vector),
    "columns": (
        model(
            [
                node("Transpose", "y", "t"),
                node("MatMul", "A t", "m"),
                node("Add", "m c", "n"),
                node("Relu", "n", "h"),
                node("Transpose", "h", "r", perm=[1, 0]),
                node("Gemm", "r B b", "z", transB=1),
            ],
            TWO | {"c": a[:, None].copy()},
            shape=["N", 3],
        ),
        as_row,
    ),
    "Add at the start": (
        model([node("Add", "y b", "s"), node("Gemm", "s A", "z", transB=1)], TWO, shape=["N", 3]),
        as_row,
    ),
    "Add after Relu, and twice": (
        model(
            [
                node("Gemm", "y A a", "g", transB=1),
                node("Relu", "g", "h"),
                node("Add", "h a", "s"),
                node("Add", "s a", "t"),
                node("Relu", "t", "u"),
                node("Relu", "u", "z"),
            ],
            TWO,
            shape=["N", 3],
        ),
        as_row,
    ),
    "Relu at the start": (
        model([node("Relu", "y", "r"), node("Gemm", "r A", "z", transB=1)], TWO, shape=["N", 3]),
        as_row,
    ),
    "two matrices without a ReLU": (
        model([node("Gemm", "y A", "g", transB=1), node("Gemm", "g B b", "z", transB=1)], TWO, shape=["N", 3]),
        as_row,
    ),
    "Flatten": (
        model([node("Flatten", "y", "f"), node("Gemm", "f A a", "z", transB=1)], TWO, shape=["N", 1, 3]),
        as_image,
    ),
    "Flatten of rows": (
        model([node("Flatten", "y", "f", axis=-1), node("Gemm", "f A a", "z", transB=1)], TWO, shape=["N", 3]),
        as_row,
    ),
    "Flatten of a vector": (
        model([node("Flatten", "y", "f", axis=0), node("Gemm", "f A a", "z", transB=1)], TWO, shape=[3]),
        as_vector,
    ),
    "Flatten of a vector to a column": (
        model([node("Flatten", "y", "f"), node("Gemm", "A f", "z")], TWO, shape=[3]),
        as_vector,
    ),
    "Flatten to one row": (
        model([node("Flatten", "y", "f", axis=0), node("Gemm", "f A a", "z", transB=1)], TWO, shape=[1, 3]),
        as_row,
    ),
    "Flatten to one column": (
        model([node("Flatten", "y", "f", axis=2), node("Gemm", "A f", "z")], TWO, shape=[1, 3]),
        as_row,
    ),
    "Constant, Identity and dead ends": (
        model(
            [
                node("Constant", "", "W", value=numpy_helper.from_array(A)),
                node("Constant", "", "c", value_floats=[0.25, -4.0]),
                node("Identity", "W", "V"),
                node("Transpose", "V", "T"),
                node("Transpose", "T", "U", perm=[0, 1]),
                node("Identity", "y", "x"),
                node("MatMul", "x U", "m"),
                node("Add", "m c", "z"),
                node("Softmax", "m", "unused"),
            ],
            {},
            shape=["N", 3],
        ),
        as_row,
    ),
    "open width": (model([node("Gemm", "y A", "z", transB=1)], TWO, shape=["N", "M"]), as_row),
}


@pytest.mark.parametrize(("made", "shape"), GRAPHS.values(), ids=GRAPHS)
def test_graph_computes_what_the_reference_evaluator_does(
    made: Any, shape: Callable[[Dense], Dense], tmp_path: Path
) -> None:
    file = read_network(write(tmp_path / "n.onnx", made))
    assert (file.decoded, file.code) == (None, None)
    agrees(made, file.network, shape=shape)


@given(st.data())
def test_networks_as_torch_writes_them(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    widths = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    eighths = st.integers(-16, 16).map(lambda n: n / 8)

    def array(*shape: int) -> Dense:
        size = int(np.prod(shape))
        return np.array(data.draw(st.lists(eighths, min_size=size, max_size=size)), np.float32).reshape(shape)

    weights = [array(outputs, inputs) for inputs, outputs in pairwise(widths)]
    biases = [array(len(W)) if data.draw(st.booleans()) else None for W in weights]
    made = torch_mlp(weights, biases, batch="batch" if data.draw(st.booleans()) else 1)
    file = read_network(write(tmp_path_factory.mktemp("torch") / "n.onnx", made))
    assert [layer.relu for layer in file.layers] == [True] * (len(weights) - 1) + [False]
    agrees(made, file.network, shape=as_row)


def test_layers_have_the_names_of_their_tensors(tmp_path: Path) -> None:
    layers = read_network(write(tmp_path / "n.onnx", torch_mlp([A, B], [a, None]))).layers
    assert [str(layer) for layer in layers] == ["net.0.weight (2, 3) + net.0.bias, ReLU", "net.2.weight (3, 2)"]


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("number", TYPES)
def test_every_type_is_read_raw_and_as_numbers(number: int, raw: bool, tmp_path: Path) -> None:
    """Written by onnx.helper, where float16, bfloat16 and truth values become bits in int32_data."""
    values = {"bool": [1, 0], "uint64": [(1 << 64) - 1, 3]}.get(TYPES[number][0], [3, 100])
    dtype = helper.tensor_dtype_to_np_dtype(number)
    held = np.array(values, np.uint64).astype(dtype)
    tensor = helper.make_tensor("W", number, [1, 2], held.tobytes() if raw else held.tolist(), raw=raw)
    graph = helper.make_graph(
        [node("Gemm", "y W", "z", transB=1)],
        "g",
        [helper.make_tensor_value_info("y", number, ["N", 2])],
        [helper.make_tensor_value_info("z", number, None)],
        [tensor],
    )
    file = read_network(write(tmp_path / "n.onnx", helper.make_model(graph)))
    weights = dict(file.network.layers[0].row(0))
    assert [weights.get(j, 0) for j in range(2)] == values


def broken(change: Callable[[Any], object]) -> bytes:
    made = torch_mlp([A, B], [a, b])
    change(made)
    content: bytes = made.SerializeToString()
    return content


def untyped(made: Any) -> Any:
    for attribute in made.attribute:
        attribute.ClearField("type")
    return made


def wires(made: Any, at: int) -> tuple[str, str]:
    replaced = made.graph.node[at]
    return replaced.input[0], replaced.output[0]


def one(*nodes: Any, shape: Any = ("N", 3), **tensors: Any) -> bytes:
    content: bytes = model(list(nodes), TWO | tensors, shape=shape).SerializeToString()
    return content


GEMM = node("Gemm", "y A a", "h", transB=1)
REFUSED: dict[str, tuple[bytes, str]] = {
    "operator": (
        one(GEMM, node("Softmax", "h", "z", name="probs")),
        ": node probs (Softmax): expected one of the operators Gemm, MatMul, Add, Relu, Transpose, Identity,",
    ),
    "operator without a name": (
        one(GEMM, helper.make_node("Sigmoid", ["h"], ["z"])),
        ": node of z (Sigmoid): expected one of",
    ),
    "operator of another domain": (
        broken(lambda m: setattr(m.graph.node[1], "domain", "com.microsoft")),
        "(com.microsoft.Relu): expected one of the operators",
    ),
    "residual": (one(GEMM, node("Add", "h h", "z")), ": node /z (Add): expected one input that is computed"),
    "product of two computed": (one(GEMM, node("Gemm", "h h", "z", transA=1)), "(Gemm): expected one input that is"),
    "sum over the batch": (one(node("Gemm", "y A", "z", transA=1)), "(Gemm): expected the features where it sums"),
    "MatMul over the batch": (
        one(node("MatMul", "A y", "z"), shape=(3, 3)),
        "(MatMul): expected a matrix, and the feat",
    ),
    "other width": (
        one(node("Gemm", "y B", "z", transB=1)),
        "expected a matrix with 3 inputs, got B of shape (3, 2)",
    ),
    "bias of a batch": (
        one(node("MatMul", "y V", "m"), node("Add", "m c", "z"), V=A.T.copy(), c=np.ones((4, 2), np.float32)),
        ": node /z (Add): expected a constant of shape (2,) or (1, 2), the same for every input, got c of",
    ),
    "bias that adds a dimension": (
        one(node("MatMul", "y V", "m"), node("Add", "m c", "z"), V=A.T.copy(), c=np.ones((1, 1, 2), np.float32)),
        "the same for every input, got c of shape (1, 1, 2)",
    ),
    "bias along the batch": (
        one(node("Gemm", "A y", "m"), node("Add", "m a", "z"), shape=(3, "N")),
        "expected a constant of shape (2, 1), the same for every input, got a of shape (2,)",
    ),
    "bias that makes rows of a vector": (
        one(node("MatMul", "A y", "m"), node("Add", "m c", "z"), c=a[None, :].copy(), shape=(3,)),
        "expected a constant of shape (2,), the same for every input, got c of shape (1, 2)",
    ),
    "number that adds a dimension": (
        one(node("Gemm", "y A", "m", transB=1), node("Add", "m c", "z"), c=np.ones((1, 1, 1), np.float32)),
        "the same for every input, got c of shape (1, 1, 1)",
    ),
    "computed C": (
        one(node("Gemm", "A V y", "z"), V=A.T.copy(), shape=(2, 2)),
        "(Gemm): expected two dimensions, computed as A or B",
    ),
    "Flatten over the batch": (
        one(node("Flatten", "y", "f", axis=0), node("Gemm", "f A", "z", transB=1)),
        "(Flatten): expected an axis that keeps the features of one input together, got 0",
    ),
    "Flatten after two axes": (
        one(node("Flatten", "y", "f", axis=2), node("Relu", "f", "z"), shape=("N", 1, 3)),
        "got 2",
    ),
    "image without Flatten": (one(node("Relu", "y", "z"), shape=("N", 1, 3)), "expected a fixed number of features"),
    "old Gemm": (
        broken(lambda m: m.graph.node[0].attribute.append(helper.make_attribute("broadcast", 1))),
        "expected one output, and no attributes but alpha, beta, transA, transB, got the attribute broadcast",
    ),
    "attribute twice": (
        broken(lambda m: m.graph.node[0].attribute.append(helper.make_attribute("transB", 0))),
        "expected each attribute once",
    ),
    "alpha that is no number": (
        broken(lambda m: setattr(m.graph.node[0].attribute[0], "f", float("nan"))),
        "expected a finite number as alpha, got nan",
    ),
    "no number": (
        broken(lambda m: m.graph.initializer[0].CopyFrom(numpy_helper.from_array(A * np.nan, "net.0.weight"))),
        ": net.0.weight[0][0]: expected a finite number, got nan",
    ),
    "perm of no type": (  # ONNX's IR version 1 had no types; what it says is not guessed
        broken(lambda m: m.graph.node[1].CopyFrom(untyped(node("Transpose", *wires(m, 1), perm=[0, 1])))),
        "(Transpose): expected one output, and no attributes but perm, got the attribute perm",
    ),
    "operator that the file defines": (
        broken(lambda m: m.functions.add(name="Relu", domain="")),
        ": expected the operators of the ONNX standard, got its own Relu",
    ),
    "numbers twice": (
        broken(lambda m: m.graph.initializer[0].float_data.extend([0.0] * 6)),
        ": net.0.weight: expected its numbers once, got raw_data and float_data",
    ),
    "external data": (
        broken(lambda m: setattr(m.graph.initializer[0], "data_location", TensorProto.EXTERNAL)),
        ": net.0.weight: expected weights inside the file: torch.onnx.export(..., external_data=False)",
    ),
    "cut weights": (
        broken(lambda m: setattr(m.graph.initializer[0], "raw_data", bytes(20))),
        ": net.0.weight: expected the 6 numbers of shape (2, 3), got 5",
    ),
    "half a weight": (
        broken(lambda m: setattr(m.graph.initializer[0], "raw_data", bytes(23))),
        ": net.0.weight: expected the 6 numbers of shape (2, 3), got 0",
    ),
    "negative dimension": (
        broken(lambda m: m.graph.initializer[0].dims.__setitem__(0, -2)),
        ": net.0.weight: expected at most 8 dimensions, none negative, got shape (-2, 3)",
    ),
    "huge dimensions": (
        broken(lambda m: m.graph.initializer[0].dims.extend([1 << 62, 1 << 62])),
        ": net.0.weight: expected the ",
    ),
    "texts": (
        broken(lambda m: setattr(m.graph.initializer[0], "data_type", TensorProto.STRING)),
        ": net.0.weight: expected a tensor of type float, uint8",
    ),
    "four bits": (broken(lambda m: setattr(m.graph.initializer[0], "data_type", TensorProto.INT4)), "got type 22"),
    "initializer twice": (
        broken(lambda m: m.graph.initializer.append(m.graph.initializer[0])),
        ": expected each initializer once, got net.0.weight",
    ),
    "computed twice": (
        broken(lambda m: m.graph.node.append(m.graph.node[0])),
        "expected each value computed once",
    ),
    "computed later": (
        broken(lambda m: m.graph.node.append(m.graph.node.pop(0))),
        "expected inputs that are computed before",
    ),
    "a circle": (
        broken(lambda m: m.graph.node[0].input.__setitem__(0, "z")),
        "expected inputs that are computed before",
    ),
    "sparse": (
        broken(lambda m: m.graph.sparse_initializer.add()),
        ": expected dense initializers, got a sparse_initializer",
    ),
    "two inputs": (
        broken(lambda m: m.graph.input.append(helper.make_tensor_value_info("w", 1, [1]))),
        ": expected one input of the graph, got y, w",
    ),
    "no input": (broken(lambda m: m.graph.ClearField("input")), ": expected one input of the graph, got none"),
    "two outputs": (
        broken(lambda m: m.graph.output.append(m.graph.output[0])),
        "expected one output of the graph, got z, z",
    ),
    "other output": (
        broken(lambda m: setattr(m.graph.output[0], "name", "q")),
        ": expected an output that is computed from the input, got q",
    ),
    "input without a shape": (
        broken(lambda m: m.graph.input[0].type.tensor_type.ClearField("shape")),
        ": input y: expected one dimension or more, got shape None",
    ),
    "nothing computed": (
        one(node("Identity", "y", "z")),
        ": expected an output that is computed from the input, got z",
    ),
    "constant output": (
        one(node("Identity", "a", "z")),
        ": expected an output that is computed from the input, got z",
    ),
    "many outputs of a node": (
        broken(lambda m: m.graph.node[0].output.append("more")),
        "expected one output, and no attributes but",
    ),
    "many inputs of a node": (broken(lambda m: m.graph.node[1].input.append("y")), "expected 1 to 1 inputs, got 2"),
    "Constant of text": (
        one(node("Constant", "", "c", value_string="1"), node("Add", "y c", "z")),
        "got the attribute value_string",
    ),
    "no graph": (b"\x08\x07", ": expected an ONNX file, got no graph in it"),
    "graph twice": (broken(lambda _: None) * 2, "got the field graph twice"),
    "no protocol buffer": (b"\xff\xfe\xfd" * 9, ": expected an ONNX file, got"),
    "group": (b"\x3b\x3c", "field 7 of kind 3, cut or unknown"),
    "name that steers a terminal": (
        broken(lambda m: setattr(m.graph.node[0], "name", "\x1b[2J")),
        "expected names of printable characters",
    ),
}


@pytest.mark.parametrize(("data", "fault"), REFUSED.values(), ids=REFUSED)
def test_graph_is_refused_by_the_name_of_what_is_wrong(data: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "n.onnx").write_bytes(data)
    assert fault in refusal(read_network, tmp_path / "n.onnx")


def test_file_cut_in_its_graph_is_refused(tmp_path: Path) -> None:
    whole = broken(lambda made: made.ClearField("opset_import"))
    for length in range(len(whole)):
        (tmp_path / "n.onnx").write_bytes(whole[:length])
        refusal(read_network, tmp_path / "n.onnx")


def test_initializer_that_is_an_input_too_is_a_constant(tmp_path: Path) -> None:
    """As torch wrote it before ONNX's IR version 4."""
    made = torch_mlp([A, B], [a, b])
    for tensor in made.graph.initializer:
        made.graph.input.append(helper.make_tensor_value_info(tensor.name, 1, list(tensor.dims)))
    agrees(made, read_network(write(tmp_path / "n.onnx", made)).network, shape=as_row)


def test_many_fields_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = b"\x0a\x00" * 3000  # empty nodes
    (tmp_path / "n.onnx").write_bytes(b"\x3a" + bytes([len(nodes) & 127 | 128, len(nodes) >> 7]) + nodes)
    assert "expected one input of the graph" in refusal(read_network, tmp_path / "n.onnx")
    monkeypatch.setattr("supverify.files.onnx_model.MOST_NODES", 2999)
    assert "expected at most 2999 nodes, got 3000" in refusal(read_network, tmp_path / "n.onnx")
    monkeypatch.setattr("supverify.files.onnx_model.MOST_FIELDS", 1000)
    assert "expected at most 1000 fields in an ONNX file, got more" in refusal(read_network, tmp_path / "n.onnx")


def test_onnx_is_read_without_onnx(tmp_path: Path) -> None:
    """Neither the onnx package nor torch nor a runtime is imported."""
    path = write(tmp_path / "n.onnx", torch_mlp([A, B], [a, b]))
    command = (
        "import sys; from supverify.files import read_network; read_network(sys.argv[1]);"
        "print(*sorted({'onnx', 'torch', 'onnxruntime', 'google', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, path],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_same_network_as_from_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "n.npz", allow_pickle=False, W1=A, b1=a, W2=B, b2=b)
    file = read_network(write(tmp_path / "n.onnx", torch_mlp([A, B], [a, b])))
    assert file == NetworkFile(read_network(tmp_path / "n.npz").network)


def test_onnx_versions_are_those_of_the_package() -> None:
    """The field numbers that the reader knows are the package's own."""
    from supverify.files import onnx_model as read

    for message, names in (
        (onnx.ModelProto, read.MODEL),
        (onnx.FunctionProto, read.FUNCTION),
        (onnx.GraphProto, read.GRAPH),
        (onnx.NodeProto, read.NODE),
        (onnx.AttributeProto, read.ATTRIBUTE),
        (onnx.TensorProto, read.TENSOR),
        (onnx.ValueInfoProto, read.VALUE),
        (onnx.TypeProto, read.TYPE),
        (onnx.TypeProto.Tensor, read.TENSOR_TYPE),
        (onnx.TensorShapeProto, read.SHAPE),
        (onnx.TensorShapeProto.Dimension, read.DIMENSION),
    ):
        fields = {field.number: field.name for field in message.DESCRIPTOR.fields}
        assert {number: fields[number] for number in names} == names
    for number, (name, layout, field) in TYPES.items():
        assert onnx.TensorProto.DataType.Name(number).lower() == name
        assert helper.tensor_dtype_to_field(number) == field
        assert helper.tensor_dtype_to_np_dtype(number).itemsize == np.dtype(layout).itemsize
