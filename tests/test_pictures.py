"""Pictures: the same bytes every time, valid XML, words that have the numbers, and words alone without matplotlib."""

from __future__ import annotations

import base64
import re
import sys
import zlib
from dataclasses import replace
from fractions import Fraction
from functools import cache
from xml.etree import ElementTree

import pytest
from report_samples import star

from supverify.report.model import WrongOutput
from supverify.report.pictures import Picture, draw, embedded
from supverify.report.pictures.bitmap import STORED, data_url
from supverify.report.pictures.canvas import INK
from supverify.report.pictures.data import (
    CounterexamplePath,
    Covered,
    Curve,
    Extremes,
    Margins,
    NeuronBounds,
    Noise,
    Overlaps,
    PathEdge,
    PathLayer,
    PathUnit,
    PictureData,
    Region,
    Threshold,
    TimedCurve,
    Times,
    WeightMatrix,
)
from supverify.report.pictures.words import coverage, number

F = Fraction
COVERED = (Covered(size=0, inputs=1, of=1), Covered(size=1, inputs=9, of=9), Covered(size=2, inputs=20, of=36))
HOSTILE = "$x$ <b>&"

WEIGHTS = WeightMatrix(
    name=HOSTILE,
    rows=3,
    columns=4,
    positive=2,
    negative=1,
    largest=F(7, 2),
    regions=(Region(name="dead", begin=0, end=1), Region(name="shared", begin=1, end=3)),
    step=(1, 2),
    cells=((0.0, 1.0), (-0.5, 0.0), (0.0, 0.1)),
)
OVERLAPS = Overlaps(
    name="C",
    code=True,
    k=2,
    columns=9,
    of=12,
    bars=((F(0), 30), (F(3), 6)),
    least=0.0,
    most=3.0,
    ones=(5, 6),
    filled=(4, 5, 6),
)
NOISE = Noise(
    covered=COVERED,
    thresholds=(
        Threshold(
            name="W1 and W2",
            kind="step",
            truth="a unit is true where it is meant to be",
            level=F(0),
            reached=True,
            before=(
                Extremes(highest_false=F(-64), lowest_true=None),
                Extremes(highest_false=F(-9), lowest_true=None),
                Extremes(highest_false=F(-1), lowest_true=F(2)),
            ),
            after=tuple(Extremes(highest_false=F(0), lowest_true=F(1)) for _ in COVERED),
        ),
        Threshold(
            name="outputs",
            kind="readout",
            truth="an output is true where its gate is",
            level=F(1, 2),
            reached=False,
            before=tuple(Extremes(highest_false=F(3, 7), lowest_true=F(4, 7)) for _ in COVERED),
            after=(),
        ),
    ),
)
MARGINS = Margins(
    covered=COVERED,
    counts=((F(-1, 4), 1), (F(1, 3), 7)),
    smallest=F(-5, 4),
    worst=(3, "y0 AND y3"),
    status="REFUTED",
)
PATH = CounterexamplePath(
    layers=(
        PathLayer(name="inputs", on=2, units=(PathUnit(index=4, value=F(1)), PathUnit(index=8, value=F(1)))),
        PathLayer(name="W1", on=15, units=(PathUnit(index=11, value=F(5, 4)),)),
    ),
    edges=(
        (PathEdge(source=4, target=11, adds=F(3, 4)), PathEdge(source=8, target=11, adds=F(-1, 4))),
        (PathEdge(source=11, target=3, adds=F(5, 8)),),
    ),
    bias=F(1, 16),
    output=WrongOutput(output=3, computes="y0 AND y3", expected="at most 1/2", got="11/16"),
    wrong=2,
    rounded="float32",
)
CAPACITY = NeuronBounds(
    lines=(Curve(label="sqrt(M) log2 M", outputs=(4, 16, 64), neurons=(4.0, 16.0, 48.0), dash=6),),
    points=(Curve(label=HOSTILE, outputs=(64,), neurons=(26.0,)),),
    outputs=16,
    own=Curve(label="this network", outputs=(16,), neurons=(12.0,)),
)
TIMES = Times(
    panels=(
        (2, (TimedCurve(label="supverify: search", outputs=(64, 1000), seconds=(0.001, 0.0123), peer=False),)),
        (3, (TimedCurve(label="CP-SAT", outputs=(64, 1000), seconds=(0.5, 1123.9), peer=True),)),
    ),
    machine="2 cores",
)
EVERYTHING = PictureData(
    influence=star(),
    weights=(WEIGHTS,),
    overlaps=OVERLAPS,
    noise=NOISE,
    margins=MARGINS,
    path=PATH,
    capacity=CAPACITY,
    times=TIMES,
)
COSINES = replace(OVERLAPS, code=False, bars=((F(-1, 20), 3), (F(19, 20), 33)), ones=None, filled=None, least=-0.03)


@cache
def drawn() -> tuple[Picture, ...]:
    """Everything, once."""
    return draw(EVERYTHING)


def test_every_part_has_its_picture_and_no_name_twice() -> None:
    names = [picture.name for picture in drawn()]
    assert sorted(names) == sorted(
        ("graph", "histogram", "weights-1", "overlaps", "noise", "margins", "counterexample", "capacity", "times")
    )
    assert draw(PictureData()) == ()


def test_pictures_are_the_same_bytes_every_time_and_valid_xml() -> None:
    for picture, again in zip(drawn(), draw(EVERYTHING), strict=True):
        assert picture == again
        assert picture.svg is not None
        assert ElementTree.fromstring(picture.svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert INK in picture.svg
        inside = embedded(picture.svg, "here")
        assert INK not in inside
        assert "min-width" in inside
        assert inside.count(' id="') == inside.count(' id="here-')


@pytest.mark.parametrize(
    ("name", "numbers"),
    {
        "graph": ("5 inputs and 4 outputs", "8 lines", "in 4 outputs: input 0"),
        "histogram": ("1 has 4 inputs", "4 has 1 input", "M^(1/4) = 1.414"),
        "weights-1": (
            "3 rows and 4 columns",
            "2 weights above 0, 1 below and 9 equal to 0",
            "7/2",
            "1 dead, 2 shared",
        ),
        "overlaps": (
            "36 pairs",
            "0 in common: 30",
            "5 to 6 ones; 6 pairs have more than 2",
            "column, 4",
            "5 of its 6",
        ),
        "noise": (
            "at least 0",
            "2 active: false up to -1, true from 2",
            "above 1/2",
            "false up to 3/7, true from 4/7",
        ),
        "margins": ("8 outputs", "-1/4", "output 3 (y0 AND y3)", "1 output below 0", "the smallest of all is -5/4"),
        "counterexample": (
            "inputs: 4, 8",
            "15 on: 11 = 5/4",
            "5/8 from 11, and 1/16",
            "It is 11/16",
            "2 outputs are",
        ),
        "capacity": ("At M = 16", "this network: 12 neurons", "sqrt(M) log2 M: 16", "26 neurons (at M = 64)"),
        "times": ("k = 2: supverify: search 0.0123 s at M = 1,000", "k = 3: CP-SAT 1,124 s"),
    }.items(),
)
def test_the_alternative_says_what_is_seen(name: str, numbers: tuple[str, ...]) -> None:
    (picture,) = (picture for picture in drawn() if picture.name == name)
    for text in numbers:
        assert text in picture.alternative
    assert picture.title
    assert picture.caption.endswith(".")


def test_captions_say_what_was_gone_through() -> None:
    captions = {picture.name: picture.caption for picture in drawn()}
    for name in ("noise", "margins"):
        assert "all 10 inputs with 0 or 1 active and a seeded sample of 20 of the 36 with 2 active" in captions[name]
    assert "Each cell stands for 1 x 2 weights" in captions["weights-1"]
    assert "sample of 9 of the 12 columns" in captions["overlaps"]
    assert "14 of W1" in captions["counterexample"]
    assert "wrong in float32" in captions["counterexample"]
    assert coverage(COVERED[:2]) == "all 10 inputs of the claim"


def test_without_matplotlib_the_words_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = drawn()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    without = draw(EVERYTHING)
    assert [picture.svg for picture in without] == [None] * len(with_it)
    assert [replace(picture, svg=None) for picture in with_it] == list(without)


def test_cosines_have_a_picture_of_their_own() -> None:
    (picture,) = draw(PictureData(overlaps=COSINES))
    assert "cosines from -0.030" in picture.alternative
    assert "33, lie between 0.95 and 1.00" in picture.alternative


def test_other_data_are_other_bytes() -> None:
    changed = replace(MARGINS, counts=((F(-1, 4), 2), (F(1, 3), 7)))
    assert draw(PictureData(margins=changed)) != draw(PictureData(margins=MARGINS))


def test_numbers_too_large_for_floats_are_drawn_far_out() -> None:
    far = replace(MARGINS, counts=((F(-(10**400)), 1), (F(10**400), 1)), smallest=F(-(10**400)))
    (picture,) = draw(PictureData(margins=far))
    assert picture.svg is not None
    assert "below -10^308" in picture.alternative


@pytest.mark.parametrize(
    ("value", "text"),
    {F(1, 2): "1/2", F(1000): "1,000", F(-3): "-3", F(1035, 2048): "0.5054", F(10**400): "above 10^308"}.items(),
)
def test_numbers_are_exact_where_they_are_short(value: Fraction, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (300, 501)])
def test_images_are_stored_as_they_are(rows: int, columns: int) -> None:
    """Read back by hand: what is inside is the rows, two pixels a byte, in blocks that are not packed."""
    picture = [[(3 * r + c) % 5 for c in range(columns)] for r in range(rows)]
    png = base64.b64decode(data_url(picture, [(i, i, i, i) for i in range(5)]).partition(",")[2])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    data = png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8]
    lines = zlib.decompress(data)
    width = -(-columns // 2)
    assert len(lines) == rows * (1 + width)
    for r, row in enumerate(picture):
        line = lines[r * (1 + width) + 1 : (r + 1) * (1 + width)]
        assert [
            byte >> 4 if c % 2 == 0 else byte & 15 for c, byte in ((c, line[c // 2]) for c in range(columns))
        ] == row
    assert len(data) == 2 + 4 + len(lines) + 5 * -(-len(lines) // STORED)


def test_weights_are_drawn_in_their_own_image() -> None:
    (picture,) = draw(PictureData(weights=(WEIGHTS,)))
    assert picture.svg is not None
    (image,) = re.findall(r'href="(data:image/png;base64,[^"]*)"', picture.svg)
    png = base64.b64decode(image.partition(",")[2])
    lines = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])
    assert lines == bytes([0, 0x07, 0, 0xB0, 0, 0x01])
