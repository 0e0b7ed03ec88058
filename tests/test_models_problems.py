"""Families, generator texts, the influence graph and its classes."""

from __future__ import annotations

import json
from fractions import Fraction

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.kernel.claim import TwoAnd
from supverify.kernel.errors import Malformed
from supverify.models import (
    FAMILIES,
    classify,
    family,
    generate,
    graph_json,
    graphml,
    influence_graph,
    permutation,
)

problems = st.builds(
    lambda inputs, ends: TwoAnd(inputs, tuple((a % inputs, (a + 1 + b % (inputs - 1)) % inputs) for a, b in ends)),
    st.integers(2, 12),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=90),
)


@given(st.sampled_from(sorted(FAMILIES)), st.integers(1, 200), st.integers(0, 2**32))
def test_families_have_distinct_pairs_and_repeat_by_seed(name: str, outputs: int, seed: int) -> None:
    problem = family(name, outputs=outputs, seed=seed)
    assert len({frozenset(pair) for pair in problem.pairs}) == len(problem.pairs) == outputs
    assert family(name, outputs=outputs, seed=seed) == problem


def test_the_shapes_of_the_families() -> None:
    def degrees(name: str, **options: Fraction) -> list[int]:
        problem = family(name, outputs=36, **options)  # type: ignore[arg-type]
        graph = nx.Graph(list(problem.pairs))
        return sorted((d for _, d in graph.degree()), reverse=True)

    assert degrees("star") == [36] + [1] * 36
    assert degrees("stars") == [18, 18] + [2] * 18
    assert degrees("matching") == [1] * 72
    assert degrees("clique") == [8] * 9
    assert degrees("bipartite") == [6] * 12
    assert degrees("bipartite", left=Fraction(1, 4)) == [18] * 2 + [2] * 18
    assert len(degrees("random")) <= 36


@given(problems)
def test_every_input_and_output_has_one_class_by_exact_powers(problem: TwoAnd) -> None:
    found = classify(problem)
    count = len(problem.pairs)
    influence = [sum(j in pair for pair in problem.pairs) for j in range(problem.inputs)]
    assert list(found.influence) == influence
    level = [(d**4 > count) + (d**4 > count**3) for d in influence]
    for step, name in enumerate(("light", "heavy", "super-heavy")):
        assert found.members(name, "input") == tuple(j for j in range(problem.inputs) if level[j] == step)
    kinds = []
    for a, b in problem.pairs:
        low, high = sorted((level[a], level[b]))
        kinds.append("double-heavy" if low else ("double-light", "mixed", "super-heavy")[high])
    for name in ("double-light", "double-heavy", "mixed", "super-heavy"):
        assert found.members(name, "output") == tuple(i for i, kind in enumerate(kinds) if kind == name)
    assert bool(found.warning) == (count < 16)


@given(problems)
def test_the_counting_facts_hold_on_every_instance(problem: TwoAnd) -> None:
    facts = classify(problem).facts()
    assert len(facts) == 5
    assert all(fact.holds for fact in facts)
    assert facts[0].left == 2 * len(problem.pairs)


def test_ties_at_a_threshold_are_not_above_it() -> None:
    """M = 16: influence 2 is M^(1/4) exactly, so light; 8 is M^(3/4) exactly, so not super-heavy."""
    pairs = [(0, j) for j in range(1, 9)] + [(9, 10), (9, 11), *((2 * j, 2 * j + 1) for j in range(6, 12))]
    found = classify(TwoAnd(24, tuple(pairs)))
    assert found.members("super-heavy", "input") == ()
    assert found.members("heavy", "input") == (0,)
    assert 9 in found.members("light", "input")
    lower = classify(TwoAnd(24, tuple(pairs)), super_heavy=Fraction(1, 2))
    assert lower.members("super-heavy", "input") == (0,)


@pytest.mark.parametrize("outputs", [10, 16, 24, 64, 256, 1000, 4000])
def test_the_mixture_has_every_class_of_outputs(outputs: int) -> None:
    found = classify(family("mixture", outputs=outputs, seed=1))
    assert all(part.members for part in found.classes if part.of == "output")


@given(problems)
def test_the_graph_has_an_edge_for_each_input_of_each_output(problem: TwoAnd) -> None:
    graph = influence_graph(problem)
    assert graph.number_of_edges() == 2 * len(problem.pairs)
    assert nx.is_bipartite(graph)
    for i, pair in enumerate(problem.pairs):
        assert set(graph.neighbors(("output", i))) == {("input", j) for j in pair}
    assert all(graph.nodes["input", j]["influence"] == d for j, d in enumerate(classify(problem).influence))


def test_the_graph_is_exported() -> None:
    graph = influence_graph(family("star", outputs=5))
    again = nx.parse_graphml(graphml(graph))
    assert (again.number_of_nodes(), again.number_of_edges()) == (11, 10)
    assert len(json.loads(json.dumps(graph_json(graph)))["nodes"]) == 11


def test_generator_texts() -> None:
    assert generate("random:M=12,seed=3") == family("random", outputs=12, seed=3)
    assert generate("bipartite:M=16,left=1/4") == family("bipartite", outputs=16, left=Fraction(1, 4))
    assert generate("permutation:m=7,seed=1") == permutation(7, seed=1)


@pytest.mark.parametrize(
    "text",
    [
        "random",
        "random:",
        "random:M",
        "random:M=",
        "random:M=x",
        "random:M=0",
        "random:M=-3",
        "random:M=1.5",
        "random:M=10,M=11",
        "random:M=10,seed=-1",
        "random:M=10,seeds=1",
        "random:M=99999999999",
        "random:M=100,m=5",
        "bipartite:M=10,left=2",
        "bipartite:M=10,left=0",
        "bipartite:M=10,left=a",
        "star:seed=1",
        "planet:M=10",
        "permutation:M=3",
        "permutation:m=0",
        ":M=3",
    ],
)
def test_bad_generator_texts_are_malformed(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        generate(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("exponent", [Fraction(0), Fraction(1), Fraction(1, 5), Fraction(3, 2), Fraction(99, 128)])
def test_odd_thresholds_are_malformed(exponent: Fraction) -> None:
    with pytest.raises(Malformed, match="super_heavy"):
        classify(family("star", outputs=5), super_heavy=exponent)


def test_only_pairs_have_classes() -> None:
    with pytest.raises(Malformed, match="2-and"):
        classify(permutation(3))
