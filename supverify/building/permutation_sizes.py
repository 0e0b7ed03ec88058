"""How few neurons permute features exactly: the smallest networks found, verified, beside the source's T = C P D."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from .. import engines
from ..engines import Progress
from ..models.counting import Choices, bits_to_tell_apart
from ..models.smallest import MOVES, permutation_sizes


@dataclass(frozen=True, kw_only=True)
class VerifiedSize:
    """One exact permutation network as plain values, with the noise of T = C P D of the same width, as fractions.

    ``per_root`` is neurons over the root of ``counting_bits``, which tell all permutations of m apart.
    """

    inputs: int
    k: int
    seed: int
    neurons: int
    weight: int
    per_root: float
    counting_bits: int
    status: str
    oracles: tuple[str, ...]
    linear_weight: int
    linear_noise: str
    linear_least_true: str
    linear_most_false: str


def verified_permutation_sizes(
    sizes: Sequence[int], *, k: int, seed: int = 0, moves: int = MOVES, progress: Progress | None = None
) -> Iterator[VerifiedSize]:
    """A row for each number of inputs; the network's readout is decided on every k-sparse input.

    Raises Malformed for a bad request, Disagreement if two engines contradict each other.
    """
    for row in permutation_sizes(sizes, k=k, seed=seed, moves=moves, progress=progress):
        verdict = engines.verify(row.built.claims()["readout"], progress=progress)
        bits = bits_to_tell_apart(Choices(row.inputs, row.inputs, ordered=True))
        yield VerifiedSize(
            inputs=row.inputs,
            k=k,
            seed=seed,
            neurons=row.neurons,
            weight=row.weight,
            per_root=row.neurons / sqrt(max(1, bits)),
            counting_bits=bits,
            status=verdict.status.name,
            oracles=tuple(sorted(verdict.oracles)),
            linear_weight=row.linear_weight,
            linear_noise=str(row.noise.decoded),
            linear_least_true=str(row.noise.least_true),
            linear_most_false=str(row.noise.most_false),
        )
