"""Serving: whoever is told the address can ask at once, and no answer waits for an acknowledgement."""

from __future__ import annotations

import gc
import http.client
import socket
import threading
from typing import Any

import pytest
import uvicorn

from api.server import serve
from store import Store


def test_the_socket_listens_before_its_address_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    served: list[socket.socket] = []

    def ready(address: str) -> None:
        with socket.create_connection(("127.0.0.1", int(address.rstrip("/").rpartition(":")[2])), timeout=5):
            said.append(address)

    def ran(_: Any, sockets: list[socket.socket]) -> None:
        served.extend(one.dup() for one in sockets)

    monkeypatch.setattr(uvicorn.Server, "run", ran)
    try:
        serve(store, port=0, ready=ready)
    finally:
        gc.unfreeze()
    (listening,) = served
    with listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert said[0].startswith("http://127.0.0.1:")


def test_it_answers_over_http_until_it_is_told_to_stop(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[uvicorn.Server] = []
    addresses: list[str] = []
    told, begun, stopped = threading.Event(), threading.Event(), threading.Event()
    run = uvicorn.Server.run

    def kept(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        servers.append(server)
        told.set()
        run(server, sockets=sockets)

    def beside(stop: threading.Event) -> None:
        begun.set()
        stop.wait()
        stopped.set()

    monkeypatch.setattr(uvicorn.Server, "run", kept)
    worker = threading.Thread(
        target=serve, args=(store,), kwargs={"port": 0, "ready": addresses.append, "beside": beside}
    )
    worker.start()
    try:
        assert told.wait(60)
        connection = http.client.HTTPConnection(addresses[0].removeprefix("http://").rstrip("/"), timeout=60)
        connection.request("GET", "/v1/health")
        assert connection.getresponse().status == 200
        connection.close()
        assert begun.is_set()
    finally:
        servers[0].should_exit = True
        worker.join(60)
        gc.unfreeze()
    assert stopped.is_set()
    assert not worker.is_alive()
