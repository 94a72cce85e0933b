"""Serving: the application on a socket, and perhaps somebody who works beside it."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Mapping

import uvicorn

from api.app import create_app
from core import time
from core.errors import InputError
from core.settings import Settings
from core.settings import load as load_settings
from detections.rule import Rule
from store import Store

PATIENCE = 10
"""Seconds that requests under way may take when the server is told to stop."""


def serve(
    store: Store,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    settings: Settings | None = None,
    rules: Mapping[str, Rule] | None = None,
    clock: Callable[[], int] = time.now_us,
    ready: Callable[[str], None] = lambda address: None,
    beside: Callable[[threading.Event], None] | None = None,
) -> None:
    """Serve API and pages until SIGINT or SIGTERM.

    Args:
        store: Where everything is.
        host: Address to listen on; a name or IPv4 or IPv6.
        port: 0 takes a free one.
        settings: As loaded; from the environment when not given.
        rules: Loaded rules.
        clock: The instant in µs UTC.
        ready: Told the address once it listens.
        beside: Runs in a thread of its own until the event is set, e.g. detection every five minutes.

    Raises:
        InputError: The address can't be listened on.
    """
    settings = settings or load_settings()
    app = create_app(store, settings, rules=rules, clock=clock)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False, date_header=True,
        proxy_headers=bool(settings.proxies), forwarded_allow_ips=list(settings.proxies), lifespan="off",
        timeout_graceful_shutdown=PATIENCE, ws="none",
    )  # fmt: skip
    try:
        listening = config.bind_socket()
    except SystemExit as e:
        raise InputError(f"{host}:{port} can't be listened on; is something else there? say --port") from e
    stop = threading.Event()
    worker = threading.Thread(target=beside, args=(stop,), name="beside", daemon=True) if beside else None
    try:
        # asyncio sets this only on sockets that know their protocol, which uvicorn's don't; what is accepted inherits
        # it. Without it each answer in two pieces waits 40 ms for the client's delayed acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.listen()  # whoever is told the address may ask at once; the server answers when it is up
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listening.getsockname()[1]}/")
        if worker is not None:
            worker.start()
        # What was imported stays: the collector need not walk it again, which takes 150 ms in the midst of an answer.
        gc.collect()
        gc.freeze()
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        stop.set()
        listening.close()
        if worker is not None and worker.is_alive():
            worker.join(PATIENCE)
