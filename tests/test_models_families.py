"""What each family is, what it refuses, and exact comparisons with powers of M."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.kernel.claim import Permutation, Problem, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.models import FAMILIES, classify, family, generate, graph_json, graphml, influence_graph, permutation
from supverify.models.powers import exceeds, floor_power

SEEDED = ("random", "powerlaw", "mixture")


@given(number=st.integers(0, 10**9), base=st.integers(1, 10**6), p=st.integers(0, 8), q=st.integers(1, 8))
def test_powers_against_whole_numbers(number: int, base: int, p: int, q: int) -> None:
    exponent = Fraction(p, q)
    root = floor_power(base, exponent)
    assert root**exponent.denominator <= base**exponent.numerator < (root + 1) ** exponent.denominator
    assert exceeds(number, base, exponent) == (number > root)


@given(root=st.integers(1, 1000))
def test_a_tie_does_not_exceed(root: int) -> None:
    assert not exceeds(root, root**4, Fraction(1, 4))
    assert exceeds(root + 1, root**4, Fraction(1, 4))
    assert not exceeds(root**3, root**4, Fraction(3, 4))
    assert exceeds(root, root**4 - 1, Fraction(1, 4))


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_only_drawn_families_depend_on_the_seed(name: str) -> None:
    assert (family(name, outputs=40, seed=1) == family(name, outputs=40, seed=2)) == (name not in SEEDED)


def test_fixed_families_in_full() -> None:
    assert family("star", outputs=5).pairs == ((0, 1), (0, 2), (0, 3), (0, 4), (0, 5))
    assert family("stars", outputs=5).pairs == ((0, 2), (1, 2), (0, 3), (1, 3), (0, 4))
    assert family("clique", outputs=4).pairs == ((0, 1), (0, 2), (1, 2), (0, 3))
    assert family("matching", outputs=3) == TwoAnd(6, ((0, 1), (2, 3), (4, 5)))
    assert set(family("bipartite", outputs=16).pairs) == {(a, b) for a in range(4) for b in range(4, 8)}


def test_inputs_may_be_more_but_not_fewer_than_a_family_needs() -> None:
    assert family("star", outputs=5, inputs=9).inputs == 9
    all_pairs = {frozenset(pair) for pair in family("random", outputs=6, inputs=4).pairs}
    assert all_pairs == {frozenset(pair) for pair in family("clique", outputs=6).pairs}
    for name, outputs, inputs in (
        ("star", 5, 5),
        ("random", 6, 3),
        ("powerlaw", 6, 3),
        ("matching", 5, 9),
        ("mixture", 5, 2),
    ):
        with pytest.raises(Malformed, match="inputs"):
            family(name, outputs=outputs, inputs=inputs)


def test_the_power_law_prefers_the_first_inputs() -> None:
    influence = classify(family("powerlaw", outputs=500)).influence
    assert sum(influence[:50]) > sum(influence[50:])


@pytest.mark.parametrize("outputs", range(1, 10))
def test_ten_outputs_are_the_fewest_with_every_class(outputs: int) -> None:
    assert not all(part.members for part in classify(family("mixture", outputs=outputs)).output_classes)


@given(outputs=st.integers(10, 2000), seed=st.integers(0, 99))
def test_from_ten_outputs_on_a_mixture_has_every_class(outputs: int, seed: int) -> None:
    assert all(part.members for part in classify(family("mixture", outputs=outputs, seed=seed)).classes)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "circle"}, "family"),
        ({"outputs": 0}, "outputs"),
        ({"outputs": 10**7}, "outputs"),
        ({"seed": -1}, "seed"),
        ({"inputs": 1}, "inputs"),
        ({"inputs": 10**7}, "inputs"),
        ({"left": Fraction(1)}, "left"),
        ({"left": Fraction(0)}, "left"),
        ({"left": Fraction(1, 999)}, "left"),
    ],
)
def test_families_refuse(change: dict[str, Any], place: str) -> None:
    arguments: dict[str, Any] = {"name": "random", "outputs": 5, **change}
    with pytest.raises(Malformed, match=place):
        family(**arguments)


def test_a_permutation_is_one() -> None:
    assert sorted(permutation(30, seed=3).order) == list(range(30))
    assert permutation(30, seed=3) == permutation(30, seed=3) != permutation(30, seed=4)
    for size, seed in ((0, 0), (10**7, 0), (4, -1)):
        with pytest.raises(Malformed):
            permutation(size, seed=seed)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("random:M=9**9**9", "M"),
        ("random:M=٣", "M"),
        ("random:M=10,", "random"),
        ("random:M=10,n=5", "n"),
        ("random:M=10;seed=1", "M"),
        ("random:M=10,left=1/4", "left"),
        ("bipartite:M=10,left=0.5", "left"),
        ("bipartite:M=10,left=1/0", "left"),
        ("permutation:M=10", "M"),
        ("__import__('os').system('x')", "__import__"),
    ],
)
def test_a_refused_generator_text_names_the_key(text: str, key: str) -> None:
    with pytest.raises(Malformed) as refusal:
        generate(text)
    assert key in refusal.value.place


@pytest.mark.parametrize("problem", [family("mixture", outputs=20), Permutation((1, 2, 0))])
def test_the_graph_survives_its_file_formats(problem: Problem) -> None:
    graph = nx.relabel_nodes(influence_graph(problem), lambda node: f"{node[0]} {node[1]}")
    from_json = nx.node_link_graph(json.loads(json.dumps(graph_json(influence_graph(problem)))), edges="edges")
    for read in (from_json, nx.parse_graphml(graphml(influence_graph(problem)))):
        assert dict(read.nodes) == dict(graph.nodes)
        assert read.adj == graph.adj
