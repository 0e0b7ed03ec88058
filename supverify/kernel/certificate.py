"""Evidence for a claim about a network, as untrusted search writes it down.

Evidence is text, one word a step: a walk over cells in preorder, without numbers to be believed.

    L        leaf: the kernel's own bounds decide every output on this cell
    La.b,c   the same, with lower slopes read off when the inputs a and b, or c alone (-: none), are on as well
    R        replay: the kernel evaluates every input of this cell
    Sj       split on input j: first the cell with j on, then the cell with j off
    O        one output at a time: the walk goes on for the lowest output, then for the next, ...
    Xi       output i is set aside: the walk goes on for it alone, then for the others
    I        first of all: the first step is replaced by its ideal, [at least two of S_r are active]
    W i j..  witness, alone: the network is wrong when exactly the inputs i, j, .. are on
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .errors import Malformed

LEAF, REPLAY, SPLIT, OUTPUTS, ASIDE, IDEAL, WITNESS = "L", "R", "S", "O", "X", "I", "W"
MOST_SUPPORTS = 64  # of one leaf


@dataclass(frozen=True)
class Certificate:
    """Evidence for the one claim whose digest it names."""

    claim: str
    evidence: str
    format: Literal["supverify-certificate-1"] = "supverify-certificate-1"


def witness(active: Iterable[int]) -> str:
    """The evidence that the network is wrong when exactly ``active`` is on."""
    return " ".join([WITNESS, *map(str, sorted(active))])


def number(word: str, letter: str = "") -> int:
    """The input that a word, after its letter, names; raises Malformed if it names none."""
    digits = word[len(letter) :]
    if not (word.startswith(letter) and digits.isdecimal() and digits.isascii() and len(digits) <= 9):
        raise Malformed("certificate.evidence", "L, R, O, S and an input, X and an output, or one W and inputs", word)
    return int(digits)


def supports(word: str) -> list[frozenset[int]]:
    """The sets of inputs that a leaf names after its letter; raises Malformed."""
    sets = word[len(LEAF) :].split(",") if word != LEAF else []
    if len(sets) > MOST_SUPPORTS:
        raise Malformed("certificate.evidence", f"a leaf with at most {MOST_SUPPORTS} sets of inputs", len(sets))
    return [frozenset(number(part) for part in text.split(".") if text != "-") for text in sets]
