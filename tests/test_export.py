"""Exports against brute force: what other tools say of the files, on claims that hold and claims that do not."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import brute
import exports
import numpy as np
import onnx
import pytest
import vnnlib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from shell import Shell, refused

import supverify
from supverify.deciding.second_opinions import Format
from supverify.files.export import cone, exact_in_any_order, onnx_model, opb, smt2, vnnlib_1, vnnlib_2
from supverify.kernel.claim import Claim, Conjunctions, Criterion, TwoAnd
from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

SEEDS = st.integers(0, 2**32)
ANDS = TwoAnd(3, ((0, 1), (1, 2)))


def exact() -> Claim:
    """Two ANDs, computed exactly."""
    return Claim(Network(3, (Layer(((0, 1), (1, 2)), ((1, 1), (1, 1)), (-1, -1), False),)), ANDS, 2)


def claim_of(seed: int) -> Claim:
    rng = random.Random(seed)
    return exports.step_claim(rng) if seed % 2 else brute.random_claim(rng)


def test_both_verdicts_are_tested() -> None:
    answers = [exports.expected(claim_of(seed)) for seed in range(100)]
    assert {answer: answers.count(answer) >= 10 for answer in ("sat", "unsat")} == {"sat": True, "unsat": True}


@given(SEEDS)
@settings(max_examples=60)
def test_smt_solvers_agree_with_brute_force(seed: int) -> None:
    claim = claim_of(seed)
    part = cone(claim)
    text = smt2(part)
    answer, on = exports.by_z3(text)
    assert answer == exports.expected(claim) == exports.by_cvc5(text)
    if answer == "sat":
        assert brute.wrong_entries(claim, exports.padded(part, on))


@given(SEEDS)
@settings(max_examples=60)
def test_pseudo_boolean_solver_agrees_with_brute_force(seed: int) -> None:
    claim = claim_of(seed)
    part = cone(claim)
    answer, on = exports.by_pseudo_boolean(opb(part))
    assert answer == exports.expected(claim)
    if answer == "sat":
        assert brute.wrong_entries(claim, exports.padded(part, on))


@pytest.mark.parametrize("solver", ["clasp", "minisat+"])
def test_solvers_of_the_format_read_it(solver: str, tmp_path: Path) -> None:
    """Where Debian's packages are installed: our own reader above is no proof that others can read the files."""
    if shutil.which(solver) is None:
        pytest.skip(f"{solver} is not installed")
    for seed in range(40):
        claim = claim_of(seed)
        (tmp_path / "q.opb").write_text(opb(cone(claim)))
        done = subprocess.run([solver, "q.opb"], cwd=tmp_path, capture_output=True, text=True)
        wanted = {"sat": "s SATISFIABLE", "unsat": "s UNSATISFIABLE"}[exports.expected(claim)]
        assert wanted in done.stdout.splitlines()


@given(SEEDS)
@settings(max_examples=25)
def test_cones_decide_their_outputs(seed: int) -> None:
    claim = claim_of(seed)
    for i in range(claim.network.outputs):
        part, wanted = cone(claim, [i]), exports.expected(claim, [i])
        for answer, on in (exports.by_z3(smt2(part)), exports.by_pseudo_boolean(opb(part))):
            assert answer == wanted
            assert answer == "unsat" or i in brute.wrong_entries(claim, exports.padded(part, on))


@given(SEEDS)
@settings(max_examples=40)
def test_properties_agree_with_brute_force(seed: int) -> None:
    claim = claim_of(seed)
    wanted = exports.expected(claim)
    for text in (vnnlib_1(cone(claim)), vnnlib_2(cone(claim))):
        assert exports.by_property(text, claim.network) == wanted


@given(SEEDS)
@settings(max_examples=25)
def test_reference_parser_reads_vnnlib_2(seed: int) -> None:
    claim = claim_of(seed)
    query: Any = vnnlib.parse_query_string(vnnlib_2(cone(claim)))
    (network,) = query.networks
    ends = [(end.name, tuple(end.shape), end.dtype.name) for end in (*network.inputs, *network.outputs)]
    inputs, outputs, real = claim.network.inputs, claim.network.outputs, "Real"
    assert ends == [("X", (1, inputs), real), ("Y", (1, outputs), real)]
    assert len(query.assertions) == inputs + 2 + (claim.mode == "exactly")


@given(SEEDS)
@settings(max_examples=25)
def test_model_computes_the_scaled_network(seed: int) -> None:
    claim = claim_of(seed)
    data = onnx_model(claim.network)
    assert data == onnx_model(claim.network)
    model: Any = ReferenceEvaluator(onnx.load_from_string(data))
    for y in brute.inputs(claim):
        x = np.array([[float(j in y) for j in range(claim.network.inputs)]])
        (z,) = model.run(None, {"X": x})
        assert z.shape == (1, claim.network.outputs)
        assert [Fraction(value) / claim.network.scale for value in z[0]] == brute.outputs(claim.network, y)


@given(SEEDS)
@settings(max_examples=25)
def test_model_is_read_back_as_the_same_network(seed: int) -> None:
    network = claim_of(seed).network
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        path.write_bytes(onnx_model(network))
        assert supverify.read_network(path).network == replace(network, scale=1)


def test_steps_need_one_variable_each() -> None:
    """u = relu(2 - y0 - y1), h = relu(1 - u): no binary encoding of u or h."""
    layers = (
        Layer(((0, 1),), ((-1, -1),), (2,), True),
        Layer(((0,),), ((-1,),), (1,), True),
    )
    claim = Claim(Network(2, layers), TwoAnd(2, ((0, 1),)), 2)
    text = opb(cone(claim))
    assert exports.by_pseudo_boolean(text) == ("unsat", ())
    assert [line.split(" = ")[1] for line in text.splitlines() if line.startswith("* x")][:3] == [
        "y0",
        "y1",
        "layer 2 neuron 0 step",
    ]
    assert " b0" not in text


@pytest.mark.parametrize("factor", [1, 1 << 40, 1 << 80])
@pytest.mark.parametrize("bias", [-1, 0])
def test_numbers_of_any_size(factor: int, bias: int) -> None:
    layer = Layer(((0, 1), (1, 2)), ((factor, factor), (factor, factor)), (-factor, bias * factor), True)
    claim = Claim(Network(3, (layer,), factor), ANDS, 2)
    wanted = exports.expected(claim)
    assert wanted == ("unsat" if bias else "sat")
    assert exports.by_z3(smt2(cone(claim)))[0] == exports.by_cvc5(smt2(cone(claim))) == wanted
    assert exports.by_pseudo_boolean(opb(cone(claim)))[0] == wanted


@given(SEEDS)
@example(0)
@settings(max_examples=15)
def test_deep_networks_and_conjunctions(seed: int) -> None:
    rng = random.Random(seed)
    m, outputs = rng.randint(2, 4), rng.randint(1, 2)
    clauses = [tuple(sorted(rng.sample(range(m), rng.randint(1, m)))) for _ in range(outputs)]
    widths = [m, 2, 3, 2, outputs]
    layers = tuple(brute.random_layer(rng, b, a, relu=rng.random() < 0.8) for a, b in pairwise(widths))
    claim = Claim(Network(m, layers), Conjunctions(m, tuple(clauses)), rng.randint(0, m), brute.random_criterion(rng))
    wanted = exports.expected(claim)
    assert exports.by_z3(smt2(cone(claim)))[0] == wanted
    assert exports.by_pseudo_boolean(opb(cone(claim)))[0] == wanted
    assert exports.by_property(vnnlib_2(cone(claim)), claim.network) == wanted


def test_weight_that_float64_does_not_hold_is_refused() -> None:
    for weight in ((1 << 53) + 1, 1 << 1100):
        network = Network(1, (Layer(((0,),), ((weight,),), (0,), False),))
        with pytest.raises(Malformed, match="W1: expected integers that float64 holds exactly"):
            onnx_model(network)


def test_model_says_whether_floating_point_is_exact() -> None:
    small, large = (Network(2, (Layer(((0, 1),), ((w, w),), (0,), False),)) for w in (1 << 51, 1 << 52))
    assert (exact_in_any_order(small), exact_in_any_order(large)) == (True, False)
    texts = [onnx.load_from_string(onnx_model(network)).graph.doc_string for network in (small, large)]
    assert ["not exact" in text for text in texts] == [False, True]


def test_outputs_that_are_not_there_are_refused() -> None:
    for outputs in ([], [2], [-1]):
        with pytest.raises(Malformed, match=r"outputs: expected some of 0\.\.1"):
            cone(exact(), outputs)


def test_long_disjunctions_are_refused_by_the_old_format_only() -> None:
    problem = TwoAnd(40, tuple((2 * i, 2 * i + 1) for i in range(20)))
    network = Network(40, (Layer(((0, 1),), ((1, 1),), (-1,), True),))
    claim = Claim(network, problem, 2, code=(tuple(range(20)),))
    with pytest.raises(Malformed, match=r"vnnlib 1\.0"):
        vnnlib_1(cone(claim))
    assert exports.by_property(vnnlib_2(cone(claim)), network) == "sat"


@pytest.mark.parametrize(("to", "answer"), [("smt2", exports.by_z3), ("opb", exports.by_pseudo_boolean)])
def test_verb_and_function_write_the_same_file(to: Format, answer: object, shell: Shell) -> None:
    assert callable(answer)
    for network, wanted in (("good", "unsat"), ("wrong", "sat")):
        run = shell("export", f"{network}.npz", "ands.json", "-k", 2, "--to", to, "-o", "a.out", "--json")
        written = supverify.export(f"{network}.npz", "ands.json", k=2, to=to, output="b.out")
        assert (run.code, run.answer["claim"], run.answer["files"]) == (0, written.claim, ["a.out"])
        assert Path("a.out").read_bytes() == Path("b.out").read_bytes()
        assert answer(Path("a.out").read_text())[0] == wanted


def test_cones_are_files_of_their_own(shell: Shell) -> None:
    run = shell("export", "wrong.npz", "ands.json", "-k", 2, "--to", "smt2", "-o", "w.smt2", "--cones")
    assert run.code == 0
    assert run.out.startswith("w.0.smt2 and 1 more: ")
    assert [exports.by_z3(Path(f"w.{i}.smt2").read_text())[0] for i in (0, 1)] == ["unsat", "sat"]
    assert not Path("w.smt2").exists()


@pytest.mark.parametrize("to", ["vnnlib", "vnnlib1"])
def test_property_and_its_network_stand_side_by_side(to: str, shell: Shell) -> None:
    run = shell("export", "good.npz", "ands.json", "-k", 2, "--to", to, "-o", "p.vnnlib", "--json")
    assert run.answer["files"] == ["p.vnnlib", "p.onnx"]
    onnx.checker.check_model(onnx.load("p.onnx"))
    assert run.answer["bytes"] == sum(Path(name).stat().st_size for name in ("p.vnnlib", "p.onnx"))


REFUSED = {
    "cones of a model": (["--to", "onnx", "--cones"], "cones: expected a format that states the claim"),
    "check of another format": (["--to", "opb", "--check"], "--check: expected --to coq"),
    "recheck alone": (["--to", "coq", "--recheck"], "--recheck only with --check"),
    "the same name twice": (["--to", "vnnlib", "-o", "x.onnx"], "x.onnx: expected a name that does not end in .onnx"),
    "a folder that is not there": (["--to", "smt2", "-o", "no/x.smt2"], "a path that can be written"),
    "unknown format": (["--to", "lp"], "'lp' is not one of"),
    "slack for a readout": (["--to", "smt2", "--slack", "1/8"], "criterion.slack"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(arguments: list[str], message: str, shell: Shell) -> None:
    before = shell.names()
    chosen = arguments if "-o" in arguments else [*arguments, "-o", "x.out"]
    assert message in refused(shell("export", "good.npz", "ands.json", "-k", 2, *chosen))
    assert shell.names() == before


@pytest.mark.parametrize("to", ["smt2", "opb", "vnnlib", "coq"])
def test_the_claim_is_the_one_that_verify_decides(to: str, shell: Shell) -> None:
    """The sidecar is read by both, and so is what overrides it."""
    said = {"threshold": "1", "strict": False, "outputs": [1, 0], "layers": ["W2"]}
    shell.network("two", W1=[[9, 9, 9], [9, 9, 9]], W2=[[0, 0.5, 0.5], [0.5, 0.5, 0]])
    shell.write("two.npz.json", json.dumps(said))
    shell.write("other.json", json.dumps(said | {"threshold": "3/4"}))
    digests = []
    for more in ([], ["--threshold", "7/8"], ["--sidecar", "other.json"], ["--mode", "exactly", "--strict"]):
        shell.verify("two.npz", *more)
        claim = decode(Claim, json.loads(Path("two.claim.json").read_text()), "claim")
        run = shell("export", "two.npz", "ands.json", "-k", 2, "--to", to, "-o", "two.out", "--json", *more)
        assert run.answer["claim"] == claim.digest
        assert claim.digest in Path("two.out").read_text()
        digests.append(claim.digest)
    assert len(set(digests)) == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "vnnlib", "-o", "net.vnnlib"),  # whose network would be net.onnx
        ("--to", "smt2", "-o", "ands.json"),
        ("--to", "opb", "-o", "link.json"),
        ("--to", "opb", "-o", "net.onnx.json"),
        ("--to", "smt2", "--cones", "-o", "ands.txt"),
    ],
)
def test_what_was_read_is_not_replaced(arguments: tuple[str, ...], shell: Shell) -> None:
    Path("net.onnx").write_bytes(onnx_model(exact().network))
    shell.write("net.onnx.json", "{}")
    shell.write("ands.1.txt", "0 1\n1 2\n")
    Path("link.json").symlink_to("ands.1.txt")
    before = {path: path.read_bytes() for path in shell.folder.iterdir()}
    problem = "ands.json" if "ands.json" in arguments else "ands.1.txt"
    run = shell("export", "net.onnx", problem, "-k", 2, *arguments)
    assert "expected another place to write than a file that was read" in refused(run)
    assert {path: path.read_bytes() for path in shell.folder.iterdir()} == before


def test_criteria_reach_the_file(shell: Shell) -> None:
    asked = Criterion("separated", Fraction(1, 2), Fraction(3, 4))
    shell(
        *("export", "good.npz", "ands.json", "-k", 2, "--to", "smt2", "-o", "s.smt2", "--mode", "exactly"),
        *("--criterion", "separated", "--slack", "3/4"),
    )
    text = Path("s.smt2").read_text()
    claim = replace(exact(), criterion=asked, mode="exactly")
    assert claim.digest in text
    assert exports.by_z3(text)[0] == exports.expected(claim) == "sat"
