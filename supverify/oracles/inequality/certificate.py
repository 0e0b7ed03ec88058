"""The certificate of an inequality: numbers, strings and lists only, every constant in it can be worked out again.

``fails``: the last point that fails, with decimals around both sides (null: undefined). ``range``: blocks from left
to right, each with the test that shows it: ``point`` (every integer by itself), ``sides`` (the least of the left
side is more than the most of the right), ``rising``/``falling`` (left - right has a derivative of one sign and the
right sign at one end), ``steep`` (a value at one end and a bound of the derivative). ``tail``: from there on left -
right is the sum of coefficient * term, the fastest first. A term of the other sign (than ``sign``) is ``against`` a
faster one with that index: their quotient falls from there on and is at most ``ratio``. ``share``: what that leaves
of the first coefficient, up to its sign; positive. In the ``log`` form, left and right stand for their logarithms;
in the ``rounded`` form left is a lower and right an upper bound without floor and ceil.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .cases import Case
from .comparison import Block, Comparison, Point, decimals
from .search import Found, TailProof, share_of

DIGITS = 60  # of coefficients and ratios: little may be left where the tail starts at a tight place
LONG = 1 << 13  # bits of a power of two that is written out


def written(point: Point) -> int | str:
    """A point as JSON holds it: an integer, or as text a quotient or a power of 2 that is too long."""
    if Fraction(point).denominator == 1 and int(point).bit_length() > LONG and int(point).bit_count() == 1:
        return f"2^{int(point).bit_length() - 1}"
    return int(point) if Fraction(point).denominator == 1 else str(point)


def certificate_of(text: str, variable: str, whole: bool, cases: Sequence[tuple[Case, Found]]) -> dict[str, Any]:
    """What a reader needs to go through the proof again, for each case by remainder."""
    entries = [_case(case, found) for case, found in cases]
    shared = {"claim": text, "variable": variable, "kind": "integer" if whole else "real"}
    if len(entries) == 1 and cases[0][0].modulus == 1:
        return {**shared, **entries[0]}
    return {**shared, "cases": entries}


def _case(case: Case, found: Found) -> dict[str, Any]:
    comparison, entry = case.comparison, dict[str, Any]()
    if case.modulus > 1:
        entry["points"] = {"modulus": case.modulus, "residue": case.residue}
        entry["claim"] = _shown(comparison)
    entry["fails"] = None
    if found.fails is not None:
        entry["fails"] = {"at": written(found.fails), **comparison.enclosures(found.fails)}
    entry["range"] = [_block(block) for block in found.blocks]
    entry["tail"] = None if found.tail is None else _tail(found.tail, comparison.variable)
    return entry


def _shown(comparison: Comparison) -> str:
    from ...calculus.statement import show

    return show(comparison.relation)


def _block(block: Block) -> dict[str, Any]:
    return {"from": written(block.low), "to": written(block.high), "by": block.by, "form": block.form}


def _tail(proof: TailProof, variable: str) -> dict[str, Any]:
    """The terms of the expansion, the fastest first."""
    if not proof.germ.balls():
        return {"from": written(proof.start), "form": proof.form, "sign": 0, "terms": [], "share": ["0", "0"]}
    share, counted = share_of(proof)
    terms = []
    for part in counted:
        exact = proof.germ.exact.get(part.monomial)
        known = exact is not None and part.monomial not in proof.germ.enclosed
        theta = part.coefficient if proof.way > 0 else -part.coefficient
        entry: dict[str, Any] = {
            "term": re.sub(r"\bm\b", variable, str(part.monomial)),
            "coefficient": str(exact) if known else decimals(theta, theta, digits=DIGITS),
        }
        if part.against is not None:
            entry |= {"against": part.against, "ratio": decimals(part.ratio, part.ratio, digits=DIGITS)[1]}
        terms.append(entry)
    low = decimals(share, share)[0]
    return {"from": written(proof.start), "form": proof.form, "sign": proof.way, "terms": terms, "share": low}
