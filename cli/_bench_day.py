"""The day of `hinomi bench detect`: denied rows of many firewalls, given to the store as rows, in 5-minute batches.

What the rows are follows the shares of a municipal deny feed: broadcasts and other words to nobody, the Internet asked
from networks without it, late answers, names, file sharing, LGWAN. Few sources write most of it, and one writes more
than all others: a server that asks LGWAN all day, behind tens of thousands of addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from cli import _bench_world
from cli._bench_text import START, Ints, body_code
from core.columns import EventClass

if TYPE_CHECKING:
    from store import Store

SLOT_US = 300_000_000
SLOTS = 288
LATE_SLOT = 270
"""22:30 to 22:35."""
ANSWERED = 50_000
"""Addresses that the one great source asks."""
REFUSED = {"line": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "reason": pl.String}
LINE = b"deny\n"
DAY_END = START + SLOTS * SLOT_US
_OFFICE = np.array([2, 2, 2, 2, 2, 2, 3, 5, 12, 16, 15, 14, 9, 14, 15, 15, 13, 11, 7, 5, 4, 3, 3, 2], np.float64)
# share, protocol, port (0: any), where to, path, event code
_KINDS: tuple[tuple[float, str, int, str, str, str], ...] = (
    (0.18, "udp", 137, "broadcast", "local_in", "0001000014"),
    (0.07, "udp", 138, "broadcast", "local_in", "0001000014"),
    (0.07, "udp", 1900, "239.255.255.250", "forward", "0000000013"),
    (0.06, "udp", 5355, "224.0.0.252", "forward", "0000000013"),
    (0.04, "udp", 5353, "224.0.0.251", "forward", "0000000013"),
    (0.03, "udp", 3702, "239.255.255.250", "forward", "0000000013"),
    (0.14, "tcp", 443, "outside", "forward", "0000000013"),
    (0.05, "tcp", 80, "outside", "forward", "0000000013"),
    (0.02, "udp", 443, "outside", "forward", "0000000013"),
    (0.10, "tcp", 0, "answer", "out_of_state", "0000000007"),
    (0.06, "udp", 53, "outside", "forward", "0000000013"),
    (0.02, "udp", 123, "outside", "forward", "0000000013"),
    (0.03, "tcp", 445, "inside", "forward", "0000000013"),
    (0.02, "udp", 161, "inside", "forward", "0000000013"),
    (0.05, "tcp", 443, "lgwan", "forward", "0000000013"),
    (0.03, "tcp", 80, "lgwan", "forward", "0000000013"),
    (0.01, "tcp", 445, "lgwan", "forward", "0000000013"),
    (0.01, "tcp", 0, "lgwan", "forward", "0000000013"),
    (0.01, "tcp", 22, "lgwan", "forward", "0000000013"),
)
_HEAVY = 14
"""The kind of what the great source asks; from it on all kinds go to LGWAN."""
_STRANGE = (12, 13, 16, 17, 18)
ODD = 300


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the day is."""

    rows: int
    bodies: int
    sources: int
    skew: int
    """Rows of the one great source, of `rows`."""


class Traffic:
    """Makes the rows of any five minutes; the same ones each time."""

    def __init__(self, shape: Shape) -> None:
        """Lay out bodies, sources and those they talk to."""
        self.shape = shape
        rng = np.random.default_rng(21)
        sizes = 1 / (np.arange(shape.bodies) + 4.0)
        self._body = np.sort(rng.choice(shape.bodies, shape.sources, p=sizes / sizes.sum()))
        self._body[0] = 0
        number = np.arange(shape.sources) - np.searchsorted(self._body, self._body)
        # Half of the sources are terminals of LGC, the others of MNU and INC: 32 floors of 250 each.
        side = np.where(number < 8_000, number % 2 * (1 + number // 2 % 2), 3 + number // 8_000)
        floor, last = number // 250 % 32, number % 250 + 2
        self._third = np.minimum(side, 7) * 32 + floor
        words = zip(self._body.tolist(), self._third.tolist(), last.tolist(), strict=True)
        self._src = pl.Series([f"10.{16 + b}.{third}.{d}" for b, third, d in words], dtype=pl.String)
        self._side = side
        zones = [*_bench_world.SIDES, *["UNKNOWN"] * 5]
        self._src_zone = pl.Series([zones[third >> 5] for third in self._third.tolist()])
        self._src_in = pl.Series([f"lan{1 + s % 3}" for s in side.tolist()])
        # Before every second firewall stands a router, whose hardware address all its terminals have.
        mac = np.where(self._body % 2 == 0, np.arange(shape.sources), 1_000_000 + self._body).tolist()
        self._mac = pl.Series([f"02:00:5e:{m >> 16 & 255:02x}:{m >> 8 & 255:02x}:{m & 255:02x}" for m in mac])
        outside = [f"198.{18 + a % 2}.{b}.{c}" for a, b, c in rng.integers(0, 255, (60_000, 3)).tolist()]
        lgwan = [f"100.64.{i >> 8}.{i & 255}" for i in range(ANSWERED)]
        neighbours = rng.integers((0, 0, 1), (shape.bodies, 96, 255), (20_000, 3)).tolist()
        inside = [f"10.{16 + b}.{c}.{d}" for b, c, d in neighbours]
        broadcast = [f"10.{16 + b}.{c}.255" for b in range(shape.bodies) for c in range(256)]
        groups = ["239.255.255.250", "224.0.0.252", "224.0.0.251"]
        pools = {"outside": outside, "lgwan": lgwan, "inside": inside, "broadcast": broadcast, "groups": groups}
        self._at, texts, zoned = {}, list[str](), list[str]()
        for name, pool in pools.items():
            self._at[name] = (len(texts), len(pool))
            texts += pool
            zoned += ["LGWAN" if name == "lgwan" else "UNKNOWN"] * len(pool) if name != "broadcast" else [
                zones[c >> 5] for _ in range(shape.bodies) for c in range(256)
            ]  # fmt: skip
        self._groups = {g: self._at["groups"][0] + i for i, g in enumerate(groups)}
        self._dst, self._dst_zone = pl.Series(texts), pl.Series(zoned)
        self._addr = {"src": _packed(self._src), "dst": _packed(self._dst)}
        self._tenant = pl.Series([body_code(b) for b in range(shape.bodies)])
        self._source = pl.Series([_bench_world.firewall(b) for b in range(shape.bodies)])
        self._device = pl.Series([f"fw{b + 1:03d}-1" for b in range(shape.bodies)])
        weights = 1 / (rng.permutation(shape.sources) + 20.0) ** 0.9
        weights[0] = 0
        self._weights = weights / weights.sum()
        minutes = np.repeat(_OFFICE, SLOTS // 24)
        self._slots = minutes / minutes.sum()

    def sizes(self) -> list[tuple[int, int]]:
        """(rows of all, of them the great source's) for each five minutes of the day; the sums are exact."""
        heavy = np.diff(np.linspace(0, self.shape.skew, SLOTS + 1).astype(np.int64))
        others = np.round(np.cumsum(self._slots) * (self.shape.rows - self.shape.skew)).astype(np.int64)
        return list(zip((heavy + np.diff(others, prepend=0)).tolist(), heavy.tolist(), strict=True))

    def rows(self, slot: int, count: int, heavy: int, again: int = 0) -> pl.DataFrame:
        """The rows of five minutes in the order in which they were written; `again` makes others."""
        rng = np.random.default_rng([22, slot, again])
        who = rng.choice(self.shape.sources, count, p=self._weights)
        kind = rng.choice(len(_KINDS), count, p=np.array([k[0] for k in _KINDS]) / sum(k[0] for k in _KINDS))
        great = rng.permutation(count)[:heavy]
        who[great], kind[great] = 0, _HEAVY
        # One terminal in some hundred does what none should; the others ask LGWAN only from LGC, and no neighbours.
        ordinary = (who % ODD != 0) & (((kind >= _HEAVY) & (self._side[who] != 0)) | np.isin(kind, _STRANGE))
        kind = np.where(ordinary, who % 6, kind)
        times = START + slot * SLOT_US + np.sort(rng.integers(0, SLOT_US, count))
        port = np.array([k[2] for k in _KINDS])[kind]
        low = rng.integers(1024, 65_536, count)
        answer = np.array([k[3] == "answer" for k in _KINDS])[kind]
        dst = self._asked(rng, kind, who)
        sport = np.where(answer, 443, low)
        dport = np.where(answer | (port == 0), rng.integers(1024, 65_536, count), port)
        return self._frame(who, kind, dst, times, sport, dport, rng.integers(1, 1 << 32, count))

    def _asked(self, rng: np.random.Generator, kind: Ints, who: Ints) -> Ints:
        dst = np.zeros(len(kind), np.int64)
        for number, (_, _, _, where, _, _) in enumerate(_KINDS):
            mine = np.flatnonzero(kind == number)
            if where in self._groups:
                dst[mine] = self._groups[where]
                continue
            start, size = self._at["inside" if where == "answer" else where]
            if where == "broadcast":
                dst[mine] = start + self._body[who[mine]] * 256 + self._third[who[mine]]
            else:
                # Most ask few: a skew towards the pool's beginning, but for the great source's kind.
                share = rng.random(len(mine)) ** (1 if number == _HEAVY else 3)
                dst[mine] = start + (share * size).astype(np.int64)
        return dst

    def _frame(
        self, who: Ints, kind: Ints, dst: Ints, times: Ints, sport: Ints, dport: Ints, session: Ints
    ) -> pl.DataFrame:
        n = len(who)
        source, body = pl.Series(who), pl.Series(self._body[who])
        to = pl.Series(dst)

        def word(at: int) -> pl.Series:
            return pl.Series([str(k[at]) for k in _KINDS]).gather(pl.Series(kind))

        def only(value: Any, dtype: Any = pl.String) -> pl.Series:
            return pl.Series([value], dtype=dtype).new_from_index(0, n)

        line = np.arange(1, n + 1)
        zone = self._dst_zone.gather(to)
        return pl.DataFrame({
            "event_time": pl.Series(times).cast(pl.Datetime("us")), "time_quality": only("exact"),
            "tenant": self._tenant.gather(body), "tenant_quality": only("given"), "source": self._source.gather(body),
            "device": self._device.gather(body), "virtual_device": only("root"), "format": only("fortinet_fortigate"),
            "event_count": only(1, pl.Int64), "count_quality": only("exact"), "text_quality": only("clean"),
            "line": line, "offset": (line - 1) * len(LINE), "length": np.full(n, len(LINE) - 1, np.int32),
            "src_ip": self._src.gather(source), "src_addr": self._addr["src"].gather(source),
            "src_port": pl.Series(sport).cast(pl.UInt16), "src_mac": self._mac.gather(source),
            "src_zone": self._src_zone.gather(source), "dst_ip": self._dst.gather(to),
            "dst_addr": self._addr["dst"].gather(to), "dst_port": pl.Series(dport).cast(pl.UInt16), "dst_zone": zone,
            "protocol": word(1), "verdict": only("deny"), "action": only("deny"), "outcome": only("attempted"),
            "path": word(4), "rule": only("0"), "in_interface": self._src_in.gather(source),
            "out_interface": only("lgwan"), "bytes_out": only(0, pl.Int64), "bytes_in": only(0, pl.Int64),
            "session_id": pl.Series(session).cast(pl.String), "event_code": word(5), "severity": only("notice"),
        })  # fmt: skip


def _packed(addresses: pl.Series) -> pl.Series:
    head = bytes(10) + b"\xff\xff"
    return pl.Series([head + bytes(map(int, a.split("."))) for a in addresses.to_list()], dtype=pl.Binary)


def _commit(store: Store, rows: pl.DataFrame, slot: int, name: str, network_seq: int) -> None:
    raw = LINE * rows.height
    digest = hashlib.sha256(f"{name}{slot}".encode()).hexdigest()
    received = START + (slot + 1) * SLOT_US + 5_000_000
    delivery = store.deliver(_bench_world.FIREWALLS, f"{name}-{slot:03d}", received, digest, digest, len(raw))
    with store.batch(delivery) as batch:
        batch.add(raw, {EventClass.NETWORK: rows}, pl.DataFrame(schema=REFUSED))
        batch.commit(
            lines=rows.height, parsed=rows.height, refused=0, skipped=0, content_from=0, content_to=len(raw),
            parser="bench", state={}, network_seq=network_seq,
        )  # fmt: skip
    store.finish(delivery)


def write(store: Store, shape: Shape) -> dict[str, Any]:
    """The registers and the whole day."""
    _bench_world.register(store, bodies=shape.bodies)
    newest = store.newest_seq(("tenants", "sources", "zones"))
    traffic = Traffic(shape)
    for slot, rows in _day(traffic):
        _commit(store, rows, slot, "day", newest)
    with store.snapshot() as snapshot:
        return {
            "rows": sum(s.rows for s in snapshot.segments), "stored": sum(s.bytes for s in snapshot.segments),
            "segments": len(snapshot.segments), "now": DAY_END + SLOT_US,
        }  # fmt: skip


def _day(traffic: Traffic) -> Iterator[tuple[int, pl.DataFrame]]:
    for slot, (count, heavy) in enumerate(traffic.sizes()):
        if count:
            yield slot, traffic.rows(slot, count, heavy)


def write_late(store: Store, shape: Shape) -> dict[str, Any]:
    """Another average five minutes of rows, late in that day."""
    traffic = Traffic(shape)
    rows = traffic.rows(LATE_SLOT, max(1, shape.rows // SLOTS), shape.skew // SLOTS, again=1)
    _commit(store, rows, LATE_SLOT, "late", store.newest_seq(("tenants", "sources", "zones")))
    return {"rows": rows.height, "now": DAY_END + 2 * SLOT_US}
