"""What a network file does not say: sidecars, options, how arrays were read; the same network from every format."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx_models import Dense, torch_mlp, write
from safetensors.numpy import save as save_tensors
from shell import Shell, refused
from written import ARRAYS, TWO, dump, refusal, save

import supverify as sv
from supverify.files import NetworkFile, ReadLayer, read_network
from supverify.kernel.claim import Criterion, TwoAnd
from supverify.kernel.codec import encode
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network, evaluate

SWAP: dict[str, Any] = {"C": [[0, 1], [1, 0]], "D": [[1], [-2]], "c": [0, 1]}


def beside(path: Path, **said: Any) -> Path:
    """A sidecar of the network at ``path``."""
    return dump(path.with_name(f"{path.name}.json"), said)


def test_sidecar_beside_the_network_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "n.npz", W1=[[1, 3]], b1=[-1])
    beside(path, **SWAP, threshold="1/3", strict=False)
    file = read_network(path)
    assert file == read_network(save(tmp_path / "whole.npz", W1=[[1, 3]], b1=[-1], **SWAP))
    assert file.criterion == Criterion("readout", Fraction(1, 3), strict=False)
    assert read_network(tmp_path / "whole.npz").criterion is None


def test_sidecar_given_by_name_takes_the_place_of_the_one_beside(tmp_path: Path) -> None:
    path = save(tmp_path / "n.npz", **TWO)
    beside(path, threshold="1/3")
    other = dump(tmp_path / "other.json", {"criterion": "linear", "slack": "1/8"})
    assert read_network(path, sidecar=other).criterion == Criterion("linear", slack=Fraction(1, 8))
    with pytest.raises(Malformed, match=r"none.json: expected a readable file"):
        read_network(path, sidecar=tmp_path / "none.json")


def test_sidecar_names_arrays_of_the_file(tmp_path: Path) -> None:
    arrays = {"first": [[0, 1], [1, 0]], "W1": [[1, 3]], "b1": [-1], "readout": [[1], [-2]], "shift": [0, 1]}
    path = save(tmp_path / "n.npz", **arrays)
    beside(path, C="first", D="readout", c="shift")
    assert read_network(path) == read_network(save(tmp_path / "whole.npz", W1=[[1, 3]], b1=[-1], **SWAP))
    names = [layer.weights for layer in read_network(path).layers]
    assert names == ["C", "W1", "D"]


def test_sidecar_around_a_graph(tmp_path: Path) -> None:
    W, b = np.array([[1, 3]], np.float32), np.array([-1], np.float32)
    path = write(tmp_path / "n.onnx", torch_mlp([W], [b]))
    beside(path, **SWAP)
    assert read_network(path) == read_network(save(tmp_path / "whole.npz", W1=[[1, 3]], b1=[-1], **SWAP))
    beside(path, C=[[1, 1]])
    assert ": C: expected shape (2, inputs), got shape (1, 2)" in refusal(read_network, path)
    beside(path, layers=["1"])
    assert ".json: layers: expected nothing, for a graph" in refusal(read_network, path)
    beside(path, relu_last=False)  # the graph says that itself
    assert ".json: relu_last: expected nothing, for a graph" in refusal(read_network, path)


def test_transposed_weights_and_a_last_relu(tmp_path: Path) -> None:
    arrays = {name: np.array(x).T for name, x in ARRAYS.items()}
    path = save(tmp_path / "n.npz", **arrays)
    assert "transposed?" in refusal(read_network, path)
    beside(path, transposed=True, relu_last=True)
    assert read_network(path) == read_network(save(tmp_path / "straight.npz", relu_last=1, **ARRAYS))


@pytest.mark.parametrize("decoder", [{}, {"D": [[2], [3], [5]], "c": [0, 0, 1]}])
def test_outputs_are_chosen_and_ordered(decoder: dict[str, Any], tmp_path: Path) -> None:
    table = {"W1": [[1, 0], [0, 1], [1, 1]], "b1": [0, 0, -1]} if not decoder else {"W1": [[1, 1]], "b1": [0]}
    path = save(tmp_path / "n.npz", **table, **decoder)
    whole = read_network(path)
    beside(path, outputs=[2, 0, 2])
    chosen = read_network(path)
    full, part = (file.decoded or file.network for file in (whole, chosen))
    for active in ((), (0,), (1,), (0, 1)):
        z = evaluate(full, active)
        assert evaluate(part, active) == (z[2], z[0], z[2])
    beside(path, outputs=[3])
    assert "outputs: expected some of the outputs 0..2, got (3,)" in refusal(read_network, path)


def test_network_as_the_kernel_writes_it_has_outputs_to_choose(tmp_path: Path) -> None:
    network = Network(2, (Layer(((0,), (1,)), ((3,), (5,)), (0, 0), False),), 2)
    path = dump(tmp_path / "n.json", encode(network))
    beside(path, outputs=[1, 0])
    swapped = Network(2, (Layer(((1,), (0,)), ((5,), (3,)), (0, 0), False),), 2)
    assert read_network(path) == NetworkFile(swapped)
    assert list(map(str, read_network(path).layers)) == ["layers[0] (2, 2)"]
    beside(path, C=[[1]])
    assert "C: expected nothing, for a network as the kernel" in refusal(read_network, path)


WRONG: dict[str, tuple[object, str]] = {
    "list": (
        [],
        ": expected an object with some of the keys layers, transposed, relu_last, outputs, C, D, c, C1, cr",
    ),
    "unknown": ({"treshold": "1/2"}, "slack, strict, got treshold"),
    "decimal": ({"threshold": 0.5}, ': threshold: expected a fraction as text, such as "1/2", got 0.5'),
    "text as truth": ({"strict": "yes"}, ": strict: expected bool, got yes"),
    "one layer": ({"layers": "fc1"}, ": layers: expected a list"),
    "layers": ({"layers": ["W7"]}, ": layers: expected some of the file's layers 1, got W7"),
    "criterion": ({"criterion": "best"}, ": criterion: expected one of readout, separated, linear, code, got best"),
    "slack": ({"slack": "1"}, ": criterion.slack: expected 0, or more for separated and linear, got 1"),
    "no such array": ({"D": "decoder"}, ": D: expected the name of an array in"),
    "no array": ({"D": {}}, ": D: expected shape (outputs, 1), got shape ()"),
    "infinite": ({"D": [[1e999]]}, ": D[0][0]: expected a finite number, got inf"),
    "deep": ({"D": [[[1]]]}, ": D: expected shape (outputs, 1), got shape (1, 1, 1)"),
    "given twice": ({"C": [[1, 0], [0, 1]]}, ": C: expected an array that "),
}


@pytest.mark.parametrize(("said", "fault"), WRONG.values(), ids=WRONG)
def test_wrong_sidecar_is_refused(said: object, fault: str, tmp_path: Path) -> None:
    path = save(tmp_path / "n.npz", **TWO, C=[[1, 0], [0, 1]])
    dump(tmp_path / "n.npz.json", said)
    assert fault in refusal(read_network, path)


def test_options_come_before_the_sidecar_and_the_sidecar_before_the_usual(shell: Shell) -> None:
    """The outputs are 2 where true and 1 where one input is active."""
    shell.network("high", W1=[[1, 1, 0], [0, 1, 1]])
    assert shell.verify("high.npz").code == 1
    shell.write("high.npz.json", json.dumps({"threshold": "2", "strict": False}))
    run = shell.verify("high.npz", "--json")
    assert (run.code, run.answer["threshold"], run.answer["strict"]) == (0, "2", False)
    assert run.answer["sidecar"] == "high.npz.json"
    assert shell.verify("high.npz").out.splitlines()[1] == "read as W1 (2, 3); with high.npz.json"
    assert sv.verify("high.npz", "ands.json", k=2, engines=["branch"]).status is sv.Status.PROVED
    assert (
        sv.verify("high.npz", "ands.json", k=2, criterion=Criterion(), engines=["branch"]).status is sv.Status.REFUTED
    )
    run = shell.verify("high.npz", "--strict", "--json")
    assert (run.code, run.answer["threshold"], run.answer["strict"]) == (1, "2", True)
    run = shell.verify("high.npz", "--threshold", "3/2", "--strict", "--json")
    assert (run.code, run.answer["threshold"]) == (0, "3/2")
    shell.write("usual.json", "{}")
    run = shell.verify("high.npz", "--sidecar", "usual.json", "--json")
    assert (run.code, run.answer["sidecar"]) == (1, "usual.json")


def test_how_the_arrays_were_read_is_said(shell: Shell) -> None:
    weights = {"fc_in.weight": [[1, 1, 0], [0, 1, 1]], "fc_in.bias": [-1, -1], "fc_out.weight": [[1, 0], [0, 1]]}
    shell.network("torch", **weights)
    run = shell.verify("torch.npz")
    assert run.code == 0
    assert run.out.splitlines()[1] == "read as fc_in.weight (2, 3) + fc_in.bias, ReLU; fc_out.weight (2, 2)"
    answer = shell.verify("torch.npz", "--json").answer
    assert answer["layers"] == [
        {"weights": "fc_in.weight", "bias": "fc_in.bias", "outputs": 2, "inputs": 3, "relu": True},
        {"weights": "fc_out.weight", "bias": None, "outputs": 2, "inputs": 2, "relu": False},
    ]
    assert answer["unused"] == []
    assert answer["sidecar"] is None


def test_layers_are_chosen_by_name(shell: Shell) -> None:
    weights = {"a.weight": [[1, 0], [0, 1]], "b.weight": [[1, 1, 0], [0, 1, 1]], "b.bias": [-1, -1]}
    shell.network("mixed", **weights, step=7)
    assert "got step" in refused(shell.verify("mixed.npz"))
    run = shell.verify("mixed.npz", "--layers", "b,a")
    assert run.out.splitlines()[1] == "read as b.weight (2, 3) + b.bias, ReLU; a.weight (2, 2); not used: step"
    assert shell.verify("mixed.npz", "--layers", "b,a", "--json").answer["unused"] == ["step"]
    assert "expected some of the file's layers a, b, got c" in refused(shell.verify("mixed.npz", "--layers", "c"))


SIZES = {
    "transposed": ({"W1": [[1, 0], [1, 1], [0, 1]]}, "got 2 and 3 (the other way round: transposed weights?)"),
    "superposed": ({"W1": [[1, 1], [1, 1]]}, "got 2 and 2 (an input code C missing?)"),
    "compressed": ({"W1": [[1, 1, 1]]}, "got 3 and 1 (a decoder D, or gates, missing?)"),
    "other": ({"W1": [[1, 1, 1, 1]]}, "expected 3 inputs and 2 outputs, got 4 and 1"),
}


@pytest.mark.parametrize(("arrays", "fault"), SIZES.values(), ids=SIZES)
def test_network_of_another_size_is_refused_with_what_is_likely_wrong(
    arrays: dict[str, Any], fault: str, shell: Shell
) -> None:
    shell.network("other", **arrays)
    assert fault in refused(shell.verify("other.npz"))


def test_repeated_and_reversed_gates_keep_their_order(shell: Shell) -> None:
    shell.write("gates.json", json.dumps({"kind": "2-and", "inputs": 3, "pairs": [[1, 0], [0, 1], [2, 1], [1, 0]]}))
    shell.write("gates.txt", "1 0\n0 1\n2 1\n1 0\n")
    shell.network("gates", W1=[[1, 1, 0], [1, 1, 0], [0, 1, 1], [1, 1, 0]], b1=[-1] * 4)
    shell.network("exchanged", W1=[[1, 1, 0], [0, 1, 1], [1, 1, 0], [1, 1, 0]], b1=[-1] * 4)
    for problem in ("gates.json", "gates.txt"):
        assert sv.read_problem(problem) == TwoAnd(3, ((1, 0), (0, 1), (2, 1), (1, 0)))
        assert shell("verify", "gates.npz", problem, "-k", "3", "--engines", "enumerate,smt,branch").code == 0
        answer = shell(
            "verify", "exchanged.npz", problem, "-k", "3", "--engines", "enumerate,branch", "--json"
        ).answer
        assert [wrong["output"] for wrong in answer["wrong_outputs"]] == [1, 2]


def floats(size: int) -> st.SearchStrategy[list[float]]:
    usual = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 2.0**-27, 3e38, 1e-45])
    return st.lists(usual | st.floats(-8, 8, width=32), min_size=size, max_size=size)


@given(st.data())
def test_every_format_gives_the_same_exact_network(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The same float32 weights under the names that each format's users give them."""
    widths = data.draw(st.lists(st.integers(1, 3), min_size=2, max_size=5))
    weights = [np.array([data.draw(floats(a)) for _ in range(b)], np.float32) for a, b in pairwise(widths)]
    biases: list[Dense | None] = [
        np.array(data.draw(floats(len(W))), np.float32) if data.draw(st.booleans()) else None for W in weights
    ]
    folder = tmp_path_factory.mktemp("formats")
    named = {}
    for scheme, (weight, bias, step, first) in {
        "ours": ("W{}", "b{}", 1, 1),
        "torch": ("{}.weight", "{}.bias", 2, 0),
    }.items():
        named[scheme] = {weight.format(first + step * i): W for i, W in enumerate(weights)} | {
            bias.format(first + step * i): b for i, b in enumerate(biases) if b is not None
        }
    np.savez(folder / "a.npz", allow_pickle=False, **named["ours"])
    np.savez_compressed(folder / "b.npz", allow_pickle=False, **named["torch"])
    (folder / "c.safetensors").write_bytes(save_tensors(named["torch"]))
    dump(folder / "d.json", {name: array.tolist() for name, array in named["ours"].items()})
    write(folder / "e.onnx", torch_mlp(weights, biases))
    files = [read_network(path) for path in sorted(folder.iterdir())]
    assert len(files) == 5
    assert all(file == files[0] for file in files)
    shapes = [[(layer.outputs, layer.inputs, layer.relu) for layer in file.layers] for file in files]
    assert all(shape == shapes[0] for shape in shapes)
    assert isinstance(files[0].layers[0], ReadLayer)


def test_refutation_says_that_the_gates_are_in_another_order(shell: Shell) -> None:
    shell.write("gates.txt", "0 1\n1 2\n0 1\n0 2\n")
    rows = {"01": [1, 1, 0], "12": [0, 1, 1], "02": [1, 0, 1]}
    shell.network("exchanged", W1=[rows["02"], rows["01"], rows["12"], rows["01"]], b1=[-1] * 4)
    verify = ("verify", "exchanged.npz", "gates.txt", "-k", "3", "--engines", "branch")
    run = shell(*verify)
    assert run.code == 1
    assert 'in another order than the gates: "outputs": [1, 2, 3, 0] in a sidecar says so' in run.out
    order = shell(*verify, "--json").answer["order_of_gates"]
    assert order == [1, 2, 3, 0]
    shell.write("exchanged.npz.json", json.dumps({"outputs": order}))
    assert shell(*verify).code == 0


def test_other_mistakes_are_not_taken_for_another_order(shell: Shell) -> None:
    shell.network("same", W1=[[1, 1, 0], [1, 1, 0]], b1=[-1, -1])  # two outputs for one gate, none for the other
    for name in ("wrong.npz", "same.npz"):
        answer = shell.verify(name, "--json").answer
        assert (answer["status"], answer["order_of_gates"]) == ("REFUTED", None)
    shell.network("swapped", W1=[[0, 1, 1], [1, 1, 0]], b1=[-1, -1])
    assert shell.verify("swapped.npz", "--json").answer["order_of_gates"] == [1, 0]
    assert shell.verify("swapped.npz", "--json", "--criterion", "linear").answer["order_of_gates"] is None
