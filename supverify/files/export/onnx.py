"""ONNX: the scaled integer network in float64, Gemm and Relu, for verifiers that read VNN-LIB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WEIGHTS = 1 << 26
EXACT = 1 << 53  # integers up to here are float64 numbers, and so are sums that stay below


def onnx_model(network: Network) -> bytes:
    """The model with input X (1 x inputs) and output Y (1 x outputs), the outputs of ``network`` before any scaling.

    Raises Malformed if the onnx package is missing, a weight or bias is no float64 number, or the model is too large.
    """
    try:
        from onnx import TensorProto, checker, helper
    except ImportError as error:
        raise Malformed("onnx", "the package onnx, which the extra onnx installs", "no such package") from error
    nodes, tensors, name = [], [], "X"
    for i, (layer, width) in enumerate(zip(network.layers, network.widths, strict=False), 1):
        tensors += [_tensor(f"W{i}", _dense(layer, width, i)), _tensor(f"b{i}", _numbers(layer.bias, f"b{i}"))]
        last = "Y" if i == len(network.layers) else f"h{i}"
        summed = f"z{i}" if layer.relu else last
        nodes.append(helper.make_node("Gemm", [name, f"W{i}", f"b{i}"], [summed], transB=1))
        nodes += [helper.make_node("Relu", [summed], [last])] if layer.relu else []
        name = last
    ends = [
        helper.make_tensor_value_info(end, TensorProto.DOUBLE, [1, width])
        for end, width in (("X", network.inputs), ("Y", network.outputs))
    ]
    graph = helper.make_graph(nodes, "supverify", ends[:1], ends[1:], tensors, doc_string=_description(network))
    model = helper.make_model(graph, producer_name="supverify", opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def exact_in_any_order(network: Network) -> bool:
    """Whether float64 arithmetic is exact on every 0/1 input, in every order: no partial sum can reach 2^53."""
    reach = [1] * network.inputs
    for layer in network.layers:
        reach = [abs(b) + sum(abs(w) * reach[j] for j, w in layer.row(r)) for r, b in enumerate(layer.bias)]
        if max(reach) >= EXACT:
            return False
    return True


def _description(network: Network) -> str:
    exact = "exact in every order of summation" if exact_in_any_order(network) else "not exact: sums can exceed 2^53"
    return f"Y is {network.scale} times the outputs; on 0/1 inputs float64 arithmetic is {exact}."


def _dense(layer: Layer, width: int, number: int) -> NDArray[np.float64]:
    if len(layer.bias) * width > MOST_WEIGHTS:
        raise Malformed(f"W{number}", f"at most {MOST_WEIGHTS} entries, for ONNX keeps the zeros", "more")
    dense = np.zeros((len(layer.bias), width))
    for r in range(len(layer.bias)):
        dense[r, list(layer.sources[r])] = _numbers(layer.weights[r], f"W{number}")
    return dense


def _numbers(values: tuple[int, ...], place: str) -> NDArray[np.float64]:
    """The integers as float64; raises Malformed at the first that is none."""
    for value in values:
        if abs(value) > EXACT and (abs(value) >= 1 << 1024 or int(float(value)) != value):
            raise Malformed(place, "integers that float64 holds exactly", value)
    return np.array([float(value) for value in values], dtype=np.float64)


def _tensor(name: str, array: NDArray[np.float64]) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(array, name)
