"""Network files: what is read is exactly what was written."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brute import random_claim
from hypothesis import given
from hypothesis import strategies as st
from written import TWO, Table, dump, save

from supverify.files import (
    NetworkFile,
    read_network,
    write_network,
)
from supverify.files.exact import RealLayer, exact_network
from supverify.files.matrix import Matrix
from supverify.kernel.codec import encode
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network, evaluate


def real_outputs(arrays: Table, active: tuple[int, ...]) -> list[Fraction]:
    """The outputs of the arrays, by the definition, in Fractions."""

    def times(rows: Any, x: list[Fraction]) -> list[Fraction]:
        return [sum((Fraction(w) * v for w, v in zip(row, x, strict=True)), Fraction(0)) for row in rows]

    width = len((arrays.get("C") or arrays["W1"])[0])
    x = [Fraction(j in active) for j in range(width)]
    x = times(arrays["C"], x) if "C" in arrays else x
    depth = sum(name.startswith("W") for name in arrays)
    for i in range(1, depth + 1):
        x = [z + Fraction(b) for z, b in zip(times(arrays[f"W{i}"], x), arrays[f"b{i}"], strict=True)]
        x = [max(z, Fraction(0)) for z in x] if i < depth or arrays.get("relu_last") else x
    if "D" in arrays:
        x = [z + Fraction(c) for z, c in zip(times(arrays["D"], x), arrays["c"], strict=True)]
    return x


def rational_outputs(network: Network, active: tuple[int, ...]) -> list[Fraction]:
    return [Fraction(z, network.scale) for z in evaluate(network, active)]


numbers = st.one_of(
    st.sampled_from([0, 0, 1, -1, 0.5, -0.0, 0.1, 1e-9, 3e20]),
    st.floats(-8, 8, width=32),
    st.integers(-9, 9),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """The arrays of a small network of floats and integers, with or without a code, a decoder and a last ReLU."""
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    table: Table = {}

    def array(name: str, *shape: int) -> None:
        row = st.lists(numbers, min_size=shape[-1], max_size=shape[-1])
        table[name] = draw(row if len(shape) == 1 else st.lists(row, min_size=shape[0], max_size=shape[0]))

    for i, (width, outputs) in enumerate(pairwise(widths), start=1):
        array(f"W{i}", outputs, width)
        array(f"b{i}", outputs)
    if draw(st.booleans()):
        array("C", widths[0], 4)
    if draw(st.booleans()):
        array("D", 2, widths[-1])
        array("c", 2)
    if draw(st.booleans()):
        table["relu_last"] = draw(st.booleans())
    return table


@given(tables(), st.sets(st.integers(0, 3)))
def test_network_of_floats_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, table: Table, chosen: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("floats")
    for file in (read_network(dump(folder / "n.json", table)), read_network(save(folder / "n.npz", **table))):
        network = file.decoded or file.network
        active = tuple(sorted(j for j in chosen if j < network.inputs))
        assert rational_outputs(network, active) == real_outputs(table, active)
        undecoded = {name: array for name, array in table.items() if name not in "Dc"}
        assert rational_outputs(file.network, active) == real_outputs(undecoded, active)


@pytest.mark.parametrize("kind", ["?", "i1", "u1", "<i2", ">i4", "<i8", ">u8", "<f2", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_plain_type_is_read(kind: str, order: Any, tmp_path: Path) -> None:
    weights = np.array([[1, 0, 1], [0, 1, 1]]).astype(kind, order=order)
    np.savez_compressed(tmp_path / "n.npz", W1=weights, b1=np.zeros(2, kind))
    layer = Layer(((0, 2), (1, 2)), ((1, 1), (1, 1)), (0, 0), False)
    assert read_network(tmp_path / "n.npz") == NetworkFile(Network(3, (layer,)))


def test_network_as_the_kernel_writes_it(tmp_path: Path) -> None:
    network = random_claim(random.Random(1)).network
    assert read_network(dump(tmp_path / "n.json", encode(network))) == NetworkFile(network)


def test_criterion_chooses_between_coded_and_decoded_outputs(tmp_path: Path) -> None:
    decoder = {"D": [[1], [1]], "c": [0, 0]}
    code = {"C1": [[1, 0, 1]]}
    plain, decoded = (
        read_network(save(tmp_path / "1.npz", **TWO)),
        read_network(save(tmp_path / "2.npz", **TWO, **decoder)),
    )
    coded, both = (read_network(save(tmp_path / "3.npz", **TWO, **code, **more)) for more in ({}, decoder))
    for criterion in ("code", "readout", "linear", "separated"):
        assert plain.read_as(criterion) == (plain.network, None)
        assert decoded.read_as(criterion) == (decoded.decoded, None)
        assert coded.read_as(criterion) == (coded.network, ((0, 2),))
    assert both.read_as("code") == (both.network, ((0, 2),))
    assert both.read_as("readout") == (both.decoded, None)
    assert both.coded == 3


def round_trip(file: NetworkFile, folder: Path) -> None:
    write_network(folder / "1.npz", file)
    assert read_network(folder / "1.npz") == file
    write_network(folder / "2.npz", read_network(folder / "1.npz"))
    assert (folder / "1.npz").read_bytes() == (folder / "2.npz").read_bytes()


def test_written_network_reads_back_with_the_same_bytes(tmp_path: Path) -> None:
    code = Layer(((0, 2), (1,)), ((1, 1), (1,)), (0, 0), False)
    step = Layer(((0, 1), ()), ((-2, 300), ()), (1, -40_000), True)
    last = Layer(((1,),), ((1 << 62,),), (-1,), False)
    for layers in (
        (last,),
        (step,),
        (code, step),
        (code, step, step),
        (code, step, last),
        (step, last),
        (code, last),
    ):
        network = Network(3 if layers[0] is code else 2, layers)
        round_trip(NetworkFile(network), tmp_path)
        decoder = Layer(((0,), ()), ((5,), ()), (0, -7), False)
        decoded = Network(network.inputs, (*layers, decoder))
        marks = tuple((1, 3) if r == 0 else () for r in range(network.outputs))
        round_trip(NetworkFile(network, decoded, marks, 5), tmp_path)


LINEAR = Layer(((0,),), ((1,),), (1,), False)
UNWRITABLE = {
    "scale": NetworkFile(Network(1, (LINEAR,), 2)),
    "linear inside": NetworkFile(Network(1, (LINEAR, LINEAR))),
    "large": NetworkFile(Network(1, (Layer(((0,),), ((1 << 63,),), (0,), True),))),
}


@pytest.mark.parametrize("file", UNWRITABLE.values(), ids=UNWRITABLE)
def test_network_that_npz_would_not_hold_is_not_written(file: NetworkFile, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="network: expected"):
        write_network(tmp_path / "n.npz", file)
    assert list(tmp_path.iterdir()) == []


def test_network_is_written_as_npz_only(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"expected a name ending in \.npz, got \.json"):
        write_network(tmp_path / "n.json", NetworkFile(Network(1, (LINEAR,))))


@pytest.mark.parametrize(("extra", "code", "coded"), [(0, None, 0), (1, ((0,), (0,)), 1), (1, ((1,),), 1)])
def test_network_file_has_parts_that_fit(extra: int, code: tuple[tuple[int, ...], ...] | None, coded: int) -> None:
    decoded = Network(1, (LINEAR,) * (1 + extra))
    with pytest.raises(Malformed):
        NetworkFile(Network(1, (LINEAR,)), decoded, code, coded)


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.floats(-4, 4, width=32)
        | st.builds(lambda n, e: float(n) * 2.0**e, st.integers(-9, 9), st.integers(-1074, 900)),
        min_size=40,
        max_size=70,
    ),
    st.floats(-4, 4),
)
def test_many_floats_are_scaled_as_exactly_as_few(weights: list[float], bias: float) -> None:
    """Long rows are scaled by numpy, short ones number by number."""
    sources = tuple(range(len(weights)))
    layer = RealLayer(Matrix(len(weights), (sources,), (tuple(weights),)), (bias,), False, "W1")
    if 0 not in weights:
        network = exact_network([layer])
        assert [Fraction(w, network.scale) for w in network.layers[0].weights[0]] == list(map(Fraction, weights))
        assert Fraction(network.layers[0].bias[0], network.scale) == Fraction(bias)
        shares = (number.denominator for number in map(Fraction, [*weights, bias]))
        assert network.scale == max(shares)
    biases = RealLayer(Matrix(1, ((0,),) * len(weights), ((3,),) * len(weights)), tuple(weights), False, "W1")
    network = exact_network([biases])
    assert [Fraction(b, network.scale) for b in network.layers[0].bias] == list(map(Fraction, weights))
    assert network.scale == max(Fraction(b).denominator for b in weights)
