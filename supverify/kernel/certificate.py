"""Evidence for a claim about a network, as untrusted search writes it down.

Evidence is text, one word a step: a walk over cells in preorder, without numbers to be believed.

    L        leaf: the kernel's own bounds decide every output on this cell
    R        replay: the kernel evaluates every input of this cell
    Sj       split on input j: first the cell with j on, then the cell with j off
    O        one output at a time: the walk goes on for output 0, then for output 1, ...
    W i j..  witness, alone: the network is wrong when exactly the inputs i, j, .. are on
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .errors import Malformed

LEAF, REPLAY, OUTPUTS, SPLIT, WITNESS = "L", "R", "O", "S", "W"


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
        raise Malformed("certificate.evidence", "L, R, O, S and an input, or one W and inputs", word)
    return int(digits)
