"""Likely mistakes that a verdict can name: hints for people, none of them evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import floor

from ..kernel.claim import Claim, Clause
from ..kernel.network import Layer, evaluate
from ..kernel.verdict import Status
from .gate_order import MOST_STEPS, fits

SHOWN = 12  # outputs of an order
LARGEST_DENOMINATOR = 1 << 10


def hints(claim: Claim, status: Status, *, order: tuple[int, ...] | None) -> tuple[str, ...]:
    """What may be meant instead of the claim: the first of the mistakes that a few evaluations point to, if any.

    ``order`` is what ``order_of_gates`` has found.
    """
    if status is Status.PROVED:
        return tuple(_k_too_small(claim))
    if status is not Status.REFUTED:
        return ()
    sure = tuple(_another_order(order)) or tuple(_counted_from_one(claim)) or tuple(_transposed(claim))
    return sure or tuple(_another_threshold(claim))


def _k_too_small(claim: Claim) -> Iterator[str]:
    fewest = min(len(clause) for clauses in claim.targets() for clause in clauses)
    if claim.k < fewest:
        yield f"no output is ever true with k = {claim.k}: -k {fewest} or more asks for the gates"


def _another_order(order: tuple[int, ...] | None) -> Iterator[str]:
    if order is not None:
        more = f", ... ({len(order):,} in all)" if len(order) > SHOWN else ""
        listed = ", ".join(map(str, order[:SHOWN])) + more
        yield f'the outputs seem to be in another order than the gates: "outputs": [{listed}] in a sidecar says so'


def _counted_from_one(claim: Claim) -> Iterator[str]:
    clauses = [clause for clause, *_ in claim.targets()]
    if min(map(min, clauses)) > 0 and fits(claim, [tuple(j - 1 for j in clause) for clause in clauses]):
        yield "the gates seem to be counted from 1: inputs are counted from 0, so the file needs every index less 1"


def _transposed(claim: Claim) -> Iterator[str]:
    """Where every layer is a square, so that its shape does not tell."""
    network, gates = claim.network, [clause for clause, *_ in claim.targets()]
    square = set(network.widths) == {network.inputs} and network.inputs**2 <= MOST_STEPS
    if not square or fits(claim, gates):
        return
    exchanged = replace(network, layers=tuple(map(_exchanged, network.layers)))
    if fits(replace(claim, network=exchanged), gates):
        yield 'the weights seem to be stored as inputs x outputs: "transposed": true in a sidecar says so'


def _exchanged(layer: Layer) -> Layer:
    """The layer with its square matrix of weights transposed."""
    rows = [dict(layer.row(r)) for r in range(len(layer.bias))]
    sources = tuple(tuple(r for r, row in enumerate(rows) if j in row) for j in range(len(rows)))
    weights = tuple(tuple(rows[r][j] for r in column) for j, column in enumerate(sources))
    return replace(layer, sources=sources, weights=weights)


def _another_threshold(claim: Claim) -> Iterator[str]:
    """Where another threshold tells true outputs from false ones with no input, one, or a gate's own active."""
    if claim.criterion.kind != "readout":
        return
    supports = _tried(claim)
    weights = sum(len(row) for layer in claim.network.layers for row in layer.weights)
    if weights * len(supports) > MOST_STEPS:
        return
    sides: dict[bool, list[int]] = {True: [], False: []}
    for support in supports:
        on = set(support)
        for clauses, z in zip(claim.targets(), evaluate(claim.network, support), strict=True):
            sides[any(on.issuperset(clause) for clause in clauses)].append(z)
    if not (sides[True] and sides[False]):
        return
    least, most = (Fraction(z, claim.network.scale) for z in (min(sides[True]), max(sides[False])))
    between = most <= claim.criterion.threshold <= least
    if most < least and not between:
        yield (
            f"another threshold would do on the {len(supports)} inputs that were tried, where true outputs are at "
            f"least {least} and false ones at most {most}: --threshold {_simplest(most, least)}"
        )


def _tried(claim: Claim) -> list[Clause]:
    gates = {clause for clauses in claim.targets() for clause in clauses if len(clause) <= claim.k}
    few = [(), *((j,) for j in range(claim.network.inputs))] if claim.mode == "at-most" else []
    return sorted({*gates, *(support for support in few if len(support) <= claim.k)})


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """A fraction between the two, of the smallest denominator if that is not large."""
    for denominator in range(1, LARGEST_DENOMINATOR):
        found = Fraction(floor(low * denominator) + 1, denominator)
        if found < high:
            return found
    return (low + high) / 2
