"""Serve API and pages, with detection beside them if so asked.

The address is printed once it listens. Keys: `hinomi keys create`.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from cli._store import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from detections.loading import Pack
    from store import Store

EVERY = 300
"""Seconds from the beginning of one run of detection to the next."""
log = logging.getLogger("hinomi.serve")


def command(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    with_scheduler: Annotated[
        bool, typer.Option("--with-scheduler", help="Also run detection every five minutes.")
    ] = False,
) -> None:
    """Serve API and pages until interrupted."""
    from api.server import serve
    from core.settings import load as load_settings
    from detections.loading import load as load_rules
    from store import keys

    settings = load_settings()
    pack = load_rules(settings.rules)
    with opened(create=True) as store:
        if not any(key.revoked is None for key in keys.listed(store)):
            typer.echo("there is no key yet: hinomi keys create --role prefecture --name YOUR-NAME", err=True)
        serve(
            store, host=host, port=port, settings=settings, rules=pack.rules,
            ready=lambda address: typer.echo(address), beside=_detecting(store, pack) if with_scheduler else None,
        )  # fmt: skip


def _detecting(store: Store, pack: Pack, *, every: float = EVERY) -> Callable[[threading.Event], None]:
    """Detection at once and then every so often, until the event is set. What fails is said, and tried again."""
    import time

    from detections.engine import run
    from ingest.register_import import resolve_again

    def work(stop: threading.Event) -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                resolve_again(store, actor="scheduler")
                run(store, pack)
            except Exception:
                log.exception("detection failed; it is tried again in %d s", every)
            stop.wait(max(1.0, every - (time.monotonic() - began)))

    return work
