"""The first layer of a compact network: integer rows that find two active members of S_r in a superposed input.

The input code C (m columns of ``ONES`` ones, any two of which share at most ``shared`` neurons, k shared < ONES)
reads every k-sparse y back from x0 = C y by a threshold. It is drawn before the problem is looked at, but for the
first ``aligned`` ones of a column, which are drawn from the channels of that input. Row r of W is then searched
alone, so that a member of S_r adds G..G + mu to it and any other input -de..ep with

    mu + 1 + (k - 1) ep + (k - 2) de <= G        and the row's threshold is 2 G - (k - 2) de

Two members beside k - 2 others then reach the threshold, and fewer never do, whatever else is active. Where rows are
too crowded for that, some of their gates get another channel (derived; the bounds are those that measured best).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..codes import Bits
from ..resample import Progress
from .channels import Channels, route
from .compile import Flags, Ints, compiled, random_below
from .rows import FREE, Points, Turned, search_row, turned

ONES = (8, 6, 5, 4, 3, 2)  # of a column, the first that can be packed
DRAWS = 300  # of one column, before a code counts as too crowded
WEIGHT = 63  # the largest |entry| of W
ROUNDS, PATIENCE, EASED, TOLL = 40, 8, 2, 3.0
PROBES = 16
PASSES = 400
THREADS = 2


class Bounds(NamedTuple):
    """What a member adds at least and at most, and any other input."""

    least: int
    most: int
    low: int
    high: int
    threshold: int


# The choice of mu, ep and de for G = 128; k = 2 needs no lower bound on the others.
BOUNDS = {
    2: Bounds(128, 130, -FREE, 125, 256),
    3: Bounds(128, 132, -54, 34, 202),
    4: Bounds(128, 132, -27, 23, 202),
}


@dataclass(frozen=True)
class InputCode:
    """``columns`` (m x ones): the neurons of each input, of ``neurons``; ``aligned`` of them may know the problem."""

    columns: Ints
    neurons: int
    aligned: int

    @property
    def matrix(self) -> Bits:
        """C (n x m, 0/1)."""
        matrix = np.zeros((self.neurons, len(self.columns)), dtype=np.bool_)
        matrix[self.columns, np.arange(len(self.columns))[:, None]] = True
        return matrix


def draw_input(members: Flags, *, k: int, aligned: int, state: Ints) -> InputCode | None:
    """A code for inputs that are ``members`` (m x n) of hidden neurons; unit columns where m <= n, None if too many.

    The code with ``aligned`` = 0 depends on m, n, k and ``state`` alone.
    """
    inputs, neurons = members.shape
    if inputs <= neurons:
        return InputCode(np.arange(inputs)[:, None], neurons, 0)
    own = np.nonzero(members)
    starts = np.searchsorted(own[0], np.arange(inputs + 1)).astype(np.int64)
    for ones in ONES:
        columns = np.full((inputs, min(ones, neurons)), -1, dtype=np.int64)
        heads, scratch = np.full(neurons, -1, dtype=np.int64), np.zeros(inputs, dtype=np.int64)
        loop = compiled(_draw, random_below, _column, _fits, _enter)
        shared = (ones - 1) // max(k, 1)
        following = np.full(columns.shape, -1, dtype=np.int64)
        if loop(columns, heads, following, scratch, own[1], starts, min(aligned, shared), shared, DRAWS, state):
            return InputCode(np.sort(columns, axis=1), neurons, min(aligned, shared))
    return None


def _draw(
    columns: Ints,
    heads: Ints,
    following: Ints,
    met: Ints,
    own: Ints,
    starts: Ints,
    aligned: int,
    shared: int,
    draws: int,
    state: Ints,
) -> bool:
    """Column after column, each drawn until it shares at most ``shared`` neurons with any before; whether all are.

    ``heads`` and ``following`` chain the columns that have a neuron, as place = column * ones + position.
    """
    for j in range(len(columns)):
        done = False
        for _ in range(draws):
            _column(columns[j], own[starts[j] : starts[j + 1]], aligned, len(heads), state)
            if _fits(columns, j, heads, following, met, shared):
                done = True
                break
        if not done:
            return False
        _enter(columns, j, heads, following)
    return True


def _column(column: Ints, own: Ints, aligned: int, neurons: int, state: Ints) -> None:
    """Different neurons, the first ``aligned`` of ``own`` as far as it goes."""
    for i in range(len(column)):
        column[i] = -1
        while column[i] < 0:
            drawn = random_below(state, neurons)
            if i < min(aligned, len(own)):
                drawn = own[random_below(state, len(own))]
            new = True
            for p in range(i):
                new &= column[p] != drawn
            if new:
                column[i] = drawn


def _fits(columns: Ints, j: int, heads: Ints, following: Ints, met: Ints, shared: int) -> bool:
    """Whether column j shares at most ``shared`` neurons with each of the columns that are entered."""
    ones, good = columns.shape[1], True
    for clearing in range(2):
        for t in columns[j]:
            place = heads[t]
            while place >= 0:
                other = place // ones
                met[other] = 0 if clearing else met[other] + 1
                good &= met[other] <= shared
                place = following[other, place % ones]
    return good


def _enter(columns: Ints, j: int, heads: Ints, following: Ints) -> None:
    for i in range(columns.shape[1]):
        following[j, i] = heads[columns[j, i]]
        heads[columns[j, i]] = j * columns.shape[1] + i


@dataclass(frozen=True)
class _Fitting:
    """What is the same for all rows."""

    code: InputCode
    bounds: Bounds
    points: Points
    by_column: Turned
    seed: int

    def row(self, members: Flags, weights: Ints, r: int) -> int:
        """Searches one row from what it is; the violation that is left."""
        bounds, state = self.bounds, np.array([self.seed + 7919 * r])
        low, high = np.where(members, bounds.least, bounds.low), np.where(members, bounds.most, bounds.high)
        points = self.points._replace(low=low, high=high)
        return search_row(
            weights,
            points,
            smallest=-WEIGHT,
            largest=WEIGHT,
            passes=PASSES,
            state=state,
            by_column=self.by_column,
        )

    def wrong(self, members: Flags, weights: Ints) -> Ints:
        """The inputs out of bounds in a row."""
        sums = weights[self.code.columns].sum(axis=1)
        low = np.where(members, self.bounds.least, self.bounds.low)
        high = np.where(members, self.bounds.most, self.bounds.high)
        return np.flatnonzero((sums < low) | (sums > high))


def fit_input(
    channels: Channels, code: InputCode, *, k: int, state: Ints, progress: Progress | None = None
) -> tuple[Ints, int] | None:
    """W (n x n) and its threshold; changes ``channels`` where rows are too crowded, None if that does not help."""
    inputs, neurons = channels.counts.shape
    if inputs <= neurons:
        return _copy(channels.counts.T > 0, neurons), 2
    bounds = BOUNDS[max(k, 2)]
    pointers = np.arange(inputs + 1) * code.columns.shape[1]
    nothing = np.zeros(inputs, dtype=np.int64)
    points = Points(pointers, code.columns.ravel(), nothing, nothing)
    fitting = _Fitting(code, bounds, points, turned(points, neurons), int(state[0]))
    weights = np.zeros((neurons, neurons), dtype=np.int64)
    if not _promising(fitting, channels.counts.T > 0, weights):
        return None
    dirty, failed, fewest, since = list(range(neurons)), set[int](), neurons + 1, 0
    for _ in range(ROUNDS):
        members = channels.counts.T > 0
        left = _search(fitting, members, weights, dirty, progress)
        failed = (failed - set(dirty)) | {r for r, violation in zip(dirty, left, strict=True) if violation}
        if not failed:
            return weights, bounds.threshold
        since = 0 if len(failed) < fewest else since + 1
        fewest = min(fewest, len(failed))
        if since > PATIENCE or len(failed) > neurons // 2:
            return None
        _ease(channels, {r: fitting.wrong(members[r], weights[r]) for r in sorted(failed)}, state)
        dirty = np.flatnonzero((members != (channels.counts.T > 0)).any(axis=1)).tolist()
    return None


def _promising(fitting: _Fitting, members: Flags, weights: Ints) -> bool:
    """Whether most of a few rows can be met; where not, the others are not worth their time."""
    some = list(range(0, len(weights), max(1, len(weights) // PROBES)))
    return sum(map(bool, _search(fitting, members, weights, some, None))) <= len(some) // 2


def _copy(members: Flags, neurons: int) -> Ints:
    """With unit columns W is the membership itself."""
    weights = np.zeros((neurons, neurons), dtype=np.int64)
    weights[:, : members.shape[1]] = members
    return weights


def _search(
    fitting: _Fitting, members: Flags, weights: Ints, rows: list[int], progress: Progress | None
) -> list[int]:
    """The violation left in each of the rows, searched side by side."""
    if rows:
        first, rest = rows[0], rows[1:]  # the first one compiles what the others share
        left = [fitting.row(members[first], weights[first], first)]
        with ThreadPoolExecutor(THREADS) as pool:
            for done, violation in enumerate(pool.map(lambda r: fitting.row(members[r], weights[r], r), rest)):
                left.append(violation)
                if progress is not None:
                    progress(f"rows of {len(weights)} neurons", done + 2, len(rows))
        return left
    return []


def _ease(channels: Channels, crowded: dict[int, Ints], state: Ints) -> None:
    """Other channels for a few gates of every crowded row, those first that have an input out of bounds."""
    chosen = set[int]()
    for r, inputs in crowded.items():
        channels.tolls[r] += TOLL * channels.members.shape[0] ** 0.5
        gates = np.flatnonzero((channels.rows == r).any(axis=1))
        bad = np.isin(channels.gates[gates], inputs).sum(axis=1)
        chosen.update(_some(gates[np.argsort(-bad, kind="stable")], state))
    route(channels, sorted(chosen), state=state, noise=0.1)


def _some(gates: Ints, state: Ints) -> Iterator[int]:
    """A few of the first gates."""
    first = gates[: 3 * EASED]
    for _ in range(min(EASED, len(first))):
        yield int(first[random_below(state, len(first))])
