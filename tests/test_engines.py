"""Every engine against brute force, and how their answers are combined."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from fractions import Fraction

import brute
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.engines import ENGINES, Answer, Disagreement, Progress, shrink, verify
from supverify.engines.arrays import arrays
from supverify.engines.branch import Branch
from supverify.engines.enumeration import engine as enumeration
from supverify.engines.enumeration import scan_numpy
from supverify.engines.enumeration.engine import Enumerate, compile_pays
from supverify.engines.enumeration.tally import first_wrong, statistics, together
from supverify.engines.smt import Smt
from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import IDEAL
from supverify.kernel.check import recheck
from supverify.kernel.claim import Claim, Permutation, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models import build
from supverify.models.generate import generate

seeds = st.integers(0, 2**32)


def agree(claim: Claim, *names: str) -> Status:
    """Every named engine, the kernel and brute force say the same of ``claim``; returns what they say."""
    wrong = brute.wrong(claim)
    status = Status.REFUTED if wrong else Status.PROVED
    verdict = verify(claim, engines=names)
    assert [answer.status for answer in verdict.engines] == [status] * len(names), verdict
    assert (verdict.status, verdict.oracles) == (status, frozenset())
    assert verdict.certificate is not None
    if "enumerate" in names:
        assert verdict.counterexample == (wrong[0] if wrong else None)
        counts(claim, verdict.engines[names.index("enumerate")], wrong)
    return status


def counts(claim: Claim, answer: Answer, wrong: list[tuple[int, ...]]) -> None:
    """Every figure that enumeration reports equals brute force."""
    found = answer.statistics
    everything = list(brute.inputs(claim))
    entries = [(y, i) for y in wrong for i in brute.wrong_entries(claim, y)]
    values = [a for y in everything for a in brute.outputs(claim.network, y)]
    assert found is not None
    assert found.inputs_covered == len(everything)
    assert (found.wrong_inputs, found.wrong_entries) == (len(wrong), len(entries))
    assert found.false_negatives == sum(brute.truths(claim, y)[i] for y, i in entries)
    assert found.false_positives == len(entries) - found.false_negatives
    assert found.ties == values.count(claim.criterion.threshold)
    assert found.min_margin == min(brute.margin(claim, y) for y in everything)
    assert found.wrong_per_size == tuple(sum(len(y) == s for y in wrong) for s in range(claim.k + 1))
    failing = [[y for y, j in entries if j == i] for i in range(claim.network.outputs)]
    assert found.wrong_per_output == tuple(map(len, failing))
    assert found.first_per_output == tuple(places[0] if places else None for places in failing)
    if claim.criterion.kind in ("linear", "code"):
        assert found.max_deviation == max(brute.deviation(claim, y) for y in everything)


@pytest.mark.parametrize("seed", range(4))
def test_engines_and_brute_force_agree(seed: int) -> None:
    rng = random.Random(seed)
    seen = [agree(brute.random_claim(rng), "enumerate", "smt", "branch") for _ in range(60)]
    assert set(seen) == {Status.PROVED, Status.REFUTED}


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(20))
def test_twenty_thousand_networks(shard: int) -> None:
    rng = random.Random(1000 + shard)
    claims = [brute.random_claim(rng) for _ in range(1000)]
    seen = [agree(claim, "enumerate", "smt", "branch") for claim in claims]
    for claim in claims:
        cell, bounds = brute.random_cell(rng, claim), Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
        brute.assert_enclosed(claim, cell, bounds.outputs(cell, range(claim.network.outputs)))
    assert min(seen.count(Status.PROVED), seen.count(Status.REFUTED)) > 100


@given(seeds)
def test_numpy_counts_what_numba_counts(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    compiled, plain = (Enumerate(compiled=choice).run(claim) for choice in (True, False))
    assert (compiled.statistics, compiled.counterexample) == (plain.statistics, plain.counterexample)


@given(seeds, st.integers(10, 40))
def test_numbers_beyond_64_bits_are_exact(seed: int, power: int) -> None:
    """Scaling all weights of the last layer and the scale changes no verdict, whatever the word size."""
    claim = brute.random_claim(random.Random(seed))
    factor, last = 10**power + 1, claim.network.layers[-1]
    weights = tuple(tuple(w * factor for w in row) for row in last.weights)
    layer = replace(last, weights=weights, bias=tuple(b * factor for b in last.bias))
    network = replace(claim.network, layers=(*claim.network.layers[:-1], layer), scale=claim.network.scale * factor)
    large = replace(claim, network=network)
    before = Enumerate().run(claim)
    assert before.statistics is not None
    for after in (Enumerate().run(large), Enumerate(compiled=False).run(large)):
        assert (after.statistics, after.counterexample) == (before.statistics, before.counterexample)
    assert agree(large, "enumerate", "branch") is before.status


@given(seeds, st.integers(10, 60))
def test_thresholds_beyond_64_bits_are_exact(seed: int, power: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    criterion = replace(claim.criterion, threshold=claim.criterion.threshold + Fraction(1, 3**power))
    close = replace(claim, criterion=criterion)
    counts(close, Enumerate().run(close), brute.wrong(close))


@pytest.mark.parametrize("compiled", [True, False])
def test_parts_of_an_enumeration_add_up(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "SHARD", 40)
    monkeypatch.setattr(scan_numpy, "BATCH", 3)
    rng = random.Random(5)
    for claim in (brute.random_claim(rng) for _ in range(40)):
        counts(claim, Enumerate(compiled=compiled).run(claim), brute.wrong(claim))


def test_parts_add_up_in_any_order() -> None:
    """A cluster of workers answers as it likes; the first failure of an output is that of no particular part."""
    rng = random.Random(9)
    for claim in (brute.random_claim(rng) for _ in range(60)):
        prepared = arrays(claim)
        scan = scan_numpy.Scan(prepared)
        parts = [scan.tally(y, 1, None) for y in brute.inputs(claim)]
        expected = statistics(claim, parts)
        rng.shuffle(parts)
        cut = rng.randint(0, len(parts))
        halves = [together(half) for half in (parts[:cut], parts[cut:]) if half]
        assert replace(statistics(claim, halves), wrong_per_size=expected.wrong_per_size) == expected
        assert first_wrong(parts) == next(iter(brute.wrong(claim)), None)


def test_without_numba_numpy_enumerates(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Enumerate(compiled=True).run(GOOD).detail == "numba, 64-bit integers"
    monkeypatch.setitem(sys.modules, "numba", None)
    assert Enumerate().run(GOOD).detail == "numpy, 64-bit integers"


def test_numba_compiles_where_inputs_are_many_and_layers_sparse() -> None:
    """A diagonal layer is sparse, a full one is dense; a handful of inputs is not worth the start of numba."""
    sparse, dense = (arrays(_second_layer(full=full)) for full in (False, True))
    assert compile_pays(sparse, 10**8)
    assert not compile_pays(dense, 10**8)
    assert not compile_pays(replace(sparse, bounds=(1 << 62,)), 10**8)


def _second_layer(*, full: bool) -> Claim:
    """A layer of 200 neurons after another one."""
    ones = tuple((i,) for i in range(200))
    sources = (tuple(range(200)),) * 200 if full else ones
    layers = (
        Layer(ones, ((1,),) * 200, (0,) * 200, True),
        Layer(sources, tuple((1,) * len(row) for row in sources), (0,) * 200, True),
    )
    return Claim(Network(200, layers), Permutation(tuple(range(200))), 3)


def test_unbounded_integers_are_used_where_a_word_would_overflow() -> None:
    """2^62 - 2^62 + 1: a machine word that wraps, or a float, would lose the one."""
    huge = 1 << 62
    layers = (
        Layer(((0,), (0, 1)), ((huge,), (huge, 1)), (0, 0), True),
        Layer(((0, 1),), ((-2, 2),), (-1,), True),
    )
    claim = Claim(Network(2, layers), TwoAnd(2, ((0, 1),)), 2)
    assert not arrays(claim).fits
    answer = Enumerate().run(claim)
    assert "unbounded" in answer.detail
    assert (answer.status, answer.counterexample) == (Status.REFUTED, (1,))
    assert agree(claim, "enumerate", "smt", "branch") is Status.REFUTED


@given(seeds)
def test_shrinking_ends_where_no_smaller_step_is_wrong(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    wrong = set(brute.wrong(claim))
    for active in wrong:
        smaller = shrink(claim, active)
        rests = [smaller[:i] + smaller[i + 1 :] for i in range(len(smaller))]
        lowered = {
            tuple(sorted((*rest, j)))
            for rest, top in zip(rests, smaller, strict=True)
            for j in range(top)
            if j not in rest
        }
        assert smaller in wrong
        assert (len(smaller), smaller) <= (len(active), active)
        assert not wrong & (lowered | set(rests if claim.mode == "at-most" else ()))


# y_0 AND y_1, as relu(y_0 + y_1 - 1).
GOOD = Claim(Network(3, (Layer(((0, 1),), ((1, 1),), (-1,), True),)), TwoAnd(3, ((0, 1),)), 2)
BAD = replace(GOOD, problem=TwoAnd(3, ((0, 2),)))


@dataclass(frozen=True)
class Scripted:
    """An engine that says what it is told to."""

    answer: Answer | Exception
    name: str = "scripted"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """The scripted answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def scripted(monkeypatch: pytest.MonkeyPatch, answer: Answer | Exception) -> None:
    monkeypatch.setitem(ENGINES, "scripted", Scripted(answer))


def test_disagreeing_engines_stop_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(engine="scripted", status=Status.PROVED, detail="trust me"))
    with pytest.raises(Disagreement, match="trust me"):
        verify(BAD, engines=["enumerate", "scripted"])


def test_a_counterexample_that_does_not_replay_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(engine="scripted", status=Status.REFUTED, counterexample=(0,), evidence="W 0"))
    with pytest.raises(Disagreement, match="the kernel calls it right"):
        verify(GOOD, engines=["scripted"])


@pytest.mark.parametrize("evidence", ["L L", "O R R", "S0 R", "garbage"])
def test_evidence_that_the_kernel_refuses_stops_everything(monkeypatch: pytest.MonkeyPatch, evidence: str) -> None:
    scripted(monkeypatch, Answer(engine="scripted", status=Status.PROVED, evidence=evidence))
    with pytest.raises(Disagreement, match="the kernel refuses"):
        verify(GOOD, engines=["scripted"])


def test_a_kernel_that_contradicts_an_engine_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(engine="scripted", status=Status.PROVED, evidence="W 0 1"))
    with pytest.raises(Disagreement, match="the engines say PROVED, the kernel REFUTED"):
        verify(BAD, engines=["scripted"])


def test_a_false_proof_without_evidence_is_caught_by_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(engine="scripted", status=Status.PROVED, oracles=frozenset({"scripted"})))
    with pytest.raises(Disagreement):
        verify(BAD, engines=["scripted"])


def test_a_failing_engine_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, MemoryError("too large"))
    verdict = verify(GOOD, engines=["scripted"])
    assert (verdict.status, verdict.certificate) == (Status.UNKNOWN, None)
    assert "MemoryError: too large" in verdict.reason
    assert verify(GOOD, engines=["scripted", "branch"]).status is Status.PROVED


@pytest.mark.parametrize("names", [[], ["z4"], ["enumerate", "Branch"]])
def test_unknown_engines_are_malformed(names: list[str]) -> None:
    with pytest.raises(Malformed, match="engines"):
        verify(GOOD, engines=names)


def wide(inputs: int) -> Claim:
    """One AND among many inputs: easy for bounds, long to enumerate."""
    return Claim(
        Network(inputs, (Layer(((0, 1),), ((1, 1),), (-1,), True),)), TwoAnd(inputs, ((0, 1),)), min(6, inputs)
    )


def test_every_engine_is_asked_about_small_networks_only() -> None:
    assert [answer.engine for answer in verify(wide(32)).engines] == ["enumerate", "smt", "branch"]
    assert [answer.engine for answer in verify(wide(33), seconds=1e-9).engines] == ["enumerate"]


def test_a_wrong_input_refutes_even_an_unfinished_enumeration() -> None:
    network = Network(200, (Layer(((0, 1),), ((1, 1),), (1,), True),))
    answer = Enumerate().run(replace(wide(200), network=network), seconds=1e-9)
    assert (answer.status, answer.counterexample, answer.statistics) == (Status.REFUTED, (), None)


def test_limits_lead_to_unknown() -> None:
    verdict = verify(wide(200), engines=["enumerate"], seconds=0.01)
    assert verdict.status is Status.UNKNOWN
    assert "time limit after" in verdict.reason
    assert Branch(nodes=0).run(wide(200)).status is Status.UNKNOWN
    assert Branch().run(wide(200), seconds=0.0).status is Status.UNKNOWN
    assert Smt().run(wide(200), seconds=0.0).status is Status.UNKNOWN


def test_a_proof_too_large_to_replay_names_its_oracle() -> None:
    claim = wide(200)
    alone = verify(claim, engines=["smt"])
    assert (alone.status, alone.oracles, alone.certificate) == (Status.PROVED, frozenset({"z3"}), None)
    tree = verify(claim, engines=["smt", "branch"])
    assert (tree.status, tree.oracles) == (Status.PROVED, frozenset())
    assert tree.certificate is not None
    assert tree.certificate.evidence == "L"


def test_progress_is_told_and_ends_complete() -> None:
    calls: list[tuple[str, int, int]] = []
    verify(GOOD, engines=["enumerate", "smt", "branch"], progress=lambda *call: calls.append(call))
    last = {what: (done, total) for what, done, total in calls}
    assert last["enumerate: inputs"] == (7, 7)
    assert last["smt: outputs"] == (1, 1)


def test_the_same_claim_gives_the_same_bytes() -> None:
    claim = brute.random_claim(random.Random(3))
    first, second = verify(claim), verify(claim)
    assert first.certificate == second.certificate


def test_recheck_takes_bytes_only_as_they_are() -> None:
    with pytest.raises(Malformed):
        recheck(b"\xff\xfe{}", b"{}")


@pytest.mark.parametrize(("gates", "k"), [(24, 2), (16, 3)])
def test_built_networks_have_trees_by_their_ideal_step(gates: int, k: int) -> None:
    """What is built in superposition is proved by the kernel without evaluating every input, also behind a step."""
    problem = generate(f"random:M={gates},seed=1")
    for claim in build(problem, k=k, seed=0).claims().values():
        verdict = verify(claim, engines=["branch", "enumerate"])
        assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset())
        assert verdict.certificate is not None
        assert verdict.certificate.evidence.startswith(f"{IDEAL} ")
