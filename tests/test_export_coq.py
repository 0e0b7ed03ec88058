"""Coq: what coqc makes of exported claims, and that nothing passes where it is missing or stops."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import brute
import exports
import pytest
from shell import Shell

from supverify import build, generate
from supverify.deciding.coq import ALLOWED, FALSE, CoqAnswer, assumptions, check_with_coq
from supverify.files.export import checker, cone, coq
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

INSTALLED = shutil.which("coqc") is not None and shutil.which("coqchk") is not None
ABSENT = CoqAnswer(status="HOLE", reason="not checked by Coq: coqc not found")
needs_coq = pytest.mark.skipif(not INSTALLED, reason="coqc is not installed; then only the HOLE is tested")


def exact(m: int = 3) -> Claim:
    """ANDs of neighbours, each by a neuron of its own."""
    pairs = tuple((j, j + 1) for j in range(m - 1))
    hidden = Layer(pairs, ((1, 1),) * len(pairs), (-1,) * len(pairs), True)
    return Claim(Network(m, (hidden,)), TwoAnd(m, pairs), 2)


def asked(claim: Claim, folder: Path, text: str | None = None, *, seconds: float = 300.0) -> CoqAnswer:
    path = folder / "Asked.v"
    path.write_text(coq(cone(claim)) if text is None else text)
    return check_with_coq(path, seconds=seconds)


def test_without_coq_nothing_is_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert replace(asked(exact(), tmp_path), seconds=0.0) == ABSENT


def test_without_coq_the_verb_leaves_a_hole(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shell.folder))
    run = shell("export", "good.npz", "ands.json", "-k", 2, "--to", "coq", "-o", "good.v", "--check")
    assert run.code == 2
    assert "HOLE: not checked by Coq: coqc not found" in run.out
    assert Path("good.v").exists()


def test_without_coqchk_there_is_no_second_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "coqc"
    fake.write_text("#!/bin/sh\necho 'Axioms:\nUint63.add_spec : Type'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(shutil, "which", lambda name: str(fake) if name == "coqc" else None)
    path = tmp_path / "Claim.v"
    path.write_text(coq(cone(exact())))
    assert check_with_coq(path).status == "PROVED"
    answer = check_with_coq(path, recheck=True)
    assert (answer.status, answer.reason) == ("HOLE", "not checked by Coq: coqchk not found")


PRINTED = {
    "": None,
    "Closed under the global context\n": (),
    "Axioms:\nUint63.add_spec\n  : forall x y,\n    x\nPrimInt63.add : int -> int\n": (
        "Uint63.add_spec",
        "PrimInt63.add",
    ),
    "Axioms:\nmine : False\n": ("mine",),
}


@pytest.mark.parametrize(("printed", "axioms"), PRINTED.items())
def test_axioms_are_read_from_what_coq_prints(printed: str, axioms: tuple[str, ...] | None) -> None:
    assert assumptions(printed) == axioms


@pytest.mark.parametrize("name", ["mine", "Uint63", "Classical.classic", "Uint63.a.b", "MyUint63.add", "add_spec"])
def test_other_axioms_are_not_allowed(name: str) -> None:
    assert not ALLOWED.fullmatch(name)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (1 << 20, None),
        (1 << 22, r"coq: criterion: expected limits and outputs, times their denominator, below 2\^62"),
        (1 << 23, r"coq: layer 3: expected sums below 2\^62"),
    ],
)
def test_numbers_that_may_leave_the_words_are_refused(last: int, message: str | None) -> None:
    """Hidden sums reach 3, then 3 * 2^38, outputs 3 * 2^38 * last, and their doubles are compared with 2 * 1/2."""
    claim, one = exact(), ((0,), (1,))
    big = Layer(one, ((1 << 38,), (1 << 38,)), (0, 0), True)
    layers = (*claim.network.layers, big, Layer(one, ((last,), (1,)), (0, 0), False))
    large = cone(replace(claim, network=Network(3, layers)))
    if message is None:
        assert str(last) in coq(large)
        return
    with pytest.raises(Malformed, match=message):
        coq(large)


def test_networks_too_large_to_be_written_out_are_refused() -> None:
    problem = TwoAnd(4097, ((0, 1),))
    network = Network(4097, (Layer(((0, 1),), ((1, 1),), (-1,), True),))
    with pytest.raises(Malformed, match="at most 4096 inputs"):
        coq(cone(Claim(network, problem, 0)))
    with pytest.raises(Malformed, match="matrices of at most"):
        coq(cone(exact(4096), [0]))


@needs_coq
def test_right_network_is_proved_on_the_axioms_of_words(tmp_path: Path) -> None:
    answer = asked(exact(), tmp_path)
    assert (answer.status, answer.reason) == ("PROVED", "coqc accepts the proof")
    assert {"Uint63.add_spec", "PrimInt63.int"} < set(answer.axioms)


@needs_coq
@pytest.mark.slow
def test_verb_writes_and_proves(shell: Shell) -> None:
    arguments = ("ands.json", "-k", 2, "--to", "coq", "-o", "n.v", "--check")
    good = shell("export", "good.npz", *arguments, "--recheck", "--json")
    assert (good.code, good.answer["coq"]["reason"]) == (0, "coqc and coqchk accept the proof")
    wrong = shell("export", "wrong.npz", *arguments)
    assert wrong.code == 1
    assert f"REJECTED: {FALSE}" in wrong.out


@needs_coq
def test_limit_of_time_is_a_hole(tmp_path: Path) -> None:
    answer = asked(exact(), tmp_path, seconds=0.01)
    assert (answer.status, answer.reason) == ("HOLE", "not checked by Coq: coqc needs more than 0.01 s")


def instances(claims: list[Claim]) -> str:
    """One file with a module for each claim: its definitions, and what the checker computes."""
    parts = ["Module Checker.", checker(), "End Checker."]
    for i, claim in enumerate(claims):
        definitions = coq(cone(claim)).partition("End Checker.\n")[2].partition("Lemma checked")[0]
        parts += [f"Module C{i}.", definitions, "Eval vm_compute in check the_claim.", f"End C{i}."]
    return "\n".join(parts)


def holding(claims: list[Claim]) -> str:
    """One file that proves each of the claims, and nothing else."""
    parts = ["Module Checker.", checker(), "End Checker."]
    for i, claim in enumerate(claims):
        parts += [f"Module C{i}.", coq(cone(claim)).partition("End Checker.\n")[2], f"End C{i}."]
    return "\n".join(parts)


def compiled(text: str, folder: Path) -> str:
    (folder / "All.v").write_text(text)
    command = ["coqc", "-q", "-w", "none", "All.v"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def some_claims(count: int) -> list[Claim]:
    rng = random.Random(7)
    return [exports.step_claim(rng) if i % 3 == 0 else brute.random_claim(rng) for i in range(count)]


@needs_coq
@pytest.mark.slow
def test_checker_computes_what_brute_force_does(tmp_path: Path) -> None:
    claims = some_claims(100)
    answers = re.findall(r"= (true|false)\n", compiled(instances(claims), tmp_path))
    assert answers == ["true" if exports.expected(claim) == "unsat" else "false" for claim in claims]
    assert {answers.count(answer) > 20 for answer in ("true", "false")} == {True}


@needs_coq
@pytest.mark.slow
def test_every_kind_of_claim_that_holds_is_proved(tmp_path: Path) -> None:
    some = {
        (claim.criterion.kind, claim.mode, claim.criterion.strict): claim
        for claim in some_claims(600)
        if exports.expected(claim) == "unsat" and claim.k
    }
    assert len({(kind, mode) for kind, mode, _ in some}) == 8
    claims = list(some.values())
    assert compiled(holding(claims), tmp_path).count("Axioms:") == len(claims)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("edit", ["weight", "bias", "target", "reading", "statement"])
def test_tampered_file_is_refused(edit: str, tmp_path: Path) -> None:
    before, after = {
        "weight": ("[1; 1; 0]", "[1; 0; 0]"),
        "bias": ("[(-1); (-1)]", "[(-1); 0]"),
        "target": ("[[0%N; 1%N]]; [[1%N; 2%N]]", "[[0%N; 1%N]]; [[0%N; 2%N]]"),
        "reading": ("Criterion Strict 2 1 0 1", "Criterion Strict 1 1 0 1"),
        "statement": ("(ones y <= 2)", "(ones y <= 3)"),
    }[edit]
    text = coq(cone(exact()))
    assert text.count(before) == 1
    answer = asked(exact(), tmp_path, text.replace(before, after))
    assert answer.status == ("HOLE" if edit == "statement" else "REJECTED")
    if edit == "statement":
        assert answer.reason.startswith("coqc stopped: ")


@needs_coq
@pytest.mark.slow
def test_proof_on_another_axiom_is_a_hole(tmp_path: Path) -> None:
    text = coq(cone(exact()))
    proof = "Proof. vm_cast_no_check (eq_refl true). Qed."
    assert text.count(proof) == 1
    answer = asked(exact(), tmp_path, text.replace(proof, "Proof. Admitted."))
    assert (answer.status, answer.reason) == ("HOLE", "the proof assumes checked")


def hidden_layer_network(m: int) -> Claim:
    """One hidden layer of m neurons, read through a decoder: random pairs, integer weights."""
    rng = random.Random(m)
    pairs = tuple(tuple(sorted(rng.sample(range(m), 2))) for _ in range(m))
    problem = TwoAnd(m, tuple((a, b) for a, b in pairs))
    hidden = Layer(pairs, ((3, 3),) * m, (-5,) * m, True)
    return Claim(
        Network(m, (hidden, Layer(tuple((r,) for r in range(m)), ((2,),) * m, (0,) * m, False)), 2), problem, 2
    )


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("which", ["built", "hidden layer"])
def test_64_inputs_are_proved_within_a_minute_and_a_tampered_weight_is_refused(which: str, tmp_path: Path) -> None:
    if which == "built":
        claim = build(generate("random:M=64,seed=0"), k=2, seed=0).claims()["readout"]
    else:
        claim = hidden_layer_network(64)
    assert claim.population(claim.domain) == 2081
    answer = asked(claim, tmp_path)
    assert answer.status == "PROVED", answer
    assert answer.seconds < 60
    tampered = broken(claim)
    answer = asked(tampered, tmp_path)
    assert (answer.status, answer.reason) == ("REJECTED", FALSE)


def broken(claim: Claim) -> Claim:
    """The claim with one weight of its first layer changed so that one of its inputs is wrong."""
    first, *rest = claim.network.layers
    for r, row in enumerate(first.weights):
        for w in (-9, 9):
            weights = (*first.weights[:r], (row[0] + w or 1, *row[1:]), *first.weights[r + 1 :])
            layers = (Layer(first.sources, weights, first.bias, first.relu), *rest)
            changed = replace(claim, network=Network(claim.network.inputs, layers, claim.network.scale))
            if any(wrong_outputs(changed, y) for y in brute.inputs(replace(claim, k=1))):
                return changed
    raise AssertionError("no such weight")
