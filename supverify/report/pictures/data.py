"""What the pictures of a network show, as immutable plain values: gathered elsewhere, drawn here.

Counts and extremes are exact; floats stand only for places in a drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Classification


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Neurons, above 0, at rising numbers of outputs: a line, ``dash`` long if that is not 0, or separate points."""

    label: str
    outputs: tuple[int, ...]
    neurons: tuple[float, ...]
    dash: int = 0


@dataclass(frozen=True, kw_only=True)
class NeuronBounds:
    """How many neurons numbers of outputs ask for: lines, points of networks, and the ``outputs`` looked at."""

    lines: tuple[Curve, ...]
    points: tuple[Curve, ...]
    outputs: int


@dataclass(frozen=True, kw_only=True)
class PictureData:
    """All pictures of one network and its problem; a part that is None, or that is empty, has no picture."""

    influence: Classification | None = None
    capacity: NeuronBounds | None = None
