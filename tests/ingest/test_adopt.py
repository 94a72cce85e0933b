"""Archive objects that a kill left between the rename and the transaction."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.adopt import adopt
from ingest.deliver import deliver
from store import Store
from store.catalogue import Catalogue

NOW = 1763600500_000000
LINE = (
    b"1763600400.123 180 10.250.1.7 TCP_MISS/200 1234 GET http://www.example.jp/%d - HIER_DIRECT/192.0.2.1 text/html\n"
)


def test_an_object_without_a_batch_is_taken_in_again_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (tmp_path / "a.log").write_bytes(b"".join(LINE % n for n in range(5)))
    with Store.open(home, create=True) as killed:
        for kind in ("tenants", "sources"):
            killed.register(kind, store.entries(kind), "test")

        def dies(self: Catalogue) -> None:
            raise KeyboardInterrupt

        # The process ends after the object has its place and before the transaction.
        import store.batches as batches

        published = batches.publish

        def last_act(*given: object, **more: object) -> None:
            published(*given, **more)  # type: ignore[arg-type]  # passed on as given
            monkeypatch.setattr(Catalogue, "write", dies)

        monkeypatch.setattr(batches, "publish", last_act)
        with pytest.raises(KeyboardInterrupt):
            deliver(killed, "proxy", tmp_path / "a.log", received=NOW)
        monkeypatch.undo()
    with Store.open(home) as again:
        ((path, receipt),) = adopt(again)
        assert receipt is not None
        assert path.endswith(".zst")
        assert (receipt.lines, receipt.parsed) == (5, 5)
        assert again.lines([(receipt.seqs[0], 3)]) == [(LINE % 2).rstrip()]
        ((_, second),) = adopt(again)
        assert second is None
