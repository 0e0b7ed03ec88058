"""Problems, their influence graphs, and networks in superposition that compute them.

The builders are loaded when first used: whoever verifies a network needs the problems alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .bounds import bounds
from .channel_network import random_channels
from .construction import Construction
from .generate import generate
from .influence import Class, Classification, Fact, Threshold, classify, graph_json, graphml, influence_graph
from .problems import FAMILIES, family, permutation
from .sizes import Sizes, counting_floor_bits, sizes

if TYPE_CHECKING:
    from .broken import break_network
    from .builders import VARIANTS, Variant, build, default_variant
    from .circuits import Circuit, Composition, compose
    from .linear_permute import LinearPermutation, Noise, linear_permutation
    from .paper.network import Block, PaperConstruction, build_paper
    from .representations import Representation, represent

_HOMES = {
    "broken": ("break_network",),
    "builders": ("VARIANTS", "Variant", "build", "default_variant"),
    "circuits": ("Circuit", "Composition", "compose"),
    "linear_permute": ("LinearPermutation", "Noise", "linear_permutation"),
    "paper.network": ("Block", "PaperConstruction", "build_paper"),
    "representations": ("Representation", "represent"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "FAMILIES",
    "VARIANTS",
    "Block",
    "Circuit",
    "Class",
    "Classification",
    "Composition",
    "Construction",
    "Fact",
    "LinearPermutation",
    "Noise",
    "PaperConstruction",
    "Representation",
    "Sizes",
    "Threshold",
    "Variant",
    "bounds",
    "break_network",
    "build",
    "build_paper",
    "classify",
    "compose",
    "counting_floor_bits",
    "default_variant",
    "family",
    "generate",
    "graph_json",
    "graphml",
    "influence_graph",
    "linear_permutation",
    "permutation",
    "random_channels",
    "represent",
    "sizes",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value
