"""A 2-AND problem with every class of outputs: double-light, double-heavy, mixed and super-heavy.

With t = floor(M^(1/4)) (a light input is in at most t outputs) and s = floor(M^(3/4)) + 1 (a super-heavy one in at
least s) it joins, before inputs and outputs are shuffled,

super-heavy   max(s, M // 4) outputs: hubs, each with at least s partners among the light inputs
double-heavy  up to a third of the rest: the first pairs of a clique of heavy inputs
mixed         as many, or what lifts every heavy input above t: heavy inputs with light partners
double-light  what remains: complete t x t bipartite blocks

All four classes are there from M = 10 on, the least M for this layout; with fewer outputs the last kinds of the
list are missing. No pair is repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, count, islice

import numpy as np

from .powers import floor_power

Pair = tuple[int, int]


@dataclass(frozen=True)
class _Layout:
    """``partners``: how many light partners each hub, then each heavy input, has."""

    light: int
    partners: tuple[int, ...]
    hubs: int
    double_heavy: tuple[Pair, ...]

    def pairs(self) -> Iterator[Pair]:
        """The outputs without end: hubs and heavy inputs with light ones, double-heavy, then double-light."""
        heavies = len(self.partners)
        lights = max(-(-sum(self.partners) // self.light), *self.partners)
        runs = (j for j, partners in enumerate(self.partners) for _ in range(partners))
        yield from ((j, heavies + place % lights) for place, j in enumerate(runs))
        yield from ((self.hubs + a, self.hubs + b) for a, b in self.double_heavy)
        for block in count(heavies + lights, 2 * self.light):
            sides = range(block, block + self.light), range(block + self.light, block + 2 * self.light)
            yield from ((a, b) for a in sides[0] for b in sides[1])


def mixture_pairs(outputs: int, rng: np.random.Generator) -> list[Pair]:
    """The pairs of the mixture with M = ``outputs``, in shuffled order and with shuffled inputs."""
    pairs = list(islice(_layout(outputs).pairs(), outputs))
    names = rng.permutation(1 + max(map(max, pairs)))
    renamed = (sorted((int(names[a]), int(names[b]))) for a, b in (pairs[i] for i in rng.permutation(outputs)))
    return [(a, b) for a, b in renamed]


def _layout(outputs: int) -> _Layout:
    light, least = floor_power(outputs, Fraction(1, 4)), floor_power(outputs, Fraction(3, 4)) + 1
    super_heavy = min(outputs, max(least, outputs // 4))
    hubs, rest = max(1, super_heavy // least), outputs - super_heavy
    tried = (_heavy_part(size, light) for size in range(max(1, rest // 3), 0, -1))
    clique, lifts = next((part for part in tried if len(part[0]) + sum(part[1]) < rest), _heavy_part(1, light))
    mixed = _shares(max(0, len(clique) - sum(lifts)), len(lifts))
    heavy = (lift + share for lift, share in zip(lifts, mixed, strict=True))
    return _Layout(light, (*_shares(super_heavy, hubs), *heavy), hubs, clique)


def _heavy_part(size: int, light: int) -> tuple[tuple[Pair, ...], tuple[int, ...]]:
    """The first pairs of a clique, and how many more outputs lift each of its inputs above ``light``."""
    inputs = next(n for n in count(2) if n * (n - 1) // 2 >= size)
    pairs = tuple(sorted(combinations(range(inputs), 2), key=lambda pair: pair[::-1])[:size])
    influence = Counter(end for pair in pairs for end in pair)
    return pairs, tuple(max(0, light + 1 - influence[j]) for j in range(inputs))


def _shares(total: int, parts: int) -> list[int]:
    """``total`` in nearly equal parts."""
    return [total // parts + (i < total % parts) for i in range(parts)]
