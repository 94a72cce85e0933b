"""The one table of columns: what a row of each event class holds.

Schemas, documentation, exports, the Sigma mapping and the checks of rules derive from `COLUMNS`.
Classes and names follow OCSF 1.x (class ids) and ECS 8 where they have a word for the thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


class EventClass(StrEnum):
    """A class of events; a line becomes a row of exactly one."""

    NETWORK = "network"
    HTTP = "http"
    DNS = "dns"
    EMAIL = "email"
    DHCP = "dhcp"
    FINDING = "finding"
    AUTHENTICATION = "authentication"
    SYSTEM = "system"


OCSF_CLASS = {
    EventClass.NETWORK: 4001,
    EventClass.HTTP: 4002,
    EventClass.DNS: 4003,
    EventClass.EMAIL: 4009,
    EventClass.DHCP: 4004,
    EventClass.FINDING: 2004,
    EventClass.AUTHENTICATION: 3002,
    EventClass.SYSTEM: 0,
}
"""OCSF class ids. Device state and administration has no single OCSF class: 0 (base event)."""

VERDICTS = ("allow", "deny")
OUTCOMES = ("established", "attempted", "blocked_later", "success", "failure")
PATHS = ("forward", "local_in", "local_out", "out_of_state")
TIME_QUALITIES = ("exact", "zone_assumed", "year_inferred", "received", "implausible")
COUNT_QUALITIES = ("exact", "aggregated", "lower_bound")
TEXT_QUALITIES = ("clean", "repaired", "cut")

_ALL = frozenset(EventClass)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, unit, meaning, and its name in ECS, OCSF and Sigma."""

    name: str
    type: str
    unit: str
    meaning: str
    classes: frozenset[EventClass]
    ecs: str = ""
    ocsf: str = ""
    sigma: str = ""
    set_by: str = "parser"


def _of(*classes: EventClass) -> frozenset[EventClass]:
    return frozenset(classes)


def _c(name: str, type: str, meaning: str, *, unit: str = "", on: frozenset[EventClass] = _ALL,
       ecs: str = "", ocsf: str = "", sigma: str = "", set_by: str = "parser") -> Column:  # fmt: skip
    return Column(name, type, unit, meaning, on, ecs, ocsf, sigma, set_by)


_FINDING = EventClass.FINDING
_HTTP = _of(EventClass.HTTP, _FINDING)
_DNS = _of(EventClass.DNS, _FINDING)
_CONNECTION = _of(EventClass.NETWORK)
"""Beside the class of a request: a firewall's record of a connection stays `network`, and may say what was asked for."""
_EMAIL = _of(EventClass.EMAIL, _FINDING)
_AUTH = _of(EventClass.AUTHENTICATION)
_DHCP = _of(EventClass.DHCP)
_SYSTEM = _of(EventClass.SYSTEM)
_F = _of(_FINDING)

# fmt: off
COLUMNS: tuple[Column, ...] = (
    # Common
    _c("event_time", "timestamp[us]", "Time of the record", unit="UTC", ecs="@timestamp", ocsf="time"),
    _c("start_time", "timestamp[us]", "When it began, where the device tells", unit="UTC", ecs="event.start", ocsf="start_time"),
    _c("received_time", "timestamp[us]", "When the line first arrived", unit="UTC", ecs="event.ingested", ocsf="metadata.logged_time", set_by="ingest"),
    _c("time_quality", "dictionary", "exact | zone_assumed | year_inferred | received | implausible"),
    _c("device_time", "timestamp[us]", "The device's own time where it is implausible", unit="UTC", set_by="ingest"),
    _c("tenant", "dictionary", "Body: 6-digit 全国地方公共団体コード", ecs="organization.id", set_by="ingest"),
    _c("tenant_quality", "dictionary", "given | derived | unattributed", set_by="ingest"),
    _c("source", "dictionary", "Registered feed", ecs="log.logger", set_by="ingest"),
    _c("device", "dictionary", "Name of the device as it calls itself", ecs="observer.name", ocsf="device.name"),
    _c("virtual_device", "dictionary", "vdom, vsys or context"),
    _c("format", "dictionary", "Log format that read the line", ecs="event.dataset", set_by="parsers"),
    _c("event_count", "int64", "Events that this line stands for", unit="events", ocsf="count"),
    _c("count_quality", "dictionary", "exact | aggregated | lower_bound"),
    _c("sequence", "int64", "Number that the device gives its records, where it counts them", ecs="event.sequence", ocsf="metadata.sequence"),
    _c("text_quality", "dictionary", "clean | repaired | cut", set_by="parsers"),
    _c("batch", "int64", "seq of the batch that brought the line", set_by="ingest"),
    _c("line", "int64", "Line number in the batch, from 1", set_by="parsers"),
    _c("offset", "int64", "First byte of the line in the batch", unit="bytes", set_by="parsers"),
    _c("length", "int32", "Bytes of the line without its line end", unit="bytes", set_by="parsers"),
    # Flow, on every class
    _c("src_ip", "string", "Who began the connection: address, canonical text", ecs="source.ip", ocsf="src_endpoint.ip", sigma="src_ip"),
    _c("src_addr", "binary[16]", "src_ip as 16 bytes, IPv4 mapped", set_by="parsers"),
    _c("src_port", "uint16", "Port of src", ecs="source.port", ocsf="src_endpoint.port", sigma="src_port"),
    _c("src_mac", "string", "Hardware address of src, aa:bb:cc:dd:ee:ff", ecs="source.mac", ocsf="src_endpoint.mac"),
    _c("src_host", "string", "Name of src, where the log gives a name", ecs="source.domain", ocsf="src_endpoint.hostname"),
    _c("src_zone", "dictionary", "Network zone of src (MNU, LGC, INC, LGWAN, INET …)", ocsf="src_endpoint.zone", set_by="ingest"),
    _c("dst_ip", "string", "Who was asked: address, canonical text", ecs="destination.ip", ocsf="dst_endpoint.ip", sigma="dst_ip"),
    _c("dst_addr", "binary[16]", "dst_ip as 16 bytes, IPv4 mapped", set_by="parsers"),
    _c("dst_port", "uint16", "Port of dst", ecs="destination.port", ocsf="dst_endpoint.port", sigma="dst_port"),
    _c("dst_mac", "string", "Hardware address of the next hop towards dst", ecs="destination.mac", ocsf="dst_endpoint.mac"),
    _c("dst_host", "string", "Name of dst, where the log gives a name", ecs="destination.domain", ocsf="dst_endpoint.hostname"),
    _c("dst_zone", "dictionary", "Network zone of dst", ocsf="dst_endpoint.zone", set_by="ingest"),
    _c("zone_conflict", "string", "Zone of the longest prefix where the interface says another: src=A or dst=A", set_by="ingest"),
    _c("protocol", "dictionary", "IANA protocol keyword in lower case, or its number", ecs="network.transport", ocsf="connection_info.protocol_name"),
    _c("app", "dictionary", "Application as the device names it", ecs="network.application", ocsf="app_name"),
    _c("verdict", "dictionary", "What the device decided in the end: allow | deny; empty where nothing was decided", ecs="event.type", ocsf="disposition"),
    _c("action", "dictionary", "The vendor's own word", ecs="event.action", ocsf="activity_name", sigma="action"),
    _c("outcome", "dictionary", "established | attempted | blocked_later; logins: success | failure", ecs="event.outcome", ocsf="status"),
    _c("path", "dictionary", "forward | local_in | local_out | out_of_state"),
    _c("direction", "dictionary", "inbound | outbound | unknown, as the device says", ecs="network.direction", ocsf="connection_info.direction"),
    _c("rule", "dictionary", "The device's rule or policy", ecs="rule.id", ocsf="firewall_rule.uid"),
    _c("in_interface", "dictionary", "Interface by which the packet came in", ecs="observer.ingress.interface.name", ocsf="src_endpoint.interface_name"),
    _c("out_interface", "dictionary", "Interface by which it left", ecs="observer.egress.interface.name", ocsf="dst_endpoint.interface_name"),
    _c("bytes_out", "int64", "Client to server", unit="bytes", ecs="source.bytes", ocsf="traffic.bytes_out", sigma="cs-bytes"),
    _c("bytes_in", "int64", "Server to client", unit="bytes", ecs="destination.bytes", ocsf="traffic.bytes_in", sigma="sc-bytes"),
    _c("packets_out", "int64", "Client to server", unit="packets", ecs="source.packets", ocsf="traffic.packets_out"),
    _c("packets_in", "int64", "Server to client", unit="packets", ecs="destination.packets", ocsf="traffic.packets_in"),
    _c("duration_ms", "int64", "How long it took", unit="ms", ecs="event.duration", ocsf="duration", sigma="time-taken"),
    _c("session_id", "string", "The device's id of the session", ocsf="connection_info.session.uid"),
    _c("user", "string", "User as written, without domain", ecs="user.name", ocsf="actor.user.name", sigma="cs-username"),
    _c("user_domain", "string", r"What stood before \ or after @", ecs="user.domain", ocsf="actor.user.domain"),
    _c("nat_src_ip", "string", "src after translation", ecs="source.nat.ip", ocsf="proxy_endpoint.ip"),
    _c("nat_src_port", "uint16", "src port after translation", ecs="source.nat.port", ocsf="proxy_endpoint.port"),
    _c("nat_dst_ip", "string", "dst after translation", ecs="destination.nat.ip"),
    _c("nat_dst_port", "uint16", "dst port after translation", ecs="destination.nat.port"),
    _c("event_code", "dictionary", "The device's message id", ecs="event.code", ocsf="metadata.event_code"),
    _c("severity", "dictionary", "The device's own severity word or number", ecs="log.level", ocsf="severity"),
    _c("message", "string", "Free text of the device, or the whole message where it is unknown", ecs="message", ocsf="message"),
    # HTTP
    _c("role", "dictionary", "http: proxy | web; dns: resolver | authoritative", on=_HTTP | _DNS),
    _c("method", "dictionary", "Request method", on=_HTTP, ecs="http.request.method", ocsf="http_request.http_method", sigma="cs-method"),
    _c("url", "string", "URL as logged", on=_HTTP | _CONNECTION, ecs="url.original", ocsf="http_request.url.url_string", sigma="c-uri"),
    _c("url_scheme", "dictionary", "Scheme", on=_HTTP, ecs="url.scheme", ocsf="http_request.url.scheme"),
    _c("url_host", "string", "Host of the URL in lower case, without port", on=_HTTP | _CONNECTION, ecs="url.domain", ocsf="http_request.url.hostname", sigma="cs-host"),
    _c("url_port", "uint16", "Port of the URL", on=_HTTP, ecs="url.port", ocsf="http_request.url.port"),
    _c("url_path", "string", "Path", on=_HTTP, ecs="url.path", ocsf="http_request.url.path", sigma="cs-uri-stem"),
    _c("url_query", "string", "Query without the question mark", on=_HTTP, ecs="url.query", ocsf="http_request.url.query_string", sigma="cs-uri-query"),
    _c("status", "dictionary", "HTTP status; for email: sent | deferred | bounced | rejected …", on=_HTTP | _EMAIL, ecs="http.response.status_code", ocsf="http_response.code", sigma="sc-status"),
    _c("content_type", "dictionary", "MIME type of the answer", on=_HTTP, ecs="http.response.mime_type", ocsf="http_response.content_type"),
    _c("user_agent", "string", "User-Agent", on=_HTTP, ecs="user_agent.original", ocsf="http_request.user_agent", sigma="c-useragent"),
    _c("referer", "string", "Referer", on=_HTTP, ecs="http.request.referrer", ocsf="http_request.referrer", sigma="cs-referer"),
    _c("category", "string", "URL category of the filter", on=_HTTP, ocsf="http_request.url.categories"),
    _c("cache_result", "dictionary", "Cache result code of the proxy", on=_HTTP),
    _c("vhost", "dictionary", "Virtual host that served the request", on=_HTTP, ecs="url.domain"),
    _c("forwarded_for", "string", "X-Forwarded-For as written", on=_HTTP, ecs="network.forwarded_ip", ocsf="http_request.x_forwarded_for"),
    _c("tls_version", "dictionary", "TLS version", on=_HTTP, ecs="tls.version", ocsf="tls.version"),
    _c("sni", "string", "Server name of the TLS handshake", on=_HTTP, ecs="tls.client.server_name", ocsf="tls.sni"),
    # DNS
    _c("qname", "string", "Name asked, lower case, without the last dot (the root is .)", on=_DNS | _CONNECTION, ecs="dns.question.name", ocsf="query.hostname", sigma="query"),
    _c("qtype", "dictionary", "Type asked, in capitals", on=_DNS | _CONNECTION, ecs="dns.question.type", ocsf="query.type", sigma="record_type"),
    _c("qclass", "dictionary", "Class asked, in capitals", on=_DNS, ecs="dns.question.class", ocsf="query.class"),
    _c("rcode", "dictionary", "Response code keyword, in capitals", on=_DNS, ecs="dns.response_code", ocsf="rcode"),
    _c("answers", "string", "Answers, one space between", on=_DNS, ecs="dns.answers.data", ocsf="answers.rdata", sigma="answer"),
    _c("recursion_desired", "bool", "RD flag of the query", on=_DNS),
    # Email
    _c("queue_id", "string", "Queue id of the mail transfer agent", on=_EMAIL, ecs="email.local_id", ocsf="email.uid"),
    _c("message_id", "string", "Message-ID without angle brackets", on=_EMAIL, ecs="email.message_id", ocsf="email.message_uid"),
    _c("mail_from", "string", "Envelope sender without angle brackets", on=_EMAIL, ecs="email.from.address", ocsf="email.smtp_from"),
    _c("mail_to", "string", "Envelope recipients without angle brackets, with commas between", on=_EMAIL, ecs="email.to.address", ocsf="email.smtp_to"),
    _c("helo", "string", "HELO or EHLO name", on=_EMAIL, ocsf="smtp_hello"),
    _c("subject", "string", "Subject", on=_EMAIL, ecs="email.subject", ocsf="email.subject"),
    _c("size", "int64", "Size of the message", unit="bytes", on=_EMAIL, ocsf="email.size"),
    _c("relay", "string", "Next hop as written", on=_EMAIL),
    _c("dsn", "dictionary", "Enhanced status code (RFC 3463)", on=_EMAIL),
    _c("delay_ms", "int64", "Time since the mail came in", unit="ms", on=_EMAIL),
    _c("spam_verdict", "dictionary", "What the filter said", on=_EMAIL),
    _c("attachments", "string", "Names of attachments", on=_EMAIL, ecs="email.attachments.file.name"),
    _c("stage", "dictionary", "Which program or step: smtpd, cleanup, qmgr, smtp, local, bounce, reject …", on=_EMAIL),
    # Findings of devices
    _c("signature_id", "dictionary", "Id of the device's signature", on=_F, ecs="rule.id", ocsf="finding_info.uid"),
    _c("signature", "string", "Name of the signature, application or virus", on=_F, ecs="rule.name", ocsf="finding_info.title"),
    _c("finding_category", "dictionary", "ips | anomaly | virus | webfilter | app | dlp | waf | sandbox …", on=_F, ecs="rule.category", ocsf="finding_info.types"),
    _c("disposition", "dictionary", "What the device did with it, in its words", on=_F, ocsf="disposition"),
    _c("file_name", "string", "File", on=_F, ecs="file.name", ocsf="evidences.file.name"),
    _c("file_hash", "string", "Hash of the file as logged", on=_F, ecs="file.hash.sha256", ocsf="evidences.file.hashes.value"),
    # Authentication
    _c("service", "dictionary", "What was logged in to", on=_AUTH, ecs="service.name", ocsf="service.name"),
    _c("auth_method", "dictionary", "How", on=_AUTH, ocsf="auth_protocol"),
    _c("auth_role", "dictionary", "As what: administrator, vpn …", on=_AUTH),
    _c("reason", "string", "Why it failed", on=_AUTH, ecs="event.reason", ocsf="status_detail"),
    _c("target", "string", "Account or host that was the target", on=_AUTH, ecs="user.target.name", ocsf="user.name"),
    # DHCP
    _c("lease_ip", "string", "Address lent", on=_DHCP, ocsf="lease.ip"),
    _c("lease_mac", "string", "Hardware address it was lent to", on=_DHCP),
    _c("lease_name", "string", "Name that the client gave", on=_DHCP),
    # Device state and administration
    _c("operation", "dictionary", "What happened: config_change, ha, reboot, log_loss, link …", on=_SYSTEM, ecs="event.action"),
    _c("object", "string", "To what", on=_SYSTEM),
    _c("old", "string", "Value before", on=_SYSTEM),
    _c("new", "string", "Value after", on=_SYSTEM),
    _c("result", "dictionary", "How it ended", on=_SYSTEM, ecs="event.outcome"),
)
# fmt: on

_BY_NAME = {c.name: c for c in COLUMNS}


def column(name: str) -> Column:
    """The column called `name`; KeyError when there is none."""
    return _BY_NAME[name]


@cache
def columns_of(event_class: EventClass | str) -> tuple[Column, ...]:
    """The columns of one class, in the order of the table."""
    event_class = EventClass(event_class)
    return tuple(c for c in COLUMNS if event_class in c.classes)


@cache
def polars_schema(event_class: EventClass | str) -> dict[str, Any]:
    """Column name → Polars type of one class. Dictionary columns are plain strings while in memory."""
    import polars as pl

    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "timestamp[us]": pl.Datetime("us"), "dictionary": pl.String, "string": pl.String, "int64": pl.Int64,
        "int32": pl.Int32, "uint16": pl.UInt16, "bool": pl.Boolean, "binary[16]": pl.Binary,
    }  # fmt: skip
    return {c.name: types[c.type] for c in columns_of(event_class)}


@cache
def arrow_schema(event_class: EventClass | str) -> pa.Schema:
    """Arrow schema of one class, as segments hold it. Times are UTC without zone, in microseconds."""
    import pyarrow as pa

    types = {
        "timestamp[us]": pa.timestamp("us"), "dictionary": pa.string(), "string": pa.string(), "int64": pa.int64(),
        "int32": pa.int32(), "uint16": pa.uint16(), "bool": pa.bool_(), "binary[16]": pa.binary(),
    }  # fmt: skip
    return pa.schema([pa.field(c.name, types[c.type]) for c in columns_of(event_class)])
