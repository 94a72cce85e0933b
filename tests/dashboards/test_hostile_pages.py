"""Every text that comes from outside, at its worst, on every page: it stays text, and stays where it is."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import polars as pl
import pytest

import dashboards
from core import time
from core.columns import EventClass
from core.registers import Entry
from dashboards import Visit
from store import Store
from store import tables as t
from store.keys import Everyone, Reader, Role
from store.places import pack
from tests.dashboards.made import HOUR, NOW, TOWN, alert, case, facts
from tests.dashboards.rulebook import RULES

EVIL = "\"'></a><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}\u202e\u2066\u200b\x1b[2J\x00\\x41&lt;<!-- sprite -->"
"""Ends attributes, elements and templates; turns text around; hides; and pretends to be our own placeholder."""
MUST_NOT_APPEAR = ("<script>alert", "<img", "\u202e", "\u2066", "\u200b", "\x1b", "\x00", ">{{7*7}}<", "49")


class Elements(HTMLParser):
    """Elements and attributes of a page, counted."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}


def fill(store: Store, evil: str) -> None:
    """One body with one case, every free text of which is `evil`."""
    store.register("tenants", [
        Entry("tenants", TOWN, TOWN, {"code": TOWN, "name": evil, "body": "municipality", "contact": evil}),
    ], evil)  # fmt: skip
    store.register("sources", [
        Entry("sources", TOWN, "kwk-lgfw", {
            "id": "kwk-lgfw", "kind": "lgwan_firewall", "format": "x", "timezone": "Asia/Tokyo", "title": evil, "body_by": "fixed",
            "devices": [evil], "deny_only": True,
        }),
    ], evil)  # fmt: skip
    store.register(
        "zones", [Entry("zones", TOWN, "10.23.12.0/24", {"prefix": "10.23.12.0/24", "zone": "LGC", "name": evil})], evil
    )
    asset = {"address": "10.23.12.57/32", "name": evil, "section": evil, "room": evil, "contact": evil, "kind": "pc"}
    store.register("assets", [Entry("assets", TOWN, "10.23.12.57/32|", asset)], evil)
    raw = evil.encode() + b"\xff\xfe srcip=10.23.12.57\n"
    digest = hashlib.sha256(raw).hexdigest()
    delivery = store.deliver("kwk-lgfw", evil.replace("\x00", ""), NOW - HOUR, digest, digest, len(raw))
    row = pl.DataFrame({"line": [1], "offset": [0], "length": [len(raw) - 1], "tenant": [TOWN], "source": ["kwk-lgfw"]})
    row = row.with_columns(pl.Series("event_time", [NOW - HOUR]).cast(pl.Datetime("us")))
    nothing = pl.DataFrame(schema={"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String})
    with store.batch(delivery) as batch:
        batch.add(raw, {EventClass("network"): row}, nothing)
        seq = batch.commit(
            lines=1, parsed=1, refused=0, skipped=0, content_from=0, content_to=len(raw), parser="x", state={}
        ).seq
    store.finish(delivery)
    kept = facts(
        destinations=[evil], ports=[f"{evil}/{evil}"], src_zones=[evil], dst_zones=[evil], sources=[evil], devices=[evil], users=[evil],
        terminals={"list": [asset], "more": False}, macs={"list": [{"mac": evil, "match": evil}], "more": False},
        nat={"list": [evil], "more": True}, layers=[evil], outcomes={evil: 1}, severity_line=evil, time_quality=evil, count_quality=evil,
        samples=[{"kind": evil, "time": NOW - HOUR, "batch": seq, "line": 1}],
    )  # fmt: skip
    text = json.dumps(kept, ensure_ascii=True)
    with store.catalogue.write() as tx:
        for number, entity in enumerate((evil, "10.23.12.57")):
            row_ = case(id=f"K-2611-000{number}", entity_type="address", continuity="recurring")
            shared = {"rule": row_.rule, "tenant": TOWN, "entity_type": "address", "entity": json.dumps([entity])}
            seen = {
                "count": 1,
                "first_seen": NOW - HOUR,
                "last_seen": NOW - HOUR,
                "severity": "high",
                "verdict": "deny",
            }
            tx.execute(t.cases.insert(), shared | seen | {
                "id": row_.id, "status": "watching" if number else "evaluating", "reason": evil[:16], "until": NOW + HOUR, "assignee": evil,
                "continuity": "recurring", "first_day": "2026-11-20", "last_day": "2026-11-20", "opened": NOW, "due": NOW, "taken": NOW,
                "notified": None, "triaged": "{}", "version": 1, "joined_into": "",
            })  # fmt: skip
            a = alert()
            tx.execute(t.alerts.insert(), shared | seen | {
                "id": hashlib.sha256(entity.encode()).hexdigest(), "day": "2026-11-20", "candidate": False, "state": "live", "reason": "",
                "carried": 0, "facts": text, "fingerprint": a.fingerprint, "revision": 2, "seq": 1, "created": NOW, "revised": NOW,
                "received": NOW, "case_id": row_.id,
            })  # fmt: skip
            tx.execute(t.revisions.insert(), {
                "alert": hashlib.sha256(entity.encode()).hexdigest(), "revision": 2, "at": NOW, "seq": 1, "state": "live",
                "severity": "high", "changes": json.dumps({evil: [evil, {evil: 1}], "values.ports": [[evil], [evil]]}), "material": evil,
            })  # fmt: skip
            for act in ("status", "comment", "returned", evil[:16]):
                tx.execute(t.case_log.insert(), {
                    "case_id": row_.id, "at": NOW, "actor": evil, "act": act, "before": evil, "after": evil, "comment": evil,
                })  # fmt: skip
            tx.execute(t.facts.insert(), {
                "producer": row_.rule, "hour": time.hour_of(NOW - HOUR), "candidate": False, "tenant": TOWN, "entity_type": "address",
                "entity": json.dumps([entity], ensure_ascii=False, separators=(",", ":")), "day": "2026-11-20", "fired": True,
                "body": "{}", "places": pack([(seq, 1)]),
            })  # fmt: skip


@pytest.fixture(scope="module", params=[EVIL, "ordinary"], ids=["evil", "ordinary"])
def pages(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """The pages of such a store: of an evil one, and of one in which every text is harmless."""
    evil: str = request.param
    # A key is not given a name with control characters.
    reader = Reader("".join(c for c in evil if ord(c) >= 32), Role.ANALYST, Everyone.ALL, "0a1b2c3d")
    with Store.temporary() as store:
        fill(store, evil)
        made = {}
        for name, path, params in (
            ("overview", {}, {}),
            ("queue", {}, {"q": [evil.replace("\x00", "") + "none"]}),
            ("queue", {}, {"view": ["watching"], "group": ["0"]}),
            ("case", {"case_id": "K-2611-0000"}, {}),
            ("case", {"case_id": "K-2611-0001"}, {}),
            ("case", {"case_id": "K-2611-0001"}, {"evidence": [hashlib.sha256(b"10.23.12.57").hexdigest()]}),
            ("login", {}, {"next": [evil]}),
        ):
            form = {"comment": [evil], "assignee": [evil], "until": [evil], "status": [evil]} if name == "case" else {}
            visit = Visit(
                None if name == "login" else reader, NOW, path, params, form, csrf="token", problem=evil, url=evil, rules=RULES,
            )  # fmt: skip
            made[f"{name} {path} {sorted(params)}"] = dashboards.render(name, store, visit).html
        yield evil, made


def test_it_stays_text(pages: tuple[str, dict[str, str]]) -> None:
    evil, made = pages
    for name, html in made.items():
        found = [repr(bad) for bad in MUST_NOT_APPEAR[:-2] if bad in html]
        assert not found, name
        elements = Elements(html)
        assert not [a for a in elements.attributes if a.startswith("on") or a in {"style", "srcdoc"}], name
        assert "img" not in elements.tags
        assert html.count("<!-- sprite -->") == 0
        html.encode()
        if evil == EVIL:
            assert "\\x1b" in html, f"{name}: what is hidden is written out"


SHAPES: dict[str, Counter[str]] = {}


def test_it_adds_no_element_of_its_own(pages: tuple[str, dict[str, str]]) -> None:
    # Apart from frames around hidden characters, an evil page has exactly the elements of an ordinary one.
    _, made = pages
    for name, html in made.items():
        tags = Elements(html).tags
        for ours in ("span", "mark", "small", "bdi"):
            tags.pop(ours, None)
        if name in SHAPES:
            assert tags == SHAPES[name], name
        else:
            SHAPES[name] = tags
