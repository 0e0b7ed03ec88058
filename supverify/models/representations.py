"""Representing features without computing anything: few neurons from which every k-sparse input is read back.

A code C has w of n neurons for each feature; x0 = C y holds all features in superposition, and feature j is read as
on iff its w neurons add up to w or more. A feature that is off is never read as on iff the k columns that overlap
its own most share at most w - 1 ones with it: columns that overlap pairwise in at most (w - 1) / k are enough. They
exist for n = O(k^2 log m) (derived; Reed-Solomon codes as Kautz & Singleton 1964 use them, and orbits of sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb, isqrt, log

import numpy as np

from supverify.kernel.certificate import LEAF, OUTPUTS, SPLIT
from supverify.kernel.claim import Claim, Criterion, Permutation
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Network

from .codes import decoder, linear
from .compact.compile import Ints
from .fields import prime_powers
from .orbits import DENSEST, crowding, multiplier_groups, orbit_packing
from .packings import Packing, all_sets, reed_solomon, truncated

Progress = Callable[[str, int, int], None]
MOST = 1 << 17  # features
LARGEST_CODE = 1 << 20  # polynomials that a Reed-Solomon code may have before most of them are left out
TRUNCATED = 4  # Reed-Solomon codes that are cut down in full, those of the best estimates
SYMMETRIC = 300  # features up to which orbits are searched: beyond that they lose to polynomials
TRIES, IDLE, HEAVIEST = 20_000, 6, 15


@dataclass(frozen=True, kw_only=True)
class Representation:
    """A code for k-sparse inputs of ``features`` features: ``columns[j]`` lists the ``weight`` neurons of feature j.

    ``network`` is y -> C^T C y - (w - 1), above 1/2 iff a feature is read as on; any two columns share at most
    ``overlap`` neurons; ``how`` names the construction.
    """

    features: int
    k: int
    seed: int
    neurons: int
    weight: int
    overlap: int
    how: str
    columns: tuple[tuple[int, ...], ...]
    network: Network

    def claim(self) -> Claim:
        """Every feature is read back, on every input with at most k ones."""
        return reading(self.network, self.k)


def reading(network: Network, k: int) -> Claim:
    """The claim that output j is above 1/2 iff input j is on."""
    return Claim(network, Permutation(tuple(range(network.inputs))), k, Criterion("readout"))


def represent(
    *, features: int, k: int, seed: int = 0, tries: int = TRIES, progress: Progress | None = None
) -> Representation:
    """The narrowest code that the constructions here find; the same seed gives the same code.

    ``tries``: the random sets looked at for each kind of symmetry. Raises Malformed unless 1 <= features <= 2^17,
    0 <= k <= features, seed >= 0 and tries >= 0.
    """
    if not 1 <= features <= MOST:
        raise Malformed("represent: features", f"1 to {MOST}", features)
    if not 0 <= k <= features:
        raise Malformed("represent: k", f"0 <= k <= {features}", k)
    if seed < 0:
        raise Malformed("represent: seed", "at least 0", seed)
    if tries < 0:
        raise Malformed("represent: tries", "at least 0", tries)
    packing = narrowest_packing(features, k, seed=seed, tries=tries, progress=progress)
    code = packing.code()
    return Representation(
        features=features,
        k=k,
        seed=seed,
        neurons=packing.neurons,
        weight=packing.weight,
        overlap=packing.overlap,
        how=packing.how,
        columns=tuple(map(tuple, packing.sets.tolist())),
        network=Network(features, (linear(code), decoder(code, packing.weight))),
    )


def narrowest_packing(
    count: int, k: int, *, seed: int = 0, tries: int = TRIES, progress: Progress | None = None
) -> Packing:
    """``count`` sets of w rows, k times their largest overlap below w, on the fewest rows that are found."""
    k = max(k, 1)
    if k == 1:  # sets that differ are enough (Sperner: no other family of sets needs fewer rows)
        neurons = next(n for n in range(1, count + 1) if comb(n, n // 2) >= count)
        return all_sets(neurons, max(neurons // 2, 1), count)
    rng = np.random.default_rng(seed)
    best = all_sets(count, 1, count)
    for q, overlap in _polynomials(count, k):
        best = _narrower(best, truncated(reed_solomon(q, k * overlap + 1, overlap), count, rng))
    return _symmetric(best, count, k, tries, rng, progress) if count <= SYMMETRIC else best


def _narrower(first: Packing, second: Packing) -> Packing:
    return second if second.neurons < first.neurons else first


def _polynomials(count: int, k: int) -> list[tuple[int, int]]:
    """The (q, overlap) of the Reed-Solomon codes with ``count`` words that promise fewest neurons."""
    promising = []
    for q in prime_powers(isqrt(LARGEST_CODE)):
        for overlap in range(1, q // k + 1):  # so that the weight is at most q + 1
            words, weight = q ** (overlap + 1), k * overlap + 1
            if words >= count:  # a higher degree only makes more polynomials and heavier sets
                if words <= LARGEST_CODE:
                    promising.append((weight * q * (count / words) ** (1 / weight), q, overlap))
                break
    return [(q, overlap) for _, q, overlap in sorted(promising)[:TRUNCATED]]


def _symmetric(
    best: Packing, count: int, k: int, tries: int, rng: np.random.Generator, progress: Progress | None
) -> Packing:
    """The narrowest of ``best`` and what orbits on fewer and fewer rows give, until they give nothing any more."""
    state = np.array([int(rng.integers(1 << 31))], dtype=np.int64)
    neurons, idle = best.neurons, 0
    while idle < IDLE and neurons > k + 1:
        neurons -= 1
        if progress:
            progress("orbits: widths tried in vain", idle, IDLE)
        found = next(_orbits(neurons, count, k, tries, state), None)
        idle = 0 if found else idle + 1
        if found:
            best = _narrower(best, truncated(found, count, rng))
            neurons = min(neurons, best.neurons)
    return best


def _orbits(neurons: int, count: int, k: int, tries: int, state: Ints) -> Iterator[Packing]:
    """The packings with symmetries that are found on so many rows, the most promising first."""
    overlaps = [t for t in range(1, HEAVIEST) if 2 * (k * t + 1) <= neurons]
    for t in sorted(overlaps, key=lambda t: crowding(neurons, k * t + 1, t, count)):
        if crowding(neurons, k * t + 1, t, count) > DENSEST:
            break
        for group in multiplier_groups(neurons):
            if neurons * len(group) <= 3 * count:
                found = orbit_packing(
                    neurons=neurons,
                    weight=k * t + 1,
                    overlap=t,
                    count=count,
                    multipliers=group,
                    tries=tries,
                    state=state,
                )
                if found:
                    yield found


def reading_evidence(features: int, k: int) -> str:
    """The evidence for ``reading``: each feature for itself, on and off; the kernel's bounds are exact here.

    A true feature's own ones reach w whatever else is active; of a false one the k largest overlaps decide.
    """
    walk = (LEAF,) if k == 0 else (f"{SPLIT}{j} {LEAF} {LEAF}" for j in range(features))
    return " ".join(walk) if k == 0 else " ".join((OUTPUTS, *walk))


def representing_floor(features: int, k: int) -> int:
    """The least n for which n sums of at most k zeros and ones can tell all k-sparse inputs apart (counting)."""
    inputs = sum(comb(features, size) for size in range(k + 1))
    return next(n for n in range(features + 1) if (k + 1) ** n >= inputs)


def johnson_lindenstrauss(features: int, k: int) -> int:
    """ceil(8 ln m / eps^2) for eps = 1 / (2 k): so many dimensions hold m unit vectors of inner products <= eps.

    With eps < 1 / (2 k - 1) inner products tell the features of every k-sparse sum (derived).
    """
    return int(-(-8 * log(features) * (2 * max(k, 1)) ** 2 // 1)) or 1
