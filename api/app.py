"""The application: routes discovered, errors in one shape, limits and headers around it, pages beside it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI

from api import errors, metrics, pages, routes
from api.browser import LoginNeeded
from api.document import document
from api.headers import Headers
from api.limits import BodyLimit
from api.metering import Metering
from api.principals import Who
from api.state import App, Hinomi
from core import time
from core.settings import Settings
from detections.rule import Rule
from store import Store

_SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
"""Nothing is reported to anybody, whatever the environment says."""

described = APIRouter(tags=["operation"])


@described.get("/openapi.json", summary="This document")
def show_document(app: App, who: Who) -> dict[str, Any]:
    """The OpenAPI document of this server."""
    return app.document()


def create_app(
    store: Store,
    settings: Settings,
    *,
    rules: Mapping[str, Rule] | None = None,
    clock: Callable[[], int] = time.now_us,
) -> FastAPI:
    """An application over a store; it holds nothing but what it is given.

    Args:
        store: Where everything is.
        settings: `rules` says where the rules lie, `proxies` whom to believe.
        rules: Loaded rules; from `settings.rules` when not given.
        clock: The instant in µs UTC.
    """
    if rules is None:
        from detections.loading import load

        rules = load(settings.rules).rules
    app = FastAPI(
        title="Hinomi", version=version("hinomi"), docs_url=None, redoc_url=None, openapi_url=None,
        generate_unique_id_function=lambda route: route.name, telemetry=_SILENT, redirect_slashes=False,
    )  # fmt: skip
    hinomi = Hinomi(store, settings, rules, clock)
    app.state.hinomi = hinomi
    for module in sorted(m.name for m in pkgutil.iter_modules(routes.__path__)):
        app.include_router(importlib.import_module(f"api.routes.{module}").router, prefix="/v1")
    app.include_router(described, prefix="/v1")
    app.include_router(metrics.router)
    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", pages.Static(), name="static")
    errors.install(app, pages.answer, LoginNeeded)
    app.openapi = hinomi.document = cache(lambda: document(app))  # type: ignore[method-assign]  # FastAPI's own way
    app.add_middleware(BodyLimit)
    app.add_middleware(Headers)
    app.add_middleware(Metering, meters=hinomi.meters)
    return app
