"""One inequality f >= g (or f > g) in one variable: its truth at a point, and on an interval by enclosures.

Forms are compared: f with g; ln f with ln g, where both are positive, which the logarithms require by themselves; and
where there is rounding, a lower bound of f with an upper bound of g, which can only prove the inequality.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from ...calculus.arithmetic import literal
from ...calculus.audit import Hole
from ...calculus.statement import Term, Tree, substitute
from ..balls import ball, compare
from .constants import Constant, Undecided, sign
from .primitives import exact
from .ranges import Interval
from .rewrite import logarithm, minus, simplified, without_common
from .rounding import bound, rounds
from .scale import ONE, START
from .tails import Expansion

BITS, MOST_BITS = 64, 4096  # of precision, beside the bits of the point itself

NEWTON = 40  # steps of a guess
WRITTEN_OUT = 64  # bits of points at which the statement is also tried as it stands

Point = Fraction | int


@dataclass(frozen=True)
class Block:
    """[low, high], where the inequality was shown ``by``: point, sides, rising, falling or steep, in ``form``."""

    low: Point
    high: Point
    by: str
    form: str


@dataclass(frozen=True)
class Comparison:
    """``left >= right``, or ``left > right`` if ``strict``, in ``variable``, decided before ``deadline``."""

    left: Tree
    right: Tree
    strict: bool
    variable: str
    deadline: float

    @property
    def relation(self) -> Term:
        """The inequality as a statement."""
        return Term(">" if self.strict else ">=", (self.left, self.right))

    @cached_property
    def _simplified(self) -> tuple[Tree, Tree]:
        return simplified(self.left), simplified(self.right)

    @cached_property
    def forms(self) -> dict[str, tuple[Tree, Tree]]:
        """The two sides in each form."""
        plain = without_common(*self._simplified)
        forms = {"plain": plain, "log": (logarithm(plain[0]), logarithm(plain[1]))}
        if rounds(plain[0]) or rounds(plain[1]):
            with suppress(Undecided):
                forms["rounded"] = bound(plain[0], up=False), bound(plain[1], up=True)
        return forms

    @cached_property
    def gaps(self) -> dict[str, Tree]:
        """left - right in each form."""
        return {form: minus(*sides) for form, sides in self.forms.items()}

    def hurry(self) -> None:
        """Raises Undecided when the time is up."""
        if time.monotonic() > self.deadline:
            raise Undecided("the time is up")

    def enough(self, way: int | None) -> bool:
        """Whether this sign of left - right makes the inequality true."""
        return way is not None and (way > 0 or (way == 0 and not self.strict))

    def sign_at(self, point: Point) -> int | None:
        """The sign of left - right: by balls, or where these do not exclude a tie by the exact constant."""
        return self._sign(point, ("plain", "log"))

    def _sign(self, point: Point, forms: Sequence[str]) -> int | None:
        self.hurry()
        bits, most = BITS, MOST_BITS + 2 * _size(point)
        while bits <= most:
            for form in forms:
                way = _ball_sign(self.gaps[form], self.variable, point, bits)
                if way is None and form == forms[0] and bits == BITS:
                    way = self._exact_sign(point, form)
                if way is not None:
                    return way
            bits = bits * 4 if bits > BITS else 2 * BITS + _size(point)
        return None

    def _exact_sign(self, point: Point, form: str) -> int | None:
        """The sign from the normal form of the difference, if it is 0 or known."""
        if _size(point) > 4096:
            return None
        closed = substitute(self.gaps[form], {self.variable: literal(point)})
        try:
            germ = Expansion(self.variable, START, 2).germ(closed)
        except Undecided:
            return None
        if germ.enclosed or set(germ.exact) - {ONE}:
            return None
        return sign(germ.exact.get(ONE, Constant()))

    def holds_at(self, point: Point) -> bool | None:
        """Whether the inequality holds at a point; None if that is not known."""
        try:
            way = self.sign_at(point)
        except RecursionError:
            way = None
        return self._as_written(point) if way is None else self.enough(way)

    def _as_written(self, point: Point) -> bool | None:
        """Whether it holds by the calculus or by balls, nothing taken apart: for points outside the forms' domain."""
        relation = substitute(self.relation, {self.variable: literal(point)})
        if _size(point) > WRITTEN_OUT:
            return None
        with suppress(Hole):
            return compare(relation)
        return None

    def undefined_at(self, point: Point) -> bool:
        """Whether a side has no value at a point, as far as balls around its parts show."""
        if _size(point) > WRITTEN_OUT:
            return False
        with suppress(Hole):
            return not all(ball(substitute(s, {self.variable: literal(point)}), {}).is_finite() for s in self.sides)
        return False

    @property
    def sides(self) -> tuple[Tree, Tree]:
        """Left and right."""
        return self.left, self.right

    def enclosures(self, point: Point) -> dict[str, Any]:
        """Both sides at a point, each between two decimals; their logarithms (``form``) where they are too large."""
        from flint import ctx

        for form in ("plain", "log"):
            try:
                with ctx.workprec(BITS + min(2 * _size(point), MOST_BITS)):
                    interval = Interval(self.variable, point, point, slopes=False)
                    whole = self._simplified if form == "plain" else map(logarithm, self._simplified)
                    sides = [interval.range(side).value for side in whole]
                    if form == "plain" and any(abs(end) > exact(10) ** 60 for side in sides for end in side):
                        continue
                    return dict(zip(("left", "right"), (decimals(*side) for side in sides), strict=True), form=form)
            except Undecided:
                continue
        return {"left": None, "right": None, "form": "plain"}

    def block(self, low: Point, high: Point) -> Block | None:
        """The whole of [low, high] at once; None if no test shows it."""
        from flint import ctx

        self.hurry()
        for form in self.forms:
            try:
                with ctx.workprec(BITS + 2 * _size(high)):
                    by = self._tested(form, low, high)
            except Undecided:
                continue
            if by:
                return Block(low, high, by, form)
        return None

    def crossing(self, low: int, high: int) -> int | None:
        """A guess, by Newton's method from ``high``: the first integer after a zero of left - right in the block."""
        from flint import ctx

        point = exact(high)
        with ctx.workprec(BITS + 2 * _size(high)):
            for _ in range(NEWTON):
                try:
                    gap = Interval(self.variable, 0, 0, slopes=True).at(point).range(self.gaps["plain"])
                except Undecided:
                    return None
                if gap.slope is None or not (gap.slope[0] > 0 or gap.slope[0] < 0):
                    return None
                step = (gap.value[0] / gap.slope[0]).mid()
                point = (point - step).mid()
                if not low <= point <= high:
                    return None
                if abs(step) < exact(Fraction(1, 4)):
                    found = point.ceil().unique_fmpz()
                    return None if found is None else int(found)
        return None

    def _tested(self, form: str, low: Point, high: Point) -> str:
        left, right = self._ranges(form, low, high)
        apart = left.value[0] - right.value[1]
        if apart > 0 or (apart >= 0 and not self.strict):
            return "sides"
        if left.slope is None or right.slope is None:
            return ""
        least, most = left.slope[0] - right.slope[1], left.slope[1] - right.slope[0]
        if least >= 0:
            return "rising" if self._ends_well(form, low) else ""
        if most <= 0:
            return "falling" if self._ends_well(form, high) else ""
        start, end = (self._gap(form, point) for point in (low, high))
        width = exact(high - low)
        steep = start + least * width > 0 or end - most * width > 0
        return "steep" if steep else ""

    def _ends_well(self, form: str, point: Point) -> bool:
        return self.enough(self._sign(point, ("rounded",) if form == "rounded" else ("plain", "log")))

    def _ranges(self, form: str, low: Point, high: Point) -> Any:
        interval = Interval(self.variable, low, high, slopes=True)
        return (interval.range(side) for side in self.forms[form])

    def _gap(self, form: str, point: Point) -> Any:
        return Interval(self.variable, point, point, slopes=False).range(self.gaps[form]).value[0]


def _ball_sign(gap: Tree, variable: str, point: Point, bits: int) -> int | None:
    from flint import ctx

    with ctx.workprec(bits):
        try:
            low, high = Interval(variable, point, point, slopes=False).range(gap).value
        except Undecided:
            return None
        return 1 if low > 0 else -1 if high < 0 else None


def _size(point: Point) -> int:
    number = Fraction(point)
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def decimals(low: Any, high: Any, *, digits: int = 15) -> list[str]:
    """Two decimals with everything between the two balls between them."""
    return [_decimal(low, digits, up=False), _decimal(high, digits, up=True)]


def _decimal(ball: Any, digits: int, *, up: bool) -> str:
    """A decimal of so many digits that is not above (``up``: not below) any number in the ball."""
    from flint import arb, ctx

    with ctx.workprec(4 * digits + 64):
        text = str((ball.upper() if up else ball.lower()).mid().str(digits, radius=False))
        for step in _outward(up):
            shifted = arb(text) + step * abs(arb(text)) / 10 ** (digits - 1)
            text = str(shifted.mid().str(digits, radius=False))
            if (arb(text) >= ball) if up else (arb(text) <= ball):
                return text
    raise Undecided("a number that is not finite")


def _outward(up: bool) -> Iterator[int]:
    direction = 1 if up else -1
    for size in (0, 1, 2, 4, 16, 256):
        yield direction * size
