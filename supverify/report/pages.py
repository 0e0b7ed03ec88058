"""What every page of a report is made with: templates that escape all text, one style, formulas and drawings."""

from __future__ import annotations

from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .pictures import MISSING, Picture, embedded
from .prose import inline, prose
from .typeset import Typesetter


def page(template: str, **values: Any) -> str:
    """The page that the template makes of ``values``, any text of which is escaped; it needs nothing else."""
    typesetter = Typesetter()
    environment = Environment(
        loader=PackageLoader("supverify.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        style=Markup(environment.get_template("style.css").render()),
        formula=typesetter.formula,
        sequence=typesetter.sequence,
        scrolls=typesetter.scrolls,
        glyphs=typesetter.definitions,
        prose=partial(prose, typesetter=typesetter),
        inline=partial(inline, typesetter=typesetter),
        figure=figure,
        **values,
    )
    return environment.get_template(template).render()


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
