"""The influence graph of a 2-AND problem, and the classes of its inputs and outputs.

The influence of an input is the number of outputs that it is in. Thresholds M^(p/q) are compared as
influence^q > M^p, never as floats. Light and heavy inputs and the classes double-light, double-heavy and mixed are
those of Adler & Shavit 2025; they name super-heavy inputs without a threshold, so its exponent is derived here
(3/4, the one for which every part of the construction keeps O(log M) noise) and can be chosen. With it, what is
heavy or mixed but not super-heavy is derived, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from supverify.kernel.claim import Problem, TwoAnd
from supverify.kernel.errors import Malformed

from .powers import exceeds

if TYPE_CHECKING:
    import networkx as nx

Standing = Literal["source", "derived"]
LIGHT, SUPER_HEAVY = Fraction(1, 4), Fraction(3, 4)
DEGENERATE = 16  # below it M^(1/4) < 2: an input in two outputs is heavy


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class of inputs or outputs with its members, its rule, and whose rule it is."""

    name: str
    of: Literal["input", "output"]
    rule: str
    standing: Standing
    members: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """An influence above M^exponent puts an input into the class ``name``."""

    name: str
    exponent: Fraction
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A counting statement with both sides worked out as integers; ``relation`` is "=" or "<"."""

    statement: str
    left: int
    relation: Literal["=", "<"]
    right: int
    standing: Standing

    @property
    def holds(self) -> bool:
        """Whether the statement is true of the instance."""
        return self.left == self.right if self.relation == "=" else self.left < self.right


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Every input and every output of a 2-AND problem in exactly one class.

    ``influence[j]`` belongs to input j; ``heavy`` holds the heavy inputs that are not super-heavy.
    """

    problem: TwoAnd
    influence: tuple[int, ...]
    thresholds: tuple[Threshold, Threshold]
    input_classes: tuple[Class, ...]
    output_classes: tuple[Class, ...]
    warning: str

    @property
    def classes(self) -> tuple[Class, ...]:
        """light, heavy, super-heavy; double-light, double-heavy, mixed, super-heavy."""
        return self.input_classes + self.output_classes

    def members(self, name: str, of: Literal["input", "output"]) -> tuple[int, ...]:
        """The members of a class; raises KeyError if there is none of that name."""
        return {(c.name, c.of): c.members for c in self.classes}[name, of]

    def facts(self) -> tuple[Fact, ...]:
        """The counting facts on this instance; each holds for every 2-AND problem."""
        return tuple(_facts(self))


def influences(problem: Problem) -> tuple[int, ...]:
    """The number of outputs that each input is in; a repeated pair counts each time."""
    counts = [0] * problem.inputs
    for target in problem.targets():
        for j in {j for clause in target for j in clause}:
            counts[j] += 1
    return tuple(counts)


def classify(problem: Problem, *, super_heavy: Fraction = SUPER_HEAVY) -> Classification:
    """The classes of a 2-AND problem; raises Malformed for another problem, or unless 1/4 <= super_heavy < 1."""
    if not isinstance(problem, TwoAnd):
        raise Malformed("problem.kind", "2-and: only pairs have classes", problem.kind)
    if not (LIGHT <= super_heavy < 1 and super_heavy.denominator <= 64):
        raise Malformed("super_heavy", "an exponent from 1/4 to below 1, of denominator up to 64", str(super_heavy))
    count, influence = len(problem.pairs), influences(problem)
    levels = [exceeds(d, count, LIGHT) + exceeds(d, count, super_heavy) for d in influence]
    return Classification(
        problem=problem,
        influence=influence,
        thresholds=(
            Threshold(name="heavy", exponent=LIGHT, standing="source"),
            Threshold(name="super-heavy", exponent=super_heavy, standing="derived"),
        ),
        input_classes=tuple(_input_classes(levels, super_heavy)),
        output_classes=tuple(_output_classes(problem, levels)),
        warning=f"M = {count} < {DEGENERATE}: M^(1/4) < 2, the classes degenerate" if count < DEGENERATE else "",
    )


def _input_classes(levels: list[int], super_heavy: Fraction) -> Iterator[Class]:
    rules: tuple[tuple[str, str, Standing], ...] = (
        ("light", f"influence <= M^({LIGHT})", "source"),
        ("heavy", f"M^({LIGHT}) < influence <= M^({super_heavy})", "derived"),
        ("super-heavy", f"influence > M^({super_heavy})", "derived"),
    )
    for level, (name, rule, standing) in enumerate(rules):
        members = tuple(j for j, own in enumerate(levels) if own == level)
        yield Class(name=name, of="input", rule=rule, standing=standing, members=members)


def _output_classes(problem: TwoAnd, levels: list[int]) -> Iterator[Class]:
    rules: tuple[tuple[str, str, Standing], ...] = (
        ("double-light", "two light inputs", "source"),
        ("double-heavy", "two inputs that are heavy or super-heavy", "source"),
        ("mixed", "a light input and a heavy one that is not super-heavy", "derived"),
        ("super-heavy", "a light input and a super-heavy one", "derived"),
    )
    own = [_output_class(*sorted((levels[a], levels[b]))) for a, b in problem.pairs]
    for name, rule, standing in rules:
        members = tuple(i for i, other in enumerate(own) if other == name)
        yield Class(name=name, of="output", rule=rule, standing=standing, members=members)


def _output_class(lower: int, upper: int) -> str:
    if lower:
        return "double-heavy"
    return ("double-light", "mixed", "super-heavy")[upper]


def _facts(classes: Classification) -> Iterator[Fact]:
    count, influence = len(classes.problem.pairs), classes.influence
    yield Fact(
        statement="the influences of all inputs add up to 2 M",
        left=sum(influence),
        relation="=",
        right=2 * count,
        standing="source",
    )
    for threshold in classes.thresholds:
        t, above = threshold.exponent, sum(exceeds(d, count, threshold.exponent) for d in influence)
        p, q = t.numerator, t.denominator
        # N < 2 M^(1 - p/q) as N^q < 2^q M^(q - p); each of the N inputs takes more than M^(p/q) of the 2 M ends.
        yield Fact(
            statement=f"N = {above} inputs have influence > M^({t}), fewer than 2 M^({1 - t}): "
            f"N^{q} < 2^{q} M^{q - p}",
            left=above**q,
            relation="<",
            right=2**q * count ** (q - p),
            standing="derived",
        )
    for of, total in (("input", classes.problem.inputs), ("output", count)):
        yield Fact(
            statement=f"each {of} is in exactly one class",
            left=sum(len(c.members) for c in classes.classes if c.of == of),
            relation="=",
            right=total,
            standing="derived",
        )


def influence_graph(problem: Problem) -> nx.Graph:
    """The bipartite graph of nodes ("input", j) and ("output", i), an edge where output i depends on input j.

    Inputs carry ``influence``; in a 2-AND problem all nodes carry ``class``. Repeated pairs are nodes of their own.
    """
    import networkx as nx

    graph = nx.Graph(kind=problem.kind)
    for j, influence in enumerate(influences(problem)):
        graph.add_node(("input", j), bipartite=0, influence=influence)
    for i, target in enumerate(problem.targets()):
        graph.add_node(("output", i), bipartite=1)
        graph.add_edges_from((("input", j), ("output", i)) for clause in target for j in clause)
    if isinstance(problem, TwoAnd):
        for part in classify(problem).classes:
            nx.set_node_attributes(graph, {(part.of, i): part.name for i in part.members}, "class")
    return graph


def graph_json(graph: nx.Graph) -> dict[str, Any]:
    """The node-link form, ready for json: nodes are named "input 3", "output 5"."""
    import networkx as nx

    data: dict[str, Any] = nx.node_link_data(_named(graph), edges="edges")
    return data


def graphml(graph: nx.Graph) -> str:
    """The GraphML form, for graph viewers, with the same names."""
    import networkx as nx

    return "\n".join(nx.generate_graphml(_named(graph))) + "\n"


def _named(graph: nx.Graph) -> nx.Graph:
    import networkx as nx

    return nx.relabel_nodes(graph, {node: f"{node[0]} {node[1]}" for node in graph})
