"""Cisco ASA, Secure Firewall Threat Defense (FTD), PIX and FWSM: every message by its id.

Reference: Cisco Secure Firewall ASA Series Syslog Messages (9.x; "Messages 101001 to 199027" to "Messages 776001 to
8300006"), Cisco Security Appliance System Log Messages 7.0 and 8.0 for older wording, Cisco Secure Firewall Threat
Defense Syslog Messages ("Security Event Syslog Messages", 430001 to 430005). Of the first, the messages 106 to 113, 199
to 209, 302 to 317, 414 to 434, 500 to 520 and 604 to 608 were read on 2026-11-20; the others were not at hand: their
texts are those of public examples and of general knowledge, those of rare ids the latter alone.
Read: `%ASA-6-302013: …`, also FTD, PIX, FWSM, NGIPS, EMBLEM's colon, class (`%ASA-session-6-…`), with and without
syslog header, device id, zone name, behind a relay's header, with the priority twice, an octet count (RFC 6587).
Not read: NSEL (NetFlow), the management centre's own audit log, debugging output beyond its header.

An id without wording of its own keeps id, severity and message, class `system`, and its addresses where it says `from
A/port to B/port` exactly once.
src is who began: `Built inbound … for A to B` A, outbound B; a teardown doesn't say, so A and direction `unknown`.
Addresses behind the box's translation stand in brackets: nat_src of src; nat_dst is what the client asked for, dst the
server's real address. A translation (305011) has src and nat_src. The connection's number is session_id; `message` of a
teardown is `bytes n reason` (n counts both directions).
Verdict: Built is allow, and so is a teardown, unless inspection or IPS cut the connection: deny, `blocked_later`.
Outcome of a teardown: `SYN Timeout` attempted; established where TCP carried bytes or ended by FIN; else not said.
Translations, stubs of a cluster, local-host entries and what is only noticed have no verdict; a Botnet filter that
monitors allows. What a limit or a want of ports or modules refuses is deny, what inspection or a module cuts or resets
is `blocked_later` too; a limit of half-open connections of one client (201012) decides nothing, the device then answers
for the server. Path: 7100xx, 313001, 605004/5 and an end `identity` are local_in (an initiator `identity` local_out),
106015, 313004, 313005 and late DNS replies (106007) out_of_state. 106100 counts hits: `first hit` is one packet, later
lines stand for all of an interval. 106101 (as many denied flows as the device follows: it logs no other) marks lost
lines, as a syslog server that can't be reached does (414003), not one that is reached again.
FTD's security events (430001 to 430005) are unquoted, a client writes into the middle of them: what stands before its
first word is believed, behind it a key only where it comes once.
Time: the device's own before a relay's; without zone the source's; a zone name that the source doesn't use is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import polars as pl

from parsers import _cisco_asa_inspections, _cisco_asa_logins, _cisco_asa_system, _cisco_asa_traffic, _cisco_ftd
from parsers._assemble import assembled, overlaid
from parsers._cisco_asa_wording import ANYWHERE, OPERATION_OF, PORTS, WORDS
from parsers._cisco_messages import FRAMED, message, read
from parsers._cisco_zones import ABBREVIATIONS
from parsers._distinct import by_distinct, distinct_of, per_distinct
from parsers._format import Context, Format
from parsers._lines import Bools, Ints, Lines
from parsers._urls import split_urls
from parsers._views import begin_with_letters, no_values, strings, words

_MESSAGES = (
    message("", class_="system"),
    *_cisco_asa_traffic.MESSAGES,
    *_cisco_asa_inspections.MESSAGES,
    *_cisco_asa_logins.MESSAGES,
    *_cisco_asa_system.MESSAGES,
)
"""All kinds of messages; the first is every other."""
_UNREAD, _EVENTS = -1, -2
"""Instead of the place in `_MESSAGES`: no message, a security event."""
_FRONTS = np.array([int.from_bytes(name.encode(), "little") for name in ("%ASA-", "%FTD-", "%PIX-")], np.uint64)
_FWSM = np.uint64(int.from_bytes(b"%FWSM-", "little"))
_STAMP = (
    r"[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)?"
)
_ODD = (
    rf"{FRAMED}:? ?(?:(?P<time>{_STAMP}) *)?(?:(?P<time_zone>{ABBREVIATIONS})\b *)?(?:: +)?(?:(?P<host>[^ %]+?) ?:? +)?"
    r"(?:(?:Cisco)?(?:ASA|FTD|PIX|FWSM)(?:\[[0-9]+\])?: )?%[A-Z]{2,8}(?:<[A-Za-z]+>)?-(?:[a-z]+-)?-?(?P<level>[0-9])-"
    r"(?P<code>[0-9]{6}):? ?(?P<note>.*)$"
)
_EVENT = r"^(?:[^ ]+ )?(?:ftd|SFIMS)(?:\[[0-9]+\])?: ([A-Z][A-Za-z_]+: .*)$"
_BOX = ("identity", "NP Identity Ifc")
_ENDS_BADLY = r"(?i)inspect|Deny Terminate|by IPS|IPS fail-close|Unauth Deny"
_PORTLESS = ("icmp", "gre", "icmpv6", "ipv6-icmp", "icmp6")
_UNREADABLE = "no %ASA-, %FTD-, %PIX- or %FWSM- with severity and message id"


def _shape(lines: Lines) -> pl.DataFrame:
    """Severity, message id and what follows it (`note`), where the body begins with them."""
    at, text = lines.body, lines.text
    front = words(text, "<u8")[at]
    five, six = front & np.uint64((1 << 40) - 1), front & np.uint64((1 << 48) - 1)
    wide = six == _FWSM
    place = at + 5 + wide
    good: Bools = (wide | np.isin(five, _FRONTS)) & (text[place + 1] == 45) & (text[place + 8] == 58)
    digits = np.array([text[place + i] for i in (0, *range(2, 8))]) - np.uint8(48)
    good &= (digits <= 9).all(axis=0) & (place + 8 < lines.end)
    code = np.zeros(len(at), np.int64)
    for digit in digits[1:]:
        code = code * 10 + digit
    begin = np.minimum(place + 9 + (text[place + 9] == 32), lines.end)
    return pl.DataFrame({
        "level": strings(text, place, place + 1, good),
        "note": strings(text, begin, lines.end, good),
        "code": np.where(good, code, 0),
    })  # fmt: skip


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    head: dict[str, pl.Series] = {}
    odd = df["note"].is_null()
    if odd.any():
        df, head = _odd(df, odd)
    codes = df["code"].to_numpy()

    def unread(rows: Ints) -> pl.DataFrame:
        return _unread(df["note"].gather(rows), codes[rows])

    known, index = np.unique(codes, return_inverse=True)
    numbers = np.array([_UNREAD if code == 0 else _number(code) for code in known.tolist()])[index]
    parts: list[tuple[Ints, pl.DataFrame]] = []
    for number in np.unique(numbers[numbers >= 0]).tolist():
        found = read(df["note"], np.flatnonzero(numbers == number), _MESSAGES[number], unread)
        parts += [part for rows, groups in found for part in _ends(rows, groups)]
    made = _finished(assembled(parts, df.height), numbers)
    if "url" in made.columns:
        made = made.with_columns(split_urls(made["url"]))
    events = np.flatnonzero(numbers == _EVENTS)
    if len(events):
        others = np.flatnonzero(numbers != _EVENTS)
        told = _cisco_ftd.events(df["note"].gather(events), codes[events])
        made = assembled([(events, told), (others, made[others])], df.height)
    code = pl.Series([str(code) if code >= 100_000 else None for code in known.tolist()], dtype=pl.String)
    return made.with_columns(
        code.gather(index).alias("event_code"),
        df["level"].alias("severity"),
        pl.select(pl.when(pl.Series(numbers) == _UNREAD).then(pl.lit(_UNREADABLE))).to_series().alias("refused"),
        *(values.alias(name) for name, values in head.items()),
    )


def _numbers() -> dict[int, int]:
    """Message id → its place in `_MESSAGES`."""
    made: dict[int, int] = {}
    for number, kind in enumerate(_MESSAGES):
        for part in kind.ids.split():
            first, _, last = part.partition("-")
            made.update(dict.fromkeys(range(int(first), int(last or first) + 1), number))
    return made


_NUMBERS = _numbers()


def _number(code: int) -> int:
    """Which of `_MESSAGES` an id is."""
    return _EVENTS if code == _cisco_ftd.WITHOUT_ID or 430001 <= code <= 430005 else _NUMBERS.get(code, 0)


def _odd(df: pl.DataFrame, odd: pl.Series) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Lines whose message doesn't begin with the id: what stands in front of it, and FTD's events without id."""
    some = df.filter(odd).select("body", "syslog_host", "code")
    found = some["body"].str.extract_groups(_ODD).struct.unnest()
    events = some["body"].str.extract(_EVENT)
    # Behind another header it is the device's name only where the device's own time stands before it.
    own = found["time"].is_not_null() | some["syslog_host"].is_null()
    found = found.with_columns(
        pl.coalesce("note", events).alias("note"),
        pl.coalesce(
            pl.col("code").cast(pl.Int64),
            pl.when(events.is_not_null()).then(pl.lit(_cisco_ftd.WITHOUT_ID)),
            some["code"],
        ).alias("code"),
        pl.when(own).then("host").alias("device"),
    ).drop("host")
    df = overlaid(df, odd, found)
    return df, {name: df[name] for name in ("time", "time_zone", "device") if name in df.columns}


def _unread(notes: pl.Series, codes: Ints) -> pl.DataFrame:
    """Messages without an expression of their own: the text, and its addresses where it has one pair of them."""
    found = notes.str.extract_groups(ANYWHERE).struct.unnest()
    once = notes.str.count_matches(r"\bfrom ") == 1
    numbers, index = np.unique(codes // 1000, return_inverse=True)
    operation = pl.Series([OPERATION_OF.get(number) for number in numbers.tolist()], dtype=pl.String).gather(index)
    found = found.select(pl.when(once).then(pl.all()))
    return found.with_columns(notes.alias("message"), operation.alias("operation"))


def _ends(rows: Ints, df: pl.DataFrame) -> list[tuple[Ints, pl.DataFrame]]:
    """Source and destination of two ends; only `Built outbound` begins with the destination."""
    if "a_ip" not in df.columns:
        return [(rows, df)]
    if "way" not in df.columns:
        return [(rows, _named(df, "ab"))]
    second = (df["way"] == "outbound").fill_null(value=False)
    which = second.to_numpy()
    halves = ((rows[which], df.filter(second), "ba"), (rows[~which], df.filter(~second), "ab"))
    return [(places, _named(half, order)) for places, half, order in halves if len(places)]


def _named(df: pl.DataFrame, order: str) -> pl.DataFrame:
    """The ends under their names; and to or from the box itself, or through it."""
    df = df.rename(_NAMES[order], strict=False)
    if "in_interface" not in df.columns:
        return df
    to_box, from_box = pl.col("out_interface").is_in(_BOX), pl.col("in_interface").is_in(_BOX)
    path = pl.when(to_box).then(pl.lit("local_in")).when(from_box).then(pl.lit("local_out"))
    return df.with_columns(path.otherwise(pl.lit("forward")).alias("path"))


def _finished(df: pl.DataFrame, numbers: Ints) -> pl.DataFrame:
    """What the ids say, and what the groups of the expressions mean."""
    kind = pl.Series(np.where(numbers < 0, len(_MESSAGES), numbers).astype(np.uint32))
    told = [_MESSAGES[number].says for number in np.unique(numbers[numbers >= 0]).tolist()]
    made: dict[str, pl.Series | pl.Expr] = {}
    for name in dict.fromkeys(name for says in told for name in says):
        said = _SAYS[name].gather(kind)
        made[name] = said.fill_null(df[name]) if name in df.columns else said
    groups = [name for name in _STEPS if name in df.columns]
    made |= {name: pl.lit(None, pl.String) for name in _READ if name not in made and name not in df.columns}
    df = df.with_columns(**made)
    for name in groups:
        df = df.with_columns(_STEPS[name](df))
    return df.with_columns(**_ports(df)).drop(_GROUPS, strict=False)


_SAYS = {
    name: pl.Series([*(message.says.get(name) for message in _MESSAGES), None], dtype=pl.String)
    for name in {name for message in _MESSAGES for name in message.says}
}
"""What each of `_MESSAGES` says; nothing at the end."""


def _or(column: str, value: pl.Expr) -> pl.Expr:
    """`value`, and where it is null what the column holds already."""
    return pl.coalesce(value, column).alias(column)


def _translated(name: str, df: pl.DataFrame) -> list[pl.Expr]:
    """Nothing where address and port are the same behind the translation."""
    other = pl.col(f"{name}_nat") != pl.col(f"{name}_ip")
    other |= (pl.col(f"{name}_nport") != pl.col(f"{name}_port")).fill_null(value=False)
    return [
        _or(f"nat_{name}_ip", pl.when(other).then(f"{name}_nat")),
        _or(f"nat_{name}_port", pl.when(other).then(f"{name}_nport")),
    ]


def _who(name: str, df: pl.DataFrame) -> list[pl.Expr]:
    """`(DOMAIN\\user, 12:group)`, `(host.example.lg.jp)` or `(type 8, code 0)` behind an address."""
    who = pl.col(f"{name}_who")
    host = who.str.extract(r"^([0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+)(?:,.*)?$").alias(f"{name}_host")
    if name == "dst":
        return [host, _or("message", pl.when(who.str.starts_with("type ")).then(who))]
    return [host, _or("user", who.str.extract(r"^([^,\\]*\\[^,]+)"))]


def _words(df: pl.DataFrame) -> list[pl.Expr]:
    verdict = pl.col("word").replace_strict(WORDS, default=None, return_dtype=pl.String)
    login = pl.when(pl.col("service").is_not_null()).then(verdict)
    outcome = login.replace_strict({"allow": "success", "deny": "failure"}, default=None, return_dtype=pl.String)
    return [_or("verdict", verdict), _or("action", pl.col("word")), _or("outcome", outcome)]


def _hits(df: pl.DataFrame) -> list[pl.Expr]:
    """The first hit of an access list is one packet, later lines stand for an interval; tries are those before."""
    many = pl.col("hits").is_not_null() & (pl.col("interval").is_not_null() | pl.col("word").is_null())
    return [pl.col("hits").alias("event_count"), pl.when(many).then(pl.lit("aggregated")).alias("count_quality")]


def _clock(df: pl.DataFrame) -> list[pl.Series]:
    parts = pl.col("value").str.extract_groups(r"^(?:([0-9]+)d ?)?:?([0-9]+)h?:([0-9]+)m?:([0-9]+)s?$").struct
    days, hours, minutes, seconds = (parts[i].cast(pl.Int64, strict=False) for i in range(4))
    total = days.fill_null(0) * 86_400 + hours * 3600 + minutes * 60 + seconds
    return per_distinct(df["clock"], duration_ms=total * 1000).get_columns()


def _ended(df: pl.DataFrame) -> list[pl.Expr]:
    """What became of a connection, by why it ended."""
    why = pl.col("value")
    said = per_distinct(
        df["why"],
        cut=why.str.contains(_ENDS_BADLY),
        never=why.str.contains("SYN Timeout", literal=True),
        closed=why.str.contains("TCP FINs", literal=True),
    )
    cut, carried = said["cut"], (pl.col("protocol") == "TCP") & (~pl.col("sent").str.starts_with("0") | said["closed"])
    outcome = (
        pl.when(cut).then(pl.lit("blocked_later")).when(said["never"]).then(pl.lit("attempted"))
        .when(carried).then(pl.lit("established"))
    )  # fmt: skip
    return [
        _or("message", pl.col("ended").str.strip_chars_end()),
        _or("verdict", pl.when(cut).then(pl.lit("deny"))),
        _or("outcome", outcome),
    ]


def _late_answer(df: pl.DataFrame) -> list[pl.Expr]:
    where = {"Response": "out_of_state", "Query": "forward"}
    return [_or("path", pl.col("dns").replace_strict(where, default=None, return_dtype=pl.String))]


def _lease_mac(df: pl.DataFrame) -> list[pl.Expr]:
    """A client's identifier that is 01 (Ethernet) and a hardware address: `0100.5056.abcd.ef`."""
    pair = "([0-9A-Fa-f]{2})"
    written = rf"^01{pair}\.{pair}{pair}\.{pair}{pair}\.{pair}$"
    return [pl.col("lease_mac").str.replace(written, "$1:$2:$3:$4:$5:$6")]


_STEPS: dict[str, Callable[[pl.DataFrame], Sequence[pl.Expr | pl.Series]]] = {
    "src_nat": partial(_translated, "src"), "dst_nat": partial(_translated, "dst"), "src_who": partial(_who, "src"),
    "dst_who": partial(_who, "dst"), "word": _words, "hits": _hits, "clock": _clock, "ended": _ended,
    "dns": _late_answer, "lease_mac": _lease_mac,
}  # fmt: skip
"""Group → what it means; in this order."""


def _ports(df: pl.DataFrame) -> dict[str, pl.Series]:
    """Numbers for `https` and the like; ICMP and GRE have other things there."""
    distinct, index = distinct_of(df["protocol"])
    portless = distinct.str.to_lowercase().is_in(_PORTLESS)
    without = portless.gather(index).fill_null(value=False) if portless.any() else None
    made: dict[str, pl.Series] = {}
    for name in ("src_port", "dst_port", "nat_src_port", "nat_dst_port"):
        if name in df.columns and df[name].null_count() < df.height:
            port = df[name]
            if begin_with_letters(port):
                port = by_distinct(port, lambda text: PORTS.get(text, text))
            made[name] = port if without is None else no_values(df.height).zip_with(without, port)
    return made


_PARTS = {
    "if": ("in_interface", "out_interface"), "ip": ("src_ip", "dst_ip"), "port": ("src_port", "dst_port"),
    "who": ("src_who", "dst_who"), "nat": ("src_nat", "dst_nat"), "nport": ("src_nport", "dst_nport"),
}  # fmt: skip
_NAMES = {
    order: {"way": "direction"}
    | {f"{end}_{part}": names[at] for part, names in _PARTS.items() for at, end in enumerate(order)}
    for order in ("ab", "ba")
}
"""Which end is the source → the names of the parts of both."""
_READ = (
    "message", "user", "verdict", "action", "outcome", "path", "protocol", "service", "word", "interval", "src_ip",
    "src_port", "src_nat", "src_nport", "nat_src_ip", "nat_src_port", "dst_ip", "dst_port", "dst_nat", "dst_nport",
    "nat_dst_ip", "nat_dst_port",
)  # fmt: skip
"""Columns that steps look at, whether a message of the chunk has them or not."""
_GROUPS = (
    "src_who", "dst_who", "src_nat", "src_nport", "dst_nat", "dst_nport", "word", "hits", "interval", "clock", "ended",
    "sent", "why", "dns",
)  # fmt: skip

FORMAT = Format(
    name="cisco_asa",
    title="Cisco ASA, FTD, PIX, FWSM",
    reference="https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/asa-syslog.html",
    shape=_shape,
    columns=_columns,
    header="host",
    not_a_host=f"^(?:{ABBREVIATIONS}):?$",
)
