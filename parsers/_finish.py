"""The last steps of every format, once: texts become the types and canonical forms that `core.columns` promises."""

from __future__ import annotations

import numpy as np
import polars as pl

from core.columns import COLUMNS, EventClass, polars_schema
from parsers._addresses import addresses, mac_of
from parsers._distinct import by_distinct
from parsers._format import Context
from parsers._lines import Lines
from parsers._names import protocol_of
from parsers._syslog import Header
from parsers._times import read
from parsers._views import Texts, holds, lower, no_values, upper
from parsers._zones import QUALITIES, RECEIVED

_RESERVED = {"class", "refused", "skipped", "own", "time", "time_zone", "cut"}
_BY_PARSER = {c.name for c in COLUMNS if c.set_by == "parser"} | {"src_addr", "dst_addr"}
_ADDRESSES = {
    "src_ip": ("src_addr", "src_host"),
    "dst_ip": ("dst_addr", "dst_host"),
    "nat_src_ip": None,
    "nat_dst_ip": None,
    "lease_ip": None,
}
_MACS = ("src_mac", "dst_mac", "lease_mac")
_NUMBERS = {
    c.name: t
    for c in COLUMNS
    for t in [{"int64": pl.Int64, "uint16": pl.UInt16, "int32": pl.Int32}.get(c.type)]
    if t and c.set_by == "parser"
}
_LOWER = ("url_host", "url_scheme", "qname")
_UPPER = ("qtype", "qclass", "rcode", "method")
PLACE = ("line", "offset", "length")


def finished(df: pl.DataFrame, lines: Lines, header: Header, context: Context, name: str) -> pl.DataFrame:
    """The format's frame with every column in its final form; still one row for every line."""
    unknown = set(df.columns) - _RESERVED - _BY_PARSER
    if unknown or df.height != len(lines):
        raise ValueError(
            f"{name}: no columns of core.columns: {sorted(unknown)}, or {df.height} rows for {len(lines)} lines"
        )
    given = {s.name: s for s in df if s.dtype != pl.Null and s.null_count() < df.height}
    made: dict[str, pl.Series] = {key: given.pop(key) for key in ("class", "refused", "skipped", "own") if key in given}
    made |= _times(given, header, context, df.height)
    made |= _addresses(given)
    for key in _MACS:
        if key in given:
            made[key] = by_distinct(given.pop(key).cast(pl.String), mac_of)
    if "protocol" in given:
        protocol = given.pop("protocol").cast(pl.String)
        # Where all are one of these words, there is nothing to look up.
        known = ((protocol == "tcp") | (protocol == "udp")).all()
        made["protocol"] = protocol if known else by_distinct(protocol, protocol_of)
    made |= _users(given)
    cut = given.pop("cut").fill_null(value=False).to_numpy() if "cut" in given else np.zeros(df.height, np.bool_)
    made["text_quality"] = _choice(np.where(cut, 2, lines.repaired.astype(np.int64)), ("clean", "repaired", "cut"))
    made |= {key: _plain(key, series) for key, series in given.items()}
    made["format"] = pl.Series([name]).new_from_index(0, df.height)
    made |= {
        "line": pl.Series(lines.line),
        "offset": pl.Series(lines.offset),
        "length": pl.Series(lines.length.astype(np.int32)),
    }
    df = _defaults(pl.DataFrame(made), header)
    return df if lines.times is None else df.with_columns(_repeated(pl.lit(pl.Series(lines.times))))


def _repeated(times: pl.Expr) -> list[pl.Expr]:
    """Counts of messages that a syslog daemon wrote once for several."""
    many = (times > 1) & (pl.col("count_quality") == "exact")
    quality = pl.when(many).then(pl.lit("aggregated")).otherwise("count_quality")
    return [pl.col("event_count") * times, quality.alias("count_quality")]


def _defaults(df: pl.DataFrame, header: Header) -> pl.DataFrame:
    fill = {"event_count": pl.lit(1, pl.Int64), "count_quality": pl.lit("exact")}
    for column, source in (("device", "syslog_host"), ("severity", "syslog_severity")):
        if header.columns[source].null_count() < df.height:
            fill[column] = pl.lit(header.columns[source])
    return df.with_columns(
        (pl.col(key).fill_null(value) if key in df.columns else value).alias(key) for key, value in fill.items()
    )


def _choice(index: np.ndarray[tuple[int], np.dtype[np.integer]], words: tuple[str, ...]) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(pl.Series(index.astype(np.uint32)))


def _times(given: dict[str, pl.Series], header: Header, context: Context, height: int) -> dict[str, pl.Series]:
    """event_time and time_quality: the line's own, the header's, the moment of receipt."""
    us, quality = header.times.us.copy(), header.times.quality.astype(np.int64)
    us[~header.times.valid], quality[~header.times.valid] = context.received, RECEIVED
    text, zone = given.pop("time", None), given.pop("time_zone", None)
    if text is not None:
        text = text.cast(pl.String)
        if zone is not None:
            text = pl.select(pl.concat_str(text, pl.lit(" ") + zone.fill_null(""))).to_series().str.strip_chars_end()
        found = read(text, context)
        us[found.valid], quality[found.valid] = found.us[found.valid], found.quality[found.valid]
    how = given.pop("time_quality", None)
    made = {"event_time": pl.Series(us).cast(pl.Datetime("us")), "time_quality": _choice(quality, QUALITIES)}
    if "event_time" in given:
        own = given.pop("event_time").cast(pl.Datetime("us"))
        made = pl.select(
            pl.coalesce(own, made["event_time"]).alias("event_time"),
            pl.when(own.is_not_null())
            .then(pl.lit("exact") if how is None else how)
            .otherwise(made["time_quality"])
            .alias("time_quality"),
        ).to_dict()
    return made


def _addresses(given: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """Addresses in canonical form; what is none becomes a host, and a host that is one an address."""
    made: dict[str, pl.Series] = {}
    for key, also in _ADDRESSES.items():
        if key in given:
            ip, octets, host = addresses(given.pop(key).cast(pl.String))
            made[key] = ip
            if also:
                made[also[0]] = octets
                if host is not None:
                    kept = given.get(also[1])
                    given[also[1]] = host if kept is None else kept.replace("", None).fill_null(host)
        if also and also[1] in given:
            _literal_hosts(given, made, key, *also)
    return made


def _literal_hosts(given: dict[str, pl.Series], made: dict[str, pl.Series], ip: str, octets: str, host: str) -> None:
    """Moves hosts that are addresses (`http://192.0.2.1/`) to the address column, where that is still empty."""
    names = given[host].cast(pl.String)
    texts = Texts.of(names)
    last = texts.text[np.maximum(texts.end - 1, 0)]
    # No name ends in a digit or a colon, nearly none in a bracket: only these are looked at.
    rows = np.flatnonzero(texts.valid & (texts.end > texts.start) & ((last - 48 <= 10) | (texts.text == 58).any()))
    if not len(rows):
        return
    found, packed, _ = addresses(names.gather(rows))
    rows = rows[found.is_not_null().to_numpy()]
    found, packed = found.drop_nulls(), packed.drop_nulls()
    given[host] = names.scatter(rows, no_values(len(rows)))
    for key, value, dtype in ((ip, found, pl.String), (octets, packed, pl.Binary)):
        column = made.get(key, no_values(len(names), dtype))
        empty = column.gather(rows).is_null()
        made[key] = column.scatter(pl.Series(rows).filter(empty), value.filter(empty))


def _users(given: dict[str, pl.Series]) -> dict[str, pl.Series]:
    r"""DOMAIN\user and user@realm apart; a domain that the format gives stays."""
    if "user" not in given:
        return {}
    user = given.pop("user").cast(pl.String)
    domain = given.pop("user_domain", None)
    if holds(user, b"\\@"):
        parts = user.str.extract_groups(
            r"^(?:(?P<before>[^\\@]+)\\)?(?P<name>.+?)(?:@(?P<after>[^@\\]+))?$"
        ).struct.unnest()
        user = parts["name"].fill_null(user)
        found = parts["before"].fill_null(parts["after"])
        domain = found if domain is None else domain.fill_null(found)
    made = {"user": _plain("user", user)}
    return made if domain is None else made | {"user_domain": _plain("user_domain", domain)}


def _plain(key: str, series: pl.Series) -> pl.Series:
    """Numbers cast, names in their case, empty texts null."""
    if key in _NUMBERS:
        if series.dtype == pl.String:
            series = series.cast(pl.Int64, strict=False)
        return series.cast(_NUMBERS[key], strict=False)
    if key in ("start_time", "event_time"):
        return series.cast(pl.Datetime("us"))
    if key == "recursion_desired":
        return series.cast(pl.Boolean)
    series = series.cast(pl.String)
    if key in _LOWER:
        series = lower(series)
    if key in _UPPER:
        series = upper(series)
    if key == "qname" and series.str.ends_with(".").any():
        series = pl.select(pl.when(series == ".").then(series).otherwise(series.str.strip_suffix("."))).to_series()
    if (series == "").any():
        series = series.replace("", None)
    return series


def rows_of(df: pl.DataFrame, event_class: EventClass) -> pl.DataFrame:
    """The columns of one class that hold anything, in the order and the types of `core.columns`."""
    given = {s.name: s for s in df if s.null_count() < df.height}
    return pl.DataFrame(
        [given[name].cast(dtype) for name, dtype in polars_schema(event_class).items() if name in given]
    )
