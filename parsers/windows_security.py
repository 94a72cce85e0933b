"""Windows security log: logons, tickets, accounts, groups, policies, as JSON of Winlogbeat or NXLog, or as XML.

Reference: Microsoft Learn, "Audit events" (4608 to 5159 and 1102; fields, logon types, failure codes), Winlogbeat 8
"Exported fields" (winlog.*), NXLog "im_msvistalog", and the schema of rendered events
(schemas.microsoft.com/win/2004/08/events/event), Snare "Windows Event Output Format"; read 2026-11-20.
Read: one JSON object a line; an XML event on one line or on several; Snare's values between tabs (who and where only
from an English text); each behind a syslog header too.
Not read: EVTX files and CEF; of the rendered text only the first sentence (`message`), in the server's language.
Events of other channels are kept as `system`.

src is where the user came from, by address or, where the event has only that, by the workstation's name. `user` is who
logged on; in events about accounts it is who did it, and the account or group is `object`; for explicit credentials
(4648) and members of groups the other one is `target` or `new`. `service` is the logon type, or the service a ticket is
for; 4672 gives `auth_role` administrator.
Verdict and outcome: a logon, a ticket or a validation that succeeded allows, a failed one denies, with `reason` in
words; logging off, special privileges, explicit credentials and
Kerberos asking for pre-authentication (0x19) say neither. Of the Filtering Platform (5152 to 5159)
the id tells, and of the Network Policy Server (6272 to 6278): there dst is the access server (NAS), src the station
that called, `rule` the network policy, and a discarded or quarantined request is neither.
XML is read record by record, as JSON is line by line. Time: TimeCreated or @timestamp in UTC; NXLog's EventTime without
offset in the source's zone.
"""

from __future__ import annotations

import html
import re

import polars as pl

from parsers import _windows_events as events
from parsers import _windows_snare as snare
from parsers._format import Context, Format
from parsers._json import json_lines
from parsers._lines import Lines, written_out
from parsers._views import no_values, strings

_HEAD = {
    "id": ("winlog.event_id", "EventID", "event_id", "event.code"),
    "time": ("@timestamp", "EventTime", "TimeCreated"),
    "computer": ("winlog.computer_name", "Hostname", "Computer", "host.name"),
    "channel": ("winlog.channel", "Channel"),
    "provider": ("winlog.provider_name", "SourceName", "ProviderName"),
    "record": ("winlog.record_id", "RecordNumber", "EventRecordID"),
    "level": ("log.level", "Severity"),
    "keywords": ("winlog.keywords", "EventType", "Keywords"),
    "said": ("message", "Message"),
}
_NAMES = (*_HEAD, *events.DATA)
_PATHS = {
    **_HEAD, **{name: (f"winlog.event_data.{name}", f"winlog.user_data.{name}", name) for name in events.DATA},
}  # fmt: skip
_objects = json_lines(*dict.fromkeys(path for paths in _PATHS.values() for path in paths))

_BEGIN = re.compile(r"\s*<Event[ >]")
_ELEMENT = re.compile(r"<([A-Za-z]+)(?: [^<>]*)?>([^<]*)</\1>")
_DATUM = re.compile(r"<Data Name=[\"']([^\"'<>]+)[\"']>([^<]*)</Data>")
_ATTRIBUTES = {
    "time": re.compile(r"<TimeCreated SystemTime=[\"']([^\"']+)"),
    "provider": re.compile(r"<Provider Name=[\"']([^\"']+)"),
}
_ELEMENTS = {"EventID": "id", "Computer": "computer", "Channel": "channel", "EventRecordID": "record",
             "Level": "level", "Keywords": "keywords", "Message": "said"}  # fmt: skip
_FIRST = r"^((?:[^\\]|\\[^x]|\\x[^0])*)"
"""The first line of a text; its line end is written out as `\\x0a` or `\\x0d`."""


def _shape(lines: Lines) -> pl.DataFrame:
    """The members of each event, whichever form it has; and `_part`, why a line is no event of its own."""
    found = _objects(lines)
    made = found.select(
        *(pl.coalesce(paths).alias(name) for name, paths in _PATHS.items()), pl.col("_json"), pl.col("_cut")
    )
    part = no_values(len(lines)).alias("_part")
    if found["_json"].all():
        return made.with_columns(part)
    rows = (~found["_json"]).arg_true()
    texts = strings(lines.text, lines.body, lines.end).gather(rows).to_list()
    headed = (lines.body > lines.start)[rows.to_numpy()].tolist()
    records, parts, cut = _records(rows.to_list(), texts, headed)
    if records:
        places = pl.Series(list(records))
        columns = {name: pl.Series([one.get(name) for one in records.values()], dtype=pl.String) for name in _NAMES}
        made = made.with_columns(made[name].clone().scatter(places, values) for name, values in columns.items())
        made = made.with_columns(made["_cut"].clone().scatter(places, pl.Series(cut)))
    if parts:
        part = part.scatter(pl.Series(list(parts)), pl.Series(list(parts.values())))
    return made.with_columns(part)


def _records(
    rows: list[int], texts: list[str], headed: list[bool]
) -> tuple[dict[int, dict[str, str]], dict[int, str], list[bool]]:
    """XML events by the row of their first line, the lines that belong to one, and which events have no end.

    A line with a header of its own (`headed`) goes on with nothing.
    """
    records: dict[int, dict[str, str]] = {}
    parts: dict[int, str] = {}
    cut: list[bool] = []
    begun: list[str] = []
    first = -1

    def end(*, early: bool) -> None:
        nonlocal begun, first
        if begun:
            records[first] = _read("\n".join(begun))
            cut.append(early)
        begun, first = [], -1

    last = -1
    for row, text, alone in zip(rows, texts, headed, strict=True):
        if (told := snare.read(text)) is not None:
            end(early=True)
            records[row] = {name: written_out(value) for name, value in told.items()}
            cut.append(False)
        elif _BEGIN.match(text):
            end(early=True)
            begun, first = [text], row
        elif begun and row == last + 1 and not alone:
            begun.append(text)
            if text.strip():
                parts[row] = f"part of line {first + 1}"
        else:
            end(early=True)
        last = row
        if begun and "</Event>" in text:
            end(early=False)
    end(early=True)
    return records, parts, cut


def _read(text: str) -> dict[str, str]:
    """The members of an XML event; the first one counts."""
    system, _, data = text.partition("</System>")
    found: dict[str, str] = {}
    for name, pattern in _ATTRIBUTES.items():
        if (got := pattern.search(system)) is not None:
            found[name] = got[1]
    for name, value in _ELEMENT.findall(system):
        if name in _ELEMENTS:
            found.setdefault(_ELEMENTS[name], value)
    for name, value in _DATUM.findall(data):
        found.setdefault(name, value)
    for name, value in _ELEMENT.findall(data):
        key = _ELEMENTS.get(name, name)
        if key == "said" or key in events.DATA:
            found.setdefault(key, value)
    return {name: written_out(html.unescape(value)) for name, value in found.items()}


def _columns(df: pl.DataFrame, context: Context) -> pl.DataFrame:
    df = df.with_columns(pl.when(~pl.col(name).is_in(["-", "", "NULL"])).then(name).alias(name) for name in events.DATA)
    code, part = pl.col("id"), pl.col("_part")
    known = code.str.contains("^[0-9]{1,5}$") & pl.coalesce("channel", "provider").is_not_null()
    known = known.fill_null(value=False)
    security = (pl.col("channel") == "Security") | pl.col("provider").str.starts_with("Microsoft-Windows-Security")
    login = code.is_in(list(events.LOGINS)) & security
    flow = code.is_in(list(events.FLOWS)) & security
    kind = pl.when(login).then(pl.lit("authentication")).when(flow).then(pl.lit("network")).otherwise(pl.lit("system"))
    title = pl.col("text").str.contains(r"^\s*(?:<\?xml|</?Events?\b)")
    return df.select(
        pl.when(known).then(kind).alias("class"),
        pl.coalesce(part, pl.when(~known & title).then(pl.lit("heading"))).alias("skipped"),
        pl.when(~known).then(pl.lit("no event of Windows: EventID, or channel and provider are missing"))
        .alias("refused"),
        (security | pl.col("provider").str.contains("(?i)eventlog$")).fill_null(value=False).alias("own"),
        pl.col("_cut").alias("cut"), pl.col("time"), pl.col("computer").alias("device"),
        pl.col("level").alias("severity"), code.alias("event_code"),
        *_who(login, flow), *_ended(login, flow), *_flow(flow), *_told(login),
    )  # fmt: skip


def _who(login: pl.Expr, flow: pl.Expr) -> list[pl.Expr]:
    """Who did it, from where, and to whom."""
    code = pl.col("id")
    policy = login & code.is_in(events.NETWORK_POLICY)
    subject = code.is_in(["4648", "4672", *events.NETWORK_POLICY]) | ~login.fill_null(value=False)
    user = pl.when(subject).then("SubjectUserName").otherwise(pl.coalesce("TargetUserName", "AccountName"))
    domain = pl.when(subject).then("SubjectDomainName").otherwise(pl.coalesce("TargetDomainName", "AccountDomain"))
    locked = pl.when(code == "4740").then("TargetDomainName")  # the computer from which it came
    address = pl.coalesce("IpAddress", "ClientAddress")
    target = pl.concat_str("TargetUserName", "TargetServerName", separator=" ", ignore_nulls=True).replace("", None)
    account = pl.coalesce("OldTargetUserName", "TargetUserName", "SamAccountName")
    thing = pl.coalesce("ShareName", "ObjectName", "ServiceName", "TaskName", "NewProcessName")
    station = pl.col("CallingStationID")
    by_mac = station.str.contains(r"^(?:[0-9A-Fa-f]{2}[-:.]?){5}[0-9A-Fa-f]{2}$")
    client = pl.col("ClientName")  # of the Network Policy Server: the access server
    called = station.str.contains(r"^[0-9A-Fa-f.:]+$") & ~by_mac
    return [
        user.alias("user"), domain.alias("user_domain"),
        pl.when(flow).then("SourceAddress").when(policy & called).then(station).when(address != "LOCAL").then(address)
        .alias("src_ip"),
        pl.when(policy & by_mac).then(station).alias("src_mac"),
        pl.when(policy).then(client).alias("dst_host"), pl.when(policy).then("NetworkPolicyName").alias("rule"),
        pl.when(flow).then("SourcePort").when(pl.col("IpPort") != "0").then("IpPort").alias("src_port"),
        pl.coalesce("WorkstationName", "Workstation", pl.when(~policy).then(client), locked)
        .str.strip_prefix("\\\\").alias("src_host"),
        pl.coalesce("TargetLogonId", "SubjectLogonId", "AccountSessionIdentifier").alias("session_id"),
        pl.when(code == "4648").then(target).alias("target"),
        pl.when(~login).then(pl.coalesce(account, thing)).alias("object"),
        pl.when(~login).then(pl.coalesce("NewTargetUserName", "MemberName", "MemberSid", "NewTime")).alias("new"),
        pl.when(~login).then(pl.coalesce("OldTargetUserName", "PreviousTime")).alias("old"),
    ]  # fmt: skip


def _ended(login: pl.Expr, flow: pl.Expr) -> list[pl.Expr]:
    """How it ended, and why."""
    code = pl.col("id")
    nought = pl.col("Status").str.to_lowercase().str.contains("^0x0+$")
    ticket = code.is_in(events.TICKETS)
    good = login & (code.is_in(events.SUCCEEDED) | (ticket & nought))
    asks = pl.col("Status").str.to_lowercase().eq_missing("0x19")  # the first step of every Kerberos logon
    bad = login & (code.is_in(events.FAILED) | (ticket & ~nought)) & ~asks
    by_id = pl.when(flow).then(code.replace_strict(events.FLOWS, default=None))
    detail = pl.when(~pl.col("SubStatus").str.contains("(?i)^0x0+$")).then("SubStatus")
    status = pl.coalesce(detail, "Status")
    words = status.str.to_lowercase().replace_strict(events.REASONS, default=None, return_dtype=pl.String)
    told = pl.coalesce(
        pl.concat_str(status, words, separator=" ", ignore_nulls=True).replace("", None),
        pl.concat_str("ReasonCode", "Reason", separator=" ", ignore_nulls=True).replace("", None),
    )
    unasked = login & code.is_in(["6274", "6276"])
    failed = pl.col("keywords").str.contains("(?i)failure|失敗|0x80[19]0")
    passed = pl.col("keywords").str.contains("(?i)success|成功|0x80[2a]0")
    return [
        pl.when(good).then(pl.lit("allow")).when(bad).then(pl.lit("deny")).otherwise(by_id).alias("verdict"),
        pl.when(good).then(pl.lit("success")).when(bad).then(pl.lit("failure")).alias("outcome"),
        pl.when(bad | unasked).then(told).alias("reason"),
        pl.when(~login).then(pl.when(failed).then(pl.lit("failure")).when(passed).then(pl.lit("success")))
        .alias("result"),
    ]  # fmt: skip


def _flow(flow: pl.Expr) -> list[pl.Expr]:
    """Where a connection went that the Filtering Platform judged; of the Network Policy Server the access server."""
    server = pl.coalesce("NASIPv4Address", "NASIPv6Address", "ClientIPAddress")
    inbound = pl.col("Direction").str.contains("14592|(?i)inbound|着信|受信")
    return [
        pl.when(flow).then("DestAddress").otherwise(server).alias("dst_ip"),
        pl.when(flow).then("DestPort").alias("dst_port"),
        pl.when(flow).then("Protocol").alias("protocol"), pl.when(flow).then("Application").alias("app"),
        pl.when(flow & inbound).then(pl.lit("inbound")).when(flow & ~inbound).then(pl.lit("outbound"))
        .alias("direction"),
        pl.when(flow & inbound).then(pl.lit("local_in")).when(flow & ~inbound).then(pl.lit("local_out")).alias("path"),
    ]  # fmt: skip


def _told(login: pl.Expr) -> list[pl.Expr]:
    code = pl.col("id")
    method = pl.coalesce("LmPackageName", "AuthenticationPackageName", "PackageName", "EAPType", "AuthenticationType")
    privileges = pl.when(code == "4672").then(pl.col("PrivilegeList").str.replace_all(r"(?:\\x0[ad]|\s)+", " "))
    said = pl.col("said").str.extract(_FIRST)
    more = pl.coalesce("CommandLine", "ServiceFileName", "RelativeTargetName", "AuditPolicyChanges", privileges)
    return [
        code.replace_strict(events.LOGINS, default=None).alias("action"),
        pl.when(login).then(pl.coalesce("ServiceName", pl.col("LogonType").replace(events.LOGON_TYPES)))
        .alias("service"),
        pl.when(code.is_in(events.KERBEROS)).then(pl.lit("Kerberos")).otherwise(method.str.strip_chars())
        .alias("auth_method"),
        pl.when(login & (code == "4672")).then(pl.lit("administrator")).alias("auth_role"),
        pl.when(~login).then(code.replace_strict(events.OPERATIONS, default="event")).alias("operation"),
        pl.coalesce(more, said).alias("message"),
    ]  # fmt: skip


FORMAT = Format(
    name="windows_security",
    title="Windows security log",
    reference="https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/security-auditing-overview",
    shape=_shape,
    columns=_columns,
    record=rf"^(?:[ \t]*<(?:Event[ >]|[0-9])|\{{|[A-Z][a-z]{{2}} [ 0-9][0-9] |{snare.BEGIN})",
)
