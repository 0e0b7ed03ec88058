"""The input code that all blocks share: drawn until no hidden neuron of any block fires where it should not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..codes import Bits, Counts, draw
from ..exactness import crowded_rows, largest_sums, overlaps
from ..resample import Codes, Design, Faults, Found, Progress, Search

LIGHTEST = 2  # ones in a column of C
TRIED = 3  # weights at one width


def input_code(
    hidden: Sequence[Hidden], neurons: int, *, k: int, rng: np.random.Generator, progress: Progress | None = None
) -> tuple[Found | None, int]:
    """C (n x m) without a crowded row, of the weights that leave fewest in one draw, or None; and the draws made."""
    inputs = hidden[0].members.shape[1]
    faults = partial(_faults, hidden, k)
    weights = [LIGHTEST]
    while weights[-1] <= neurons // 6:
        weights.append(weights[-1] + max(1, weights[-1] // 4))
    trials = {w: faults(w, (draw(rng, length=neurons, weight=w, count=inputs),)).count for w in weights}
    designs = {w: Design(neurons, (w,), (inputs,), partial(faults, w)) for w in weights}
    found, attempts = None, 0
    for weight in sorted(weights, key=lambda w: (trials[w], w))[:TRIED]:
        search = Search(lambda _, w=weight: designs[w], rng=rng, progress=progress)  # type: ignore[misc]
        found = found or search.at(neurons)
        attempts += search.attempts
    return found, attempts


@dataclass(frozen=True)
class Hidden:
    """The hidden neurons of a block: the members that count once (loners) and the others (both n1 x m)."""

    cancelled: bool
    lone: Bits
    members: Bits

    def crowded(self, C: Bits, weight: int, k: int) -> tuple[list[int], Counts]:
        """The rows that fire where they should not, and what each input that is not a member adds."""
        if not self.cancelled:
            foreign = overlaps(self.members, C)
            return crowded_rows(self.members, foreign, weight, k), foreign
        by_lone, by_light = overlaps(self.lone, C), overlaps(self.members, C)
        foreign = by_lone + by_light
        return false_gates(self.lone, self.members, by_lone, by_light, weight, k), foreign


def false_gates(lone: Bits, light: Bits, by_lone: Counts, by_light: Counts, weight: int, k: int) -> list[int]:
    """The rows where min(zs, w0) + zl >= 2 w0 although min(1, lone members on) + light members on < 2: L1(k).

    All n1 x m: members, and the overlaps of an input with the codes of the row's lone members (0 for those) and of
    its light ones (0 for those). Rows without a fault are right; of those named a few may be right, too (derived).
    """
    lonely, outside = np.where(lone, by_light, -1), np.where(light, 0, by_light)
    heaviest = lonely.argmax(axis=1)[:, None]
    most = np.take_along_axis(lonely, heaviest, axis=1)[:, 0]
    rest = outside.copy()
    np.put_along_axis(rest, heaviest, 0, axis=1)
    foreign = np.where(lone | light, 0, by_lone + by_light)
    # loners of the row and no light member of it: zs counts w0 at most
    without_light = (most >= 0) & (most + largest_sums(rest, k - 1) >= weight)
    beside = np.where(light, by_lone, -1).max(axis=1)  # one light member and no loner
    without_lone = (beside >= 0) & (beside + largest_sums(foreign, k - 1) >= weight)
    neither = largest_sums(foreign, k) >= 2 * weight
    return [int(r) for r in np.flatnonzero(without_light | without_lone | neither)] if k else []


def _faults(hidden: Sequence[Hidden], k: int, weight: int, codes: Codes) -> Faults:
    """The crowded rows of all blocks, and the inputs that crowd them most."""
    count, blamed = 0, set[int]()
    for block in hidden:
        rows, foreign = block.crowded(codes[0], weight, k)
        count += len(rows)
        largest = np.argsort(-foreign[rows], axis=1, kind="stable")[:, : max(k, 1)]
        blamed.update(int(j) for r, some in zip(rows, largest, strict=True) for j in some if foreign[r, j])
    return Faults(count, (frozenset(blamed),))
