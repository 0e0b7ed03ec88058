"""The pictures of a report: plain data to SVG, each with a caption and with what is seen in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from .bounds import bounds_plot
from .canvas import MISSING, Picture, embedded
from .data import PictureData
from .influence import influence_pictures
from .margins import margin_histogram
from .noise import threshold_noise
from .overlaps import column_overlaps
from .path import counterexample
from .times import verification_times
from .weights import weight_matrix

__all__ = ["MISSING", "Picture", "PictureData", "draw", "embedded", "influence_pictures"]


def draw(data: PictureData) -> tuple[Picture, ...]:
    """Every picture that there is data for, in the order of a report; without matplotlib their words alone."""
    return tuple(_drawn(data))


def _drawn(data: PictureData) -> Iterator[Picture]:
    if data.path is not None:
        yield counterexample(data.path)
    if data.margins is not None:
        yield margin_histogram(data.margins)
    if data.noise is not None:
        yield threshold_noise(data.noise)
    if data.influence is not None:
        yield from influence_pictures(data.influence)
    for place, matrix in enumerate(data.weights, start=1):
        yield weight_matrix(matrix, place)
    if data.overlaps is not None:
        yield column_overlaps(data.overlaps)
    if data.capacity is not None:
        yield bounds_plot(data.capacity)
    if data.times is not None:
        yield verification_times(data.times)
