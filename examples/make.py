"""Writes the networks and the problem list of this folder: python examples/make.py [FOLDER].

24 ANDs of two of 48 inputs, each input in one AND, by 12 neurons. Every AND has 4 of the neurons, no two ANDs share
more than 2, and a neuron counts its active inputs and subtracts 1. A true AND then finds at least 4 in its neurons,
a false one at most 2 while no more than 2 inputs are active. The decoder multiplies by 3/16, which puts them at 3/4
or more, and 3/8 or less.

The network of ``noisy.onnx`` has noise on its first layer, as training leaves it: as little as makes one input
wrong. ``rounded.safetensors`` is the same network with its first layer rounded to whole numbers.
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

SEED = 1
INPUTS, ANDS, NEURONS, OWN, SHARED = 48, 24, 12, 4, 2
GRID = 256  # every weight is a multiple of 1/256, so that float32 holds it exactly
DECODER = 3 * GRID // 16

Integers = npt.NDArray[np.int64]


def neurons_of_ands() -> list[tuple[int, ...]]:
    """The first 24 sets of 4 neurons that share at most 2 with each one before them."""
    chosen: list[tuple[int, ...]] = []
    for neurons in combinations(range(NEURONS), OWN):
        if all(len({*neurons} & {*other}) <= SHARED for other in chosen):
            chosen.append(neurons)
    return chosen[:ANDS]


def first_layer(pairs: Integers, chosen: list[tuple[int, ...]]) -> tuple[Integers, Integers]:
    """W1 (12 x 48) and b1 (12), as multiples of 1/256."""
    W1 = np.zeros((NEURONS, INPUTS), np.int64)
    for pair, neurons in zip(pairs, chosen, strict=True):
        W1[np.ix_(neurons, pair)] = GRID
    return W1, np.full(NEURONS, -GRID, np.int64)


def wrong_inputs(W1: Integers, b1: Integers, W2: Integers, pairs: Integers) -> int:
    """How many of the inputs with at most 2 active features have a wrong output."""
    supports = [s for size in range(3) for s in combinations(range(INPUTS), size)]
    y = np.zeros((len(supports), INPUTS), np.int64)
    for row, support in enumerate(supports):
        y[row, list(support)] = 1
    hidden = np.maximum(y @ W1.T + b1, 0)
    computed = 2 * (hidden @ W2.T) > GRID**2  # above 1/2
    return int((computed != y[:, pairs].all(axis=2)).any(axis=1).sum())


def main(folder: Path) -> None:
    """Writes the three files."""
    rng = np.random.default_rng(SEED)
    pairs = np.sort(rng.permutation(INPUTS).reshape(ANDS, 2), axis=1)
    chosen = neurons_of_ands()
    exact, b1 = first_layer(pairs, chosen)
    W2 = np.zeros((ANDS, NEURONS), np.int64)
    for output, neurons in enumerate(chosen):
        W2[output, list(neurons)] = DECODER
    noise = rng.normal(size=exact.shape)
    levels = (exact + np.rint(step * noise).astype(np.int64) for step in range(1, GRID))
    noisy = next(W1 for W1 in levels if wrong_inputs(W1, b1, W2, pairs))
    if wrong_inputs(noisy, b1, W2, pairs) != 1 or wrong_inputs(exact, b1, W2, pairs):
        raise SystemExit("another seed is needed: not one wrong input")
    lines = "".join(f"{first} {second}\n" for first, second in pairs)
    (folder / "gates.txt").write_text("# an AND a line: its two inputs, of 0 to 47\n" + lines, "utf-8")
    (folder / "noisy.onnx").write_bytes(onnx_model(parameters(noisy, b1, W2)))
    (folder / "rounded.safetensors").write_bytes(save(parameters(np.rint(noisy / GRID) * GRID, b1, W2)))


def parameters(W1: Any, b1: Integers, W2: Integers) -> dict[str, npt.NDArray[np.float32]]:
    """The parameters as torch.nn.Sequential(Linear, ReLU, Linear) names them."""
    arrays = {"0.weight": W1, "0.bias": b1, "2.weight": W2, "2.bias": np.zeros(ANDS)}
    return {name: (array / GRID).astype(np.float32) for name, array in arrays.items()}


def onnx_model(tensors: dict[str, npt.NDArray[np.float32]]) -> bytes:
    """What torch.onnx.export writes for that network: Gemm, Relu, Gemm."""
    nodes = [
        helper.make_node("Gemm", ["y", "0.weight", "0.bias"], ["h"], name="/0/Gemm", transB=1),
        helper.make_node("Relu", ["h"], ["a"], name="/1/Relu"),
        helper.make_node("Gemm", ["a", "2.weight", "2.bias"], ["z"], name="/2/Gemm", transB=1),
    ]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", INPUTS])
    z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", ANDS])
    initializers = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    graph = helper.make_graph(nodes, "main_graph", [y], [z], initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    contents = made.SerializeToString(deterministic=True)
    assert isinstance(contents, bytes)
    return contents


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
