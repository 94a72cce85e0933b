r"""The forms of Check Point lines, all with Check Point's own names of fields.

Log Exporter's `[action:"Accept"; src:"192.0.2.1"; …]` and its `[Fields@1.3.6.1.4.1.2620 src="192.0.2.1" …]`: a value is
in quotes, within which `\"`, `\]` and `\\` are escaped. The unquoted forms of `fw log` and of LEA clients:
`src: 192.0.2.1; dst: …`, `src=192.0.2.1;dst=…`, `src=192.0.2.1|dst=…`. CEF and LEEF, whose names are put back.

Reference: Check Point "Log Exporter" administration guide and sk122323 (forms, mapping to CEF and LEEF), sk144192 (log
fields); read 2026-11-20.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from parsers._cef import begins, cef, leef, pieces, unescaped_places, value_columns
from parsers._lines import PAD, SPACE, Bools, Ints, Lines
from parsers._messages import match
from parsers._pairs import Keys, Pairs, null_texts
from parsers._quotes import EQUALS, QUOTE
from parsers._views import strings

KEYS = tuple(
    "time action product src dst s_port service d_port service_id proto xlatesrc xlatedst xlatesport xlatedport "
    "rule rule_name rule_uid layer_uuid malware_rule_id ifname ifdir i/f_name i/f_dir inzone outzone "
    "client_inbound_interface server_outbound_interface client_inbound_bytes client_outbound_bytes sent_bytes "
    "received_bytes client_inbound_packets client_outbound_packets elapsed start_time user src_user_name "
    "administrator origin orig orig_name loguid session_id suppressed_logs message_info message msg description "
    "sys_message information comment additional_info action_reason reason tcp_packet_out_of_state "
    "default_device_message fieldschanges subject operation operation_number objectname audit_status status "
    "update_status client_ip auth_method auth_status peer_gateway vpn_feature_name severity attack attack_info "
    "protection_name protection_id malware_family malware_action verdict dlp_data_type_name appi_name "
    "app_category matched_category resource method user_agent referrer http_host http_status content_type "
    "file_name file_md5 file_sha1 file_sha256 from to email_subject src_machine_name dst_machine_name mac_address "
    "src_mac_address proxy_src_ip login_status cp_component_operation_results cluster_info client_name "
    "originsicname sequencenum ProductName svc sport_svc xlatesport_svc xlatedport_svc subscription_stat_desc "
    "tls_server_host_name package_action contract_name ip_address ike reject_category "
    "origin_sic_name log_sys_message log_sequence_num".split()
)
_CEF = {
    "act": "action", "spt": "s_port", "dpt": "service", "rt": "time", "sourceTranslatedAddress": "xlatesrc",
    "sourceTranslatedPort": "xlatesport", "destinationTranslatedAddress": "xlatedst",
    "destinationTranslatedPort": "xlatedport", "suser": "src_user_name", "duser": "user", "in": "received_bytes",
    "out": "sent_bytes", "request": "resource", "requestMethod": "method", "requestClientApplication": "user_agent",
    "fname": "file_name", "fileHash": "file_md5", "shost": "src_machine_name", "dhost": "dst_machine_name",
    "dvchost": "orig_name", "smac": "src_mac_address", "app": "service_id",
}  # fmt: skip
_LEEF = {
    "devTime": "time", "srcPort": "s_port", "dstPort": "service", "usrName": "user", "cat": "product",
    "srcPostNAT": "xlatesrc", "srcPostNATPort": "xlatesport", "dstPostNAT": "xlatedst",
    "dstPostNATPort": "xlatedport", "srcBytes": "sent_bytes", "dstBytes": "received_bytes", "url": "resource",
    "sev": "severity", "policy": "rule_name",
}  # fmt: skip
"""Key of CEF and LEEF → the log field that it stands for; what is not here keeps its name."""
_ALSO = {
    "ProductName": "product", "svc": "service", "sport_svc": "s_port", "xlatesport_svc": "xlatesport",
    "xlatedport_svc": "xlatedport", "origin_sic_name": "originsicname", "log_sys_message": "sys_message",
    "log_sequence_num": "sequencenum",
}  # fmt: skip
"""What gateways that send syslog themselves and LEA clients call a field → what it is called elsewhere."""
_LABELLED = (("cs2", "rule name", "rule_name"), ("c6a2", "source ipv6 address", "src"),
             ("c6a3", "destination ipv6 address", "dst"))  # fmt: skip
_MAKER = "check point"
FEW = 3
"""A line is one of Check Point's with so many fields at least."""
_ESCAPE = re.compile(r'\\(["\\\]])')
_COLON, _SEMICOLON, _BAR = 58, 59, 124
_WORD = np.zeros(256, np.bool_)
_WORD[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/")] = True
_FRONT = np.zeros(256, np.bool_)
_FRONT[list(b" [;|\n")] = True
"""What stands before a key."""
_HEAD = {
    "fw log": r"\s*(?:(?P<day>[0-9]{1,2}[A-Za-z]{3}[0-9]{4}) +)?(?P<clock>[0-9]{1,2}:[0-9]{2}:[0-9]{2}) +"
    r"(?:[0-9]+ +\S+ +[0-9]+ +)?"
    r"(?P<did>[A-Za-z]+) +(?P<where>\S+) +(?P<way>[<>]) ?(?P<port>\S+) .*"
}
"""What `fw log` writes before the fields: when, what, which gateway, direction and interface."""
_keys, _nulls = Keys(KEYS), null_texts(())
_cef = cef(*dict.fromkeys((*_CEF, *KEYS, "deviceDirection", *(k for c, _, _ in _LABELLED for k in (c, f"{c}Label")))))
_leef = leef(*dict.fromkeys((*_LEEF, *KEYS)))
_MARKS = ((b"CEF:", _cef, _CEF), (b"LEEF:", _leef, _LEEF))


def shape(lines: Lines) -> pl.DataFrame:
    """A text column for each of `KEYS`; `_fields`, how many a line has, `_maker` (Boolean: CEF or LEEF) and `_cut`."""
    pairs, cut = _quoted(lines)
    quoted = np.bincount(pairs.row, minlength=len(lines))
    first = np.full(len(lines), len(lines.text), np.int64)
    np.minimum.at(first, pairs.row, pairs.key)
    marked = [(begins(lines, mark), read, names) for mark, read, names in _MARKS]
    marked = [(np.flatnonzero((begin >= 0) & (begin < first)), read, names) for begin, read, names in marked]
    bare = (quoted == 0) & ~lines.oversize
    for rows, _, _ in marked:
        bare[rows] = False
    if bare.any():
        pairs = pairs.joined(_bare(lines, np.flatnonzero(bare)))
        pairs = pairs.taken(np.argsort(pairs.start, kind="stable"))
    df = pl.DataFrame({
        **value_columns(lines, pairs, _keys, _nulls, _ESCAPE), "_cut": cut,
        "_fields": np.bincount(pairs.row, minlength=len(lines)), "_bare": bare,
        "_maker": np.zeros(len(lines), np.bool_),
    })  # fmt: skip
    df = df.with_columns(pl.coalesce(name, also).alias(name) for also, name in _ALSO.items())
    for rows, read, names in marked:
        if len(rows):
            df = _renamed(df, pl.Series(rows), read(lines), names)
    headed = df["_bare"] & df["action"].is_null() & (df["_fields"] >= FEW)
    return _headed(lines, df, headed) if headed.any() else df


def _quoted(lines: Lines) -> tuple[Pairs, Bools]:
    """Pairs of a key and a value in quotes; and which lines end within a value."""
    text = lines.text
    quotes = unescaped_places(lines, QUOTE)
    row = np.searchsorted(lines.start, quotes, side="right") - 1
    number = np.arange(len(quotes)) - np.searchsorted(quotes, lines.start)[row]
    opening = np.flatnonzero(number % 2 == 0)
    row, begin = row[opening], quotes[opening]
    following = np.append(quotes, len(text))[opening + 1]
    end = np.minimum(following, lines.end[row])
    cut = np.zeros(len(lines), np.bool_)
    cut[row[following > lines.end[row]]] = True
    mark = text[begin - 1]
    stop = begin - 1 - ((mark == _COLON) & (text[begin - 2] == _COLON))
    key = _word_before(lines, stop, row)
    keep = ((mark == _COLON) | (mark == EQUALS)) & (key < stop) & (begin > lines.start[row])
    keep &= _FRONT[text[np.maximum(key - 1, 0)]] | (key == lines.start[row])
    return Pairs(row, key, stop, begin + 1, end).taken(np.flatnonzero(keep)), cut


def _bare(lines: Lines, rows: Ints) -> Pairs:
    """Pairs of the lines without quotes: between semicolons, or between bars where a line has no semicolon."""
    first = lines.body[rows]
    semicolons = lines.following(_SEMICOLON, first) < lines.end[rows]
    parts = [pieces(lines, rows[which], first[which], lines.positions(byte))
             for which, byte in ((semicolons, _SEMICOLON), (~semicolons, _BAR))]  # fmt: skip
    row, start, stop = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(start, kind="stable")
    row, start, stop = row[order], start[order], stop[order]
    colon = lines.positions(_COLON)
    marks = np.union1d(lines.positions(EQUALS), colon[lines.text[colon + 1] == SPACE])
    index = np.searchsorted(marks, start)
    found = np.append(marks, len(lines.text))[index]
    key = _word_before(lines, np.minimum(found, lines.end[row]), row)
    keep = np.flatnonzero((found < stop) & (key < found) & (key >= start))
    row, key, found, stop = row[keep], key[keep], found[keep], stop[keep]
    value = found + 1
    value = value + ((lines.text[value] == SPACE) & (value < stop))
    return Pairs(row, key, found, value, stop)


def _word_before(lines: Lines, stop: Ints, row: Ints) -> Ints:
    """Where the word begins that ends at each place."""
    other = np.append(-1, np.flatnonzero(~_WORD[lines.text[:-PAD]]))
    begin: Ints = np.maximum(other[np.searchsorted(other, stop) - 1] + 1, lines.start[row])
    return begin


def _renamed(df: pl.DataFrame, rows: pl.Series, given: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """`df` with some rows taken from CEF or LEEF; of another maker they have no fields."""
    given = given[rows] if len(rows) < df.height else given
    found = {name: [pl.col(name)] for name in KEYS}
    for key, name in names.items():
        found[name].insert(0, pl.col(key))
    if "_cef" in given.columns:
        for key, label, name in _LABELLED:
            found[name].append(pl.when(pl.col(f"{key}Label").str.to_lowercase() == label).then(key))
        found["ifdir"].append(pl.col("deviceDirection").replace_strict({"0": "inbound", "1": "outbound"}, default=None))
        found["product"].append(pl.col("_product"))
        found["severity"].append(pl.col("_severity").replace("Unknown", None))
    else:
        found["action"].append(pl.col("_event"))
        found["product"].append(pl.col("_product"))
    made = given.select(pl.coalesce(exprs).alias(name) for name, exprs in found.items())
    maker = (given["_vendor"].str.to_lowercase() == _MAKER).fill_null(value=False)
    no = pl.lit(value=False)
    made = made.with_columns(_maker=maker, _fields=maker.cast(pl.Int64) * FEW, _bare=no, _cut=no)
    if len(rows) == df.height:
        return made
    return df.with_columns(df[name].scatter(rows, made[name]) for name in df.columns)


def _headed(lines: Lines, df: pl.DataFrame, which: pl.Series) -> pl.DataFrame:
    """`df` with what `fw log` writes before the fields."""
    body = strings(lines.text, lines.body, lines.end)
    head = match(pl.select(pl.when(which).then(body)).to_series(), _HEAD)
    way = pl.col("way").replace_strict({">": "inbound", "<": "outbound"}, default=None)
    return df.hstack(head).with_columns(
        pl.coalesce("action", "did").alias("action"), pl.coalesce("origin", "where").alias("origin"),
        pl.coalesce("ifname", "port").alias("ifname"),
        pl.coalesce("ifdir", way).alias("ifdir"),
        pl.coalesce("time", pl.col("day") + pl.lit(" ") + pl.col("clock")).alias("time"),
    ).drop(head.columns)  # fmt: skip
