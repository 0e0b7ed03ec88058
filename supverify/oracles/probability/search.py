"""Finding sizes for the existence theorem: in floating point, because only ``failure`` decides.

The fewest neurons for which the search finds codes; fewer may do. Floats choose the weights and the bounds of the bad
events; the answer is worked out again in integers, and widened until its chance of failure is proved below 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import comb, exp, inf, isqrt, lgamma, log, log1p, log2

import numpy as np
from numpy.typing import NDArray

from ...kernel.errors import Malformed
from .existence import Design, failure
from .probability import BadEvent, union_bound

Floats = NDArray[np.float64]
SHARE = 0.1  # of the chance of failure for each event whose bound is free to choose
ENOUGH = 0.9  # in floating point; the rest is room for its errors
CHANNELS = range(6, 72, 3)
CODES = (0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4)  # of the w0 that covers one row in 2 (k - 1)
HEAVIEST = 400  # ones in a column of the input code
WIDTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96)  # times sqrt(M) log2 M: the last one is the widest
LARGEST = 10**8


@dataclass(frozen=True, kw_only=True)
class Existence:
    """A width that suffices: the sizes, the bad events with their bounds, and their sum, below 1."""

    design: Design
    events: tuple[BadEvent, ...]
    failure: Fraction


def existence_bound(M: int, k: int, *, inputs: int | None = None, degree: int | None = None) -> Existence | None:
    """A number of neurons for every 2-AND problem of M distinct pairs whose inputs are in at most ``degree`` outputs.

    ``inputs`` None: M; ``degree`` None: the largest influence of light inputs, the fourth root of M, at least 2. None
    if no width up to 96 sqrt(M) log2 M was found to do. Raises Malformed for M outside 16..10^8, k outside 2..6,
    and inputs that are too few.
    """
    m = M if inputs is None else inputs
    d = max(2, isqrt(isqrt(M))) if degree is None else degree
    for name, value, least, most in (
        ("outputs", M, 16, LARGEST),
        ("k", k, 2, min(6, m)),
        ("degree", d, 1, m - 1),
        ("inputs", m, -(-2 * M // max(d, 1)), 10**12),
    ):
        if not least <= value <= most:
            raise Malformed(f"existence: {name}", f"{least} to {most}", value)
    search = _Search(M, m, k, d)
    widths = [int(factor * M**0.5 * log2(M)) for factor in (1 / 8, *WIDTHS)]
    high = next((n for n in widths[1:] if search.at(n)), 0)
    if not high:
        return None
    low = widths[widths.index(high) - 1]
    while high - low > max(1, high // 400):
        middle = (low + high) // 2
        low, high = (low, middle) if search.at(middle) else (middle, high)
    return _proved(search, high)


def _proved(search: _Search, neurons: int) -> Existence | None:
    for n in (neurons, neurons + neurons // 100 + 1, neurons + neurons // 20 + 1):
        design = search.at(n)
        if design is None:
            continue
        events = failure(design)
        bound = union_bound(events)
        if bound < 1:
            return Existence(design=design, events=events, failure=bound)
    return None


@dataclass(frozen=True)
class _Search:
    """Designs for one family; all numbers here are floats and only suggestions."""

    outputs: int
    inputs: int
    k: int
    degree: int

    def at(self, n: int) -> Design | None:
        """The best design with n neurons if its chance of failure seems to be below ENOUGH."""
        found = min(self._designs(n), key=lambda pair: pair[0], default=(inf, None))
        return found[1] if found[0] < ENOUGH else None

    def _designs(self, n: int) -> Iterator[tuple[float, Design]]:
        for w1 in CHANNELS:
            if w1 > n // 2:
                return
            load = _least(partial(self._overloaded, n, w1), self.outputs)
            first = min(self._layer1(n, load), default=(inf, 0, 0))
            crossings = self._crossings(n, w1)
            if first[0] >= 1 or crossings is None:
                continue
            for w2 in self._output_codes(n):
                chance, codes = self._layer2(n, w1, w2, crossings), self._codes(n, w2)
                design = Design(
                    outputs=self.outputs,
                    inputs=self.inputs,
                    k=self.k,
                    degree=self.degree,
                    neurons=n,
                    code=first[1],
                    channel=w1,
                    output_code=w2,
                    load=load,
                    union=first[2],
                    crossings=crossings,
                )
                yield 3 * SHARE + first[0] + chance + codes, design

    def _overloaded(self, n: int, w1: int, load: int) -> float:
        return n * _binomial(self.outputs, w1 / n, load + 1)

    def _layer1(self, n: int, load: int) -> Iterator[tuple[float, int, int]]:
        """(chance, w0, rows of a union) for some weights of the input code."""
        members = max(1, min(2 * load, self.inputs))
        for factor in CODES:
            w0 = max(2, round(-factor * n * log1p(-0.5 / (self.k - 1)) / members))
            if w0 > min(n // 2, HEAVIEST):
                continue
            covered = 1 - (1 - w0 / n) ** members
            rows = _least(partial(_overfull, n, covered), n - 1)
            one = _meeting(n, rows, w0, w0)
            chance = _total(one, self.k - 1, w0)[-1]
            yield n * comb(self.inputs, self.k - 1) * float(chance), w0, max(1, rows)

    def _crossings(self, n: int, w1: int) -> int | None:
        cap = 8 * w1 + 64
        result = _start(cap)
        for earlier in range(1, self.k):
            one = _meeting(n, min(n, earlier * self.degree * w1), w1, cap)
            result = _joined(result, _total(one, self.degree, cap), cap)
        tails = np.cumsum(result[::-1])[::-1] * comb(self.inputs, self.k)
        small = np.flatnonzero(tails <= SHARE)
        return int(small[0]) - 1 if small.size and small[0] else None

    def _output_codes(self, n: int) -> Iterator[int]:
        for w2 in range(2, 40):
            if self._codes(n, w2) < 2 * SHARE:
                yield from range(w2, w2 + 4)
                return

    def _codes(self, n: int, w2: int) -> float:
        true = comb(self.k, 2)
        chance = exp(min(0.0, log(comb(self.outputs, 2)) - _choose(n, w2)))
        if self.k > 2:
            inside = _choose(min(n, (true - 1) * w2), w2) - _choose(n, w2)
            chance += exp(min(0.0, log(comb(self.inputs, self.k) * true) + inside))
        return chance

    def _layer2(self, n: int, w1: int, w2: int, crossings: int) -> float:
        active = min(n, comb(self.k, 2) * w1 + crossings)
        apart = _total(_sometimes(w2 / n, _meeting(n, active, w1, w1)), self.outputs, w1)
        near = min(n, (self.k - 1) * self.degree * w1)
        touching = _total(_sometimes(w2 / n, _meeting(n, near, w1, w1)), self.k * self.degree, w1)
        return float(_joined(apart, touching, w1)[-1]) * comb(self.inputs, self.k) * n


def _overfull(n: int, covered: float, rows: int) -> float:
    return n * _chernoff(n, covered, rows + 1)


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if 0 <= k <= n else -inf


def _least(chance: Callable[[int], float], most: int) -> int:
    """The least number with a chance of at most SHARE, which falls."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) <= SHARE else (middle + 1, high)
    return low


def _binomial(trials: int, chance: float, least: int) -> float:
    """An upper bound of the tail: its first term and a geometric series."""
    if least <= trials * chance or least > trials:
        return 1.0 if least <= trials else 0.0
    first = _choose(trials, least) + least * log(chance) + (trials - least) * log1p(-chance)
    ratio = (trials - least) * chance / ((least + 1) * (1 - chance))
    return exp(min(0.0, first)) / (1 - ratio)


def _chernoff(trials: int, chance: float, least: int) -> float:
    if least <= trials * chance or least >= trials:
        return 1.0 if least <= trials * chance else 0.0
    q = least / trials
    return exp(-trials * (q * log(q / chance) + (1 - q) * log((1 - q) / (1 - chance))))


def _start(cap: int) -> Floats:
    start = np.zeros(cap + 1)
    start[0] = 1.0
    return start


def _capped(chances: Floats, cap: int) -> Floats:
    result = np.zeros(cap + 1)
    result[: min(cap, len(chances))] = chances[:cap]
    result[cap] += chances[cap:].sum()
    return result


def _meeting(population: int, marked: int, drawn: int, cap: int) -> Floats:
    whole = _choose(population, drawn)
    logs = [
        _choose(marked, j) + _choose(population - marked, drawn - j) - whole for j in range(min(marked, drawn) + 1)
    ]
    return _capped(np.exp(logs), cap)


def _sometimes(share: float, chances: Floats) -> Floats:
    mixed = share * chances
    mixed[0] += 1 - share
    return mixed


def _joined(left: Floats, right: Floats, cap: int) -> Floats:
    return _capped(np.convolve(left, right), cap)


def _total(chances: Floats, times: int, cap: int) -> Floats:
    result, power = _start(cap), chances
    while times:
        result = _joined(result, power, cap) if times & 1 else result
        times >>= 1
        power = _joined(power, power, cap) if times else power
    return result
