"""Sizes of networks: bits, entropies, input code and readout apart, known by heart and by another count."""

from __future__ import annotations

import time
from collections import Counter
from math import comb, log2

import numpy as np
import pytest

from supverify.kernel.claim import TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.models import build, family, sizes
from supverify.models.codes import linear, threshold

CODE = Layer(((0, 1), (2,)), ((1, 1), (1,)), (0, 0), relu=False)
GATES = Layer(((0,), (0, 1)), ((2,), (2, -1)), (1, -1), relu=True)
DECODER = Layer(((0,), (0, 1), (1,)), ((1,), (1, 1), (1,)), (0, 0, 0), relu=False)
PROBLEM = TwoAnd(3, ((0, 1), (0, 2), (1, 2)))


def test_code_and_readout_stand_apart() -> None:
    size = sizes(Network(3, (CODE, GATES)), PROBLEM, decoded=Network(3, (CODE, GATES, DECODER)))
    # 0/1 weights; then 2 bits for one of 2, 0, -1 and one for a bias
    assert (size.code_bits, size.bits) == (6, 6 + 4 * 2 + 2)
    # three of six; two, one and one of four weights, and two different biases
    assert (size.code_entropy, size.entropy) == (6.0, 6.0 + 4 * 1.5 + 2.0)
    # 0/1, four ones of six: 6 H(1/3)
    assert (size.readout_bits, size.readout_entropy) == (6, round(6 * log2(3) - 4, 1))
    assert (size.counting_floor_bits, size.bits_ratio) == (0, None)  # all three pairs: one problem


def test_without_an_input_code_or_a_readout_they_are_nothing() -> None:
    size = sizes(Network(2, (GATES,)), TwoAnd(2, ((0, 1), (0, 1))))
    assert (size.code_bits, size.code_entropy, size.readout_bits, size.readout_entropy) == (0, 0.0, 0, 0.0)
    assert sizes(Network(3, (CODE,)), TwoAnd(3, ((0, 1), (0, 2)))).code_bits == 0  # a network of its own


def test_ratios_and_expressions() -> None:
    built = build(family("random", outputs=30, seed=1), k=2)
    size = sizes(built.network, built.problem, decoded=built.decoded)
    floor = (comb(comb(30, 2), 30) - 1).bit_length()
    assert (size.bits_ratio, size.entropy_ratio) == (round(size.bits / floor, 3), round(size.entropy / floor, 3))
    assert size.entropy <= size.bits
    assert size.code_entropy <= size.code_bits == len(built.network.layers[0].bias) * 30 < size.bits
    assert size.readout_bits == 30 * len(built.code)
    assert size.paper.f == round(size.neurons / (30**0.5 * log2(30)), 4)


def test_entropy_by_dense_matrices() -> None:
    rng = np.random.default_rng(3)
    matrices = [rng.integers(-2, 3, shape) for shape in ((5, 9), (4, 5), (6, 4))]
    network = Network(9, tuple(linear(W, bias=i, relu=i > 0) for i, W in enumerate(matrices)))
    shares = [[count / W.size for count in Counter(W.ravel().tolist()).values()] for W in matrices]
    by_layer = [-W.size * sum(p * log2(p) for p in share) for W, share in zip(matrices, shares, strict=True)]
    size = sizes(network, TwoAnd(9, ((0, 1),)))
    assert size.entropy == round(sum(by_layer), 1)
    assert size.code_entropy == round(by_layer[0], 1)
    assert size.bits == sum(W.size * 3 for W in matrices)  # five different weights


@pytest.mark.slow
def test_large_networks_are_counted_at_once() -> None:
    inputs, width, rng = 100_000, 2500, np.random.default_rng(0)
    places = np.sort(rng.integers(width, size=(inputs, 10)) * inputs + np.arange(inputs)[:, None], axis=None)
    rows = [np.unique(part % inputs) for part in np.split(places, np.searchsorted(places // inputs, range(1, width)))]
    sources = tuple(tuple(row.tolist()) for row in rows)
    code = Layer(sources, tuple((1,) * len(row) for row in sources), (0,) * width, relu=False)
    dense = rng.integers(-8, 9, (width, width))
    network = Network(inputs, (code, *threshold(dense, 5)))
    problem = family("random", outputs=inputs)
    started = time.monotonic()
    size = sizes(network, problem)
    assert time.monotonic() - started < 4  # measured: half a second
    assert size.nonzeros == sum(map(len, sources)) + np.count_nonzero(dense) + width
    assert (size.neurons, size.code_bits, size.counting_floor_bits) == (width, inputs * width, 1705222)
