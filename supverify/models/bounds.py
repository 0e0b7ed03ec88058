"""What counting says of all problems of one size, beside the paper's expressions: no network is looked at.

A network of n x n weights and n biases a layer, b bits each, has at most 2^(layers b n (n + 1)) forms (derived: the
pigeonhole principle, for a fixed reading of a network's outputs). A family with more members than that has one that
no such network computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, isqrt

from supverify.kernel.errors import Malformed

from .counting import LARGEST, Choices, bits_to_tell_apart, least_width
from .expressions import Expressions, expressions

WEIGHTS = (1, 2, 4, 8)  # bits of a weight, where nothing else is asked
WIDEST = 10**5  # neurons; what they have room for stays below LARGEST outputs
LAYERS = 2  # matrices between superposed layers, as the constructions have


@dataclass(frozen=True, kw_only=True)
class Floor:
    """``bits`` that tell a family's members apart, ``count`` of them; ``neurons``: the width for each weight size."""

    family: str
    count: str
    bits: int
    neurons: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The most outputs, for each weight size, with which counting leaves n neurons room for every problem, m = M.

    None where k is so small that counting sets no limit.
    """

    family: str
    outputs: tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """All that is known of ``outputs`` outputs, ``inputs`` inputs and k without building anything.

    ``weight_bits``: the weight sizes that the floors' and capacities' tuples follow; ``layers``: of n x n weights.
    ``capacities`` is empty without ``neurons``.
    """

    outputs: int
    inputs: int
    k: int
    layers: int
    weight_bits: tuple[int, ...]
    neurons: int | None
    floors: tuple[Floor, ...]
    capacities: tuple[Capacity, ...]
    paper: Expressions


def bounds(
    *,
    outputs: int,
    k: int,
    inputs: int | None = None,
    neurons: int | None = None,
    weight_bits: Sequence[int] = WEIGHTS,
) -> Bounds:
    """The counting floors and the paper's expressions; ``inputs`` None: M, or as many as have M pairs.

    A problem counts as what it does to inputs of at most k ones: below k = 2 all 2-ANDs are one and need 0 bits.
    Raises Malformed for outputs outside 1..10^12, inputs that have fewer pairs, k outside 0..m, neurons outside
    1..10^5, and weights outside 1..64 bits.
    """
    _within("bounds: outputs", outputs, 1, LARGEST)
    m = max(outputs, _least_inputs(outputs)) if inputs is None else inputs
    _within(f"bounds: inputs for {outputs} distinct pairs", m, _least_inputs(outputs), LARGEST)
    _within("bounds: k", k, 0, m)
    for bits in weight_bits:
        _within("bounds: bits per weight", bits, 1, 64)
    if neurons is not None:
        _within("bounds: neurons", neurons, 1, WIDEST)
    return Bounds(
        outputs=outputs,
        inputs=m,
        k=k,
        layers=LAYERS,
        weight_bits=tuple(weight_bits),
        neurons=neurons,
        floors=tuple(_floor(kind, outputs, m, k, weight_bits) for kind in KINDS),
        capacities=tuple(_capacity(kind, neurons, k, weight_bits) for kind in KINDS) if neurons else (),
        paper=expressions(outputs, neurons),
    )


def floor_neurons(outputs: int, *, bits: int, k: int) -> int:
    """The least width for every unlabelled 2-AND problem of so many outputs and, where they suffice, inputs."""
    m = max(outputs, _least_inputs(outputs))
    return least_width(KINDS[0].floor_bits(outputs, m, k), LAYERS * bits)


@dataclass(frozen=True)
class _Kind:
    family: str
    count: str
    least_k: int  # below it all members do the same
    choices: Callable[[int, int], Choices]

    def floor_bits(self, outputs: int, inputs: int, k: int) -> int:
        return bits_to_tell_apart(self.choices(outputs, inputs)) if k >= self.least_k else 0


KINDS = (
    _Kind("unlabelled 2-AND", "C(C(m,2),M)", 2, lambda M, m: Choices(comb(m, 2), M)),
    _Kind("labelled 2-AND", "C(m,2)!/(C(m,2)-M)!", 2, lambda M, m: Choices(comb(m, 2), M, ordered=True)),
    _Kind("permutations", "M!", 1, lambda M, m: Choices(M, M, ordered=True)),
)
"""Unlabelled: which pairs are there, whichever output each has; labelled: which output has which pair."""


def _floor(kind: _Kind, outputs: int, inputs: int, k: int, weight_bits: Sequence[int]) -> Floor:
    bits = kind.floor_bits(outputs, inputs, k)
    widths = tuple(least_width(bits, LAYERS * each) for each in weight_bits)
    return Floor(family=kind.family, count=kind.count, bits=bits, neurons=widths)


def _capacity(kind: _Kind, neurons: int, k: int, weight_bits: Sequence[int]) -> Capacity:
    room = (LAYERS * each * neurons * (neurons + 1) for each in weight_bits)
    limits = (_most_outputs(kind, bits, k) if k >= kind.least_k else None for bits in room)
    return Capacity(family=kind.family, outputs=tuple(limits))


def _most_outputs(kind: _Kind, bits: int, k: int) -> int:
    """The largest M with a floor of at most ``bits`` >= 4: it is at most 4 bits for M <= 3, and grows from there."""
    low, high = 3, LARGEST
    while low < high:
        middle = (low + high + 1) // 2
        fits = kind.floor_bits(middle, max(middle, _least_inputs(middle)), k) <= bits
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _least_inputs(outputs: int) -> int:
    """The fewest inputs that have so many pairs: the least m with m (m - 1) / 2 >= M."""
    m = (1 + isqrt(8 * outputs - 7)) // 2
    return m if comb(m, 2) >= outputs else m + 1


def _within(place: str, value: int, least: int, largest: int) -> None:
    if not least <= value <= largest:
        raise Malformed(place, f"{least} to {largest}", value)
