"""From a view model to a page: the one Jinja environment.

Everything is escaped unless a type says how it is to be written (`hostile.Shown`, `Markup`), and a name that a template
asks for and nobody gave is an error, not a gap.
"""

from __future__ import annotations

import re
from functools import cache

import jinja2

from dashboards import wording
from dashboards.hostile import shown


@cache
def environment() -> jinja2.Environment:
    """The environment of all pages."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(count=wording.count, shown=shown)
    return made


_USED_ICON = re.compile(r'href="#i-([a-z]+)"')
_SPRITE = "<!-- sprite -->"


def fill(template: str, **context: object) -> str:
    """A page as HTML text, with the icons it uses. Raises jinja2.UndefinedError where a name was not given."""
    page = environment().get_template(template).render(context)
    sprite = environment().get_template("sprite.html").render(icons=sorted(set(_USED_ICON.findall(page))))
    return page.replace(_SPRITE, sprite.rstrip(), 1)
