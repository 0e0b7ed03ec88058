"""ONNX models as tests write them, with onnx.helper, and what the reference evaluator computes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Dense = npt.NDArray[Any]
Dimensions = Sequence[int | str | None]


def node(operator: str, inputs: str, output: str, *, name: str | None = None, **attributes: Any) -> Any:
    return helper.make_node(operator, inputs.split(), [output], name=name or f"/{output}", **attributes)


def model(
    nodes: Sequence[Any],
    tensors: dict[str, Dense],
    *,
    shape: Dimensions,
    output: str = "z",
    opset: int = 17,
    kind: int = TensorProto.FLOAT,
) -> Any:
    """A checked model from ``y`` to ``output``."""
    inputs = [helper.make_tensor_value_info("y", kind, list(shape))]
    outputs = [helper.make_tensor_value_info(output, kind, [None, None])]
    initializers = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    graph = helper.make_graph(list(nodes), "main_graph", inputs, outputs, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def write(path: Path, made: Any) -> Path:
    path.write_bytes(made.SerializeToString())
    return path


def reference(made: Any, y: Dense) -> Dense:
    """The outputs for the input, one row or one vector, by the onnx package's own evaluator."""
    outputs: Any = ReferenceEvaluator(made).run(None, {"y": y})
    return np.asarray(outputs[0])


def torch_mlp(weights: Sequence[Dense], biases: Sequence[Dense | None], *, batch: int | str = "batch") -> Any:
    """What torch.onnx.export writes for Linear and ReLU layers: Gemm with transB = 1, and a dynamic batch axis.

    A Linear without a bias becomes Transpose and MatMul.
    """
    nodes: list[Any] = []
    tensors: dict[str, Dense] = {}
    at = "y"
    for i, (W, bias) in enumerate(zip(weights, biases, strict=True)):
        name, last = f"net.{2 * i}", i == len(weights) - 1
        out = "z" if last else f"/net/net.{2 * i}/out"
        tensors[f"{name}.weight"] = W
        if bias is None:
            nodes += [
                node("Transpose", f"{name}.weight", f"{name}.t", perm=[1, 0]),
                node("MatMul", f"{at} {name}.t", out),
            ]
        else:
            tensors[f"{name}.bias"] = bias
            inputs = f"{at} {name}.weight {name}.bias"
            nodes.append(node("Gemm", inputs, out, alpha=1.0, beta=1.0, transB=1, name=f"/net/net.{2 * i}/Gemm"))
        at = out
        if not last:
            at = f"/net/net.{2 * i + 1}/Relu_output_0"
            nodes.append(node("Relu", out, at))
    return model(nodes, tensors, shape=[batch, weights[0].shape[1]])
