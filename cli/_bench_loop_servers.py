"""What the loop of `cli._bench_loop` reads of servers and of a sensor."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from cli._bench_loop_values import (
    PROTOCOLS,
    SECONDS,
    TEXTS,
    Reader,
    Row,
    Table,
    address,
    constants,
    instant,
    iso_time,
    remembered,
    syslog_time,
)

_HTTP, _DNS, _EMAIL, _FINDING, _NETWORK = "http", "dns", "email", "finding", "network"

# -------------------------------------------------------------------------------------------------------- web servers

_COMBINED = (
    r'(\S+) \S+ (\S+) \[([^\]]+)\] "([A-Z]+) (([^ ?]*)(?:\?([^ ]*))?) HTTP/[\d.]+" (\d{3}) (\d+|-)'
    r' "([^"\\]*(?:\\.[^"\\]*)*)" "([^"\\]*(?:\\.[^"\\]*)*)"$'
)
_APACHE = re.compile(_COMBINED)
_NGINX = re.compile(r"\w{3} [ \d]\d [\d:]{8} (\S+) nginx: " + _COMBINED)
_DENIED = {"401": "deny", "403": "deny", "407": "deny", "429": "deny", "451": "deny"}
_ACCESS = (
    "event_time", "src_ip", "src_addr", "user", "method", "url", "url_path", "url_query", "status", "verdict",
    "bytes_in", "referer", "user_agent",
)  # fmt: skip
_SERVED = {"protocol": "tcp", "outcome": "established", "role": "web"}


@remembered(SECONDS)
def _clf_time(text: str) -> int:
    """`19/Nov/2026:00:00:00 +0900`."""
    return instant(text, "%d/%b/%Y:%H:%M:%S %z")


def _access(
    ip: str, user: str, at: str, method: str, url: str, path: str, query: str | None, status: str, size: str,
    referer: str, agent: str,
) -> Row:  # fmt: skip
    return (
        _HTTP, _clf_time(at), *address(ip), None if user == "-" else user, method, url, path,
        query, status, _DENIED.get(status, "allow"), 0 if size == "-" else int(size),
        None if referer == "-" else referer, None if agent == "-" else agent,
    )  # fmt: skip


def _apache(line: str) -> Row | None:
    m = _APACHE.match(line)
    return _access(*m.groups()) if m else None


def _nginx(line: str) -> Row | None:
    m = _NGINX.match(line)
    if not m:
        return None
    device, *rest = m.groups()
    return (*_access(*rest), device)


# -------------------------------------------------------------------------------------------------------------- squid

_URL = re.compile(r"([a-z]+)://([^/:?#]+)(?::(\d+))?([^?#]*)(?:\?([^#]*))?")
_NO_URL = (None,) * 6
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_FAILED = ("000", "0", "502", "503", "504")


def _squid(line: str) -> Row:
    at, took, ip, result, size, method, url, user, way, kind = line.split()
    parts: tuple[str | int | None, ...] = _NO_URL
    if method == "CONNECT":
        host, _, port = url.rpartition(":")
        asked = int(port)
        parts = (None, host.lower(), asked, None, None, asked)
    elif m := _URL.match(url):
        scheme, host, port, path, query = m.groups()
        number = int(port) if port else None
        parts = (scheme, host.lower(), number, path, query, number or _DEFAULT_PORTS.get(scheme))
    way, _, server = way.partition("/")
    return (
        _HTTP, int(at.replace(".", "")) * 1000, int(took), *address(ip), *_result(result), int(size), method, url,
        *parts, None if user == "-" else user, *(address(server) if way == "HIER_DIRECT" else _NOWHERE),
        None if kind == "-" else kind,
    )  # fmt: skip


_NOWHERE = (None, None)


@remembered(TEXTS)
def _result(text: str) -> tuple[str, str, str | None, str | None]:
    """Code, status, verdict and outcome of a result."""
    code, status = text.split("/")
    failed = status in _FAILED
    if "DENIED" in code:
        return code, status, "deny", None
    if code.startswith("NONE") and (failed or status[0] == "4"):
        return code, status, None, None
    return code, status, "allow", "attempted" if failed else "established"


_PROXIED = (
    "event_time", "duration_ms", "src_ip", "src_addr", "action", "status", "verdict", "outcome", "bytes_in", "method",
    "url", "url_scheme", "url_host", "url_port", "url_path", "url_query", "dst_port", "user", "dst_ip", "dst_addr",
    "content_type",
)  # fmt: skip

# --------------------------------------------------------------------------------------------------------------- bind

_QUERY = re.compile(
    r"(\S+ \d\d:\d\d:\d\d)\.(\d{3}) ([\w-]+): (\w+): client (?:@\S+ )?([0-9A-Fa-f.:]+)#(\d+) \([^)]*\): "
    r"query: (\S+) (\w+) (\w+) ([+-])(\S*) \(([0-9A-Fa-f.:]+)\)$"
)


@remembered(SECONDS)
def _bind_time(text: str) -> int:
    """`19-Nov-2026 00:00:00`."""
    return instant(text, "%d-%b-%Y %H:%M:%S")


def _bind(line: str) -> Row | None:
    m = _QUERY.match(line)
    if not m:
        return None
    at, ms, category, level, ip, port, name, qclass, qtype, recursion, flags, server = m.groups()
    return (
        _DNS, _bind_time(at) + int(ms) * 1000, category, level, *address(ip), int(port),
        name.lower().removesuffix("."), qclass, qtype, recursion == "+", "tcp" if "T" in flags else "udp",
        *address(server),
    )  # fmt: skip


_ASKED = (
    "event_time", "event_code", "severity", "src_ip", "src_addr", "src_port", "qname", "qclass", "qtype",
    "recursion_desired", "protocol", "dst_ip", "dst_addr",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------------------ postfix

_HEAD = r"(\w{3} [ \d]\d [\d:]{8}) (\S+) postfix/(\w+)\[\d+\]: "
_CLIENT = re.compile(
    _HEAD + r"(?:([0-9A-Za-z]+): )?(connect|disconnect|client)(?: from |=)([^\[ ]*)\[([^\]]*)\] ?(.*)$"
)
_REJECT = re.compile(
    _HEAD + r"NOQUEUE: reject: ([A-Z]+) from ([^\[ ]*)\[([^\]]*)\]: (\d{3} ([245]\.\d+\.\d+) .*); "
    r"from=<([^>]*)> to=<([^>]*)> proto=\S+ helo=<([^>]*)>$"
)
_LISTED = re.compile(r"blocked using ([\w.-]+)")
_MESSAGE_ID = re.compile(_HEAD + r"([0-9A-Za-z]+): message-id=<([^>]*)>$")
_QUEUED = re.compile(_HEAD + r"([0-9A-Za-z]+): (?:(removed)|from=<([^>]*)>, size=(\d+), (.*))$")
_DELIVERY = re.compile(
    _HEAD + r"([0-9A-Za-z]+): to=<([^>]*)>, relay=(([^\[,]*)\[([^\]]*)\]:(\d+)), delay=([\d.]+), delays=[^,]*, "
    r"dsn=([\d.]+), status=(\w+) \((.*)\)$"
)
_CLIENT_COLUMNS = ("src_host", "src_ip", "src_addr")
_REJECT_COLUMNS = ("verdict", "event_code", "rule", "helo")
_SENDER_COLUMNS = ("mail_from", "size")
_RECIPIENT_COLUMNS = ("mail_to", "status", "dsn")
_SERVER_COLUMNS = ("relay", "dst_host", "dst_ip", "dst_addr", "dst_port", "delay_ms")
_MAIL = (
    "event_time", "device", "stage", "action", "queue_id", "message", "message_id", *_CLIENT_COLUMNS, *_REJECT_COLUMNS,
    *_SENDER_COLUMNS, *_RECIPIENT_COLUMNS, *_SERVER_COLUMNS,
)  # fmt: skip
_NO_CLIENT, _NO_REJECT, _NO_SENDER, _NO_RECIPIENT, _NO_SERVER = (
    (None,) * len(columns)
    for columns in (_CLIENT_COLUMNS, _REJECT_COLUMNS, _SENDER_COLUMNS, _RECIPIENT_COLUMNS, _SERVER_COLUMNS)
)


def _postfix(line: str) -> Row | None:
    at = line.index("postfix/") + 8
    reader = _STAGES.get(line[at : line.index("[", at)])
    return reader(line) if reader else None


def _smtpd(line: str) -> Row | None:
    m = _CLIENT.match(line)
    if m:
        at, device, stage, queue, action, host, ip, more = m.groups()
        return (
            _EMAIL, syslog_time(at), device, stage, action, queue, more or None, None, host, *address(ip), *_NO_REJECT,
            *_NO_SENDER, *_NO_RECIPIENT, *_NO_SERVER,
        )  # fmt: skip
    m = _REJECT.match(line)
    if not m:
        return None
    at, device, stage, command, host, ip, reply, dsn, sender, recipient, helo = m.groups()
    listed = _LISTED.search(reply)
    return (
        _EMAIL, syslog_time(at), device, stage, "reject", None, reply, None, host, *address(ip), "deny", command,
        listed[1] if listed else None, helo, sender, None, recipient, "rejected", dsn, *_NO_SERVER,
    )  # fmt: skip


def _cleanup(line: str) -> Row | None:
    m = _MESSAGE_ID.match(line)
    if not m:
        return None
    at, device, stage, queue, message_id = m.groups()
    return (
        _EMAIL, syslog_time(at), device, stage, None, queue, None, message_id, *_NO_CLIENT, *_NO_REJECT, *_NO_SENDER,
        *_NO_RECIPIENT, *_NO_SERVER,
    )  # fmt: skip


def _qmgr(line: str) -> Row | None:
    m = _QUEUED.match(line)
    if not m:
        return None
    at, device, stage, queue, removed, sender, size, more = m.groups()
    return (
        _EMAIL, syslog_time(at), device, stage, removed, queue, more, None, *_NO_CLIENT, *_NO_REJECT, sender,
        size and int(size), *_NO_RECIPIENT, *_NO_SERVER,
    )  # fmt: skip


def _smtp(line: str) -> Row | None:
    m = _DELIVERY.match(line)
    if not m:
        return None
    at, device, stage, queue, recipient, relay, host, ip, port, delay, dsn, status, said = m.groups()
    return (
        _EMAIL, syslog_time(at), device, stage, status, queue, said, None, *_NO_CLIENT, *_NO_REJECT, *_NO_SENDER,
        recipient, status, dsn, relay, host, *address(ip), int(port), round(float(delay) * 1000),
    )  # fmt: skip


_STAGES = {"smtpd": _smtpd, "cleanup": _cleanup, "qmgr": _qmgr, "smtp": _smtp}

# ----------------------------------------------------------------------------------------------------------- suricata

_FLOW = (
    "event_time", "src_ip", "src_addr", "src_port", "dst_ip", "dst_addr", "dst_port", "protocol", "in_interface",
    "session_id", "event_code",
)  # fmt: skip
_STATES = {"new": "attempted", "closed": "established", "established": "established"}
_ACTIONS = {"allowed": "allow", "blocked": "deny"}


def _suricata_eve(line: str) -> Row | None:
    found = json.loads(line)
    kind, at = found["event_type"], found["timestamp"]
    part = found[kind]
    flow = (
        iso_time(at[:19] + at[26:]) + int(at[20:26]), *address(found["src_ip"]), found["src_port"],
        *address(found["dest_ip"]), found["dest_port"], PROTOCOLS[found["proto"]], found["in_iface"],
        str(found["flow_id"]), kind,
    )  # fmt: skip
    get = part.get
    if kind == "flow":
        state = part["state"]
        return (
            _NETWORK, *flow, found.get("app_proto"), state, _STATES[state], get("bytes_toserver"),
            get("bytes_toclient"), get("pkts_toserver"), get("pkts_toclient"),
        )  # fmt: skip
    if kind == "dns":
        return _DNS, *flow, part["type"], part["rrname"].lower().removesuffix("."), part["rrtype"]
    if kind == "http":
        host, url = get("hostname"), get("url")
        path, _, query = url.partition("?")
        return (
            _HTTP, *flow, "http", "established", get("length"), host, None, get("http_method"), url, host.lower(), path,
            query or None, str(part["status"]), get("http_user_agent"), None, None,
        )  # fmt: skip
    if kind == "tls":
        name = get("sni")
        return (
            _HTTP, *flow, "tls", None, None, name, get("subject"), *(None,) * 7, get("version"), name,
        )  # fmt: skip
    if kind == "alert":
        action = part["action"]
        return (
            _FINDING, *flow, _ACTIONS[action], action, str(part["severity"]), get("category"),
            str(part["signature_id"]), get("signature"),
        )  # fmt: skip
    return None


_SEEN = constants("suricata_eve", "exact")
_EVE = {
    _NETWORK: Table(
        (*_FLOW, "app", "action", "outcome", "bytes_out", "bytes_in", "packets_out", "packets_in"), _SEEN
    ),
    _DNS: Table((*_FLOW, "action", "qname", "qtype"), {**_SEEN, "app": "dns"}),
    _HTTP: Table(
        (*_FLOW, "app", "outcome", "bytes_in", "dst_host", "message", "method", "url", "url_host", "url_path",
         "url_query", "status", "user_agent", "tls_version", "sni"), _SEEN,
    ),
    _FINDING: Table(
        (*_FLOW, "verdict", "action", "severity", "message", "signature_id", "signature"),
        {**_SEEN, "finding_category": "ips"}, {"disposition": "action"},
    ),
}  # fmt: skip

READERS: Mapping[str, tuple[Reader, Mapping[str, Table]]] = {
    "apache": (_apache, {_HTTP: Table(_ACCESS, constants("apache", "exact", **_SERVED))}),
    "nginx": (_nginx, {_HTTP: Table((*_ACCESS, "device"), constants("nginx", "exact", **_SERVED))}),
    "squid": (
        _squid,
        {
            _HTTP: Table(
                _PROXIED, constants("squid", "exact", protocol="tcp", role="proxy"),
                {"cache_result": "action", "dst_host": "url_host"},
            )
        },
    ),
    "bind": (_bind, {_DNS: Table(_ASKED, constants("bind", "zone_assumed", action="query"))}),
    "postfix": (_postfix, {_EMAIL: Table(_MAIL, constants("postfix", "year_inferred"))}),
    "suricata_eve": (_suricata_eve, _EVE),
}  # fmt: skip
