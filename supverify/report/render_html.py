"""The report as one HTML page that needs nothing else: no script, no network, drawings and formulas inside."""

from __future__ import annotations

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import verdicts, wording
from .model import Report
from .pictures import MISSING, Picture, embedded, influence_pictures
from .prose import inline, prose
from .typeset import Typesetter
from .verdicts import Result


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
        scrolls=typesetter.scrolls,
        glyphs=typesetter.definitions,
        prose=partial(prose, typesetter=typesetter),
        inline=partial(inline, typesetter=typesetter),
        influence_pictures=influence_pictures,
        figure=figure,
    )
    return environment.get_template("page.html").render()


def grouped(report: Report) -> dict[str, list[Result]]:
    """The rows of the verdict table by their groups."""
    groups: dict[str, list[Result]] = {}
    for result in verdicts.results(report):
        groups.setdefault(result.group, []).append(result)
    return groups


def figure(picture: Picture, place: str) -> Markup:
    """A drawing with its caption, its ids after ``place``; without matplotlib a sentence stands where it would be."""
    if picture.svg is None:
        return Markup('<p class="soft">{}: {}. {}</p>').format(picture.title, MISSING, picture.alternative)
    return Markup(
        '<figure><div class="picture" role="img" aria-label="{}. {}" tabindex="0"><div aria-hidden="true">{}</div>'
        "</div><figcaption>{}</figcaption></figure>"
    ).format(
        picture.title,
        picture.alternative,
        Markup(embedded(picture.svg, f"{place}-{picture.name}")),
        picture.caption,
    )
