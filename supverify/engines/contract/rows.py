"""Rows of the second step on three and four active inputs, behind an ideal hidden step: an exact search.

A row with weights w and level T >= 1 owns some gates; the row has to fire on y, |y| <= k <= 4, iff y contains one of
them. With hit_r = |S_r & y|: A(y) = {r : hit_r >= 2}, f(y) = sum of w over A(y), p(y) = sum of max(w, 0) over A(y).

False firing. Let y be minimal with f(y) >= T and no owned pair inside. Dropping an input lowers f, so some r with
w_r > 0 leaves A(y) with it: r has that input and exactly one other of y. Call such pairs links; each input has one.
Let ab be the pair of y with the greatest p, and rise(c) the sum of max(w, 0) over the neurons with c and exactly one
of a, b: those with a sum to at most p(ac) <= p(ab), and so do those with b.
  y = abc: T <= p(ab) + rise(c), and c is linked to a or b, so rise(c) > 0 and p(ab) >= T / 3.
  y = abcd, rise(c) >= rise(d): T <= p(ab) + rise(c) + rise(d) + x, where x, the neurons with c and d and neither a
    nor b, is at most p(cd) <= p(ab). So p(ab) >= T / 6, and p(ab) + rise(c) >= T / 2.
    If rise(c) > 0, either p(ab) + 2 rise(c) is so large that cd may be weaker than T / 6: then every d linked to abc
    is tried; or cd is one of the pairs with p(cd) >= T / 6, and those that contain c are tried.
    If rise(c) = 0, the links are ab and cd: a neuron with three of y contains one of them, so p(ab) >= T / 2, and
    f(y) <= f(ab) + p(cd) with f(ab) < T: all pairs with p(cd) >= T - f(ab) are tried.
What is tried is decided by its exact f.

Missing firing. Let y contain the owned pair ab, f(ab) >= T > f(y). A third input c changes f by the sum of w over
the neurons with c and exactly one of a, b: every c is tried. For y = abcd take the sums of max(-w, 0) over the
neurons that c brings so, over those that d brings so, and over P_cd: f(ab) less all three is at most f(y), so one is
at least (f(ab) - T + 1) / 3. If it is that of c, abc grows by every linked d; if that of P_cd, the pair cd is found
as above, with -w for w. Pairs themselves are compared first (all derived).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .hidden import Tick, in_blocks
from .pairs import Pairs, Tail
from .search import search
from .shape import Shape
from .sparse import Ints, Sparse, transposed

PORTION = 4  # rows of one task
FEW = 16  # wrong sets that are kept of one row, where the search in it ends


class Row(NamedTuple):
    """One row, and the scratch of its task; what is indexed by 0, 1 belongs to growing a pair, a triple.

    ``weights`` w by hidden neuron; ``keys`` a m + b of the owned gates; ``hit`` by hidden neuron; ``gain`` and
    ``rise`` what an input adds to f and to p (``part``: with the first of a pair), valid where ``seen`` is the number
    of the growth at hand, and listed in ``grown``; ``wrong`` the first wrong sets; ``counters``: growths, sets
    visited, wrong sets.
    """

    inputs: int
    k: int
    level: int
    fired: Sparse
    members: Sparse
    weights: Ints
    keys: Ints
    hit: Ints
    gain: Ints
    rise: Ints
    part: Ints
    seen: Ints
    grown: Ints
    wrong: Ints
    counters: Ints


def scan_rows(parts: Shape, tail: Tail, pairs: Pairs, k: int, tick: Tick, *, few: int = FEW) -> tuple[Ints, int, int]:
    """Sets of two to k inputs on which a row fires although it owns no gate inside, or is silent although it does.

    Returns the sets (V x k, padded with -1; the search in a row ends after about ``few``), how many wrong ones were
    seen, and how many sets were visited.
    """
    find = search()
    owned = transposed(pairs.shown, parts.widths[1])
    keys = parts.gates[:, 0] * parts.inputs + parts.gates[:, 1]
    weights = parts.behind.weights

    def task(first: int, last: int) -> tuple[Ints, Ints]:
        row = _blank(parts, tail, k, few)
        for r in range(first, last):
            entries = slice(weights.pointer[r], weights.pointer[r + 1])
            row.weights[:] = 0
            row.weights[weights.columns[entries]] = weights.values[entries]
            own = keys[owned.columns[owned.pointer[r] : owned.pointer[r + 1]]]
            find(row._replace(level=int(tail.levels[r]), keys=own), few)
        return row.wrong[: min(row.counters[2], len(row.wrong))], row.counters

    found = list(in_blocks(task, parts.widths[1], PORTION, "contract: rows of the second step", tick))
    seen = sum(int(counters[2]) for _, counters in found)
    return np.concatenate([sets for sets, _ in found]), seen, sum(int(counters[1]) for _, counters in found)


def _blank(parts: Shape, tail: Tail, k: int, few: int) -> Row:
    hidden, inputs = parts.widths[0], parts.inputs
    return Row(
        inputs=inputs,
        k=k,
        level=0,
        fired=tail.fired,
        members=tail.members,
        weights=np.zeros(hidden, dtype=np.int64),
        keys=np.zeros(0, dtype=np.int64),
        hit=np.zeros(hidden, dtype=np.int64),
        gain=np.zeros((3, inputs), dtype=np.int64),
        rise=np.zeros((3, inputs), dtype=np.int64),
        part=np.zeros(inputs, dtype=np.int64),
        seen=np.zeros((3, inputs), dtype=np.int64),
        grown=np.zeros((3, inputs), dtype=np.int64),
        wrong=np.full((few * PORTION, k), -1, dtype=np.int64),
        counters=np.zeros(3, dtype=np.int64),
    )
