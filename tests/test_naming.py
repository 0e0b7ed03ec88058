"""Layers are found by the names and shapes of their arrays, or the refusal says what would fit."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.files.naming import LayerArrays, Naming, layer_of, natural
from supverify.kernel.errors import Malformed

Shapes = dict[str, tuple[int, ...]]

FOUND: dict[str, tuple[Shapes, str]] = {
    "ours": ({"b2": (1,), "W2": (1, 4), "W1": (4, 6), "b1": (4,)}, "W1+b1 W2+b2"),
    "from 0": ({"W1": (1, 4), "W0": (4, 6)}, "W0 W1"),
    "small letters": ({"w1": (4, 6), "b1": (4,), "w2": (1, 4)}, "w1+b1 w2"),
    "torch": ({"fc2.weight": (1, 4), "fc1.bias": (4,), "fc1.weight": (4, 6)}, "fc1.weight+fc1.bias fc2.weight"),
    "torch Sequential": ({"0.weight": (4, 6), "2.weight": (1, 4), "0.bias": (4,)}, "0.weight+0.bias 2.weight"),
    "10 after 2": (
        {f"layers.{i}.weight": (2, 2) for i in (10, 2, 1)},
        " ".join(f"layers.{i}.weight" for i in (1, 2, 10)),
    ),
    "one": ({"weight": (2, 3), "bias": (2,)}, "weight+bias"),
    "one with a short name": ({"W": (2, 3), "b": (2,)}, "W+b"),
    "DataParallel": (
        {"module.fc1.weight": (4, 6), "module.fc2.weight": (1, 4)},
        "module.fc1.weight module.fc2.weight",
    ),
    "with an underscore": ({"W_in": (4, 6), "b_in": (4,), "W_out": (1, 4)}, "W_in+b_in W_out"),
    "by shapes": ({"head.weight": (1, 4), "body.weight": (4, 6)}, "body.weight head.weight"),
    "by shapes alone": ({"beta.weight": (1, 4), "alpha.weight": (4, 6)}, "alpha.weight beta.weight"),
    "shapes before words": ({"out.weight": (4, 6), "in.weight": (1, 4)}, "out.weight in.weight"),
    "encoder first": ({"decoder.weight": (6, 3), "encoder.weight": (3, 6)}, "encoder.weight decoder.weight"),
    "file order": ({"b.weight": (3, 3), "a.weight": (3, 3)}, "b.weight a.weight"),
    "some numbered": (
        {"fc.weight": (2, 2), "h.2.weight": (2, 2), "h.10.weight": (2, 2), "out.weight": (2, 2)},
        "fc.weight h.2.weight h.10.weight out.weight",
    ),
    "numbers beyond 64 bits": (
        {f"fc1{'0' * n}.weight": (1, 1) for n in (5000, 30)},
        f"fc1{'0' * 30}.weight fc1{'0' * 5000}.weight",
    ),
}


def shown(layers: tuple[LayerArrays, ...]) -> str:
    return " ".join(f"{layer.weights}+{layer.bias}" if layer.bias else layer.weights for layer in layers)


@pytest.mark.parametrize(("shapes", "layers"), FOUND.values(), ids=FOUND)
def test_layers_are_found(shapes: Shapes, layers: str) -> None:
    assert shown(Naming(shapes=shapes, place="n").layers()) == layers


def test_without_an_order_in_the_file_words_or_shapes_have_to_tell() -> None:
    shapes: Shapes = {"decoder.weight": (6, 3), "encoder.weight": (3, 6)}
    assert shown(Naming(shapes=shapes, place="n", ordered=False).layers()) == "encoder.weight decoder.weight"
    shapes = {"b.weight": (3, 3), "a.weight": (3, 3)}
    with pytest.raises(
        Malformed, match=r"one order of the layers \(name the layers: --layers.*got (b.weight then a|a.w)"
    ):
        Naming(shapes=shapes, place="n", ordered=False).layers()
    assert shown(Naming(shapes=shapes, place="n", ordered=False).layers(["a", "b"])) == "a.weight b.weight"


def test_what_is_before_and_after_the_layers_tells_too() -> None:
    shapes: Shapes = {"a.weight": (3, 6), "b.weight": (6, 3)}
    for inputs, outputs, layers in ((6, None, "a.weight b.weight"), (3, None, "b.weight a.weight")):
        assert shown(Naming(shapes=shapes, place="n", inputs=inputs, outputs=outputs).layers()) == layers
    assert shown(Naming(shapes=shapes, place="n", outputs=3, ordered=False).layers()) == "b.weight a.weight"


def test_wanted_layers_are_taken_as_they_are_named() -> None:
    shapes: Shapes = {
        "fc_in.weight": (4, 6),
        "fc_in.bias": (4,),
        "fc_out.weight": (1, 4),
        "ln.weight": (4,),
        "x": (9, 9, 9),
    }
    naming = Naming(shapes=shapes, place="n")
    assert shown(naming.layers(["fc_in", "fc_out"])) == "fc_in.weight+fc_in.bias fc_out.weight"
    assert shown(naming.layers(["fc_in.weight"])) == "fc_in.weight+fc_in.bias"
    for wanted, message in (
        (["fc"], "n: layers: expected some of the file's layers fc_in, fc_out, ln, got fc"),
        (["x"], "layers: expected some of"),
        ([], "n: expected 1 to 1024 layers, got 0"),
        (["ln"], r"n: ln.weight: expected shape \(outputs, inputs\), got shape \(4,\)"),
        (["fc_out", "fc_in"], r"n: fc_in.weight: expected shape \(outputs, inputs\) = \(..., 1\), got \(4, 6\)"),
    ):
        with pytest.raises(Malformed, match=message):
            naming.layers(wanted)


REFUSED: dict[str, tuple[Shapes, str]] = {
    "transposed": (
        {"fc1.weight": (6, 3), "fc2.weight": (3, 2)},
        r"fc2.weight: expected shape \(outputs, inputs\) = \(..., 6\), got \(3, 2\)",
    ),
    "second transposed": ({"fc1.weight": (3, 6), "fc2.weight": (3, 2)}, r"= \(..., 3\), got \(3, 2\); transposed\?"),
    "bias says so": (
        {"fc1.weight": (6, 3), "fc1.bias": (3,)},
        r"shape \(6,\), got shape \(3,\), fc1.weight \(6, 3\); transposed\?",
    ),
    "bias of another length": ({"W": (6, 3), "b": (5,)}, r"b: expected shape \(6,\), got shape \(5,\)$"),
    "no layer fits": ({"a.weight": (2, 3), "b.weight": (4, 5)}, r"b.weight: expected .* = \(..., 2\), got \(4, 5\)"),
    "kernels are inputs x outputs": (
        {"Dense_0/kernel": (6, 3), "Dense_0/bias": (3,)},
        r"Dense_0/bias: expected shape \(6,\), got shape \(3,\), Dense_0/kernel \(6, 3\); transposed\?",
    ),
    "autoencoder of x @ W": (
        {"W_enc": (6, 3), "b_enc": (3,), "W_dec": (3, 6), "b_dec": (6,)},
        r"b_enc: expected shape \(6,\), got shape \(3,\), W_enc \(6, 3\); transposed\?",
    ),
    "a gap": (
        {"W1": (2, 3), "W3": (1, 2)},
        r"W2: expected shape \(outputs, inputs\), as W3 follows, got no such array",
    ),
    "nothing": ({}, "got the arrays none"),
    "convolution": (
        {"conv.weight": (2, 3, 1, 1)},
        r"conv.weight: expected shape \(outputs, inputs\), got shape \(2, 3, 1, 1\)",
    ),
    "many": ({f"W{i}": (1, 1) for i in range(1, 1026)}, r"1 to 1024 layers.*W8, ... \(1025 in all\)"),
    "recurrent": ({"rnn.weight_ih_l0": (2, 2), "rnn.weight_hh_l0": (2, 2)}, "the weights of 1 to 1024 layers"),
}


@pytest.mark.parametrize(("shapes", "message"), REFUSED.values(), ids=REFUSED)
def test_refusal_says_what_fits(shapes: Shapes, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        Naming(shapes=shapes, place="n").layers()


def test_search_for_an_order_ends() -> None:
    """Fifteen layers in a chain and one that fits nowhere: each beginning of the chain could be tried."""
    shapes: Shapes = {f"{letter}.weight": (2, 2) for letter in "abcdefghijklmno"}
    shapes["z.weight"] = (5, 7)
    with pytest.raises(Malformed, match=r"expected shape \(outputs, inputs\) = \(..., 2\), got \(5, 7\)"):
        Naming(shapes=shapes, place="n").layers()


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_numbered_layers_are_found_in_any_order_of_the_file(widths: list[int], random: Random) -> None:
    shapes = [(f"net.{2 * i}.weight", (b, a)) for i, (a, b) in enumerate(pairwise(widths))]
    mixed = list(shapes)
    random.shuffle(mixed)
    for ordered in (True, False):
        found = Naming(shapes=dict(mixed), place="n", ordered=ordered).layers()
        assert [layer.weights for layer in found] == [name for name, _ in shapes]


@given(st.lists(st.text(max_size=6), max_size=6))
def test_no_name_is_too_strange(names: list[str]) -> None:
    assert sorted(names, key=natural) == sorted(sorted(names), key=natural)
    for name in names:
        layer_of(name)
    with suppress(Malformed):
        Naming(shapes=dict.fromkeys(names, (2, 2)), place="n").layers()


def test_natural_order() -> None:
    names = ["a", "a1", "a2", "a02", "a10", "a10b", "b", "10", "9"]
    assert sorted(names, key=natural)[:2] == ["9", "10"]
    assert sorted(["a10", "a2", "a1b", "a1"], key=natural) == ["a1", "a1b", "a2", "a10"]
