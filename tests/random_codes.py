"""The chance that random codes fail, bounded in floating point and by other code than the rule's."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, exp, lgamma, log, log1p
from typing import Any

import numpy as np

BOUNDS = ((55, 2631, 21), (486, 27299, 35), (207, 19980, 45))  # load, union and crossings of derivation 10


def choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def hypergeometric(population: int, marked: int, drawn: int) -> Any:
    """P(X = 0), P(X = 1), ...; from 60 on nothing is left that matters."""
    top = min(marked, drawn, 60)
    low = max(0, drawn - (population - marked))
    chances = np.zeros(top + 1)
    for j in range(low, top + 1):
        logarithm = choose(marked, j) + choose(population - marked, drawn - j) - choose(population, drawn)
        chances[j] = exp(logarithm)
    return chances


def folded(chances: Any, cap: int) -> Any:
    """All from ``cap`` on in the last entry."""
    short = np.zeros(cap + 1)
    short[: min(cap, len(chances))] = chances[:cap]
    short[cap] = chances[cap:].sum()
    return short


def summed(chances: Any, times: int, cap: int) -> Any:
    """The sum of so many independent numbers, one after the other in halves."""
    if times == 0:
        return folded(np.array([1.0]), cap)
    half = summed(chances, times // 2, cap)
    whole = folded(np.convolve(half, half), cap)
    return folded(np.convolve(whole, chances), cap) if times % 2 else whole


def tail(trials: int, chance: float, least: int) -> float:
    if least <= trials * chance:
        return 1.0
    last = min(trials, least + 400)
    return sum(
        exp(choose(trials, j) + j * log(chance) + (trials - j) * log1p(-chance)) for j in range(least, last + 1)
    )


def failure(sizes: Sequence[int], bounds: Sequence[int]) -> float:
    """The union bound for M, m, k, d, n, w0, w1, w2 and the bounds of load, union and crossings."""
    outputs, m, k, d, n, w0, w1, w2 = sizes
    load, union, crossings = bounds
    total = n * tail(outputs, w1 / n, load + 1)
    covered = 1 - (1 - w0 / n) ** (2 * load)
    share = (union + 1) / n
    if share <= covered:
        return 1.0
    total += n * exp(n * (share * log(covered / share) + (1 - share) * log((1 - covered) / (1 - share))))
    total += n * comb(m, k - 1) * summed(hypergeometric(n, union, w0), k - 1, w0)[w0:].sum()
    supports = sum(comb(m, active) for active in range(2, k + 1))
    met = np.array([1.0])
    for earlier in range(1, k):
        one = summed(hypergeometric(n, min(n, earlier * d * w1), w1), d, crossings + 1)
        met = folded(np.convolve(met, one), crossings + 1)
    total += supports * met[-1]
    parts = []
    for marked, times in ((comb(k, 2) * w1 + crossings, outputs), ((k - 1) * d * w1, k * d)):
        mixed = hypergeometric(n, min(n, marked), w1) * w2 / n
        mixed[0] += 1 - w2 / n
        parts.append(summed(mixed, times, w1))
    total += supports * n * folded(np.convolve(*parts), w1)[-1]
    total += exp(log(comb(outputs, 2)) - choose(n, w2))
    if k > 2:
        total += supports * comb(k, 2) * exp(choose((comb(k, 2) - 1) * w2, w2) - choose(n, w2))
    return float(total)


def chance(sizes: Sequence[int]) -> float:
    """At least the chance that codes of these sizes fail, from the bounds that fit best."""
    if min(sizes) < 1 or sizes[2] < 2:
        return 1.0
    return min(failure(sizes, bounds) for bounds in BOUNDS)
