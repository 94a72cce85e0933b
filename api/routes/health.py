"""Health: whether the server answers. It tells nothing else, and needs no key."""

from __future__ import annotations

from fastapi import APIRouter

from api.shapes_custody import HealthOut
from api.state import App

router = APIRouter(prefix="/health", tags=["operation"])


@router.get("", summary="Whether the server answers")
def show_health(app: App) -> HealthOut:
    """200 while the server answers and its catalogue can be read, else 503. For a supervisor or a load balancer."""
    with app.store.catalogue.read() as tx:
        tx.newest()
    return HealthOut()
