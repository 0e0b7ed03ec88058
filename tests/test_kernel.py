"""The kernel against an independent brute force: evaluation, bounds, windows, and what it refuses."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import brute
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import Certificate, witness
from supverify.kernel.check import REPLAY_LIMIT, check, possible, recheck, wrong_outputs
from supverify.kernel.claim import Claim, Criterion, Permutation, TwoAnd
from supverify.kernel.codec import decode, encode, parse
from supverify.kernel.errors import Malformed, Refusal, Rejected
from supverify.kernel.network import Layer, Network, evaluate
from supverify.kernel.packed import Packed
from supverify.kernel.verdict import Status, Verdict

seeds = st.integers(0, 2**32)

# y_0 AND y_1 as relu(y_0 + y_1 - 1), and y_1 AND y_2 likewise: exact for every k.
AND = Network(3, (Layer(((0, 1), (1, 2)), ((1, 1), (1, 1)), (-1, -1), True),))
PROBLEM = TwoAnd(3, ((0, 1), (2, 1)))
CLAIM = Claim(AND, PROBLEM, 2)


def proved(claim: Claim, evidence: str) -> Verdict:
    return check(claim, Certificate(claim.digest, evidence))


@given(seeds)
def test_evaluate_packed_and_brute_force_agree(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    packed = Packed(claim.network, 5)
    for active in brute.inputs(claim):
        values = evaluate(claim.network, active)
        assert [Fraction(z, claim.network.scale) for z in values] == brute.outputs(claim.network, active)
        assert packed.evaluate(active) == packed.pack(values)
        assert wrong_outputs(claim, active) == brute.wrong_entries(claim, active)


@given(seeds)
def test_members_come_in_the_documented_order(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    members = list(claim.members(claim.domain))
    assert members == list(brute.inputs(claim))
    assert len(members) == claim.population(claim.domain)


@given(seeds)
def test_bounds_enclose_every_value_and_are_exact_up_to_one_open_slot(seed: int) -> None:
    rng = random.Random(seed)
    claim = brute.random_claim(rng)
    cell = brute.random_cell(rng, claim)
    assert list(claim.members(cell)) == list(brute.members(claim, cell))
    bounds = Bounds(claim.network, exactly=claim.mode == "exactly")
    brute.assert_enclosed(claim, cell, bounds.outputs(cell, range(claim.network.outputs)))


@given(seeds)
def test_no_truth_of_a_cell_is_missed(seed: int) -> None:
    rng = random.Random(seed)
    claim = brute.random_claim(rng)
    cell = brute.random_cell(rng, claim)
    truths = [brute.truths(claim, y) for y in brute.members(claim, cell)]
    for i, target in enumerate(claim.targets()):
        assert {row[i] for row in truths} <= set(possible(target, cell))


@pytest.mark.parametrize("evidence", ["R", "O R R", "S1 R R", "O S0 S1 L L L S1 S2 L L L", "S0 R O R S1 S2 L L L"])
def test_good_evidence_is_accepted(evidence: str) -> None:
    assert proved(CLAIM, evidence) == Verdict(
        status=Status.PROVED, reason=f"the evidence holds, in {len(evidence.split())} steps"
    )


@pytest.mark.parametrize(
    "evidence",
    [
        "L",  # the bounds cannot decide the root
        "O L L",
        "O R",  # the second output is missing
        "O R R R",  # something is left over
        "S0 R",  # the cell with input 0 off is missing
        "S0 S0 R R R",  # input 0 is not open any more, being on
        "S0 R S0 R R",  # nor here, being off
        "S3 R R",  # no such input
        "S0 S1 S2 R R R R",  # the budget is used up
        "W",
        "W 0 1",
    ],
)
def test_evidence_that_does_not_show_the_claim_is_rejected(evidence: str) -> None:
    with pytest.raises(Rejected):
        proved(CLAIM, evidence)


@pytest.mark.parametrize(
    "evidence",
    [
        "",
        "X",
        "S",
        "S-1",
        "S0x",
        "S 0",
        "R R ",
        "W a",
        "W -1",
        "W 0  1",
        "S1234567890",
        "l",
        "S\u0661",
        "0 R R",
        "SS0",
    ],
)
def test_words_that_are_no_evidence_are_malformed(evidence: str) -> None:
    with pytest.raises(Refusal):
        proved(CLAIM, evidence)


def test_a_wrong_network_is_refuted_by_its_witness_only() -> None:
    broken = replace(CLAIM, network=Network(3, (replace(AND.layers[0], bias=(-1, 0)),)))
    verdict = check(broken, Certificate(broken.digest, witness((2,))))
    assert (verdict.status, verdict.counterexample, verdict.oracles) == (Status.REFUTED, (2,), frozenset())
    for evidence in ("W 0", "W 0 1 2", "W 2 1", "W 2 2", "W 7", "R", "L", "O R R"):
        with pytest.raises(Rejected):
            check(broken, Certificate(broken.digest, evidence))


def test_a_certificate_speaks_of_one_claim() -> None:
    other = replace(CLAIM, k=3)
    with pytest.raises(Rejected, match=r"certificate\.claim"):
        check(other, Certificate(CLAIM.digest, "R"))


def test_replay_is_bounded() -> None:
    wide = Network(3000, (Layer(((0, 1),), ((1, 1),), (-1,), True),))
    claim = Claim(wide, TwoAnd(3000, ((0, 1),)), 2)
    assert claim.population(claim.domain) > REPLAY_LIMIT
    with pytest.raises(Rejected, match="inputs to replay"):
        proved(claim, "R")
    assert proved(claim, "S0 S1 L L L").status is Status.PROVED


def test_replays_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proved(CLAIM, "S0 R R").status is Status.PROVED
    monkeypatch.setattr("supverify.kernel.check.REPLAY_LIMIT", 5)
    with pytest.raises(Rejected, match="inputs to replay"):
        proved(CLAIM, "S0 R R")  # 3 inputs and 4


@given(seeds)
def test_claims_survive_their_file(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    again = decode(Claim, parse(json.dumps(encode(claim)), "claim"), "claim")
    assert again == claim
    assert again.digest == claim.digest


def test_the_digest_names_every_part() -> None:
    layer, criterion = AND.layers[0], Criterion()
    changes: dict[str, list[Any]] = {
        "network": [
            replace(AND, scale=2),
            *(
                replace(AND, layers=(changed,))
                for changed in (
                    replace(layer, relu=False),
                    replace(layer, bias=(-1, 0)),
                    replace(layer, weights=((1, 1), (1, 2))),
                    replace(layer, sources=((0, 1), (0, 2))),
                )
            ),
        ],
        "problem": [TwoAnd(3, ((0, 1), (0, 2)))],
        "k": [1],
        "criterion": [
            replace(criterion, strict=False),
            replace(criterion, threshold=Fraction(1)),
            Criterion("linear"),
            Criterion("linear", slack=Fraction(1)),
        ],
        "mode": ["exactly"],
        "code": [((0,), (1,)), ((1,), (0,))],
    }
    assert set(changes) == {field.name for field in fields(Claim)} - {"format"}
    claims = [CLAIM, *(replace(CLAIM, **{name: value}) for name, values in changes.items() for value in values)]
    assert len({claim.digest for claim in claims}) == len(claims)


GOOD = json.dumps(encode(CLAIM))
BAD_CLAIMS = [
    ("", "JSON"),
    ("[]", "an object with the keys"),
    ("{}", "an object with the keys"),
    (GOOD[:-20], "JSON"),
    (GOOD.replace('"k": 2', '"k": -1'), "0 <= k <= 3"),
    (GOOD.replace('"k": 2', '"k": 4'), "0 <= k <= 3"),
    (GOOD.replace('"k": 2', '"k": true'), "int"),
    (GOOD.replace('"k": 2', '"k": 2.0'), "integers only"),
    (GOOD.replace('"k": 2', '"k": NaN'), "integers only"),
    (GOOD.replace('"k": 2', '"k": 2, "extra": 1'), "an object with the keys"),
    (GOOD.replace('"readout"', '"readin"'), "one of readout"),
    (GOOD.replace('"at-most"', '"at-least"'), "one of at-most"),
    (GOOD.replace('"1/2"', '"1/0"'), "a fraction"),
    (GOOD.replace('"1/2"', '"0.5"'), "a fraction"),
    (GOOD.replace('"1/2"', '"' + "9" * 4001 + '"'), "a fraction"),
    (GOOD.replace('"1/2"', '"-"'), "a fraction"),
    (GOOD.replace('"1/2"', '"1/-2"'), "a fraction"),
    (GOOD.replace('"slack": "0"', '"slack": "1"'), "0, or more for separated"),
    (GOOD.replace("[2, 1]", "[1, 1]"), "two different inputs"),
    (GOOD.replace("[2, 1]", "[3, 1]"), "two different inputs"),
    (GOOD.replace("[2, 1]", "[2, 1, 0]"), "a list of 2"),
    (GOOD.replace('"2-and"', '"3-and"'), "one of 2-and"),
    (GOOD.replace('"scale": 1', '"scale": 0'), "a scale of at least 1"),
    (GOOD.replace('"inputs": 3', '"inputs": 4', 1), "3 inputs and 2 outputs"),
    (GOOD.replace("[1, 2]", "[1, 3]"), "sources below 3"),
    (GOOD.replace("[1, 2]", "[2, 1]"), "ascending sources"),
    (GOOD.replace("[1, 2]", "[1]"), "ascending sources"),
    (GOOD.replace('"weights": [[1, 1]', '"weights": [[1, 0]'), "a weight other than 0"),
    (GOOD.replace('"bias": [-1, -1]', '"bias": [-1]'), "as many rows"),
    (GOOD.replace('"bias": [-1, -1]', '"bias": [-1, "1"]'), "int"),
    (GOOD.replace('"code": null', '"code": [[0], [2]]'), "outputs of the problem"),
    (GOOD.replace('"code": null', '"code": [[0], [-1]]'), "outputs of the problem"),
    (GOOD.replace('"code": null', '"code": [[0]]'), "3 inputs and 1 outputs"),
    (GOOD.replace('"k": 2', '"k": ' + "9" * 10_000), "JSON"),
    ("[" * 100_000, "JSON"),
]


@pytest.mark.parametrize(("text", "expected"), BAD_CLAIMS, ids=range(len(BAD_CLAIMS)))
def test_broken_claims_are_malformed_with_one_line(text: str, expected: str) -> None:
    with pytest.raises(Malformed) as caught:
        recheck(text.encode(), json.dumps(encode(Certificate(CLAIM.digest, "R"))).encode())
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_permutations_have_each_image_once() -> None:
    for order in ((), (0, 0), (1, 2), (0, 2)):
        with pytest.raises(Malformed, match=r"problem\.order"):
            Permutation(order)


@pytest.mark.parametrize(
    ("criterion", "windows"),
    [
        (Criterion(), ((None, 2), (3, None))),
        (Criterion(strict=False), ((None, 2), (3, None))),
        (Criterion(threshold=Fraction(2, 5)), ((None, 2), (3, None))),
        (Criterion(threshold=Fraction(2, 5), strict=False), ((None, 1), (2, None))),
        (Criterion("separated", slack=Fraction(1, 5)), ((None, 1), (4, None))),
        (Criterion("linear", slack=Fraction(1, 4)), ((-1, 1), (4, 6))),
        (Criterion("code"), ((0, 0), (5, 5))),
    ],
)
def test_windows_in_units_of_a_scale_of_five(
    criterion: Criterion, windows: tuple[tuple[int | None, int | None], ...]
) -> None:
    assert criterion.windows(5) == windows


def run_kernel(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-m", "supverify.kernel", *arguments]
    root = Path(__file__).resolve().parent.parent
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)


def test_the_kernel_runs_alone(tmp_path: Path) -> None:
    claim, good, bad = tmp_path / "claim.json", tmp_path / "good.json", tmp_path / "bad.json"
    claim.write_text(GOOD)
    good.write_text(json.dumps(encode(Certificate(CLAIM.digest, "O S0 S1 L L L R"))))
    bad.write_text(json.dumps(encode(Certificate(CLAIM.digest, "L"))))
    answer = run_kernel(str(claim), str(good))
    assert (answer.returncode, answer.stdout) == (0, "PROVED: the evidence holds, in 7 steps\nVERIFIED\n")
    wrong = replace(CLAIM, network=Network(3, (replace(AND.layers[0], bias=(-1, 0)),)))
    (tmp_path / "wrong.json").write_text(json.dumps(encode(wrong)))
    (tmp_path / "witness.json").write_text(json.dumps(encode(Certificate(wrong.digest, "W 2"))))
    answer = run_kernel(str(tmp_path / "wrong.json"), str(tmp_path / "witness.json"))
    assert (answer.returncode, answer.stdout) == (0, "REFUTED: output 1 is wrong\nVERIFIED\n")
    truncated = tmp_path / "truncated.json"
    truncated.write_text(good.read_text()[:-9])
    for arguments in ([claim, bad], [claim, truncated], [good, claim], [claim], [claim, tmp_path], [claim, claim]):
        answer = run_kernel(*map(str, arguments))
        assert answer.returncode == 1
        assert answer.stdout.endswith("NOT VERIFIED\n")
        assert len(answer.stdout.splitlines()) == 2
        assert not answer.stderr


def test_repeated_keys_are_malformed() -> None:
    """A reader who sees the first k must not be told of a verdict on the second."""
    twice = GOOD.replace('"k": 2', '"k": 3, "k": 2')
    with pytest.raises(Malformed, match="each key once"):
        recheck(twice.encode(), json.dumps(encode(Certificate(CLAIM.digest, "R"))).encode())


def test_hostile_claims_get_one_line(tmp_path: Path) -> None:
    """Deep linear layers, numbers beyond Python's printing limit, a width that no memory holds."""
    line = Layer(((0,),), ((1,),), (0,), False)
    deep = Claim(Network(1, (line,) * 3000), Permutation((0,)), 1)
    loud = Layer(((0,),), ((10**4000,),), (0,), False)
    large = Claim(Network(1, (loud, loud, loud)), Permutation((0,)), 1, Criterion("code"))
    for claim, evidence, answer in (
        (deep, "S0 L L", "PROVED: the evidence holds, in 3 steps\nVERIFIED\n"),
        (large, "S0 L L", "got a number too long to print\nNOT VERIFIED\n"),
    ):
        paths = tmp_path / "claim.json", tmp_path / "certificate.json"
        paths[0].write_text(json.dumps(encode(claim)))
        paths[1].write_text(json.dumps(encode(Certificate(claim.digest, evidence))))
        assert run_kernel(*map(str, paths)).stdout.endswith(answer)
    wide = GOOD.replace('"inputs": 3', '"inputs": 1000000000000')
    with pytest.raises(Malformed, match="layers of 1 to"):
        recheck(wide.encode(), b"{}")
