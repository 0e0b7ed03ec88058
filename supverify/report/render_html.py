"""The report as one HTML page that needs nothing else: no script, no network, drawings and formulas inside."""

from __future__ import annotations

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import verdicts, wording
from .model import Classification, Report
from .plots import MISSING, embedded, influence_graph, influence_histogram
from .prose import inline, prose
from .typeset import Typesetter
from .verdicts import Result

DRAWINGS = {"graph": influence_graph, "histogram": influence_histogram}


def to_html(report: Report, *, folder: str = wording.FOLDER) -> str:
    """The whole page, to be kept in ``folder``; every text that comes from the report is escaped."""
    typesetter = Typesetter()
    environment = Environment(
        loader=PackageLoader("supverify.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        report=report,
        folder=folder,
        groups=grouped(report),
        wording=wording,
        verdicts=verdicts,
        style=Markup(environment.get_template("style.css").render()),
        formula=typesetter.formula,
        sequence=typesetter.sequence,
        glyphs=typesetter.definitions,
        prose=partial(prose, typesetter=typesetter),
        inline=partial(inline, typesetter=typesetter),
        picture=picture,
    )
    return environment.get_template("page.html").render()


def grouped(report: Report) -> dict[str, list[Result]]:
    """The rows of the verdict table by their groups."""
    groups: dict[str, list[Result]] = {}
    for result in verdicts.results(report):
        groups.setdefault(result.group, []).append(result)
    return groups


def picture(graph: Classification, kind: str, label: str, caption: str) -> Markup:
    """A drawing with its caption; without matplotlib a sentence stands where it would be."""
    drawing = DRAWINGS[kind](graph)
    if drawing is None:
        return Markup('<p class="soft">{}: {}</p>').format(label, MISSING)
    return Markup(
        '<figure><div class="picture" role="img" aria-label="{}" tabindex="0"><div aria-hidden="true">{}</div></div>'
        "<figcaption>{}</figcaption></figure>"
    ).format(label, Markup(embedded(drawing, f"{graph.name}-{kind}")), caption)
