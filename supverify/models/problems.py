"""Problems by name: seeded families of 2-AND problems, and permutations.

random     M distinct pairs, all equally likely, of m = M inputs
powerlaw   M distinct pairs whose ends are input j with probability proportional to 1 / (j + 1), m = M
star       input 0 with each other input, m = M + 1
stars      inputs 0 and 1 with each other input: two hubs that share their partners
bipartite  each of floor(M^left) inputs with each of the others, left = 1/2 unless said otherwise
clique     every two of the fewest inputs that have M pairs
matching   inputs 2i and 2i + 1, m = 2M
mixture    every class of outputs at once (see ``mixture``)

Only random, powerlaw and mixture depend on the seed; the others have one form for each M.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import comb, isqrt

import numpy as np

from supverify.kernel.claim import Permutation, TwoAnd
from supverify.kernel.errors import Malformed

from .mixture import mixture_pairs
from .powers import floor_power

Pairs = list[tuple[int, int]]
LARGEST = 10**6  # outputs and inputs of a generated problem
HALF = Fraction(1, 2)


def family(name: str, *, outputs: int, seed: int = 0, inputs: int | None = None, left: Fraction = HALF) -> TwoAnd:
    """The 2-AND problem of a family with M = ``outputs`` pairs; the same arguments give the same problem.

    ``inputs`` None takes the family's own number m; a larger one leaves inputs unused, or lets random and powerlaw
    draw from more. ``left`` is read by bipartite alone. Raises Malformed where there is no such problem.
    """
    if name not in FAMILIES:
        raise Malformed("family", "one of " + ", ".join(FAMILIES), name)
    place = f"family {name}"
    _within(f"{place}: outputs", outputs, 1, LARGEST)
    _within(f"{place}: seed", seed, 0, None)
    if not (0 < left < 1 and left.denominator <= 64):
        raise Malformed(f"{place}: left", "an exponent between 0 and 1, of denominator up to 64", str(left))
    if inputs is not None:
        _within(f"{place}: inputs", inputs, 2, LARGEST)
    pairs = FAMILIES[name](_Wanted(outputs, inputs, left, np.random.default_rng(seed)))
    used = 1 + max(map(max, pairs))
    drawn = max(outputs, _clique_size(outputs)) if name in ("random", "powerlaw") else used
    m = drawn if inputs is None else inputs
    _within(f"{place}: inputs", m, used, None)
    return TwoAnd(m, tuple(pairs))


def permutation(size: int, *, seed: int = 0) -> Permutation:
    """A random permutation of ``size`` inputs (Adler & Shavit 2025, Neural Permutation); raises Malformed."""
    _within("permutation: size", size, 1, LARGEST)
    _within("permutation: seed", seed, 0, None)
    return Permutation(tuple(map(int, np.random.default_rng(seed).permutation(size))))


@dataclass(frozen=True)
class _Wanted:
    outputs: int
    inputs: int | None
    left: Fraction
    rng: np.random.Generator

    def pool(self) -> int:
        """How many inputs there are to draw from."""
        least = _clique_size(self.outputs)
        if self.inputs is None:
            return max(self.outputs, least)
        _within(f"inputs for {self.outputs} distinct pairs", self.inputs, least, None)
        return self.inputs


def _random(wanted: _Wanted) -> Pairs:
    ranks = wanted.rng.choice(comb(wanted.pool(), 2), size=wanted.outputs, replace=False)
    return [_unrank(int(rank)) for rank in ranks]


def _powerlaw(wanted: _Wanted) -> Pairs:
    chances = 1 / np.arange(1, wanted.pool() + 1)
    chances /= chances.sum()
    drawn: dict[tuple[int, int], None] = {}
    while len(drawn) < wanted.outputs:
        ends = np.sort(wanted.rng.choice(len(chances), size=(2 * wanted.outputs, 2), p=chances), axis=1)
        drawn |= dict.fromkeys((int(a), int(b)) for a, b in ends if a != b)
    return list(islice(drawn, wanted.outputs))


def _star(wanted: _Wanted) -> Pairs:
    return [(0, 1 + i) for i in range(wanted.outputs)]


def _stars(wanted: _Wanted) -> Pairs:
    return [(i % 2, 2 + i // 2) for i in range(wanted.outputs)]


def _bipartite(wanted: _Wanted) -> Pairs:
    size = floor_power(wanted.outputs, wanted.left)
    return [(i % size, size + i // size) for i in range(wanted.outputs)]


def _clique(wanted: _Wanted) -> Pairs:
    return [_unrank(i) for i in range(wanted.outputs)]


def _matching(wanted: _Wanted) -> Pairs:
    return [(2 * i, 2 * i + 1) for i in range(wanted.outputs)]


def _mixture(wanted: _Wanted) -> Pairs:
    return mixture_pairs(wanted.outputs, wanted.rng)


FAMILIES: dict[str, Callable[[_Wanted], Pairs]] = {
    rule.__name__.removeprefix("_"): rule
    for rule in (_random, _powerlaw, _star, _stars, _bipartite, _clique, _matching, _mixture)
}


def _within(place: str, value: int, least: int, largest: int | None) -> None:
    if value < least or (largest is not None and value > largest):
        raise Malformed(place, f"at least {least}" + (f", at most {largest}" if largest else ""), value)


def _clique_size(pairs: int) -> int:
    """The fewest inputs that have so many pairs."""
    return 1 + _unrank(pairs - 1)[1]


def _unrank(rank: int) -> tuple[int, int]:
    """The pair a < b with rank = C(b, 2) + a: pairs in the order of b, then of a."""
    b = (1 + isqrt(8 * rank + 1)) // 2
    return rank - comb(b, 2), b
