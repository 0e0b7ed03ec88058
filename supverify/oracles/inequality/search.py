"""The proof of an inequality from some point on: a tail by its expansion, the rest from right to left by blocks.

From right to left, because the last point that fails is then the end of the search: everything right of it is proved,
so the least m0 comes with its proof. Blocks that no test shows are halved, by ratio where they are long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from typing import Any

from ...calculus.statement import Tree
from .comparison import Block, Comparison, Point
from .constants import Open, Undecided
from .germs import Germ
from .scale import ONE, START, descending, least_share, shown
from .tails import Expansion

DOUBLINGS = (
    *(4, 6, 8, 10, 13, 16, 20, 26, 32, 40, 48, 64, 80, 96, 128, 144, 160, 192, 256, 320, 384, 512, 768),
    *(1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288),
)
"""Tails start at powers of two with these exponents; m0 stays below 3,700 digits."""
BEYOND = (1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)
"""And with these, where only "false from there on" is of use: the least m0 would be too long to find or to write."""
FAR = 1 << 32  # where the argument fails even here, it pays to look for the first place where it works
MANY_ORDERS = 1 << 20  # tails from here on are tried with few terms only: more would not change the picture
ORDERS = (2, 4, 7)
NARROW = Fraction(1, 1 << 40)  # of its end: the shortest interval of reals that is still halved
LONG = 1 << 16  # integers in a block in which a crossing is looked for
EARLY = 64  # the first points, looked at for a small counterexample


@dataclass(frozen=True)
class TailProof:
    """On [start, oo) left - right (of ``form``) has the sign ``way``, by this expansion of ``order`` terms."""

    start: int
    form: str
    order: int
    way: int
    germ: Germ


@dataclass(frozen=True)
class Found:
    """The last point that fails or has no value (None: none from the start on), the blocks right of it, the tail."""

    fails: Point | None
    blocks: tuple[Block, ...]
    tail: TailProof | None


def tail_of(comparison: Comparison, start: Point) -> TailProof:
    """The eventual sign, from a point that is at least ``start``; raises Undecided with the last obstacle."""
    obstacle, before = "no expansion was tried", START
    for place in _places(start):
        proof, problem = _tail_from(comparison, place)
        if proof is not None and proof.way > 0 and place.bit_length() - 1 in BEYOND:
            raise Undecided(f"true from some m0 on, which is too long to find: below {shown(place)}")
        if proof is not None:
            return _earlier(comparison, proof, before) if before >= FAR and proof.way > 0 else proof
        obstacle, before = problem, place
    raise Undecided(f"the eventual sign is not known: {obstacle}")


def _earlier(comparison: Comparison, proof: TailProof, before: int) -> TailProof:
    """The same argument from as early on as it works, up to a factor of 1.01; it does not work from ``before`` on."""
    while 100 * proof.start > 101 * before:
        comparison.hurry()
        middle = isqrt(before * proof.start)
        gap = comparison.gaps[proof.form]
        with suppress(Undecided):
            found, _ = _tail_at(comparison.variable, middle, proof.order, proof.form, gap)
            if found is not None and found.way == proof.way:
                proof = found
                continue
        before = middle
    return proof


def _tail_from(comparison: Comparison, place: int) -> tuple[TailProof | None, str]:
    """The sign from ``place`` on by the first form and order that show it; else the last obstacle."""
    obstacle, exponential = "", True
    for form, gap in comparison.gaps.items():
        if form == "log" and not exponential:
            continue  # no more is seen in the logarithms of sides that do not grow like exponentials
        for order in ORDERS if place <= MANY_ORDERS else ORDERS[:1]:
            comparison.hurry()
            try:
                proof, lead = _tail_at(comparison.variable, place, order, form, gap)
            except Undecided as problem:
                obstacle = str(problem)
                if isinstance(problem, Open):
                    continue
                break
            if proof is not None and (proof.way >= 0 or form != "rounded"):
                return proof, ""
            obstacle, exponential = f"no sign from {shown(place)} on", exponential and lead.exponent
            if proof is not None or not lead.open:
                break
    return None, obstacle


def _places(start: Point) -> Iterator[int]:
    first = max(START, ceil(start))
    yield first
    yield from (1 << power for power in (*DOUBLINGS, *BEYOND) if 1 << power > first)


@dataclass(frozen=True)
class _Lead:
    """Whether the fastest term has an exponential in it, and whether its sign is ``open``: more terms may tell."""

    exponent: bool
    open: bool


def _tail_at(variable: str, place: int, order: int, form: str, gap: Tree) -> tuple[TailProof | None, _Lead]:
    expansion = Expansion(variable, place, order)
    germ = expansion.germ(gap)
    way, balls = expansion.tail.sign(germ), germ.balls()
    first = descending(balls)[0] if balls else ONE
    lead = _Lead(bool(first.exponent), bool(balls) and not (balls[first] > 0 or balls[first] < 0))
    return None if way is None else TailProof(place, form, order, way, germ), lead


def share_of(proof: TailProof) -> Any:
    """The lower bound behind a tail proof: see ``least_share``."""
    balls = proof.germ.balls()
    turned = balls if proof.way >= 0 else {monomial: -theta for monomial, theta in balls.items()}
    return least_share(turned, proof.start)


def search(comparison: Comparison, start: Point, *, whole: bool, end: Point | None = None) -> Found:
    """The last point from ``start`` on that fails, with a proof for all right of it, up to ``end`` if that is given.

    ``whole``: over the integers; otherwise over the reals, where a point that fails is near the last one.
    """
    if end is not None:
        fails, blocks = _scan(comparison, start, end, whole=whole)
        return Found(fails, blocks, None)
    proof = tail_of(comparison, start)
    if not comparison.enough(proof.way):
        return Found(proof.start, (), proof)
    if proof.start <= start:
        return Found(None, (), proof)
    fails, blocks = _scan(comparison, start, proof.start, whole=whole)
    return Found(fails, blocks, proof)


def _scan(comparison: Comparison, start: Point, end: Point, *, whole: bool) -> tuple[Point | None, tuple[Block, ...]]:
    stack, blocks = [(start, end)], list[Block]()
    while stack:
        low, high = stack.pop()
        if low == high and whole:
            answer = comparison.holds_at(low)
            if answer is None and not comparison.undefined_at(low):
                raise Undecided(f"{comparison.variable} = {low} is not decided")
            if not answer:
                return low, _merged(blocks)
            blocks.append(Block(low, low, "point", "plain"))
        elif found := comparison.block(low, high):
            blocks.append(found)
        elif whole:
            stack += _split(comparison, int(low), int(high))
        elif high - low > NARROW * max(Fraction(1), abs(Fraction(high))):
            middle_real = _middle_real(low, high)
            stack += [(low, middle_real), (middle_real, high)]
        else:
            for point in (high, low):
                if comparison.holds_at(point) is False:
                    return point, _merged(blocks)
            raise Undecided(f"{comparison.variable} near {low} is not decided")
    return None, _merged(blocks)


def _split(comparison: Comparison, low: int, high: int) -> list[tuple[Point, Point]]:
    """Parts of a block from left to right: around a guessed place where left - right crosses 0, or else halves.

    A guess decides nothing: the parts are shown like any others. It saves a bisection of as many steps as digits.
    """
    if LONG < high - low < low:
        place = comparison.crossing(low, high)
        if place is not None and low < place - 1 and place < high and _changes(comparison, place):
            return [(low, place - 2), (place - 1, place - 1), (place, high)]
    middle = _middle(low, high)
    return [(low, middle), (middle + 1, high)]


def _changes(comparison: Comparison, place: int) -> bool:
    return comparison.holds_at(place) is True and comparison.holds_at(place - 1) is False


def _middle(low: int, high: int) -> int:
    if low > 0 and high > 4 * low:
        return isqrt(low * high)
    return (low + high) // 2


def _middle_real(low: Point, high: Point) -> Fraction:
    if low >= 1 and high > 4 * low:
        return Fraction(isqrt(int(low) * int(high)))
    return Fraction(low + high) / 2


def _merged(blocks: list[Block]) -> tuple[Block, ...]:
    """The blocks from left to right, with neighbouring points in one."""
    merged = list[Block]()
    for block in reversed(blocks):
        if merged and block.by == merged[-1].by == "point" and block.low == merged[-1].high + 1:
            merged[-1] = Block(merged[-1].low, block.high, "point", "plain")
        else:
            merged.append(block)
    return tuple(merged)


def early_counterexample(comparison: Comparison, start: Point, end: Point | None, *, whole: bool) -> Point | None:
    """A point among the first ones, and then at growing distances, that fails."""
    step = 1 if whole else Fraction(1, 4)
    points = [start + i * step for i in range(EARLY)] + [start + (1 << i) for i in range(7, 40)]
    for point in points:
        if (end is None or point <= end) and comparison.holds_at(point) is False:
            return point
    return None
