"""Pages over the same questions as the API: view models, templates and vendored static files."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from dashboards import pages
from dashboards.visit import Rendered, Visit
from store import Store

__all__ = ["STATIC", "Rendered", "Visit", "names", "render"]

STATIC = Path(__file__).parent / "static"
"""What is served under /static: stylesheet, scripts, vendored files."""


@cache
def names() -> tuple[str, ...]:
    """The pages there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(pages.__path__)))


def render(name: str, store: Store, visit: Visit) -> Rendered:
    """A page as it is for this reader at this time.

    Raises:
        KeyError: There is no such page.
        core.errors.NotFoundError: It shows something that isn't there, or isn't this reader's.
        core.errors.InputError: A parameter makes no sense.
    """
    if name not in names():
        raise KeyError(name)
    module = importlib.import_module(f"{pages.__name__}.{name}")
    rendered: Rendered = module.page(store, visit)
    return rendered
