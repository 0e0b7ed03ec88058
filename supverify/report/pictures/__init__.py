"""The pictures of a report: plain data to SVG, each with a caption and with what is seen in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from .bounds import bounds_plot
from .canvas import MISSING, Picture, embedded
from .data import PictureData
from .influence import influence_pictures

__all__ = ["MISSING", "Picture", "PictureData", "draw", "embedded", "influence_pictures"]


def draw(data: PictureData) -> tuple[Picture, ...]:
    """Every picture that there is data for, in the order of a report; without matplotlib their words alone."""
    return tuple(_drawn(data))


def _drawn(data: PictureData) -> Iterator[Picture]:
    if data.influence is not None:
        yield from influence_pictures(data.influence)
    if data.capacity is not None:
        yield bounds_plot(data.capacity)
