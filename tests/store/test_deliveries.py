"""Deliveries: a repeat is known, what was begun goes on, a growing file is recognised."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from core.errors import ConflictError, InputError, NotFoundError
from store import Delivery, Store, tables
from tests.store.making import DAY, NETWORK, NO_REFUSALS, NOW, a_delivery, commit, rows_of, text_of


def one_part(
    store: Store, delivery: Delivery, *, begin: int = 0, end: int = 27, state: dict[str, int] | None = None
) -> None:
    with store.batch(delivery) as batch:
        batch.add(text_of(1), {NETWORK: rows_of([NOW])}, NO_REFUSALS)
        batch.commit(
            lines=1, parsed=1, refused=0, skipped=0, content_from=begin, content_to=end, parser="t", state=state or {}
        )


def test_the_same_content_again_is_a_repeat_and_shows_that_the_source_is_alive(either: Store) -> None:
    first = a_delivery(either, b"content")
    one_part(either, first)
    either.finish(first)
    again = a_delivery(either, b"content", name="renamed.log", received=NOW + DAY)
    assert (again.repeat, again.id, again.received, again.name) == (True, first.id, NOW, "a.log")
    (row,) = either.deliveries()
    assert (row["repeats"], row["last_received"], row["lines"], row["seqs"]) == (1, NOW + DAY, 1, [1])


def test_the_same_content_from_another_source_is_no_repeat(either: Store) -> None:
    for source in ("fw1", "fw2"):
        delivery = a_delivery(either, b"content", source=source)
        assert not delivery.repeat
        either.finish(delivery)
    assert len(either.deliveries()) == 2


def test_a_delivery_that_was_begun_goes_on_behind_its_last_batch(either: Store) -> None:
    first = a_delivery(either, text_of(2))
    assert (first.next_part, first.content_to, first.done) == (0, 0, ())
    one_part(either, first, end=27, state={"n": 1})
    again = a_delivery(either, text_of(2), received=NOW + DAY)
    assert not again.repeat
    assert (again.id, again.received, again.next_part, again.content_to) == (first.id, NOW, 1, 27)
    assert again.done[0].state == {"n": 1}
    one_part(either, again, begin=27, end=54, state={"n": 2})
    either.finish(again)
    assert either.last_state("fw") == {"n": 2}
    assert either.delivery(first.id).repeat


def test_two_that_deliver_the_same_at_once_have_one_delivery(opened: Callable[[], Store]) -> None:
    stores = [opened() for _ in range(4)]
    found: list[str] = []
    barrier = threading.Barrier(len(stores))

    def work(store: Store) -> None:
        barrier.wait()
        found.append(a_delivery(store, b"the same").id)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_one_part_is_committed_once(either: Store) -> None:
    first = a_delivery(either, b"content")
    second = a_delivery(either, b"content")
    one_part(either, first)
    files = sorted(either.home.rglob("*.zst")) + sorted(either.home.rglob("*.parquet"))
    with pytest.raises(ConflictError, match="part 0 is committed already"):
        one_part(either, second)
    assert sorted(either.home.rglob("*.zst")) + sorted(either.home.rglob("*.parquet")) == files
    assert either.verify(full=True).clean
    with either.catalogue.read() as tx:
        assert tx.newest() == 1


def test_a_growing_file_is_known_by_what_it_begins_with(either: Store) -> None:
    old, new = b"first\n", b"first\nsecond\n"
    delivery = a_delivery(either, old)
    assert either.grown("fw") == []  # not committed: nothing may be left out
    either.finish(delivery)
    either.finish(a_delivery(either, b"f"))
    known = either.grown("fw")
    assert known == [(6, hashlib.sha256(old).hexdigest()), (1, hashlib.sha256(b"f").hexdigest())]
    assert either.grown("other") == []
    size = next(n for n, digest in known if hashlib.sha256(new[:n]).hexdigest() == digest)
    digest = hashlib.sha256(new).hexdigest()
    grown = either.deliver("fw", "a.log", NOW, digest, digest, len(new), skip_bytes=size)
    assert grown.content_to == 6


def test_what_is_not_there_is_not_found(either: Store) -> None:
    with pytest.raises(NotFoundError):
        either.delivery("nothing")
    assert either.last_state("nobody") == {}
    with pytest.raises(InputError, match="a source"):
        either.deliver("", "x", NOW, "0", "0", 1)
    with pytest.raises(InputError, match="7 bytes to skip of 6"):
        either.deliver("fw", "x", NOW, "0", "0", 6, skip_bytes=7)
    assert either.deliveries() == []


def test_deliveries_are_listed_newest_first_and_filtered(either: Store) -> None:
    for n, source in enumerate(["fw", "proxy", "fw"]):
        commit(either, rows_of([NOW] * (n + 1)), source=source, received=NOW + n, raw=text_of(n + 1))
    assert [r["received"] - NOW for r in either.deliveries()] == [2, 1, 0]
    assert [r["lines"] for r in either.deliveries(source="fw")] == [3, 1]
    assert [r["lines"] for r in either.deliveries(first=NOW + 1, last=NOW + 2)] == [2]
    assert [r["lines"] for r in either.deliveries(limit=1)] == [3]
    assert either.deliveries(state="open") == []


def test_an_empty_delivery_is_finished_without_a_batch(either: Store) -> None:
    delivery = a_delivery(either, b"")
    either.finish(delivery)
    either.finish(delivery)
    assert a_delivery(either, b"").repeat
    with either.catalogue.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(tables.batches)).scalar() == 0
