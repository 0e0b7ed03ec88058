"""``classify``: what kind of problem is this?"""

from __future__ import annotations

from pathlib import Path

import click

from .options import FILE, as_json, print_json, without


@click.command()
@click.argument("problem", type=click.Path())
@click.option("--plot", type=FILE, help="Draw the influence graph to this .svg file.")
@click.option("--graphml", type=FILE, help="Write the influence graph to this .graphml file.")
@as_json
def classify(problem: str, plot: Path | None, graphml: Path | None, as_json: bool) -> int:
    """Show a problem's influence graph: the classes of its inputs and outputs."""
    from ..deciding.verification import load_problem
    from ..files import check_drawable, check_writable, write_atomically
    from ..gathering.classification import classified
    from ..models import graphml as to_graphml
    from ..models import influence_graph
    from ..report.pictures.influence import influence_graph as draw
    from ..terminal.tables import show_classification

    if plot is not None:
        check_drawable(plot)
    if graphml is not None:
        check_writable(graphml)
    asked = load_problem(problem)
    found = classified(asked, problem)
    if plot is not None:
        drawing = draw(found).svg
        if drawing is None:
            raise without("--plot", "matplotlib", "plots")
        write_atomically(plot, drawing.encode())
    if graphml is not None:
        write_atomically(graphml, to_graphml(influence_graph(asked)).encode())
    if as_json:
        print_json(found)
    else:
        show_classification(found)
    return 0
