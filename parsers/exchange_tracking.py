"""Microsoft Exchange message tracking: every event of a message on its way through a server.

Reference: Microsoft Learn, "Message tracking" (Exchange 2016, 2019, SE) and "Information Written to the Message
Tracking Log" (2007), for events, sources and fields. Read 2026-11-20 in
older copies: later events, and the fields by their number, go by general knowledge.
Read besides: lines without `#Fields:` in front of them, by their number of fields (2007: 21, 2010: 26, 2013: 27, 2016
and later: 30), with or without a syslog header.
Not read: the latencies of single components (`message-info`); custom data beyond the rule, the malware agent and the
latency; message tracing of Exchange Online.

`action` is the event, `stage` the source (smtp, storedriver, agent …), `queue_id` the internal-message-id, which
differs from server to server. Several recipients stand in `mail_to` with commas between. src is client-ip, dst
server-ip; a message that the front end of the same server handed on has original-client-ip as src. `device` is the
server that writes: the client where it sends, delivers or submits, else the server. `mail_from` is the return path,
else the sender. `message` is the other server's answer, else the recipients' status, else the context. What the malware
agent found is of class `finding`.

Verdict: deny where an agent failed the message, where it was dropped, and where a moderator refused or did not answer;
allow where he approved. Sending and delivering are no verdicts: `status` says what became of it.
Time: UTC, as the line says.
"""

from __future__ import annotations

import polars as pl

from parsers._distinct import per_distinct
from parsers._fields import Fields
from parsers._format import Context, Format

_FRONT = (
    "date-time", "client-ip", "client-hostname", "server-ip", "server-hostname", "source-context", "connector-id",
    "source", "event-id", "internal-message-id", "message-id",
)  # fmt: skip
_BEHIND = (
    "recipient-address", "recipient-status", "total-bytes", "recipient-count", "related-recipient-address", "reference",
    "message-subject", "sender-address", "return-path", "message-info",
)  # fmt: skip
_LATER = ("directionality", "tenant-id", "original-client-ip", "original-server-ip", "custom-data")
_LATEST = ("transport-traffic-type", "log-id", "schema-version")
_ALL = (*_FRONT, "network-message-id", *_BEHIND, *_LATER, *_LATEST)
_READ = (*_FRONT, *_BEHIND, *_LATER)
_FIELDS = Fields(
    _READ, separator=",", nulls=(),
    default={21: (*_FRONT, *_BEHIND), 26: (*_FRONT, *_BEHIND, *_LATER), 27: _ALL[:27], 30: _ALL},
)  # fmt: skip
_EVENTS = frozenset(
    "AGENTINFO BADMAIL CLIENTSUBMISSION DEFER DELIVER DELIVERFAIL DROP DSN DUPLICATEDELIVER DUPLICATEEXPAND "
    "DUPLICATEREDIRECT EXPAND FAIL HADISCARD HARECEIVE HAREDIRECT HAREDIRECTFAIL INITMESSAGECREATED LOAD "
    "MODERATIONEXPIRE MODERATORAPPROVE MODERATORREJECT MODERATORSALLNDR NOTIFYMAPI NOTIFYSHADOW POISONMESSAGE PROCESS "
    "PROCESSMEETINGMESSAGE RECEIVE REDIRECT RESOLVE RESUBMIT RESUBMITDEFER RESUBMITFAIL SEND SENDEXTERNAL SUBMIT "
    "SUBMITDEFER SUBMITFAIL SUPPRESSED SUSPEND THROTTLE TRANSFER".split()
)
_OUTWARD = ("DELIVER", "DUPLICATEDELIVER", "DELIVERFAIL", "SUBMIT", "SUBMITDEFER", "SUBMITFAIL", "CLIENTSUBMISSION")
"""Events of the store driver in which the server that writes stands as client; by SMTP all but these:"""
_INWARD = ("RECEIVE", "HARECEIVE")
_STATUS = {
    "SEND": "sent", "SENDEXTERNAL": "sent", "DELIVER": "sent", "DUPLICATEDELIVER": "sent", "DEFER": "deferred",
    "FAIL": "bounced", "BADMAIL": "bounced", "DROP": "discarded", "POISONMESSAGE": "held",
    "MODERATORREJECT": "rejected", "MODERATIONEXPIRE": "rejected",
}  # fmt: skip
_DENIED = ("DROP", "MODERATORREJECT", "MODERATIONEXPIRE")
_DIRECTIONS = {"Incoming": "inbound", "Originating": "outbound", "Undefined": "unknown"}
_ANSWER = r"(?:^|;)([245][0-9]{2}[ -].*?)(?:;ClientSubmitTime:[^;]*)?$"
_CODE = r"\b[245][0-9]{2}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})\b"
_VIRUS = r"S:AMA=EV\|engine=[^|;]*\|v=1\|[^;]*?\bname=(?P<name>[^|;]*)(?:\|file=(?P<file>[^|;]*))?"


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.rename({name: name.replace("-", "_") for name in _READ})
    event, source = pl.col("event_id"), pl.col("source")
    server = pl.col("server_hostname")
    known = pl.col("_named") & event.str.contains("^[A-Z]{2,40}$") & pl.col("date_time").str.contains("^[0-9]{4}-")
    known = known.fill_null(value=False)
    outward = event.is_in(_OUTWARD) | ((source == "SMTP") & ~event.is_in(_INWARD))
    same = (pl.col("client_ip") == pl.col("server_ip")) | (pl.col("client_hostname") == server)
    handed = pl.col("client_ip").is_null() | same.fill_null(value=False)
    began = pl.when((event == "RECEIVE") & handed).then("original_client_ip")
    agent = (event == "FAIL") & (source == "AGENT")
    custom = pl.col("custom_data")
    message = pl.coalesce(pl.col("source_context").str.extract(_ANSWER), "recipient_status", "source_context")
    virus = df["custom_data"].str.extract_groups(_VIRUS).struct.unnest()
    found = pl.col("name").is_not_null()
    latency = pl.col("value").str.extract(r"S:E2ELatency=([0-9]{1,9}(?:\.[0-9]+)?)").cast(pl.Float64)
    late = per_distinct(df["custom_data"], delay_ms=(latency * 1000).round().cast(pl.Int64))
    relay = (
        pl.when(pl.col("server_ip").is_null())
        .then(server)
        .otherwise(pl.format("{} [{}]", server.fill_null(""), "server_ip"))
    )
    return df.hstack(virus).hstack(late).select(
        pl.when(known).then(pl.when(found).then(pl.lit("finding")).otherwise(pl.lit("email"))).alias("class"),
        pl.when(~known).then(pl.lit("no fields of a message tracking log")).alias("refused"),
        event.is_in(list(_EVENTS)).alias("own"), pl.col("date_time").alias("time"),
        event.alias("action"), source.str.to_lowercase().alias("stage"),
        pl.when(outward).then(pl.coalesce("client_hostname", server)).otherwise(pl.coalesce(server, "client_hostname"))
        .alias("device"),
        pl.coalesce(began, "client_ip").alias("src_ip"),
        pl.when(began.is_null()).then("client_hostname").alias("src_host"),
        pl.col("server_ip").alias("dst_ip"), server.alias("dst_host"),
        pl.col("directionality").replace_strict(_DIRECTIONS, default=None).alias("direction"),
        pl.when(pl.col("internal_message_id") != "0").then("internal_message_id").alias("queue_id"),
        pl.col("message_id").str.strip_prefix("<").str.strip_suffix(">"),
        pl.coalesce("return_path", "sender_address").alias("mail_from"),
        pl.col("recipient_address").str.replace_all(";", ",", literal=True).alias("mail_to"),
        pl.col("total_bytes").alias("size"), pl.col("message_subject").alias("subject"),
        pl.when(outward & (event != "SUBMIT")).then(relay.str.strip_chars_start()).alias("relay"),
        pl.when(agent).then(pl.lit("rejected")).otherwise(event.replace_strict(_STATUS, default=None)).alias("status"),
        pl.when(agent | event.is_in(_DENIED)).then(pl.lit("deny"))
        .when(event == "MODERATORAPPROVE").then(pl.lit("allow")).alias("verdict"),
        message.alias("message"), message.str.extract(_CODE).alias("dsn"),
        custom.str.extract(r"\|ruleId=([0-9A-Fa-f-]+)").alias("rule"), "delay_ms",
        pl.when(found).then(pl.lit("virus")).alias("finding_category"), pl.col("name").alias("signature"),
        pl.col("file").alias("file_name"),
        pl.when(found).then(custom.str.extract(r"S:AMA=SUM\|v=1\|action=([^|;]*)")).alias("disposition"),
        (pl.col("_cut") & known).alias("cut"),
    )  # fmt: skip


FORMAT = Format(
    name="exchange_tracking",
    title="Microsoft Exchange message tracking",
    reference="https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/message-tracking",
    shape=_FIELDS.shape(),
    columns=_columns,
    comment="#",
    learn=_FIELDS.learn,
)
