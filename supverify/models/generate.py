"""Generator texts: ``random:M=1000,seed=0``, ``bipartite:M=64,left=1/4``, ``permutation:m=16,seed=1``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from supverify.kernel.claim import Problem
from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed

from .problems import FAMILIES, family, permutation

NAMES = {"M": "outputs", "m": "inputs", "seed": "seed", "left": "left"}


def generate(text: str) -> Problem:
    """The problem that a generator text names; raises Malformed with the key that is wrong."""
    name, _, options = text.partition(":")
    if name != "permutation" and name not in FAMILIES:
        raise Malformed(f"generator {name}", "permutation or a family: " + ", ".join(FAMILIES), name)
    values = _options(name, options)
    needed = "m" if name == "permutation" else "M"
    if needed not in values:
        raise Malformed(f"generator {name}", f"{needed}=...", options or "nothing")
    if name == "permutation":
        return permutation(values["m"], seed=values.get("seed", 0))
    return family(name, **{NAMES[key]: value for key, value in values.items()})


def _options(name: str, text: str) -> dict[str, Any]:
    known = {"permutation": ("m", "seed"), "bipartite": ("M", "m", "seed", "left")}.get(name, ("M", "m", "seed"))
    values: dict[str, Any] = {}
    for item in text.split(",") if text else ():
        key, _, value = item.strip().partition("=")
        if key not in known or key in values:
            raise Malformed(f"generator {name}: {key}", "each of " + ", ".join(known) + " at most once", item)
        place = f"generator {name}: {key}"
        values[key] = decode(Fraction, value, place) if key == "left" else _integer(value, place)
    return values


def _integer(value: str, place: str) -> int:
    if not (value.isdecimal() and value.isascii() and len(value) <= 9):
        raise Malformed(place, "an integer of up to 9 digits", value)
    return int(value)
