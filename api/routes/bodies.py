"""Bodies (団体) and their feeds: who there is, what sends, what fell silent."""

from __future__ import annotations

from fastapi import APIRouter

from api.principals import Who
from api.shapes_custody import BodyOut, FeedOut, SourceOut
from api.state import App
from store import questions as q

router = APIRouter(tags=["bodies"])


@router.get("/bodies", summary="List bodies")
def list_bodies(app: App, who: Who) -> list[BodyOut]:
    """The registered bodies that the key sees, by code."""
    return [BodyOut.model_validate(one) for one in q.bodies(app.store, who.tenants, now=app.clock())]


@router.get("/sources", summary="List feeds")
def list_sources(app: App, who: Who) -> list[SourceOut]:
    """The feeds of the bodies that the key sees, and whether each sends.

    A feed that serves several bodies is shown to each of them, without its counts.
    """
    return [SourceOut.model_validate(one) for one in q.sources(app.store, who.tenants, now=app.clock())]


@router.get("/feeds", summary="Bodies and the five kinds of feeds")
def list_feeds(app: App, who: Who) -> list[FeedOut]:
    """Each body that the key sees × the five kinds: receiving, silent, waiting or unregistered."""
    return [FeedOut.model_validate(one) for one in q.matrix(app.store, who.tenants, now=app.clock()).values()]
