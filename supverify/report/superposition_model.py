"""What is said of one network in superposition, as immutable plain values: counted elsewhere, shown here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from supverify.notebook_table import table_html

Told = Literal["yes", "no", "not told"]


@dataclass(frozen=True, kw_only=True)
class UnitCounts:
    """The units of one ReLU layer, on every input with at most k ones; ``layer`` counts from 0, codes included.

    ``step``: its units are ReLU(1 - u) of the units u before them, so that each pair of units is one step.
    ``dead``: proved never on (their sum is never above 0); ``never_off``: proved linear (never below 0, and not
    dead); ``alive``: on for an input that is known; ``not_told``: neither dead nor alive is known. ``twins``:
    groups of units with the same weights and bias up to a positive factor, which could be one. ``distinct``: the
    units that are left without the dead ones and with each group as one.
    """

    layer: int
    step: bool
    units: int
    alive: int
    dead: tuple[int, ...]
    never_off: tuple[int, ...]
    not_told: tuple[int, ...]
    twins: tuple[tuple[int, ...], ...]
    distinct: int


@dataclass(frozen=True, kw_only=True)
class Rank:
    """The rank over the rationals of a matrix of ``rows`` x ``columns``; known where both bounds are one number."""

    rows: int
    columns: int
    at_least: int
    at_most: int

    def __str__(self) -> str:
        known = f"{self.at_least:,}" if self.at_least == self.at_most else f"{self.at_least:,} to {self.at_most:,}"
        return f"{known} of {self.rows:,} x {self.columns:,}"


@dataclass(frozen=True, kw_only=True)
class FirstUnits:
    """What the units of the first ReLU layer read, through the input code.

    An input is relevant to a unit if it changes the unit's value on some input with at most k ones.
    ``dedicated``: pairs (unit, output) of a unit to which exactly the inputs of one gate are relevant, and the
    first output with that gate; ``shared``: the other units to which an input is relevant; ``constant``: the rest.
    """

    dedicated: tuple[tuple[int, int], ...]
    shared: int
    constant: int
    most_inputs: int


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Pairs of an input and an output: ``wanted`` by the problem, led to each other by weights, and measured.

    ``reached``: a path of weights other than 0 leads from an input to the output, through units of which it is
    relevant to the first; ``extra``: reached and not wanted, where only cancellation keeps an output right;
    ``missing``: the wanted pairs (input, output) without a path, of outputs that cannot be right.

    ``deciding``: the input changes how the output is read, on some input with at most k ones (None: not measured).
    Of the pairs that decide and are not wanted, and of the wanted ones that do not decide, ``unwanted`` and ``inert``
    are the first ones, by output.
    """

    wanted: int
    reached: int
    extra: int
    missing: tuple[tuple[int, int], ...]
    deciding: int | None
    unwanted: tuple[tuple[int, int], ...]
    inert: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class CountingFloor:
    """What counting asks of networks for all problems of this size, beside what this one has.

    ``weight_bits``: the bits that name a weight among the different ones of its layer, in the layer that has most;
    ``bits``: all weights and biases written that way, code and readout included; ``floor_bits``: what tells the
    problems of this size apart; ``floor_neurons``: the least n for which as many layers of n x n weights and n
    biases as have ReLU here hold so many bits, at ``weight_bits`` each; ``neurons_above``: how many units the widest
    layer has beyond it. Below 0 the network is smaller than some problem of the size needs, or has more of its bits
    in its code and readout than the floor reckons with.
    """

    weight_bits: int
    bits: int
    floor_bits: int
    floor_neurons: int
    neurons_above: int


@dataclass(frozen=True, kw_only=True)
class RoundedWeights:
    """The verdict on the network with its weights rounded to ``bits`` bits each."""

    bits: int
    status: str
    oracles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FewestBits:
    """``bits``: the fewest bits of a weight with which the network is proved exact; None as ``reason`` says.

    Every smaller number was ``tried``, with its verdict: one that is only unknown may still do.
    """

    bits: int | None
    tried: tuple[RoundedWeights, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Superposition:
    """Whether a network computes in superposition, and what it is made of; the fields of ``--superposition``.

    ``status`` is that of the verdict, over the real numbers; it and the count of correct gates rest on ``oracles``.
    Everything else but the verdicts of ``fewest_bits`` is worked out exactly, and has no certificate.

    ``gates``: the different gates of the problem that inputs with at most k ones can make true, each of them one
    unit in a network without superposition; ``features``: the inputs that they read. ``correct_gates``: gates whose
    every output is exact on every covered input (None: not counted). ``units``: those of the widest ReLU layer.

    ``in_superposition``: ``units`` are fewer than the correct gates; ``because`` says it in a sentence. ``strictly``:
    they are fewer than the features, too. The threshold that reads an output is no unit.
    """

    status: str
    oracles: tuple[str, ...]
    k: int
    inputs: int
    outputs: int
    features: int
    gates: int
    correct_gates: int | None
    units: int
    in_superposition: Told
    because: str
    strictly: Told
    layers: tuple[UnitCounts, ...]
    first_units: FirstUnits | None
    first_rank: Rank
    readout_rank: Rank
    reach: Reach
    floor: CountingFloor
    fewest_bits: FewestBits

    def rows(self) -> Iterator[tuple[str, str]]:
        """Names and values for people, the answer first."""
        yield "in superposition", f"{self.in_superposition}: {self.because}"
        yield "fewer units than features", self.strictly
        correct = "not counted" if self.correct_gates is None else f"{self.correct_gates:,}"
        rests = f", resting on {', '.join(self.oracles)}" if self.oracles else ""
        yield "correct gates", f"{correct} of {self.gates:,}{rests}"
        yield "widest ReLU layer", f"{self.units:,}; one unit a gate: {self.gates:,}"
        for layer in self.layers:
            yield f"layer {layer.layer + 1}", _units(layer)
        if self.first_units is not None:
            first = self.first_units
            yield (
                "first ReLU layer reads",
                f"{len(first.dedicated):,} units dedicated to a gate, {first.shared:,} shared, at most "
                f"{first.most_inputs:,} inputs each",
            )
        yield "rank of the first layer", str(self.first_rank)
        yield "rank of the readout", str(self.readout_rank)
        yield "influence", _influence(self.reach)
        yield "counting floor", _floor(self.floor)
        yield "fewest bits of a weight", _fewest(self.fewest_bits)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return table_html(self.rows())


def _units(layer: UnitCounts) -> str:
    counts = {
        "dead": len(layer.dead),
        "never off": len(layer.never_off),
        "not told whether dead": len(layer.not_told),
        "in groups of twins": sum(map(len, layer.twins)),
    }
    found = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f"{layer.units:,} {'steps' if layer.step else 'ReLU units'}{', ' if found else ''}{found}"


def _floor(floor: CountingFloor) -> str:
    bits = "1 bit" if floor.weight_bits == 1 else f"{floor.weight_bits:,} bits"
    total = f"{floor.floor_bits:,} bits in all; the network has {floor.bits:,}"
    return f"{floor.floor_neurons:,} neurons with weights of {bits} ({total})"


def _influence(reach: Reach) -> str:
    counts = {"reached by weights": reach.reached, "measured": reach.deciding, "not reached": len(reach.missing)}
    found = "".join(f", {count:,} {name}" for name, count in counts.items() if count)
    return f"pairs of input and output: {reach.wanted:,} wanted{found}"


def _fewest(found: FewestBits) -> str:
    tried = ", ".join(f"{one.bits}: {one.status}" for one in found.tried)
    oracles = ", ".join(found.tried[-1].oracles) if found.tried else ""
    rests = f", resting on {oracles}" if oracles else ""
    known = found.reason if found.bits is None else f"{found.bits}{rests}"
    return f"{known} (tried {tried})" if tried else known
