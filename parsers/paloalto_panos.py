"""Palo Alto Networks PAN-OS: all types of logs as comma-separated values, of any version, with or without a header.

Reference: PAN-OS 11.1 "Syslog Field Descriptions" (the Format line and the fields of each type, "Session End Reason"),
the same of 6.1 to 10.2 for fewer columns; read 2026-11-20. Columns go by their place (`_paloalto_layouts`); what a
later version adds behind is not looked at.
Not read: custom formats, CEF (`cef`), LEEF (`leef`) and JSON; zones by name (the interfaces are read), countries and
device-ID; of GTP and SCTP only the flow.

Verdict. TRAFFIC: allow is allow, all other actions are deny; an allowed session that ended with reason `threat` or
`decrypt-…` was cut by inspection (deny, `blocked_later`). THREAT, WildFire, URL and data filtering: alert, allow,
continue and override let it through, `forward` and uploads to WildFire decide nothing, all else is deny with outcome
`blocked_later`; flood, scan and packet protection stands before the policy, so what it drops was never allowed. Outcome
by the packets of both sides, where the line has none by the bytes; a session that only starts has no answer yet. Path:
application `non-syn-tcp` is out_of_state. The repeat count stands for sessions within 5 s (aggregated).
event_code is type/subtype, or the event's name; message of TRAFFIC is the session's end reason.
Time: "generated" (by the data plane, in the device's zone); the high resolution time stamp lends its offset, and its
fraction where it says the same second. Without it the source's zone counts.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from parsers import _paloalto_events as events
from parsers._assemble import assembled
from parsers._format import Context, Format
from parsers._lines import Ints
from parsers._paloalto_layouts import LAYOUTS, TYPES, layout_of
from parsers._records import records
from parsers._times import read
from parsers._urls import split_urls
from parsers._views import no_values

_ALERTED = ("alert", "allow", "continue", "override", "syncookie-sent")
_UNDECIDED = ("forward", "wildfire-upload-success", "wildfire-upload-skip", "wildfire-upload-fail")
_CUT_OFF = ("threat", "decrypt-cert-validation", "decrypt-unsupport-param", "decrypt-error")
_BEFORE_POLICY = ("flood", "scan", "packet")
_CATEGORIES = {
    "url": "webfilter", "vulnerability": "ips", "spyware": "ips", "virus": "virus", "ml-virus": "virus",
    "wildfire-virus": "virus", "wildfire": "sandbox", "data": "dlp", "dlp": "dlp", "flood": "anomaly",
    "scan": "anomaly", "packet": "anomaly",
}  # fmt: skip
_FILES = ("file", "virus", "ml-virus", "wildfire-virus", "wildfire", "data", "dlp")
"""Subtypes whose "URL/Filename" is a file."""
_NOWHERE = ("0.0.0.0", "::")  # noqa: S104  an address in a log, nothing is bound
_REFUSED = "no PAN-OS log: no type that is known, and no time and type where they belong"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Deals the rows out by type, since each type fills columns of its own."""
    kind = df["_kind"].to_numpy()
    present = np.unique(kind).tolist()
    names = list(dict.fromkeys(TYPES[i] for i in present if i >= 0))
    if len(names) == 1:
        made = _made(names[0], df, context)
        # What is refused has no values: nothing is lost by reading it with the rest.
        return made if present[0] >= 0 else made.with_columns(_refused(kind))
    parts = []
    for name in names:
        rows = np.flatnonzero(np.isin(kind, [i for i in present if i >= 0 and TYPES[i] == name]))
        parts.append((rows, _made(name, df[rows], context)))
    if -1 in present:
        rows = np.flatnonzero(kind < 0)
        parts.append((rows, _refused(kind[rows]).to_frame()))
    return assembled(parts, df.height)


def _refused(kind: Ints) -> pl.Series:
    return pl.Series("refused", [None, _REFUSED]).gather((kind < 0).astype(np.uint32))


def _made(name: str, df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The rows of one type."""
    maker = _MAKERS.get(name)
    made = maker(df, context) if maker else events.columns(name, df)
    common = df.select(
        *_time(df),
        pl.coalesce("device", "syslog_host", pl.col("_0" if name == "audit" else "_2").str.extract("([^ ]+)$", 1))
        if df["device"].null_count()
        else pl.col("device"),
        pl.col("vsys").alias("virtual_device"),
        pl.col("sequence"),
        pl.col("_cut").alias("cut"),
    )
    return made.hstack([series for series in common if series.name not in made.columns])


def _time(df: pl.DataFrame) -> list[pl.Expr]:
    """When the record was generated, with the offset that the high resolution time stamp lends."""
    if df["exact_time"].null_count() == df.height:
        return [pl.col("generated").alias("time")]
    exact, generated = pl.col("exact_time"), pl.col("generated")
    # What is not set is the beginning of 1970 in some zone.
    known = exact.str.starts_with("20")
    offset = pl.when(known).then(exact.str.extract("(Z|[+-][0-9]{2}:[0-9]{2})$", 1))
    same = exact.str.slice(8, 2).eq(generated.str.slice(8, 2)) & exact.str.slice(11, 8).eq(generated.str.slice(11, 8))
    fraction = pl.when(same & known).then(exact.str.slice(19)).otherwise(offset)
    return [pl.concat_str(generated, fraction.fill_null("")).alias("time")]


@cache
def _flow() -> list[pl.Expr]:
    """What traffic and threats have in common."""
    ends = (("nat_src", "nat_sport", "nat_src"), ("nat_dst", "nat_dport", "nat_dst"))
    translated = [
        pl.when(~pl.col(ip).is_in(_NOWHERE)).then(key).alias(f"{made}_{part}")
        for ip, port, made in ends
        for key, part in ((ip, "ip"), (port, "port"))
    ]
    return [
        pl.col("src").alias("src_ip"), pl.col("sport").alias("src_port"), pl.col("dst").alias("dst_ip"),
        pl.col("dport").alias("dst_port"), pl.col("src_mac"), pl.col("dst_mac"), pl.col("src_name").alias("src_host"),
        pl.col("dst_name").alias("dst_host"), pl.col("protocol"), pl.col("app"), pl.col("action"), pl.col("rule"),
        pl.col("in").alias("in_interface"), pl.col("out").alias("out_interface"), pl.col("user"),
        pl.col("session").replace("0", None).alias("session_id"), *translated, *events.repeated(),
        pl.concat_str("_3", pl.lit("/"), pl.col("_4").fill_null("")).alias("event_code"),
    ]  # fmt: skip


@cache
def _path() -> pl.Expr:
    stray = pl.col("app") == "non-syn-tcp"
    return pl.when(stray).then(pl.lit("out_of_state")).otherwise(pl.lit("forward")).alias("path")


def _traffic(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Sessions: TRAFFIC, tunnel inspection, and the flow of GTP and SCTP."""
    allowed = (pl.col("action") == "allow") & ~pl.col("_4").is_in(["drop", "deny"])
    cut_off = allowed & pl.col("reason").is_in(_CUT_OFF).fill_null(value=False)
    sent = pl.coalesce("packets_sent", "sent") != "0"
    received = pl.coalesce("packets_received", "received") != "0"
    outcome = (
        pl.when(~allowed)
        .then(None)
        .when(cut_off)
        .then(pl.lit("blocked_later"))
        .when(sent & received)
        .then(pl.lit("established"))
        .when((sent | received) & (pl.col("_4") != "start"))
        .then(pl.lit("attempted"))
    )
    verdict = pl.when(pl.col("action").is_null()).then(None).when(allowed & ~cut_off).then(pl.lit("allow"))
    made = df.select(
        pl.lit("network").alias("class"), *_flow(), _path(), outcome.alias("outcome"),
        verdict.otherwise(pl.lit("deny")).alias("verdict"),
        pl.col("sent").alias("bytes_out"), pl.col("received").alias("bytes_in"),
        pl.col("packets_sent").alias("packets_out"), pl.col("packets_received").alias("packets_in"),
        (pl.col("elapsed").cast(pl.Int64, strict=False) * 1000).alias("duration_ms"),
        pl.when(pl.col("reason") != "n/a").then("reason").alias("message"),
    )  # fmt: skip
    return made.with_columns(_began(df, context))


def _began(df: pl.DataFrame, context: Context) -> pl.Series:
    """When the session began, in the zone of the line's other times."""
    zone = pl.col("exact_time").str.extract("^20.*(Z|[+-][0-9]{2}:[0-9]{2})$", 1)
    texts = df["start"] if df["exact_time"].null_count() == df.height else df.select(
        pl.concat_str("start", zone.fill_null(""))
    ).to_series()  # fmt: skip
    found = read(texts, context)
    times = pl.Series(found.us).cast(pl.Datetime("us"))
    nothing = no_values(df.height, pl.Datetime("us"))
    return times.zip_with(pl.Series(found.valid), nothing).alias("start_time")


def _threat(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Threats, URL filtering, files, data and WildFire."""
    action, subtype = pl.col("action"), pl.col("_4")
    allowed, undecided = action.is_in(_ALERTED), action.is_in(_UNDECIDED)
    denied = ~allowed & ~undecided
    before = subtype.is_in(_BEFORE_POLICY)
    url = (subtype == "url") | ((subtype == "vulnerability") & pl.col("misc").str.contains("/", literal=True))
    asked = subtype.is_in(["spyware", "vulnerability"]) & (pl.col("app") == "dns")
    texts = df.select(pl.when(url).then("misc").alias("url"))
    name = pl.col("threat").str.extract(r"^(.*)\([0-9]+\)$", 1)
    return df.select(
        pl.lit("finding").alias("class"), *_flow(), _path(),
        pl.when(denied).then(pl.lit("deny")).when(allowed).then(pl.lit("allow")).alias("verdict"),
        pl.when(denied & ~before).then(pl.lit("blocked_later")).alias("outcome"),
        action.alias("disposition"), pl.col("severity"),
        subtype.replace(_CATEGORIES).alias("finding_category"),
        pl.when(name != "").then(name).otherwise("category").alias("signature"),
        pl.col("threat").str.extract(r"\(([0-9]+)\)$", 1).alias("signature_id"),
        pl.when(subtype.is_in(_FILES)).then("misc").alias("file_name"), pl.col("digest").alias("file_hash"),
        pl.when(asked).then("misc").alias("qname"), pl.col("category"), pl.col("content_type"),
        pl.when(pl.col("method") != "unknown").then("method").alias("method"), pl.col("agent").alias("user_agent"),
        pl.col("forwarded").alias("forwarded_for"), pl.col("referer"), pl.col("sender").alias("mail_from"),
        pl.col("recipient").alias("mail_to"), pl.col("subject"),
    ).hstack(texts).hstack(_parts(texts["url"]))  # fmt: skip


def _parts(urls: pl.Series) -> pl.DataFrame:
    """The parts of a URL, which PAN-OS writes without its scheme."""
    whole = urls.str.contains("://", literal=True)
    made = split_urls(pl.select(pl.when(whole).then(urls).otherwise("any://" + urls)).to_series())
    return made.with_columns(pl.col("url_scheme").replace("any", None))


def _decryption(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    """What the firewall saw of TLS, decrypted or not."""
    allowed = pl.col("action") == "allow"
    return df.select(
        pl.lit("finding").alias("class"), *_flow(), _path(), pl.lit("ssl").alias("finding_category"),
        pl.when(allowed).then(pl.lit("allow")).otherwise(pl.lit("deny")).alias("verdict"),
        pl.when(~allowed).then(pl.lit("blocked_later")).alias("outcome"), pl.col("action").alias("disposition"),
        pl.coalesce("error", pl.col("error_index").replace("None", None), "policy").alias("signature"),
        pl.col("error").alias("message"), pl.col("sni", "tls_version"),
    )  # fmt: skip


_MAKERS = {
    "traffic": _traffic, "tunnel": _traffic, "flow": _traffic, "threat": _threat, "decryption": _decryption,
}  # fmt: skip

FORMAT = Format(
    name="paloalto_panos",
    title="Palo Alto Networks PAN-OS",
    reference="https://docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions",
    shape=records((*range(5), 15), layout_of, LAYOUTS),
    columns=_columns,
    header="host",
)
