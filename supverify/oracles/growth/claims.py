"""Growth and limits decided: f and g expanded on one scale, and the claim read off the two leading terms.

    f/g = (c + o(1)) t,   t a product of powers of the scale, c a constant, or in [low, high] if something oscillates

O, o, Omega, omega, Theta compare |f| with |g| (Bachmann and Landau; Knuth), ``f ~ g`` says f/g -> 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...calculus.statement import Term, Tree
from ..decision import Answer
from . import elementary
from .constants import enclosure, oscillations, same, sign
from .expansion import lead, leading_sum
from .oscillation import changes_sign, check_flint, comes_close_to_zero, limit_points, stays_away
from .scale import Lead, Scale
from .terms import ONE, Oscillation, Power, Sum, Undecided, add_powers, multiply_powers
from .text import show, show_product
from .translate import as_sum

TAGS = frozenset(("multiseries", "arb"))
SHOWN = 3  # leading terms in a certificate
INFINITY = Term("oo")


@dataclass(frozen=True)
class Ratio:
    """f/g = (``constant`` + o(1)) times what ``way`` says: to infinity (1), 1 (0), or to 0 (-1)."""

    way: int
    constant: Sum
    text: str


@dataclass(frozen=True)
class Reading:
    """A verdict with its reason and what was read off."""

    verdict: Answer
    reason: str
    certificate: Mapping[str, Any]


def decide_on(scale: Scale, claim: Term) -> Reading:
    """The verdict on ``f = O(g)`` and the like or on ``limit(f) = v``; raises Undecided."""
    check_flint()
    _, left, right = claim.arguments
    if claim.head == "limit":
        return _limit(scale, left, right)
    f, g = as_sum(left, scale), as_sum(right, scale)
    f_lead, g_lead = lead(scale, f), lead(scale, g)
    certificate: dict[str, Any] = {"f": _leading_terms(scale, f), "g": _leading_terms(scale, g)}
    if g_lead is None:
        return _against_zero(claim.head, f_lead, certificate)
    if f_lead is None:
        return _zero_against(scale, claim.head, g_lead, certificate)
    ratio = _ratio(scale, f_lead, g_lead)
    certificate["ratio"] = ratio.text
    answer, reason = _read_off(scale, claim.head, ratio, f)
    return _reading(answer, reason, scale, certificate)


def _reading(answer: bool | None, reason: str, scale: Scale, certificate: Mapping[str, Any]) -> Reading:
    found: Answer = "undecided" if answer is None else "true" if answer else "false"
    names = [show_product({kernel: Fraction(1)}, ONE) for kernel in reversed(scale.order)]
    return Reading(found, reason, {"scale": names, **certificate})


def _against_zero(head: str, f: Lead | None, certificate: Mapping[str, Any]) -> Reading:
    """|f| <= c*0 and |f| >= c*0; what is more has no common meaning."""
    if head in ("o", "omega", "~"):
        raise Undecided(f"{head} against a function that is 0")
    holds = f is None if head in ("O", "Theta") else True
    if f is not None and oscillations(f.coefficient):
        raise Undecided("an oscillation against a function that is 0")
    return Reading("true" if holds else "false", "g is 0", certificate)


def _zero_against(scale: Scale, head: str, g: Lead, certificate: Mapping[str, Any]) -> Reading:
    """0 against g; an oscillating coefficient may be 0 everywhere, so it has to be seen away from 0."""
    if head in ("O", "o"):
        return _reading(True, "f is 0", scale, certificate)
    waves = oscillations(g.coefficient)
    if waves and not _bounded_away(g.coefficient) and not stays_away(limit_points(scale, g.coefficient)):
        raise Undecided(f"whether {show(g.coefficient)} is 0 everywhere")
    return _reading(False, "f is 0 and g is not", scale, certificate)


def _ratio(scale: Scale, f: Lead, g: Lead) -> Ratio:
    if oscillations(g.coefficient):
        sign(g.coefficient)
    minus = Fraction(-1)
    powers: dict[Any, Power] = dict(f.powers)
    for kernel, power in g.powers.items():
        powers[kernel] = add_powers(powers.get(kernel, Fraction(0)), multiply_powers(power, minus))
    constant = f.coefficient * elementary.power(scale, g.coefficient, minus)
    ordered = {kernel: powers[kernel] for kernel in reversed(scale.order) if kernel in powers}
    return Ratio(scale.direction(powers), constant, show_product(ordered, constant))


def _leading_terms(scale: Scale, total: Sum) -> list[str]:
    """The first terms, each smaller than the one before, as far as they are told easily."""
    found = list[str]()
    while len(found) < SHOWN:
        try:
            first = lead(scale, total)
        except Undecided:
            break
        if first is None or (found and oscillations(first.coefficient)):
            break
        ordered = {kernel: first.powers[kernel] for kernel in reversed(scale.order) if kernel in first.powers}
        found.append(show_product(ordered, first.coefficient))
        if oscillations(first.coefficient):
            break
        total = total - leading_sum(scale, first)
    return found


def _read_off(scale: Scale, head: str, ratio: Ratio, f: Sum) -> tuple[bool | None, str]:
    """The answer, and why."""
    plain = not oscillations(ratio.constant)
    if plain or _bounded_away(ratio.constant):
        if head == "~" and not plain and ratio.way == 0:
            return _near_one(scale, ratio)
        return _of_definite(head, ratio, plain=plain)
    values = limit_points(scale, ratio.constant)
    text = f"f/g is {ratio.text}, where {_range(ratio.constant)}"
    if ratio.way < 0:
        return head in ("O", "o"), f"f/g tends to 0: {ratio.text} with a bounded factor"
    if head in ("O", "o") and ratio.way == 0 and head == "O":
        return True, f"{text}: bounded"
    if head == "omega" and ratio.way == 0:
        return False, f"{text}: bounded"
    if head in ("O", "o", "~") and stays_away(values) and (head != "~" or ratio.way > 0 or _leaves_one(scale, ratio)):
        return False, f"{text}; infinitely often it is not near what is claimed"
    near_zero = comes_close_to_zero(values) if ratio.way == 0 else _crosses_zero(scale, f, values)
    if head in ("Omega", "Theta", "omega", "~") and near_zero:
        return False, f"{text}; infinitely often it is as near to 0 as one likes"
    if head == "Theta" and ratio.way > 0 and stays_away(values):
        return False, f"{text}; it is not bounded"
    raise Undecided(f"{text}: the values it takes infinitely often are not known well enough")


def _crosses_zero(scale: Scale, f: Sum, values: list[Any]) -> bool:
    """Whether f, over the reals and without jumps, changes its sign infinitely often.

    To touch 0 is not enough where f/g grows: what is slower may keep f away from it, as in x*(1 + sin(x)) + 1.
    """
    return not scale.integer and _has_no_jumps(f) and changes_sign(values)


def _has_no_jumps(total: Sum) -> bool:
    """Whether all its oscillations are sines and cosines, those in their arguments too: sin(floor(x)) jumps."""
    details = [kernel.detail for kernel in oscillations(total)]
    return all(isinstance(d, Oscillation) and d.name in ("sin", "cos") and _has_no_jumps(d.argument) for d in details)


def _near_one(scale: Scale, ratio: Ratio) -> tuple[bool, str]:
    """f ~ g where f/g oscillates: false if 1 is outside its range, or if it comes close to something else."""
    low, high = enclosure(ratio.constant - ONE)
    if low > 0 or high < 0 or _leaves_one(scale, ratio):
        return False, f"f/g does not tend to 1: {_range(ratio.constant)}"
    raise Undecided(f"whether {show(ratio.constant)} tends to 1")


def _leaves_one(scale: Scale, ratio: Ratio) -> bool:
    return stays_away(limit_points(scale, ratio.constant - ONE))


def _bounded_away(constant: Sum) -> bool:
    low, high = enclosure(constant)
    return bool(low > 0 or high < 0)


def _range(constant: Sum) -> str:
    low, high = enclosure(constant)
    return f"{show(constant)} is in [{low.str(6, radius=False)}, {high.str(6, radius=False)}]"


def _of_definite(head: str, ratio: Ratio, *, plain: bool) -> tuple[bool, str]:
    """The answer where c is not 0, or stays on one side of 0."""
    if ratio.way > 0:
        return head in ("Omega", "omega"), f"|f/g| tends to infinity: it grows like {ratio.text}"
    if ratio.way < 0:
        return head in ("O", "o"), f"f/g tends to 0: it falls like {ratio.text}"
    if not plain:
        return head in ("O", "Omega", "Theta"), f"f/g stays between bounds on one side of 0: {_range(ratio.constant)}"
    if head == "~":
        answer = same(ratio.constant, ONE)
        return answer, f"f/g tends to {ratio.text}" + ("" if answer else ", not to 1")
    return head in ("O", "Omega", "Theta"), f"f/g tends to {ratio.text}"


def _limit(scale: Scale, left: Tree, right: Tree) -> Reading:
    f = as_sum(left, scale)
    negative = right == Term("neg", (INFINITY,))
    if negative or right == INFINITY:
        return _limit_infinite(scale, -f if negative else f, f)
    value = as_sum(right, scale)
    if value.basis:
        raise Undecided("a limit that depends on the variable")
    gap = f - value
    certificate: dict[str, Any] = {"f": _leading_terms(scale, f), "f - v": _leading_terms(scale, gap)}
    first = lead(scale, gap)
    if first is None or scale.direction(first.powers) < 0:
        return _reading(
            True,
            "f - v is 0" if first is None else f"f - v tends to 0 like {certificate['f - v'][0]}",
            scale,
            certificate,
        )
    what = show_product(first.powers, first.coefficient)
    if not oscillations(first.coefficient) or stays_away(limit_points(scale, first.coefficient)):
        return _reading(False, f"f - v is {what}, which does not tend to 0", scale, certificate)
    if _bounded_away(first.coefficient):
        return _reading(False, f"f - v stays away from 0: {_range(first.coefficient)}", scale, certificate)
    raise Undecided(f"whether {what} tends to 0")


def _limit_infinite(scale: Scale, total: Sum, f: Sum) -> Reading:
    """Whether ``total`` tends to plus infinity."""
    certificate = {"f": _leading_terms(scale, f)}
    first = lead(scale, total)
    if first is None or scale.direction(first.powers) <= 0:
        return _reading(False, "f stays bounded", scale, certificate)
    what = f"f grows like {show_product(first.powers, first.coefficient)}"
    if not oscillations(first.coefficient) or _bounded_away(first.coefficient):
        return _reading(sign(first.coefficient) > 0, what, scale, certificate)
    if any(value < 0 for value in limit_points(scale, first.coefficient)):
        return _reading(False, f"{what}, whose sign changes for ever", scale, certificate)
    raise Undecided(f"whether {what} to infinity")
