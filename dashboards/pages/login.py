"""Log-in: the one page that asks nothing of the store."""

from __future__ import annotations

from dashboards.frame import bare
from dashboards.hostile import shown
from dashboards.templating import fill
from dashboards.visit import Rendered, Visit
from store import Store


def page(store: Store, visit: Visit) -> Rendered:
    """The form, with where to go afterwards."""
    after = (visit.form.get("next") or visit.params.get("next") or ("",))[0]
    return Rendered(401 if visit.problem else 200, fill("login.html", frame=bare(visit), next=shown(after)))
