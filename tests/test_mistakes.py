"""The mistakes that people make first: each is answered by one line that names the place and says what to do.

``test_cli_refusals`` has every kind of bad input; here are the likely ones, in the words of who makes them, and the
part of the answer that helps. What was understood otherwise than it was meant is hinted at beside the verdict.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from shell import Shell, refused

import supverify as sv
from supverify.cli import main
from supverify.kernel.errors import Malformed

VERIFY = ("verify", "good.npz", "ands.json", "-k", "2")


def of(network: str, problem: str = "ands.json") -> tuple[str, ...]:
    return ("verify", network, problem, "-k", "2")


MISTAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "k is negative": (("verify", "good.npz", "ands.json", "-k", "-1"), ("claim.k", "0 <= k <= 3", "got -1")),
    "k is larger than the number of inputs": (
        ("verify", "good.npz", "ands.json", "-k", "30"),
        ("claim.k", "0 <= k <= 3", "got 30"),
    ),
    "k is a word": (("verify", "good.npz", "ands.json", "-k", "all"), ("'-k'", "not a valid integer", "--help")),
    "k is forgotten": (("verify", "good.npz", "ands.json"), ("Missing option '-k'", "--help")),
    "the weights are inputs x outputs, with a bias": (
        of("transposed.npz"),
        ("b1", "shape (3,)", 'transposed? (a sidecar may say "transposed": true)'),
    ),
    "the weights are inputs x outputs, without a bias": (
        of("bare.npz"),
        ("3 inputs and 2 outputs, got 2 and 3", "the other way round: transposed weights?"),
    ),
    "the gates are counted from 1": (of("good.npz", "from-one.txt"), ("gates counted from 1? inputs are 0..2",)),
    "the network has outputs that the problem does not": (
        of("three.npz"),
        ("2 outputs", "got 3 and 3", '"outputs" in a sidecar'),
    ),
    "the network lacks outputs": (of("one.npz"), ("got 3 and 1", "a decoder D, or gates, missing?")),
    "a bias has another length": (of("bias.npz"), ("b1: expected shape (2,), got shape (4,)",)),
    "a layer was left out": (of("gap.npz"), ("W2: expected shape (outputs, inputs), as W3 follows, got no such",)),
    "two layers do not fit": (of("widths.npz"), ("W2: expected shape", "(..., 2), got (2, 3)")),
    "a weight is not a number": (of("nan.npz"), ("nan.npz: W1[0][1]: expected a finite number, got nan",)),
    "a weight is infinite": (of("infinite.npz"), ("W1[0][1]: expected a finite number, got inf",)),
    "the weights are complex": (of("complex.npz"), ("W1", "integers or floats", "complex numbers")),
    "the weights are text": (of("text-array.npz"), ("W1", "integers or floats", "(text)")),
    "the weights are Python objects": (of("objects.npz"), ("W1", "an array of numbers", "got Python objects")),
    "a model of torch (.pt)": (of("model.pt"), ("safetensors.torch.save_file(model.state_dict(), path)", ".pt")),
    "a model of torch (.pth)": (of("model.pth"), ("safetensors.torch.save_file", "ending in .pth")),
    "a pickle": (of("model.pkl"), ("not a pickle (reading one may run code)", "ending in .pkl")),
    "a model of Keras (.h5)": (of("model.h5"), ("numpy.savez(path, W1=..., b1=...)", "ending in .h5")),
    "a model of Keras (.keras)": (of("model.keras"), ("numpy.savez(path, W1=..., b1=...)", "ending in .keras")),
    "a table": (of("model.csv"), ("numpy.savez(path, W1=..., b1=...)", "ending in .csv")),
    "one array (.npy)": (of("model.npy"), ("one array is not a network", "numpy.savez(path, W1=...")),
    "a folder": (of("folder"), (".npz, .safetensors, .onnx or .json, got a folder",)),
    "an empty file": (of("empty.npz"), ("empty.npz: expected", "got an empty file")),
    "a file that was cut off": (of("cut.npz"), ("an npz file, as numpy.savez writes it", "it was cut off")),
    "text under the name of an npz file": (of("text.npz"), ("text.npz: expected an npz file",)),
    "text under the name of an ONNX file": (of("text.onnx"), ("text.onnx: expected an ONNX file",)),
    "a convolution": (of("Conv.onnx"), ("node /1/Conv (Conv)", "Gemm, MatMul, Add, Relu", "got Conv")),
    "a sigmoid at the end": (of("Sigmoid.onnx"), ("/1/Sigmoid", "leave it out", "--threshold")),
    "another activation": (of("Tanh.onnx"), ("/1/Tanh", "other functions than ReLU are not decided")),
    "exported while training": (of("Dropout.onnx"), ("/1/Dropout", "model.eval() before the export")),
    "weights beside the ONNX file": (of("external.onnx"), ("W: expected weights inside the file", "external data")),
    "layers that are not there": ((*VERIFY, "--layers", "fc1,fc2"), ("layers: expected some of", "got fc1")),
    "a sidecar that is not there": ((*VERIFY, "--sidecar", "no.json"), ("no.json: expected a readable file",)),
    "network and problem exchanged": (of("ands.json", "good.npz"), ("ands.json", "the problem comes second")),
    "the network twice": (of("good.npz", "good.npz"), ("the network comes first", "a network's file")),
    "a problem's kind with a typing error": (
        of("good.npz", "kind.json"),
        ("kind.json: problem.kind: expected one of 2-and, permutation, and, got 2and",),
    ),
    "a problem without its pairs": (
        of("good.npz", "no-pairs.json"),
        ("no-pairs.json: problem", "the keys inputs, pairs, kind, got ['inputs', 'kind']"),
    ),
    "a problem that is a bare list": (of("good.npz", "list.json"), ('an object such as {"kind": "2-and"',)),
    "a pair of an input that is not there": (
        of("good.npz", "range.json"),
        ("range.json: problem.pairs[1]", "two different inputs in 0..2, got (1, 3)"),
    ),
    "JSON with other quotation marks": (
        of("good.npz", "quotes.json"),
        ("quotes.json: expected JSON", "double quotes", "line 1"),
    ),
    "a list of pairs with a heading": (
        of("good.npz", "heading.txt"),
        ("heading.txt:1", "a heading stands after a #"),
    ),
    "a list of pairs with commas": (of("good.npz", "commas.txt"), ("commas.txt:1", "with a space between them")),
    "a generator's name without what it is to make": (
        of("good.npz", "random"),
        ("random: expected a file, or a generator such as random:M=1000,seed=0",),
    ),
    "a generator that does not exist": (of("good.npz", "rnd:M=2"), ("generator rnd", "random, powerlaw", "got rnd")),
    "a generator with another parameter": (
        of("good.npz", "random:M=2,edges=3"),
        ("generator random: edges", "each of M, m, seed at most once"),
    ),
    "a threshold as a decimal": ((*VERIFY, "--threshold", "0.5"), ("--threshold", 'such as "1/2", got 0.5')),
    "an engine that does not exist": ((*VERIFY, "--engines", "z3"), ("enumerate, smt, branch", "got z3")),
    "an arithmetic that does not exist": (
        (*VERIFY, "--arithmetic", "bfloat16"),
        ("exact, float32, float64", "got bfloat16"),
    ),
    "an oracle that does not exist": ((*VERIFY, "--permit", "Z3"), ("--permit: expected some of", "z3", "got Z3")),
    "a cluster without a port": ((*VERIFY, "--scheduler", "localhost"), ("tcp://host:8786, got localhost",)),
    "a verb with a typing error": (("verfy", "good.npz"), ("'verfy'", "Did you mean 'verify'?")),
    "an option with a typing error": ((*VERIFY, "--treshold", "1/2"), ("--treshold", "--threshold")),
    "a folder that cannot be written to": (
        (*VERIFY, "--certificate", "ands.txt/c.json"),
        ("a path that can be written", "ands.txt/c"),
    ),
    "a network to be built as ONNX": (("build", "ands.json", "-k", "2", "-o", "net.onnx"), (".npz, got .onnx",)),
    "a drawing as PNG": (("classify", "ands.json", "--plot", "graph.png"), ("graph.png", ".svg, got .png")),
    "the journal of another claim": (
        (*VERIFY, "--journal", "other.journal", "--resume"),
        ("other.journal: expected a journal of the claim", "remove it, or name another with --journal"),
    ),
    "a derivation without its block": (("audit", "prose.md"), ("prose.md", "a fenced derivation block, got none")),
    "a fence that is not closed": (("audit", "open.md"), ("open.md:1", "a closing ``` fence")),
    "a function with another name": (("ask", "lg(m!) = O(m)"), ("column 1", "functions log,", "got lg")),
    "a product without its sign": (("ask", "log2(m!) = O(m log2(m))"), ("column 16", "expected ), got log2")),
    "growth in one of two variables": (("ask", "log2(m) = O(n)"), ("as m -> oo, or another of m, n",)),
    "a variable in a set": (("ask", "2^m >= m for m in N"), ("for integer m >= 1", "got for m in N")),
    "a bracket that is not closed": (("ask", "log2(m! = O(m)"), ("column 9", "expected )")),
    "a report of no derivations": (("report", "--proofs", "folder"), ("a folder with derivations (*.md)",)),
}


def with_operator(operator: str) -> onnx.ModelProto:
    """Gemm and another operator after it, as torch.onnx names them."""
    nodes = [
        helper.make_node("Gemm", ["y", "W", "b"], ["h"], name="/0/Gemm", transB=1),
        helper.make_node(operator, ["h"], ["z"], name=f"/1/{operator}"),
    ]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", n]) for name, n in (("y", 3), ("z", 2))
    ]
    arrays = {"W": np.array(RIGHT, np.float32), "b": np.array([-1, -1], np.float32)}
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    return helper.make_model(helper.make_graph(nodes, "main", [values[0]], [values[1]], tensors))


@pytest.fixture(scope="module")
def done_wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that was done wrong, and the evidence of a network that was done right."""
    folder = tmp_path_factory.mktemp("mistakes")
    for name, arrays in NETWORKS.items():
        np.savez(
            folder / f"{name}.npz", allow_pickle=True, **{key: np.asarray(array) for key, array in arrays.items()}
        )
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    for operator in ("Conv", "Sigmoid", "Tanh", "Dropout"):
        onnx.save(with_operator(operator), folder / f"{operator}.onnx")
    beside: dict[str, Any] = {"save_as_external_data": True, "location": "external.data", "size_threshold": 0}
    onnx.save_model(with_operator("Relu"), str(folder / "external.onnx"), **beside)
    (folder / "folder").mkdir()
    (folder / "cut.npz").write_bytes((folder / "one.npz").read_bytes()[:200])
    (folder / "right.txt").write_text("inputs 3\n0 1\n", "utf-8")
    for k, options in ((2, ()), (1, ("--journal", "other.journal", "--keep-journal"))):
        with chdir(folder), pytest.raises(SystemExit, check=lambda left: left.code == 0):
            main(["verify", "one.npz", "right.txt", "-k", str(k), "--engines", "branch", *options])
    return folder


@pytest.fixture
def workshop(shell: Shell, done_wrong: Path) -> Shell:
    """Its own copy of that folder."""
    shutil.copytree(done_wrong, shell.folder, dirs_exist_ok=True)
    return shell


TEXTS = {
    **dict.fromkeys(("model.pt", "model.pth", "model.pkl", "model.h5", "model.keras", "model.csv", "model.npy"), "x"),
    "empty.npz": "",
    "text.npz": "W1 = [[1]]",
    "text.onnx": "hello, this is no model",
    "from-one.txt": "1 2\n2 3\n",
    "kind.json": '{"kind": "2and", "inputs": 3, "pairs": [[0, 1], [1, 2]]}',
    "no-pairs.json": '{"kind": "2-and", "inputs": 3}',
    "list.json": "[[0, 1], [1, 2]]",
    "range.json": '{"kind": "2-and", "inputs": 3, "pairs": [[0, 1], [1, 3]]}',
    "quotes.json": "{'kind': '2-and'}",
    "heading.txt": "a b\n0 1\n1 2\n",
    "commas.txt": "0,1\n1,2\n",
    "prose.md": "# A bound\n\nIt holds.\n",
    "open.md": '```derivation\nid = "a"\n',
}


RIGHT = [[1, 1, 0], [0, 1, 1]]
NETWORKS: dict[str, dict[str, object]] = {
    "transposed": {"W1": np.transpose(RIGHT), "b1": [-1, -1]},
    "bare": {"W1": np.transpose(RIGHT)},
    "three": {"W1": [*RIGHT, [1, 0, 1]], "b1": [-1, -1, -1]},
    "one": {"W1": RIGHT[:1], "b1": [-1]},
    "bias": {"W1": RIGHT, "b1": [-1, -1, -1, -1]},
    "gap": {"W1": RIGHT, "b1": [-1, -1], "W3": [[1, 0], [0, 1]]},
    "widths": {"W1": RIGHT, "b1": [-1, -1], "W2": [[1, 0, 0], [0, 1, 0]]},
    "nan": {"W1": [[1, np.nan, 0], [0, 1, 1]]},
    "infinite": {"W1": [[1, np.inf, 0], [0, 1, 1]]},
    "complex": {"W1": np.array(RIGHT, complex)},
    "text-array": {"W1": np.array(RIGHT).astype(str)},
    "objects": {"W1": np.array([[1, None, 0], [0, 1, 1]], object)},
}


def test_there_are_thirty_and_more() -> None:
    assert len(MISTAKES) >= 30


@pytest.mark.parametrize(("arguments", "helpful"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_answered_by_one_helpful_line(
    arguments: tuple[str, ...], helpful: tuple[str, ...], workshop: Shell
) -> None:
    before = workshop.names()
    message = refused(workshop(*arguments))
    assert [part for part in helpful if part not in message] == [], message
    assert workshop.names() == before


MISSING: dict[str, tuple[str, tuple[str, ...], str]] = {
    "onnx": ("onnx", ("export", *VERIFY[1:], "--to", "onnx", "-o", "net.onnx"), "the extra onnx"),
    "matplotlib": ("matplotlib", ("classify", "ands.json", "--plot", "graph.svg"), "the extra plots"),
    "dask": ("distributed", (*VERIFY, "--scheduler", "tcp://127.0.0.1:1"), "pip install 'supverify[dask]'"),
}


@pytest.mark.parametrize(("package", "arguments", "helpful"), MISSING.values(), ids=MISSING)
def test_missing_extra_is_named(
    package: str, arguments: tuple[str, ...], helpful: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    before = shell.names()
    assert helpful in refused(shell(*arguments))
    assert shell.names() == before


def test_missing_numba_leaves_its_engine_undecided(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    run = shell(*VERIFY, "--engines", "dense")
    assert (run.code, "dense: numba is not installed (extra: fast)" in run.out) == (2, True)


def test_missing_flint_leaves_growth_undecided(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write("flint.py", "raise ImportError('No module named flint')\n")  # the answer comes from another process
    monkeypatch.setenv("PYTHONPATH", str(shell.folder), prepend=":")
    run = shell("ask", "m*sin(m) = O(m)")
    assert (run.code, "python-flint is not installed (extra: arb)" in run.out) == (2, True), run


HINTS: dict[str, tuple[dict[str, object], str, tuple[str, ...], str]] = {
    "the outputs are in another order than the gates": (
        {"W1": [[0, 1, 1], [1, 1, 0]], "b1": [-1, -1]},
        "0 1\n1 2\n",
        (),
        'the outputs seem to be in another order than the gates: "outputs": [1, 0] in a sidecar says so',
    ),
    "the gates are counted from 1, and the network has an input more": (
        {"W1": [[1, 1, 0, 0], [0, 1, 1, 0]], "b1": [-1, -1]},
        "inputs 4\n1 2\n2 3\n",
        (),
        "the gates seem to be counted from 1",
    ),
    "square matrices are inputs x outputs": (
        {"W1": [[1, 1, 0], [1, 1, 1], [0, 0, 1]], "b1": [-1, -1, -1], "W2": np.eye(3)},
        "0 1\n0 1\n1 2\n",
        (),
        'the weights seem to be stored as inputs x outputs: "transposed": true in a sidecar says so',
    ),
    "outputs are logits, true above 0": (
        {"W1": [[0.5, 0.5, 0], [0, 0.5, 0.5]], "b1": [-0.75, -0.75]},
        "0 1\n1 2\n",
        (),
        "another threshold would do on the 6 inputs that were tried, where true outputs are at least 1/4 and false "
        "ones at most -1/4: --threshold 0",
    ),
    "the stated threshold is too low": (
        {"W1": [[4, 4, 0], [0, 4, 4]], "b1": [-3, -3]},
        "0 1\n1 2\n",
        (),
        "where true outputs are at least 5 and false ones at most 1: --threshold 2",
    ),
    "k leaves no gate true": (
        {"W1": [[0, 0, 0], [0, 0, 0]]},
        "0 1\n1 2\n",
        ("-k", "1"),
        "no output is ever true with k = 1: -k 2 or more asks for the gates",
    ),
}


@pytest.mark.parametrize(("arrays", "gates", "options", "hint"), HINTS.values(), ids=HINTS)
def test_likely_mistake_is_hinted_at(
    arrays: dict[str, object], gates: str, options: tuple[str, ...], hint: str, shell: Shell
) -> None:
    shell.network("mistaken", **arrays)
    shell.write("gates.txt", gates)
    verify = ("verify", "mistaken.npz", "gates.txt", "-k", "2", "--engines", "branch", *options)
    run = shell(*verify)
    assert (run.code, hint in run.out) == (0 if options else 1, True), run.out
    assert [hint in found for found in shell(*verify, "--json").answer["hints"]] == [True]


def test_what_the_hints_say_is_so(shell: Shell) -> None:
    assert shell.verify("wrong.npz", "--threshold", "4/5").code == 0
    assert "--threshold 4/5" in shell.verify("wrong.npz").out
    shell.network("logits", W1=[[0.5, 0.5, 0], [0, 0.5, 0.5]], b1=[-0.75, -0.75])
    assert shell.verify("logits.npz", "--threshold", "0").code == 0
    shell.network("swapped", W1=[[0, 1, 1], [1, 1, 0]], b1=[-1, -1])
    shell.write("swapped.npz.json", '{"outputs": [1, 0]}')
    shell.network("square", W1=[[1, 1, 0], [1, 1, 1], [0, 0, 1]], b1=[-1, -1, -1])
    shell.write("square.npz.json", '{"transposed": true}')
    shell.write("three.txt", "0 1\n0 1\n1 2\n")
    assert shell("verify", "square.npz", "three.txt", "-k", "2", "--engines", "branch").code == 0
    assert shell.verify("swapped.npz").code == 0


def test_a_wrong_network_is_not_explained_away(shell: Shell) -> None:
    shell.network("blind", W1=[[1, 1, 0], [1, 1, 0]], b1=[-1, -1])
    assert shell.verify("blind.npz", "--json").answer["hints"] == []
    assert shell.verify("good.npz", "--json").answer["hints"] == []


CALLS: dict[str, tuple[Any, str]] = {
    "lists for arrays": (lambda: sv.network_of({"W1": [[1, 1]]}), "arrays: W1: expected a numpy array"),
    "arrays inputs x outputs": (lambda: sv.network_of({"W1": np.ones((3, 2)), "b1": np.ones(2)}), "transposed?"),
    "a gate of one input": (lambda: sv.TwoAnd(inputs=3, pairs=((1, 1),)), "two different inputs in 0..2"),
    "a gate counted from 1": (lambda: sv.TwoAnd(inputs=3, pairs=((1, 2), (2, 3))), "two different inputs in 0..2"),
    "k above the inputs": (lambda: sv.verify("good.npz", "ands.json", k=9), "claim.k: expected 0 <= k <= 3, got 9"),
    "an engine that does not exist": (
        lambda: sv.verify("good.npz", "ands.json", k=2, engines=["z3"]),
        "engines: expected some of enumerate",
    ),
}


@pytest.mark.parametrize(("call", "helpful"), CALLS.values(), ids=CALLS)
def test_mistake_in_a_call(call: Any, helpful: str, shell: Shell) -> None:
    with pytest.raises(Malformed) as refusal:
        call()
    assert helpful in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_certificate_of_another_claim_proves_nothing(shell: Shell) -> None:
    shell.verify("good.npz")
    shell.verify("wrong.npz")
    run = shell("recheck", "wrong.claim.json", "good.certificate.json")
    assert (run.code, run.out.splitlines()[-1]) == (1, "NOT VERIFIED")
    assert "certificate.claim: expected" in run.out


def test_unknown_rule_is_rejected_where_it_stands(shell: Shell) -> None:
    text = (Path(__file__).parent / "corpus" / "accept").glob("*.md")
    accepted = next(iter(sorted(text))).read_text("utf-8")
    rule = next(line for line in accepted.splitlines() if line.startswith("by = "))
    shell.write("typing.md", accepted.replace(rule, 'by = "arithmetics"'))
    run = shell("audit", "typing.md")
    assert run.code == 1
    assert "expected: a rule: arithmetic, " in run.out
    assert "got: arithmetics" in run.out


def test_exit_code_of_an_answer_is_not_that_of_a_mistake(shell: Shell) -> None:
    codes = [shell.verify("good.npz").code, shell.verify("wrong.npz").code, shell.verify("none.npz").code]
    undecided = shell("verify", "good.npz", "ands.json", "-k", "2", "--engines", "dense", "--seconds", "1e-9")
    assert [*codes, undecided.code] == [0, 1, 3, 2]


def test_json_asked_for_changes_nothing_about_a_mistake(shell: Shell) -> None:
    plain, asked = (refused(shell(*VERIFY[:-1], "9", *options)) for options in ((), ("--json",)))
    assert plain == asked == "claim.k: expected 0 <= k <= 3, got 9"
    assert json.loads(shell(*VERIFY, "--json").out)["hints"] == []
