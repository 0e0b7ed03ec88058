"""Problems, their influence graphs, and networks in superposition that compute them."""

from __future__ import annotations

from .bounds import bounds
from .broken import break_network
from .build import VARIANTS, Variant, build, default_variant
from .channel_network import random_channels
from .compose import Circuit, Composition, compose
from .construction import Construction
from .generate import generate
from .influence import Class, Classification, Fact, Threshold, classify, graph_json, graphml, influence_graph
from .linear_permute import LinearPermutation, Noise, linear_permutation
from .paper.network import Block, PaperConstruction, build_paper
from .problems import FAMILIES, family, permutation
from .represent import Representation, represent
from .sizes import Sizes, counting_floor_bits, sizes

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
