"""Problems, their influence graphs, and networks in superposition that compute them."""

from __future__ import annotations

from .broken import break_network
from .build import VARIANTS, Variant, build, default_variant
from .construction import Construction
from .generate import generate
from .influence import Class, Classification, Fact, Threshold, classify, graph_json, graphml, influence_graph
from .linear_permute import LinearPermutation, Noise, linear_permutation
from .problems import FAMILIES, family, permutation
from .sizes import Sizes, counting_floor_bits, sizes

__all__ = [
    "FAMILIES",
    "VARIANTS",
    "Class",
    "Classification",
    "Construction",
    "Fact",
    "LinearPermutation",
    "Noise",
    "Sizes",
    "Threshold",
    "Variant",
    "break_network",
    "build",
    "classify",
    "counting_floor_bits",
    "default_variant",
    "family",
    "generate",
    "graph_json",
    "graphml",
    "influence_graph",
    "linear_permutation",
    "permutation",
    "sizes",
]
