"""The columns that registers answer: which body a row belongs to, and in which zones its two ends lay.

A row's zone comes from the source's interface table first, then from the longest prefix of its body in force at the
time of the event; where both answer and differ, `zone_conflict` keeps the prefix's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from core import municipalities
from core.columns import EventClass
from core.errors import RegisterError
from core.registers import Entry
from core.zones import UNKNOWN, Network, ZoneTable, prefix_bits

_ENDS = (("src", "in_interface"), ("dst", "out_interface"))


def zone_table(entries: Iterable[Entry]) -> ZoneTable:
    """The table of prefixes from entries of the register `zones`."""
    return ZoneTable(Network(e.tenant, e.values["prefix"], e.values["zone"], e.valid_from, e.valid_to) for e in entries)


_Stretches = tuple[npt.NDArray[np.bytes_], npt.NDArray[np.int64]]
"""First address of each stretch, ascending, and the number of its answer."""


def _firsts(edges: Iterable[int]) -> npt.NDArray[np.bytes_]:
    return np.array([edge.to_bytes(16, "big") for edge in edges], "S16")


def _answers(stretches: _Stretches, addresses: npt.NDArray[np.bytes_]) -> npt.NDArray[np.int64]:
    first, number = stretches
    return number[np.searchsorted(first, addresses, side="right") - 1]


def _octets(column: pl.Series) -> npt.NDArray[np.bytes_]:
    """A column of addresses of 16 bytes; zero where it is null."""
    octets = pa.array(column.fill_null(bytes(16)).to_arrow()).cast(pa.binary(16))
    return np.frombuffer(octets.buffers()[1], "S16", len(column), 16 * octets.offset)


class _Prefixes:
    """Longest prefix → body."""

    def __init__(self, bodies: Mapping[str, str]) -> None:
        networks = [(*prefix_bits(prefix), tenant) for prefix, tenant in bodies.items()]
        networks.sort(key=lambda network: -network[1])
        ends = {bits + (1 << (128 - length)) for bits, length, _ in networks} - {1 << 128}
        edges = sorted({0, *(bits for bits, _, _ in networks), *ends})
        found = [
            next(
                (n for n, (bits, length, _) in enumerate(networks) if edge ^ bits < 1 << (128 - length)), len(networks)
            )
            for edge in edges
        ]
        self._tenants = pl.Series([*(tenant for _, _, tenant in networks), None], dtype=pl.String)
        self._stretches = _firsts(edges), np.array(found, np.int64)

    def __call__(self, addresses: pl.Series) -> pl.Series:
        found = _answers(self._stretches, _octets(addresses))
        found[addresses.is_null().to_numpy()] = len(self._tenants) - 1
        return self._tenants.gather(pl.Series(found))


def _longest_name(bodies: Mapping[str, str]) -> Callable[[str], str | None]:
    """A name's body: its own entry, or that of the closest domain above it."""
    table = {name.lower().rstrip("."): tenant for name, tenant in bodies.items()}

    def look(name: str) -> str | None:
        name = name.lower().rstrip(".")
        while name:
            if name in table:
                return table[name]
            name = name.partition(".")[2]
        return None

    return look


def _domain(address: pl.Expr) -> pl.Expr:
    return address.str.extract(r"@([^@>]+)>?$", 1)


def _host(name: pl.Expr) -> pl.Expr:
    return name.str.replace(r":\d+$", "")


_NAME_COLUMNS: Mapping[str, Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    # Inbound mail belongs to its recipient's body; outbound mail has a recipient outside and is its sender's.
    "mail_domain": {"mail_to": _domain, "mail_from": _domain},
    "vhost": {"vhost": _host, "url_host": _host},
    "dns_zone": {"qname": _host},
}


class Resolver:
    """Fills tenant, tenant_quality, source, src_zone, dst_zone and zone_conflict of one source's rows.

    Args:
        source: Entry of the register `sources`.
        zones: Prefixes of all bodies.
        prefecture: Code of the body to which rows fall whose own body isn't found.
    """

    def __init__(self, source: Entry, zones: ZoneTable, prefecture: str) -> None:
        """Raise RegisterError when a fixed source names no body."""
        values = source.values
        self._source = values["id"]
        self._by = values["body_by"]
        self._zones = zones
        self._prefecture = prefecture
        self._interfaces: Mapping[str, str] = values.get("interfaces", {})
        bodies = {k: municipalities.checked(v) for k, v in values.get("bodies", {}).items()}
        if self._by == "fixed":
            if not source.tenant:
                raise RegisterError(f"source {self._source}: body_by = fixed needs a tenant")
            self._tenant = source.tenant
        elif self._by == "address":
            self._of_addresses = _Prefixes(bodies)
        else:
            self._look = _longest_name(bodies)
        self._known: dict[tuple[str, int], _Stretches] = {}
        self._numbers: dict[str, int] = {}

    def __call__(self, event_class: EventClass, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with those columns; the number and order of rows stay."""
        rows = self._bodies(rows.with_columns(source=pl.lit(self._source)))
        for end, interface in _ENDS:
            rows = self._zone(rows, end, interface)
        conflicts = [pl.col(f"_{end}_conflict") for end, _ in _ENDS]
        text = pl.concat_str(conflicts, separator=" ", ignore_nulls=True)
        return rows.with_columns(zone_conflict=pl.when(text != "").then(text)).drop(
            [f"_{end}_conflict" for end, _ in _ENDS]
        )

    def _bodies(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._by == "fixed":
            return rows.with_columns(tenant=pl.lit(self._tenant), tenant_quality=pl.lit("given"))
        found = pl.lit(None, dtype=pl.String)
        if self._by == "address":
            if "src_addr" in rows.columns:
                found = pl.lit(self._of_addresses(rows.get_column("src_addr")))
        else:
            answers = []
            for name, part in _NAME_COLUMNS[self._by].items():
                if name in rows.columns:
                    names = rows.select(part(pl.col(name)).alias("n")).get_column("n")
                    answers.append(_mapped(part(pl.col(name)), names, self._look))
            if answers:
                found = pl.coalesce(answers)
        return rows.with_columns(tenant=found).with_columns(
            tenant_quality=pl.when(pl.col("tenant").is_null())
            .then(pl.lit("unattributed"))
            .otherwise(pl.lit("derived")),
            tenant=pl.col("tenant").fill_null(self._prefecture),
        )

    def _zone(self, rows: pl.DataFrame, end: str, interface: str) -> pl.DataFrame:
        address = f"{end}_addr"
        by_interface = pl.lit(None, dtype=pl.String)
        if self._interfaces and interface in rows.columns:
            by_interface = pl.col(interface).replace_strict(
                list(self._interfaces), list(self._interfaces.values()), default=None, return_dtype=pl.String
            )
        by_prefix = pl.lit(UNKNOWN)
        if address in rows.columns:
            by_prefix = pl.lit(self._by_prefix(rows, address))
        rows = rows.with_columns(_interface_zone=by_interface, _by_prefix=by_prefix)
        conflict = (
            pl.col("_interface_zone").is_not_null()
            & (pl.col("_by_prefix") != UNKNOWN)
            & (pl.col("_by_prefix") != pl.col("_interface_zone"))
        )
        return rows.with_columns(
            pl.coalesce("_interface_zone", "_by_prefix").alias(f"{end}_zone"),
            pl.when(conflict).then(pl.lit(f"{end}=") + pl.col("_by_prefix")).alias(f"_{end}_conflict"),
        ).drop("_interface_zone", "_by_prefix")

    def _by_prefix(self, rows: pl.DataFrame, address: str) -> pl.Series:
        """The zone of each row's address, found among the stretches of addresses with one answer."""
        given = rows.get_column(address)
        addresses = _octets(given)
        bodies = rows.get_column("tenant").unique().to_list()
        changes = sorted({bound for body in {*bodies, self._prefecture} for bound in self._zones.bounds(body)})
        span = np.searchsorted(np.array(changes, np.int64), rows.get_column("event_time").dt.epoch("us"), side="right")
        groups = (
            rows.select("tenant", span=pl.Series(span), row=pl.int_range(pl.len()))
            .group_by("tenant", "span")
            .agg("row")
        )
        zones = np.zeros(rows.height, np.int64)
        for tenant, number, places in zip(*groups, strict=True):
            # Between two changes every instant answers alike; before the first, any that is earlier.
            at = changes[number - 1] if number else min(changes, default=0) - 1
            where = places.to_numpy()
            zones[where] = _answers(self._stretches(tenant, at), addresses[where])
        zones[given.is_null().to_numpy()] = self._number(UNKNOWN)
        return pl.Series(list(self._numbers), dtype=pl.String).gather(pl.Series(zones))

    def _stretches(self, tenant: str, at: int) -> _Stretches:
        """Stretches of addresses with one zone at an instant (µs)."""
        if (tenant, at) not in self._known:
            # Shared servers stand in the prefecture's own networks, whichever body they serve.
            bodies = (tenant,) if self._by == "fixed" else (tenant, self._prefecture)
            edges = sorted({edge for body in bodies for edge in self._zones.edges(body)})
            found = [[self._zones.lookup_bits(body, edge, at) for body in bodies] for edge in edges]
            zones = [self._number(next((z for z in some if z != UNKNOWN), UNKNOWN)) for some in found]
            self._known[tenant, at] = _firsts(edges), np.array(zones, np.int64)
        return self._known[tenant, at]

    def _number(self, zone: str) -> int:
        return self._numbers.setdefault(zone, len(self._numbers))


def _mapped(expression: pl.Expr, values: pl.Series, look: Callable[[str], str | None]) -> pl.Expr:
    """`look` on each distinct value, as an expression over the column."""
    distinct: list[Any] = values.drop_nulls().unique().to_list()
    found = {v: t for v in distinct if (t := look(v)) is not None}
    return expression.replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)
