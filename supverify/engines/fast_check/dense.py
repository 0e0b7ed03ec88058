"""A second, fast reading of certificates about ReLU networks: the kernel's walk, with leaves in compiled integers.

The words are walked as the kernel walks them. A leaf that does not close in 64-bit integers, a replay, and a witness
are given to the kernel's own code, so what is accepted here is accepted there; a verdict reached that way names the
oracle ``fast-check``. Words that this reading does not know are left undecided.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import IDEAL, REPLAY, WITNESS, Certificate, supports
from supverify.kernel.check import Replayer, check, decide, truths, walk
from supverify.kernel.claim import Cell, Claim, Window
from supverify.kernel.errors import Rejected
from supverify.kernel.verdict import Status, Verdict

from ..enumeration.engine import numba_installed
from .dense_arrays import MOST_POINTS, Unfit, end, fixed
from .dense_cells import Leaves, checked
from .dense_leaf import CLOSED, Fixed, Words
from .outcome import ORACLE, Undecided

BATCH = 256  # leaves of one call
PATIENCE = 60.0  # seconds that the kernel may spend on what does not close here


@dataclass(frozen=True)
class Case:
    """A leaf of the certificate: its cell, its outputs, and its word."""

    cell: Cell
    outputs: frozenset[int]
    word: str


def fast_check_dense(claim: Claim, certificate: Certificate, *, patience: float = PATIENCE) -> Verdict:
    """PROVED or REFUTED; raises Rejected (or Malformed) as the kernel does, Undecided where it cannot tell.

    ``patience``: the seconds that the kernel's own code may take for single leaves.
    """
    if certificate.claim != claim.digest:
        raise Rejected("certificate.claim", claim.digest, certificate.claim)
    words = certificate.evidence.split(" ")
    if words[0] == WITNESS:
        return check(claim, certificate)
    if words[0] == IDEAL or not numba_installed():
        raise Undecided("the ideal of a step" if words[0] == IDEAL else "numba is not installed")
    try:
        net = fixed(claim)
    except Unfit as reason:
        raise Undecided(f"not a network for 64-bit integers: {reason}") from reason
    cases = list(_leaves(claim, words))
    slow = _Slow(claim, time.monotonic() + patience)
    batches = [cases[t : t + BATCH] for t in range(0, len(cases), BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch, closed in zip(batches, pool.map(lambda part: _closed(claim, net, part), batches), strict=True):
            for case, fine in zip(batch, closed, strict=True):
                if not fine:
                    slow.decide(case)
    found = f"the evidence holds, in {len(words)} steps, {slow.asked} of them by the kernel's own code"
    return Verdict(status=Status.PROVED, oracles=frozenset({ORACLE}), reason=found)


def _leaves(claim: Claim, words: Sequence[str]) -> Iterator[Case]:
    """The leaves of the kernel's walk; raises Rejected or Malformed where the words are no walk. Replays are done."""
    replayer = None
    for cell, outputs, step in walk(claim, words):
        if step == REPLAY:
            replayer = replayer or Replayer(claim)
            replayer.replay(cell, outputs)
        else:
            yield Case(cell, outputs, step)


class _Slow:
    """The kernel's own code for single leaves, while patience lasts."""

    def __init__(self, claim: Claim, deadline: float) -> None:
        self.claim, self.deadline, self.asked = claim, deadline, 0
        self.targets, self.bounds = claim.targets(), Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")

    def decide(self, case: Case) -> None:
        """Returns if the leaf closes; raises Rejected, or Undecided when the time is over."""
        if time.monotonic() > self.deadline:
            raise Undecided(f"{self.asked} leaves were left to the kernel, and there are more")
        self.asked += 1
        wanted = {i: self.targets[i] for i in case.outputs}
        decide(self.claim, self.bounds, case.cell, wanted, supports(case.word))


@dataclass(frozen=True)
class _Row:
    """One bound to be shown: that sign * output is below ``end`` on a part of a leaf, with sets of active inputs."""

    leaf: int
    cell: Cell
    points: tuple[tuple[int, ...], ...]
    output: int
    sign: int
    end: int


def _closed(claim: Claim, net: Fixed, cases: Sequence[Case]) -> list[bool]:
    """Whether each leaf closes in 64-bit integers."""
    rows, closed = [], [True] * len(cases)
    for t, case in enumerate(cases):
        points = [tuple(sorted(case.cell.on.union(point))) for point in supports(case.word)]
        sizes = [len(point) for point in points]
        inside = all(point[-1] < claim.network.inputs for point in points if point)
        if len(points) > MOST_POINTS or max(sizes, default=0) > claim.k or not inside:
            closed[t] = False
        else:
            rows += list(_rows(claim, net, t, case, tuple(points)))
    if rows:
        status = np.zeros(len(rows), dtype=np.int64)
        checked()(net, _packed(rows), status)
        for row, found in zip(rows, status.tolist(), strict=True):
            closed[row.leaf] &= found == CLOSED
    return closed


def _rows(claim: Claim, net: Fixed, t: int, case: Case, points: tuple[tuple[int, ...], ...]) -> Iterator[_Row]:
    windows, targets = claim.windows, claim.targets()
    unit = int(net.units[-1])
    for i in case.outputs:
        for part, truth in truths(targets[i], case.cell, claim.network.inputs):
            if claim.population(part):
                for sign, limit in _ends(windows[truth]):
                    yield _Row(t, part, points, i, sign, end(limit, unit, claim.k))


def _ends(window: Window) -> list[tuple[int, int]]:
    """What a window asks for: that sign * output is at most a limit."""
    low, high = window
    lowest = [] if low is None else [(-1, -low)]
    return lowest if high is None else [*lowest, (1, high)]


def _packed(rows: Sequence[_Row]) -> Leaves:
    most = max([1, *(len(row.points) for row in rows)])
    longest = max([1, *(len(point) for row in rows for point in row.points)])
    points = np.full((len(rows), most, longest), -1, dtype=np.int64)
    for t, row in enumerate(rows):
        for p, point in enumerate(row.points):
            points[t, p, : len(point)] = point
    return Leaves(
        on=_filled([sorted(row.cell.on) for row in rows]),
        off=_filled([sorted(row.cell.off) for row in rows]),
        budgets=np.array([row.cell.budget for row in rows], dtype=np.int64),
        points=points,
        counts=np.array([len(row.points) for row in rows], dtype=np.int64),
        outputs=np.array([row.output for row in rows], dtype=np.int64),
        signs=np.array([row.sign for row in rows], dtype=np.int64),
        ends=np.array([row.end for row in rows], dtype=np.int64),
    )


def _filled(sets: Sequence[Sequence[int]]) -> Words:
    width = max([1, *map(len, sets)])
    return np.array([[*row, *[-1] * (width - len(row))] for row in sets], dtype=np.int64).reshape(len(sets), width)
