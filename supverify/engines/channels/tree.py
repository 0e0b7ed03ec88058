"""One output of a channel network: the split tree that closes it, or an input on which it is wrong.

Uncompiled it runs on the vectors of ``channels.cover``; compiled by numba, on the loops at the end of this file,
which compute the same numbers. Both give the same tree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from ..contract.sparse import Flags, Ints
from .cover import Rows, choose, enclose, first_from, largest, shortfall
from .shape import NEVER, UNIT

Walk = Callable[..., tuple[int, Ints, Ints]]

LEAF = -1  # the word L; every other word is the input that is split on
OPEN, ON, OFF = 0, 1, 2
CLOSED, WRONG, LIMIT = -1, -2, -3  # answers; 0 and more: split on this input


@cache
def compiled() -> Walk:
    """``walk``, compiled."""
    import numba

    prepare()
    fast: Walk = numba.njit(cache=True, nogil=True)(walk)
    return fast


@cache
def prepare() -> None:
    """Has numba compile what ``walk`` calls, and ``walk`` where others call it."""
    from numba.extending import overload, register_jitable

    vectors: list[Callable[..., Any]] = [enclose, largest, shortfall, choose, first_from]
    loops: list[Callable[..., Any]] = [_enclose, _largest, _shortfall, _choose, _first_from]
    for one, other in zip(vectors, loops, strict=True):
        overload(one)(_standing_for(one, other))
    for helper in (_largest, _multiple, grown, judge, question, shift, walk):
        register_jitable(helper)


def _standing_for(vectors: Callable[..., Any], loop: Callable[..., Any]) -> Callable[..., Any]:
    """What numba asks for the loop that a function of vectors is compiled as."""

    @wraps(vectors)
    def chosen(*_: object) -> Callable[..., Any]:
        return loop

    return chosen


def walk(rows: Rows, need: Ints, clause: Ints, goals: Ints, budget: int, limit: int) -> tuple[int, Ints, Ints]:
    """CLOSED with the words of the tree, WRONG with the states of a wrong input, or LIMIT after so many words."""
    inputs = rows.gains.shape[1]
    state, mask = np.zeros(inputs, dtype=np.int64), np.ones(inputs, dtype=np.int64)
    path, on = np.zeros(inputs, dtype=np.int64), np.zeros(inputs, dtype=np.bool_)
    words, count, depth = np.zeros(16, dtype=np.int64), 0, 0
    negative = rows.gains.min() < 0
    against = Rows(-rows.gains, rows.weights, rows.exactly, rows.relu, rows.finest) if negative else rows
    need = need.copy()
    while count < limit:
        answer = judge(rows, against, need, state, mask, clause, goals, budget, negative)
        if answer == WRONG:
            return WRONG, words[:count], state
        words, count = grown(words, count), count + 1
        words[count - 1] = answer
        if answer >= 0:
            path[depth], on[depth], depth = answer, True, depth + 1
            state[answer], mask[answer], budget = ON, 0, budget - 1
            shift(need, rows.gains, answer, -1)
            continue
        while depth > 0 and not on[depth - 1]:
            depth -= 1
            state[path[depth]], mask[path[depth]] = OPEN, 1
        if depth == 0:
            return CLOSED, words[:count], state
        last = path[depth - 1]
        on[depth - 1], state[last], budget = False, OFF, budget + 1
        shift(need, rows.gains, last, 1)
    return LIMIT, words[:count], state


def grown(words: Ints, count: int) -> Ints:
    """The array with room for one more."""
    if count < len(words):
        return words
    longer = np.zeros(2 * count, dtype=np.int64)
    longer[:count] = words
    return longer


def shift(need: Ints, gains: Ints, j: int, sign: int) -> None:
    """Adds the gains of an input to the needs, or takes them off."""
    for r in range(len(need)):
        need[r] += sign * gains[r, j]


def judge(
    rows: Rows,
    against: Rows,
    need: Ints,
    state: Ints,
    mask: Ints,
    clause: Ints,
    goals: Ints,
    budget: int,
    negative: bool,
) -> int:
    """CLOSED, an input to split on, or WRONG; then ``state`` is set to a wrong input.

    The cell is cut as the kernel cuts it: all missing inputs of the clause on, or the first few on and the next off.
    """
    missing, count, possible = np.zeros(len(clause), dtype=np.int64), 0, True
    for j in clause:
        if j >= 0 and state[j] == OPEN:
            missing[count], count = j, count + 1
        elif j >= 0 and state[j] == OFF:
            possible = False
    possible = possible and count <= budget
    for on in range(count if possible else 0, -1, -1):
        fixed = min(on + 1, count) if possible else 0
        for j in missing[:fixed]:
            mask[j] = 0
        for j in missing[:on]:
            shift(need, rows.gains, j, -1)
        truth, free, answer = int(possible and on == count), budget - on, CLOSED
        if goals[truth] < NEVER:
            answer = question(rows, need, mask, goals[truth], free, free, False)
        if answer == CLOSED and goals[2 + truth] < NEVER:
            used = free if negative else 0
            if rows.relu:
                answer = question(rows, need, mask, goals[2 + truth], free, used, True)
            else:
                answer = question(against, 1 - need, mask, goals[2 + truth], free, used, False)
        for j in missing[:on]:
            shift(need, rows.gains, j, 1)
        for j in missing[:fixed]:
            mask[j] = 1
        if answer == WRONG:
            for j in missing[:on]:
                state[j] = ON
        if answer != CLOSED:
            return missing[0] if answer >= 0 and possible and on + 1 < count else answer
    return CLOSED


def question(rows: Rows, need: Ints, mask: Ints, goal: int, free: int, used: int, low: bool) -> int:
    """CLOSED if ``free`` inputs, of which ``used`` may gain something, cannot reach the goal; WRONG, or an input."""
    coefficients, reached = np.zeros(len(mask), dtype=np.int64), np.zeros(len(need), dtype=np.bool_)
    if low:
        constant = shortfall(rows, need, mask, used, coefficients)
    else:
        constant = enclose(rows, need, mask, used, coefficients, reached)
    margin = rows.weights.sum() * used if used > 1 else 0
    slack = goal * UNIT - constant
    if largest(coefficients, used) + margin < slack or (rows.exactly and mask.sum() < free):
        return CLOSED
    if free == 0 or (slack <= 0 and not rows.exactly):
        return WRONG
    return choose(rows, need, mask, free, slack, margin, coefficients, reached)


def _enclose(rows: Rows, need: Ints, mask: Ints, budget: int, coefficients: Ints, reached: Flags) -> int:
    gains, weights, relu = rows.gains, rows.weights, rows.relu
    constant, fine, values, crude = 0, 1, np.zeros(len(mask), dtype=np.int64), np.zeros(len(mask), dtype=np.int64)
    for j in range(len(mask)):
        coefficients[j] = 0
    for r in range(len(need)):
        n, weight, best = need[r], weights[r] * UNIT, 0
        reached[r] = False
        if n <= 0:
            constant += weight * (1 - n) if relu else weight
        if budget == 0 or (n <= 0 and not relu):
            continue
        for j in range(len(mask)):
            values[j] = max(gains[r, j], 0) * mask[j]
            best = max(best, values[j])
        if n > 0 and best < n and (best * budget < n or _largest(values, budget) < n):
            continue
        reached[r] = True
        if relu:
            ground, part = max(1 - n, 0), weight // budget
            for j in range(len(mask)):
                coefficients[j] += max(max(1 - n + budget * gains[r, j], 0) - ground, 0) * mask[j] * part
        elif budget == 1:
            for j in range(len(mask)):
                coefficients[j] += weight if values[j] >= n else 0
        else:
            fine, part = min(_multiple(fine, n), UNIT), weights[r] * -(-UNIT // n)
            for j in range(len(mask)):
                coefficients[j] += min(values[j], n) * part
                crude[j] += min(values[j], n) * weights[r]
    if fine > rows.finest:
        for j in range(len(mask)):
            coefficients[j] += crude[j] * (UNIT // rows.finest)
    return constant


def _multiple(one: int, two: int) -> int:
    a, b = one, two
    while b:
        a, b = b, a % b
    return one // a * two


def _shortfall(rows: Rows, need: Ints, mask: Ints, budget: int, coefficients: Ints) -> int:
    gains, weights, constant = rows.gains, rows.weights, 0
    for r in range(len(need)):
        constant -= weights[r] * max(1 - need[r], 0) * UNIT
    for j in range(len(mask)):
        lost = 0
        if budget > 0:
            for r in range(len(need)):
                lost += weights[r] * (max(1 - need[r], 0) - max(1 - need[r] + gains[r, j], 0))
        coefficients[j] = max(lost * UNIT, 0) * mask[j]
    return constant


def _largest(values: Ints, count: int) -> int:
    best = np.zeros(count + 1, dtype=np.int64)  # ascending from place 1 on; place 0 takes what falls out
    if count > 0:
        for j in range(len(values)):
            if values[j] > best[1]:
                place = 1
                while place < count and best[place + 1] < values[j]:
                    best[place] = best[place + 1]
                    place += 1
                best[place] = values[j]
    total = 0
    for place in range(1, count + 1):
        total += best[place]
    return total


def _choose(
    rows: Rows, need: Ints, mask: Ints, budget: int, slack: int, margin: int, coefficients: Ints, reached: Flags
) -> int:
    gains, weights = rows.gains, rows.weights
    rarest, fewest, total = -1 if slack > 0 else -2, 0, 0
    for j in range(len(mask)):
        fewest += coefficients[j] * budget + margin >= slack and mask[j] == 1
    for r in range(len(need)):
        total += weights[r] * UNIT if reached[r] else 0
    for r in range(len(need)):
        if slack > 0 and reached[r] and need[r] > 0 and total - weights[r] * UNIT < slack:
            serving = 0
            for j in range(len(mask)):
                serving += gains[r, j] * budget >= need[r] and mask[j] == 1
            if serving < fewest:
                rarest, fewest = r, serving
    found, most = 0, -NEVER
    for j in range(len(mask)):
        value = coefficients[j]
        if rarest == -2:
            value = 0
            for r in range(len(need)):
                value += weights[r] * min(gains[r, j], 0)
        elif rarest == -1:
            value = value if coefficients[j] * budget + margin >= slack else -NEVER
        else:
            value = value if gains[rarest, j] * budget >= need[rarest] else -NEVER
        if mask[j] == 1 and value > most:
            found, most = j, value
    return found


def _first_from(start: int, coefficients: Ints, mask: Ints, bar: int) -> int:
    for j in range(start, len(mask)):
        if coefficients[j] >= bar and mask[j] == 1:
            return j
    return -1
