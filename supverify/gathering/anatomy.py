"""What a network that was decided is made of, and whether it computes in superposition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from ..engines import NetworkVerdict, Progress, counted
from ..kernel.claim import Claim, Clause
from ..kernel.verdict import Status
from ..models import sizes
from ..models.structure import (
    FirstLayer,
    Form,
    UnitLayer,
    deciding,
    first_forms,
    first_layer,
    form_of,
    rank,
    reaching,
    unit_layers,
)
from ..report.superposition_model import (
    CountingFloor,
    FirstUnits,
    Rank,
    Reach,
    Superposition,
    Told,
    UnitCounts,
)
from .fewest_bits import fewest_bits

COUNTED = 1 << 28  # inputs that are still gone through where gates are wrong
LISTED = 1000  # pairs of an input and an output


def anatomy(
    verdict: NetworkVerdict,
    *,
    seconds: float | None = None,
    permit: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Superposition:
    """The units, ranks and reach of the network of a verdict over the real numbers, and what follows from them.

    Units are judged on inputs with at most k ones. ``seconds`` limits every search, those of ``fewest_bits`` each;
    ``permit``: the only oracles that may be relied on. Raises Disagreement if two engines contradict each other.
    """
    claim = verdict.claim
    gates = _gates(claim)
    correct, by = _correct_gates(verdict, gates, seconds, progress)
    if permit is not None and not by <= set(permit):
        correct, by = None, frozenset()
    first = first_layer(claim)
    layers = tuple(unit_layers(claim, first))
    units = max((len(layer.on) for layer in layers), default=0)
    told, because = _told(verdict, units, len(gates), correct)
    features = len({j for gate in gates for j in gate})
    last = claim.network.layers[-1]
    return Superposition(
        status=verdict.status.name,
        oracles=tuple(sorted(verdict.oracles | by)),
        k=claim.k,
        inputs=claim.network.inputs,
        outputs=claim.network.outputs,
        features=features,
        gates=len(gates),
        correct_gates=correct,
        units=units,
        in_superposition=told,
        because=because,
        strictly="no" if units >= features else told,
        layers=tuple(map(_unit_counts, layers)),
        first_units=_first_units(claim, first),
        first_rank=_rank(first_forms(claim.network), len(first.relevant), claim.network.inputs),
        readout_rank=_rank(
            (form_of(last, r) for r in range(len(last.bias))), len(last.bias), claim.network.widths[-2]
        ),
        reach=_reach(verdict, first, layers),
        floor=_floor(claim, units),
        fewest_bits=fewest_bits(verdict, seconds=seconds, permit=permit, progress=progress),
    )


def _gates(claim: Claim) -> dict[Clause, list[int]]:
    """The different gates that can be true, each with the outputs that compute it; outputs in a code compute none."""
    gates: dict[Clause, list[int]] = {}
    for i, target in enumerate(claim.problem.targets()):
        for clause in target:
            if len(clause) <= claim.k:
                gates.setdefault(clause, []).append(i)
    return gates


def _correct_gates(
    verdict: NetworkVerdict, gates: dict[Clause, list[int]], seconds: float | None, progress: Progress | None
) -> tuple[int | None, frozenset[str]]:
    """The gates that are right in every output on every covered input, and by whom; None where it is not known."""
    claim = verdict.claim
    if claim.code is not None:
        return None, frozenset()
    if verdict.status is Status.PROVED:
        return len(gates), verdict.oracles
    if verdict.status is Status.REFUTED and claim.population(claim.domain) <= COUNTED:
        verdict = counted(verdict, seconds=seconds, progress=progress)
    if verdict.statistics is None:
        return None, frozenset()
    wrong = verdict.statistics.wrong_per_output
    return sum(not any(wrong[i] for i in outputs) for outputs in gates.values()), frozenset({"enumeration"})


def _told(verdict: NetworkVerdict, units: int, gates: int, correct: int | None) -> tuple[Told, str]:
    """Whether the units of the widest ReLU layer are fewer than the correct gates, and why."""
    if not gates:
        return "no", f"with at most {verdict.claim.k} active inputs no gate is ever true, so nothing is computed"
    if not units:
        return "no", "it has no ReLU units, so whatever is in superposition is only represented, not computed"
    have = f"its widest ReLU layer has {units:,} units"
    if units >= gates:
        return "no", f"{have}, no fewer than the {gates:,} different gates of the problem"
    if verdict.claim.code is not None:
        return "not told", f"{have}, but its outputs stay in their code: a decoder D has to say what they compute"
    if correct is None:
        return "not told", f"{have}, but how many of the {gates:,} gates are exact on every input is not known"
    covered = f"every input with {verdict.claim.mode.replace('-', ' ')} {verdict.claim.k} active"
    exact = f"computes {correct:,} of the {gates:,} different gates exactly on {covered}"
    if units < correct:
        return "yes", f"{have}, and it {exact}"
    return "no", f"{have}, and it {exact}, which is not more"


def _unit_counts(layer: UnitLayer) -> UnitCounts:
    return UnitCounts(
        layer=layer.layer,
        step=layer.step,
        units=len(layer.on),
        alive=sum(active is not None for active in layer.on),
        dead=layer.dead,
        never_off=layer.never_off,
        not_told=layer.not_told,
        twins=layer.twins,
        distinct=layer.distinct,
    )


def _first_units(claim: Claim, first: FirstLayer) -> FirstUnits | None:
    if first.units is None:
        return None
    gates: dict[Clause, int] = {}
    for i, target in enumerate(claim.targets()):
        for clause in target:
            gates.setdefault(clause, i)
    dedicated = tuple((r, gates[inputs]) for r, inputs in enumerate(first.relevant) if inputs in gates)
    reading = sum(1 for inputs in first.relevant if inputs)
    return FirstUnits(
        dedicated=dedicated,
        shared=reading - len(dedicated),
        constant=len(first.relevant) - reading,
        most_inputs=max(map(len, first.relevant)),
    )


def _rank(forms: Iterable[Form], rows: int, columns: int) -> Rank:
    found = rank(forms)
    return Rank(rows=rows, columns=columns, at_least=found.at_least, at_most=found.at_most)


def _reach(verdict: NetworkVerdict, first: FirstLayer, layers: Iterable[UnitLayer]) -> Reach:
    claim = verdict.claim
    reached = reaching(claim.network, first.relevant, ((layer.layer, layer.dead) for layer in layers))
    wanted = [sum(1 << j for j in {j for clause in target for j in clause}) for target in claim.targets()]
    measured = _measured(verdict, wanted)
    return Reach(
        wanted=sum(map(int.bit_count, wanted)),
        reached=sum(map(int.bit_count, reached)),
        extra=sum((found & ~asked).bit_count() for found, asked in zip(reached, wanted, strict=True)),
        missing=tuple(_beyond(wanted, reached)),
        deciding=None if measured is None else sum(map(int.bit_count, measured)),
        unwanted=tuple(islice(_beyond(measured or (), wanted), LISTED)),
        inert=() if measured is None else tuple(islice(_beyond(wanted, measured), LISTED)),
    )


def _measured(verdict: NetworkVerdict, wanted: list[int]) -> list[int] | None:
    """For each output the inputs that change how it is read: the wanted ones by a proof, else by trying all."""
    claim = verdict.claim
    proved = verdict.status is Status.PROVED and claim.code is None and claim.mode == "at-most"
    if proved and claim.criterion.kind == "readout" and all(len(c) <= claim.k for c in _clauses(claim)):
        return wanted
    by_input = deciding(claim)
    if by_input is None:
        return None
    return [sum((outputs >> i & 1) << j for j, outputs in enumerate(by_input)) for i in range(len(wanted))]


def _clauses(claim: Claim) -> Iterator[Clause]:
    return (clause for target in claim.targets() for clause in target)


def _beyond(found: Iterable[int], others: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The pairs (input, output) of the one and not of the other, by output."""
    for i, (own, other) in enumerate(zip(found, others, strict=False)):
        left = own & ~other
        yield from ((j, i) for j in range(left.bit_length()) if left >> j & 1)


def _floor(claim: Claim, units: int) -> CountingFloor:
    size = sizes(claim.network, claim.problem)
    return CountingFloor(
        weight_bits=size.weight_bits,
        bits=size.bits,
        floor_bits=size.counting_floor_bits,
        floor_neurons=size.counting_floor_neurons,
        neurons_above=units - size.counting_floor_neurons,
    )
