"""Cisco ASA, Secure Firewall Threat Defense (FTD), PIX and FWSM: every message by its id.

Reference: Cisco Secure Firewall ASA Series Syslog Messages (9.x; "Messages 101001 to 199027" to "Messages 776001 to
8300006"), Cisco Security Appliance System Log Messages 7.0 and 8.0 for older wording, Cisco Secure Firewall Threat
Defense Syslog Messages ("Security Event Syslog Messages", 430001 to 430005). The manuals were not at hand on
2026-11-20: the texts are those of public examples and of general knowledge, those of rare ids the latter alone.
Read: `%ASA-6-302013: …`, also FTD, PIX, FWSM, NGIPS, EMBLEM's colon, class (`%ASA-session-6-…`), with and without
syslog header, device id, zone name, and behind a relay's header.
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
monitors allows. Path: 7100xx, 313001, 605004/5 and an end `identity` are local_in (an initiator `identity` local_out),
106015, 313004, 313005 and late DNS replies (106007) out_of_state. 106100 counts hits: `first hit` is one packet, later
lines stand for all of an interval.
FTD's security events (430001 to 430005) are unquoted, a client writes into the middle of them: what stands before its
first word is believed, behind it a key only where it comes once.
Time: the device's own before a relay's; without zone the source's; a zone name that the source doesn't use is ignored.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from parsers import _cisco_asa_logins, _cisco_asa_system, _cisco_asa_traffic, _cisco_ftd
from parsers._assemble import assembled
from parsers._cisco_asa_wording import ANYWHERE, OPERATION_OF, PORTS, WORDS
from parsers._cisco_messages import Message, message, read
from parsers._cisco_zones import ABBREVIATIONS
from parsers._distinct import by_distinct
from parsers._format import Context, Format
from parsers._lines import Bools, Ints, Lines
from parsers._urls import split_urls
from parsers._views import strings, words

_MESSAGES = (
    message("", class_="system"),
    *_cisco_asa_traffic.MESSAGES,
    *_cisco_asa_logins.MESSAGES,
    *_cisco_asa_system.MESSAGES,
)
"""All kinds of messages; the first is every other."""
_EVENTS = -2
_FRONTS = np.array([int.from_bytes(name.encode(), "little") for name in ("%ASA-", "%FTD-", "%PIX-")], np.uint64)
_FWSM = np.uint64(int.from_bytes(b"%FWSM-", "little"))
_STAMP = (
    r"[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)?"
)
_ODD = (
    rf"^:? ?(?:(?P<time>{_STAMP}) *)?(?:(?P<time_zone>{ABBREVIATIONS})\b *)?(?:: +)?(?:(?P<host>[^ %]+?) ?:? +)?"
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
    numbers = np.array([-1 if code == 0 else _number(code) for code in known.tolist()])[index]
    parts: list[tuple[Ints, pl.DataFrame]] = []
    for number in np.unique(numbers).tolist():
        rows = np.flatnonzero(numbers == number)
        if number >= 0:
            parts += read(df["note"], rows, _MESSAGES[number], _finished, unread)
        elif number == _EVENTS:
            parts.append((rows, _cisco_ftd.events(df["note"].gather(rows), codes[rows])))
    made = assembled(parts, df.height)
    code = pl.Series([str(code) if code >= 100_000 else None for code in known.tolist()], dtype=pl.String)
    return made.with_columns(
        code.gather(index).alias("event_code"),
        df["level"].alias("severity"),
        pl.select(pl.when(pl.Series(numbers) == -1).then(pl.lit(_UNREADABLE))).to_series().alias("refused"),
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
    bodies = df.select(pl.when(odd).then("body")).to_series()
    found = bodies.str.extract_groups(_ODD).struct.unnest()
    events = bodies.str.extract(_EVENT)
    df = df.with_columns(
        pl.coalesce("level", found["level"]).alias("level"),
        pl.coalesce("note", found["note"], events).alias("note"),
        pl.coalesce(
            found["code"].cast(pl.Int64), pl.when(events.is_not_null()).then(pl.lit(_cisco_ftd.WITHOUT_ID)), "code"
        ).alias("code"),
    )
    # Behind another header it is the device's name only where the device's own time stands before it.
    own = found["time"].is_not_null() | df["syslog_host"].is_null()
    host = pl.select(pl.when(own).then(found["host"])).to_series()
    return df, {"time": found["time"], "time_zone": found["time_zone"], "device": host}


def _unread(notes: pl.Series, codes: Ints) -> pl.DataFrame:
    """Messages without an expression of their own: the text, and its addresses where it has one pair of them."""
    found = notes.str.extract_groups(ANYWHERE).struct.unnest()
    once = notes.str.count_matches(r"\bfrom ") == 1
    numbers, index = np.unique(codes // 1000, return_inverse=True)
    operation = pl.Series([OPERATION_OF.get(number) for number in numbers.tolist()], dtype=pl.String).gather(index)
    found = found.select(pl.when(once).then(pl.all()))
    return found.with_columns(notes.alias("message"), operation.alias("operation"))


def _finished(df: pl.DataFrame, message: Message) -> pl.DataFrame:
    """What the groups of an expression mean, and what the id says."""
    df = df.with_columns(pl.lit(value).alias(name) for name, value in message.says.items())
    for group, step in _STEPS.items():
        if group in df.columns:
            df = step(df)
    return df.drop(_GROUPS, strict=False)


def _or(column: str, value: pl.Expr, names: list[str]) -> pl.Expr:
    """`value`, and where it is null what the column holds already."""
    return (pl.coalesce(value, column) if column in names else value).alias(column)


def _ends(df: pl.DataFrame) -> pl.DataFrame:
    """Source and destination of two ends; only `Built outbound` begins with the destination."""
    names = df.columns
    second = pl.lit(value=False)
    if "way" in names:
        df = df.with_columns(pl.col("way").alias("direction"))
        second = (pl.col("way") == "outbound").fill_null(value=False)
    mixed = "way" in names and (df["way"] == "outbound").any()
    made = []
    for end, other, name, interface in (("a", "b", "src", "in_interface"), ("b", "a", "dst", "out_interface")):
        for part, column in (
            ("if", interface), ("ip", f"{name}_ip"), ("port", f"{name}_port"), ("who", f"{name}_who"),
            ("nat", f"nat_{name}_ip"), ("nport", f"nat_{name}_port"),
        ):  # fmt: skip
            mine, yours = (f"{e}_{part}" if f"{e}_{part}" in names else None for e in (end, other))
            if not mixed:
                made += [pl.col(mine).alias(column)] if mine else []
            elif mine or yours:
                yes, no = (pl.col(n) if n else pl.lit(None, pl.String) for n in (yours, mine))
                made.append(pl.when(second).then(yes).otherwise(no).alias(column))
    df = df.with_columns(made)
    for name in ("src", "dst"):
        if f"nat_{name}_ip" in df.columns:
            df = df.with_columns(_translated(name, df.columns))
    return df.with_columns(_path().alias("path")) if "in_interface" in df.columns else df


def _translated(name: str, names: list[str]) -> list[pl.Expr]:
    """Nothing where address and port are the same behind the translation."""
    other = pl.col(f"nat_{name}_ip") != pl.col(f"{name}_ip")
    columns = [f"nat_{name}_ip"]
    if f"nat_{name}_port" in names:
        other |= (pl.col(f"nat_{name}_port") != pl.col(f"{name}_port")).fill_null(value=False)
        columns.append(f"nat_{name}_port")
    return [pl.when(other).then(column).alias(column) for column in columns]


def _path() -> pl.Expr:
    """To or from the box itself, or through it; of a teardown with the box only its way is unknown."""
    to_box, from_box = pl.col("out_interface").is_in(_BOX), pl.col("in_interface").is_in(_BOX)
    return (
        pl.when(to_box).then(pl.lit("local_in")).when(from_box).then(pl.lit("local_out"))
        .when(pl.col("src_ip").is_not_null()).then(pl.lit("forward"))
    )  # fmt: skip


def _who(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """`(DOMAIN\\user, 12:group)` or `(host.example.lg.jp)` behind an address."""

    def step(df: pl.DataFrame) -> pl.DataFrame:
        if df[f"{name}_who"].null_count() == df.height:
            return df
        who = pl.col(f"{name}_who")
        host = who.str.extract(r"^([0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+)(?:,.*)?$")
        df = df.with_columns(host.alias(f"{name}_host"))
        if name == "dst":  # `(type 8, code 0)` stands in the same place
            return df.with_columns(_or("message", pl.when(who.str.starts_with("type ")).then(who), df.columns))
        user = who.str.extract(r"^([^,\\]*\\[^,]+)")
        return df.with_columns(_or("user", user, df.columns))

    return step


def _words(df: pl.DataFrame) -> pl.DataFrame:
    verdict = pl.col("word").replace_strict(WORDS, default=None, return_dtype=pl.String)
    made = [_or("verdict", verdict, df.columns), _or("action", pl.col("word"), df.columns)]
    if "service" in df.columns:  # a login
        made.append(verdict.replace_strict({"allow": "success", "deny": "failure"}, default=None).alias("outcome"))
    return df.with_columns(made)


def _hits(df: pl.DataFrame) -> pl.DataFrame:
    many = pl.col("interval" if "interval" in df.columns else "hits").is_not_null()
    return df.with_columns(
        pl.col("hits").alias("event_count"),
        pl.when(many).then(pl.lit("aggregated")).otherwise(pl.lit("exact")).alias("count_quality"),
    )


def _clock(df: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("clock").str.extract_groups(r"^(?:([0-9]+)d ?)?:?([0-9]+)h?:([0-9]+)m?:([0-9]+)s?$").struct
    days, hours, minutes, seconds = (parts[i].cast(pl.Int64, strict=False) for i in range(4))
    total = days.fill_null(0) * 86_400 + hours * 3600 + minutes * 60 + seconds
    return df.with_columns((total * 1000).alias("duration_ms"))


def _ended(df: pl.DataFrame) -> pl.DataFrame:
    """What became of a connection, by why it ended."""
    why, tcp = pl.col("ended"), pl.col("protocol") == "TCP"
    cut = why.str.contains(_ENDS_BADLY)
    carried = tcp & (~why.str.starts_with("bytes 0") | why.str.contains("TCP FINs", literal=True))
    return df.with_columns(
        _or("message", why.str.strip_chars_end(), df.columns),
        _or("verdict", pl.when(cut).then(pl.lit("deny")), df.columns),
        pl.when(cut).then(pl.lit("blocked_later"))
        .when(why.str.contains("SYN Timeout", literal=True)).then(pl.lit("attempted"))
        .when(carried).then(pl.lit("established")).alias("outcome"),
    )  # fmt: skip


def _late_answer(df: pl.DataFrame) -> pl.DataFrame:
    return df.with_columns(
        pl.col("dns").replace_strict({"Response": "out_of_state", "Query": "forward"}, default=None).alias("path")
    )


def _ports(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Numbers for `https` and the like; ICMP and GRE have other things there."""

    def step(df: pl.DataFrame) -> pl.DataFrame:
        port = df[name]
        if port.str.contains("^[A-Za-z]").any():
            port = by_distinct(port, lambda text: PORTS.get(text, text))
        if "protocol" in df.columns:
            with_ports = ~df["protocol"].str.to_lowercase().is_in(_PORTLESS).fill_null(value=False)
            if not with_ports.all():
                port = port.zip_with(with_ports, pl.Series([None], dtype=pl.String).new_from_index(0, df.height))
        return df.with_columns(port.alias(name))

    return step


def _lease_mac(df: pl.DataFrame) -> pl.DataFrame:
    """A client's identifier that is 01 (Ethernet) and a hardware address: `0100.5056.abcd.ef`."""
    pair = "([0-9A-Fa-f]{2})"
    written = rf"^01{pair}\.{pair}{pair}\.{pair}{pair}\.{pair}$"
    return df.with_columns(pl.col("lease_mac").str.replace(written, "$1:$2:$3:$4:$5:$6"))


def _url(df: pl.DataFrame) -> pl.DataFrame:
    return df.with_columns(split_urls(df["url"]))


_STEPS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "a_ip": _ends, "src_who": _who("src"), "dst_who": _who("dst"), "word": _words, "hits": _hits, "clock": _clock,
    "ended": _ended, "dns": _late_answer, "url": _url, "lease_mac": _lease_mac,
    **{name: _ports(name) for name in ("src_port", "dst_port", "nat_src_port", "nat_dst_port")},
}  # fmt: skip
"""Group → what it means; in this order."""
_GROUPS = [
    "way", "src_who", "dst_who", "word", "hits", "interval", "clock", "ended", "dns",
    *(f"{end}_{part}" for end in "ab" for part in ("if", "ip", "port", "nat", "nport", "who")),
]  # fmt: skip

FORMAT = Format(
    name="cisco_asa",
    title="Cisco ASA, FTD, PIX, FWSM",
    reference="https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/asa-syslog.html",
    shape=_shape,
    columns=_columns,
    header="host",
    not_a_host=f"^(?:{ABBREVIATIONS}):?$",
)
