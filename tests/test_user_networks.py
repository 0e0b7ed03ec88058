"""Five hundred networks as users bring them: every count, margin and counterexample equals brute force."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import pytest
from user_networks import EXACTLY, KINDS, Brute, Sums, UserNetwork, rounded, user_network

import supverify
from supverify.engines import NetworkVerdict
from supverify.kernel.verdict import Status

EACH = 50  # networks of each kind

Kind = Literal["readout", "separated", "linear"]


def verified(made: UserNetwork, path: Path, *arithmetic: str, order: str = "bias-last") -> NetworkVerdict:
    """What supverify says of the network's file."""
    criterion = supverify.Criterion(cast("Kind", made.criterion), made.threshold, made.slack, made.strict)
    return supverify.verify(
        made.save(path / "network.npz"),
        supverify.TwoAnd(made.inputs, tuple(made.pairs)),
        k=made.k,
        criterion=criterion,
        mode="exactly" if made.exactly else "at-most",
        engines=["enumerate"],
        arithmetic=arithmetic or "exact",
        order=cast("Literal['bias-last', 'bias-first']", order),
    )


def same(verdict: NetworkVerdict, brute: Brute) -> Status:
    """The verdict is that of brute force, with its first counterexample and every count."""
    wrong, counted = brute.wrong_inputs(), verdict.statistics
    assert verdict.status is (Status.REFUTED if wrong else Status.PROVED)
    assert verdict.counterexample == (wrong[0] if wrong else None)
    assert counted is not None
    expected = brute.counts()
    assert {name: getattr(counted, name) for name in expected} == expected
    return verdict.status


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_users(kind: str, tmp_path: Path) -> None:
    seen = Counter[Status]()
    for seed in range(EACH):
        made = user_network(kind, seed)
        verdict, brute = verified(made, tmp_path), Brute(made)
        seen[same(verdict, brute)] += 1
        assert verdict.oracles == frozenset()  # the kernel has read the evidence
        if made.planted is not None:
            assert brute.wrong_inputs() == [made.planted]
    if kind == "planted error":
        assert seen[Status.REFUTED] == EACH
    elif kind == "float32 only":
        assert seen[Status.PROVED] == EACH
    else:
        assert min(seen[Status.PROVED], seen[Status.REFUTED]) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_users_in_floating_point(kind: str, tmp_path: Path) -> None:
    """Sums rounded one by one, in both orders; and right in every order means right in any of some."""
    for seed in range(0, EACH, 5):
        made = user_network(kind, seed)
        for text, bits in (("float32", 24), ("float64", 53)):
            for order in ("bias-last", "bias-first"):
                verdict = verified(cast_to(made, text), tmp_path, text, order=order)
                brute = Brute(cast_to(made, text), Sums(bits, bias_first=order == "bias-first"))
                if verdict.statistics is not None:
                    same(verdict, brute)
                else:  # by a bound on rounding alone
                    assert (verdict.status, brute.wrong_inputs()) == (Status.PROVED, [])
            everywhere = verified(cast_to(made, text), tmp_path, f"any-order:{text}")
            if everywhere.status is Status.PROVED:
                for shuffled in range(3):
                    assert Brute(cast_to(made, text), Sums(bits, shuffled=shuffled)).wrong_inputs() == []


def cast_to(made: UserNetwork, text: str) -> UserNetwork:
    """The network with the weights that the format holds."""
    arrays = {name: array.astype(text) for name, array in made.arrays.items()}
    return UserNetwork(**{**vars(made), "arrays": arrays})


def test_a_network_that_is_right_but_for_float32_is_told_so(tmp_path: Path) -> None:
    failed = 0
    for seed in range(EACH):
        made = user_network("float32 only", seed)
        verdict = verified(made, tmp_path, "float32", "float64")
        brute = Brute(made, Sums(24))
        wrong = brute.wrong_inputs()
        assert verdict.exact.status is Status.PROVED
        assert verdict.status is (Status.REFUTED if wrong else Status.PROVED)
        if wrong:
            failed += 1
            part = verdict.arithmetic[1]
            assert (str(part.semantics), part.counterexample) == ("ieee(float32, bias-last)", wrong[0])
            assert [(v.output, v.got) for v in part.wrong] == [
                (i, a) for i, (a, _, bad) in enumerate(brute.entries[wrong[0]]) if bad
            ]
            assert part.reason.startswith("right over the real numbers, but output ")
    assert failed > EACH // 3


def test_rounding_of_the_brute_force_is_that_of_floats() -> None:
    """The tests' own rounding, which knows no float, against Python's division of integers."""
    for numerator in range(-40, 40):
        for denominator in (3, 7, 1000, 2**60 + 1, 5**30):
            exact = Fraction(numerator, denominator)
            assert rounded(exact, 53) == Fraction(numerator / denominator)
    assert rounded(Fraction(2**24 + 1), 24) == 2**24
    assert rounded(Fraction(2**24 + 3), 24) == 2**24 + 4
    assert EXACTLY([Fraction(1, 3)], Fraction(1, 6)) == Fraction(1, 2)
