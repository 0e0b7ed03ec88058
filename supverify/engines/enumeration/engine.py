"""Exact enumeration of every k-sparse input: the engine that counts."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from math import comb, inf
from typing import ClassVar, Protocol

from supverify.kernel.certificate import witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from ..answer import Answer, Progress
from ..arrays import Arrays, arrays
from ..shards.run import decide
from ..shards.work import Outcome
from . import scan_numba, scan_numpy
from .limbs import EXACT
from .ranks import subset
from .scan_numpy import DENSEST, dense_weights
from .tally import Counts, Tally, first_wrong, statistics


class Scan(Protocol):
    """Counts over some inputs; several threads may use it at once."""

    def tally(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Tally:
        """The tally of ``first`` and those behind it in the documented order, ``inputs`` of its size in all."""
        ...


@dataclass(frozen=True)
class Enumerate:
    """The engine; ``compiled`` None means numba where it is installed, exact in 64 bits, and faster."""

    compiled: bool | None = None
    name: str = "enumerate"

    version: ClassVar[int] = 1
    unit: ClassVar[str] = "inputs"
    result: ClassVar[type[Counts]] = Counts

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED or REFUTED with all counts, or UNKNOWN when the seconds are used up."""
        return decide(self, claim, seconds=seconds, progress=progress)

    def cut(self, claim: Claim) -> Blocks:
        """The claim's inputs in the documented order, in blocks; the same ones with numba and without."""
        prepared = arrays(claim)
        total = claim.population(claim.domain)
        compiled = compile_pays(prepared, total) if self.compiled is None else self.compiled
        scan: Scan = scan_numba.Scan(prepared) if compiled else scan_numpy.Scan(prepared)
        means = f"{'numba' if compiled else 'numpy'}, {'64-bit' if prepared.fits else 'unbounded'} integers"
        block = max(1, SHARD // (sum(claim.network.widths[1:]) + claim.k))
        return Blocks(claim, scan, total=total, block=block, means=means)


@dataclass(frozen=True)
class Blocks:
    """The inputs of a claim by their places in the documented order, ``block`` of them in a shard."""

    claim: Claim
    scan: Scan
    total: int
    block: int
    means: str
    threads: bool = True  # numpy's loops and numba's need Python's lock no longer

    @property
    def count(self) -> int:
        """How many shards there are."""
        return -(-self.total // self.block)

    def amount(self, shard: int) -> int:
        """How many inputs the shard has."""
        return min(self.block, self.total - shard * self.block)

    def solve(self, shard: int, deadline: float | None) -> Counts:
        """The counts of the shard's inputs."""
        parts = self._parts(shard * self.block, self.amount(shard))
        return Counts(tuple(self.scan.tally(first, inputs, deadline) for first, inputs in parts))

    def decisive(self, result: Counts) -> bool:
        """Never, for all inputs are to be counted."""
        return False

    def join(self, outcome: Outcome[Counts], deadline: float | None) -> Answer:
        """A wrong input refutes even an unfinished enumeration; only a finished one proves, or has counts."""
        tallies = [tally for result in outcome.results.values() for tally in result.tallies]
        found = first_wrong(tallies)
        proved = Status.PROVED if outcome.complete else Status.UNKNOWN
        status = proved if found is None else Status.REFUTED
        return Answer(
            engine=Enumerate.name,
            status=status,
            oracles=frozenset({"enumeration"}) if status is Status.PROVED else frozenset(),
            counterexample=found,
            evidence=None if found is None else witness(found),
            statistics=statistics(self.claim, tallies) if outcome.complete else None,
            detail=self.means if outcome.complete else f"time limit after {outcome.progress} inputs",
        )

    def _parts(self, place: int, wanted: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """The inputs from a place on, by sizes: the first of each size, and how many of that."""
        inputs = self.claim.network.inputs
        for size in self.claim.sizes(self.claim.domain):
            there = comb(inputs, size)
            taken = min(wanted, there - place)
            if taken > 0:
                yield subset(place, inputs, size), taken
                wanted -= taken
            place = max(0, place - there)


def numba_installed() -> bool:
    """Whether the extra ``fast`` is there."""
    return importlib.util.find_spec("numba") is not None


def compile_pays(claim: Arrays, population: int) -> bool:
    """Whether numba can count exactly, and is expected to be faster than numpy on so many inputs."""
    if not claim.fits or not numba_installed():
        return False
    return START + population * _compiled_seconds(claim) < population * _numpy_seconds(claim)


SHARD = 1 << 24  # neurons, over all inputs of a shard; between a hundredth of a second and a third of one
WORK = 1 << 22  # neurons, over all inputs of a block; some hundredths of a second
TASKS = 8  # blocks handed to the threads at a time, so that a time limit takes effect

# Seconds for one number, measured on one core of a 2020s server; they decide speed, never a result.
START = 1.0  # to import numba and load what it has compiled
WEIGHT, OUTPUT, SUM = 1e-9, 2e-9, 5e-10  # in the compiled scan
DENSE_WEIGHT, DENSE_OUTPUT, DENSE_SUM = 1e-10, 2e-8, 4e-9  # in numpy's


def _compiled_seconds(claim: Arrays) -> float:
    weights = sum(len(layer.weights) for layer in claim.layers)
    return WEIGHT * weights + OUTPUT * claim.outputs + SUM * len(claim.start)


def _numpy_seconds(claim: Arrays) -> float:
    limbs = 1 if claim.bound < EXACT else 3
    if dense_weights(claim) * limbs > DENSEST:
        return inf
    widths, weights = [len(claim.start), *(len(layer.bias) for layer in claim.layers)], dense_weights(claim)
    return DENSE_WEIGHT * weights * limbs**2 + DENSE_OUTPUT * claim.outputs + DENSE_SUM * sum(widths) * limbs


def tallies_of(claim: Claim, scan: Scan) -> Iterator[Tally]:
    """The tallies of blocks of inputs, in the documented order, on all cores."""
    block = max(1, WORK // (sum(claim.network.widths[1:]) + claim.k))
    inputs = claim.network.inputs
    blocks = (
        (subset(place, inputs, size), min(block, comb(inputs, size) - place))
        for size in claim.sizes(claim.domain)
        for place in range(0, comb(inputs, size), block)
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while some := list(islice(blocks, TASKS)):
            yield from pool.map(lambda part: scan.tally(part[0], part[1], None), some)
