"""Packings with many symmetries: orbits of sets under the maps x -> a x + b on the rows 0..n-1 modulo n.

If a set meets its own images, and the sets found before it, in few rows, then so do all its images (the method of
prescribed automorphisms). A search for few sets thus finds n h times as many, for h multipliers a; with luck it finds
the best packings there are, such as the 253 blocks of the Steiner system S(4, 7, 23).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, gcd

import numpy as np

from .compact.compile import Flags, Ints, compiled, random_below
from .packings import Packing

DENSEST = 16.0  # foreign sets that a random set meets in too many rows: beyond that no further one is found


def multiplier_groups(neurons: int) -> Iterator[Ints]:
    """The cyclic groups of multipliers modulo ``neurons``, one of each order, largest first."""
    groups: dict[int, list[int]] = {}
    for a in range(1, neurons):
        if gcd(a, neurons) == 1:
            powers = [1]
            while (power := powers[-1] * a % neurons) != 1:
                powers.append(power)
            groups.setdefault(len(powers), powers)
    return (np.array(groups[order], dtype=np.int64) for order in sorted(groups, reverse=True))


def crowding(neurons: int, weight: int, overlap: int, count: int) -> float:
    """How many of ``count`` random sets are expected to meet a given one in more than ``overlap`` rows."""
    many = sum(comb(weight, t) * comb(neurons - weight, weight - t) for t in range(overlap + 1, weight + 1))
    return count * many / comb(neurons, weight)


def orbit_packing(
    *, neurons: int, weight: int, overlap: int, count: int, multipliers: Ints, tries: int, state: Ints
) -> Packing | None:
    """At least ``count`` sets of ``weight`` of ``neurons`` rows, pairwise at most ``overlap`` in common, or None.

    ``tries`` random sets are looked at; each that fits is taken with all its images, if they are all different.
    """
    size = neurons * len(multipliers)
    found = np.zeros((count + size, weight), dtype=np.int64)
    loop = compiled(_gather, random_below, _draw, _fits, _images)
    total = loop(found, multipliers, np.zeros(neurons, dtype=np.bool_), overlap, count, tries, state)
    if total < count:
        return None
    how = f"orbits of {total // size} sets under {size} maps x -> a x + b modulo {neurons}"
    return Packing(np.sort(found[:total], axis=1), neurons, overlap, how)


def _gather(found: Ints, multipliers: Ints, inside: Flags, overlap: int, count: int, tries: int, state: Ints) -> int:
    """Fills ``found`` with orbits; returns how many sets there are."""
    total, size = 0, len(multipliers) * len(inside)
    for _ in range(tries):
        chosen = found[total]
        _draw(chosen, inside, state)
        if _fits(found[:total], inside, overlap):
            _images(found[total : total + size], multipliers, len(inside))
            if _fits(found[total + 1 : total + size], inside, overlap):
                total += size
        for r in range(len(inside)):
            inside[r] = False
        if total >= count:
            break
    return total


def _draw(chosen: Ints, inside: Flags, state: Ints) -> None:
    """A random set into ``chosen``, marked in ``inside``."""
    for t in range(len(chosen)):
        r = random_below(state, len(inside))
        while inside[r]:
            r = random_below(state, len(inside))
        inside[r] = True
        chosen[t] = r


def _fits(found: Ints, inside: Flags, overlap: int) -> bool:
    """Whether no set of ``found`` has more than ``overlap`` rows inside."""
    for i in range(len(found)):
        met = 0
        for t in range(found.shape[1]):
            met += inside[found[i, t]]
        if met > overlap:
            return False
    return True


def _images(orbit: Ints, multipliers: Ints, neurons: int) -> None:
    """All images of the first set of ``orbit``, itself first."""
    i = 0
    for a in multipliers:
        for b in range(neurons):
            for t in range(orbit.shape[1]):
                orbit[i, t] = (a * orbit[0, t] + b) % neurons
            i += 1
