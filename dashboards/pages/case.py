"""案件詳細: what happened on which terminal, why we say so, and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core import time
from core.errors import NotFoundError
from dashboards import caserow, factcard, identification, timeline, wording
from dashboards.frame import surroundings
from dashboards.hostile import RawLine, Shown, shown
from dashboards.reasons import reason
from dashboards.templating import fill
from dashboards.visit import Rendered, Visit, address
from detections import evidence
from detections.sentence import sentence
from store import Store
from store import questions as q

LINES = 100
SAMPLES = {"first": "初回", "firing": "しきい値超過", "last": "最終"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NEXT_STEP = re.compile(r"\n|(?<=。)\s*(?=\d{1,2}[.)、.)](?!\d))")
_STEP_MARK = re.compile(r"^\s*(?:[-*・]|\d{1,2}[.)、.)](?!\d))\s*")
VERDICT_WORDS = ("deny", "denied", "drop", "dropped", "reject", "rejected", "block", "blocked", "TCP_DENIED")
STATUSES = ("new", "evaluating", "in_progress", "incident", "closed")
"""What a person chooses directly; 静観 and 非該当 ask for more, and have forms of their own."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One raw line with its place in the archive."""

    name: str
    place: str
    line: RawLine
    source: Shown


@dataclass(frozen=True, slots=True)
class Day:
    """One alert of the chain."""

    day: str
    level: caserow.Level
    count: str
    when: str
    state: str
    href: str


def marks(alert: q.Alert) -> tuple[str, ...]:
    """Values that made the rule fire, as they may stand in a raw line."""
    found = [*alert.entity]
    for name in ("destinations", "ports", "users"):
        found += evidence.values(alert.facts, name).items
    found += [part for text in evidence.nat(alert.facts).items for part in (text, text.rpartition(":")[0])]
    ports = [v.partition("/")[2] for v in evidence.values(alert.facts, "ports").items]
    words = VERDICT_WORDS if "deny" in evidence.verdicts(alert.facts) else ()
    return tuple(v for v in (*found, *ports, *words) if v and v != "*")


def raw_lines(found: Sequence[q.Line], alert: q.Alert, now: int) -> tuple[Raw, ...]:
    """The lines; samples say what they are samples of."""
    marked = marks(alert)
    words: dict[tuple[int, int], list[str]] = {}
    for sample in alert.facts.get("samples") or ():
        words.setdefault((sample["batch"], sample["line"]), []).append(SAMPLES.get(sample.get("kind", ""), ""))
    made = []
    for line in found:
        word = "・".join(filter(None, words.get((line.batch, line.line), ())))
        when = "" if line.time is None else wording.moment(line.time, now, seconds=True)
        name = f"{word} {when}".strip()
        place = f"原本 {line.batch} ・ {wording.count(line.line)} 行目"
        made.append(Raw(name, place, RawLine(line.raw, line.encoding, marked), shown(line.source)))
    return tuple(made)


def days(alerts: Sequence[q.Alert], case_id: str, now: int) -> tuple[Day, ...]:
    """The chain day by day, where there is more than one."""
    state = {"retracted": "取り下げ", "frozen": "凍結"}
    return tuple(
        Day(
            wording.plain_day(date.fromisoformat(a.day)),
            caserow.level(a.severity),
            wording.count(a.count),
            f"{wording.minute(a.first_seen)}–{wording.minute(a.last_seen)}",
            state.get(a.state, ""),
            address(f"/cases/{case_id}", {"alert": (a.id,)}),
        )
        for a in alerts
    )


def runbook(text: str) -> tuple[str, ...]:
    """The steps of a runbook: one a line, or numbered one after the other."""
    return tuple(_STEP_MARK.sub("", step).strip() for step in _NEXT_STEP.split(text) if step.strip())


def chain(store: Store, visit: Visit, alert: q.Alert, body: str) -> identification.Chain:
    """Who it was. Only an address inside the body is looked up in its registers."""
    if alert.entity_type != "address" or alert.entity == ("*",):
        return identification.other(alert.entity, alert.entity_type, alert.facts)
    seen = evidence.macs(alert.facts)
    known = q.identity(
        store,
        visit.who.tenants,
        tenant=alert.tenant,
        address=alert.entity[0],
        at=alert.last_seen,
        mac=seen[0].address if seen else "",
    )
    return identification.by_address(alert.entity[0], known, alert.facts, body)


def judgements(found: Sequence[q.Judgement], names: Mapping[str, str]) -> list[dict[str, object]]:
    """過去の判断, those of this very entity first."""
    return [
        {
            "when": "この通信元" if j.same_entity else wording.reiwa(time.day_of(j.at)),
            "word": wording.STATUS.get(j.status, j.status)
            + (f": {wording.REASON[j.reason]}" if j.reason in wording.REASON else ""),
            "who": shown(j.actor.split(" (")[0]),
            "detail": shown(" ".join(part for part in (names.get(j.tenant, ""), "・".join(j.entity)) if part)),
            "comment": shown(j.comment),
            "href": f"/cases/{j.case_id}",
        }
        for j in found
    ]


def elsewhere(found: q.Others, known: caserow.Known) -> list[caserow.Row]:
    """Cases of the rule at other bodies that this reader may see."""
    return [caserow.row(case, known) for case in found.seen]


def _a_week_on(now: int) -> str:
    return (time.day_of(now) + timedelta(days=7)).isoformat()


def form(visit: Visit, row: q.CaseRow) -> dict[str, object]:
    """What the forms show: the case as it is, or what was posted where that has to be mended."""

    def posted(name: str, otherwise: str) -> str:
        return (visit.form.get(name) or (otherwise,))[0]

    posted_until = posted("until", "")
    return {
        "version": row.version,
        "status": posted("status", row.status),
        "assignee": shown(posted("assignee", row.assignee)),
        "comment": shown(posted("comment", "")),
        "may_notify": row.notified is None,
        "reason": posted("reason", row.reason),
        "until": posted_until if _DAY.fullmatch(posted_until) else _a_week_on(visit.now),
        "statuses": [(code, wording.STATUS[code]) for code in STATUSES],
        "reasons": list(wording.REASON.items()),
        "open": posted("status", "") if visit.form else "",
    }


def chosen(detail: q.CaseDetail, visit: Visit) -> q.Alert:
    """The alert that is asked for, else the newest. Raises NotFoundError where another case's is asked for."""
    wanted = visit.first("alert") or visit.first("evidence")
    for alert in detail.alerts:
        if alert.id == (wanted or detail.row.alert_id):
            return alert
    if wanted:
        raise NotFoundError(f"no alert {wanted} in {detail.row.id}")
    return detail.alerts[0]


@dataclass(frozen=True, slots=True)
class Lines:
    """Raw lines for the page: samples, or one page of all of them."""

    found: tuple[q.Line, ...]
    said: str
    all_href: str
    samples_href: str
    more_href: str


def lines(store: Store, visit: Visit, alert: q.Alert, case_id: str) -> Lines:
    """Read the lines; the reading is recorded."""
    tenants, actor, place = visit.who.tenants, visit.who.actor, f"/cases/{case_id}"
    everything = address(place, {"evidence": (alert.id,)}) + "#h-raw"
    if not visit.first("evidence"):
        found = q.samples(store, tenants, alert.id, actor=actor)
        return Lines(found, f"代表 {len(found)} 行" if found else "", everything, "", "")
    cursor = visit.first("cursor") or None
    page = q.evidence(store, tenants, alert.id, actor=actor, cursor=cursor, limit=LINES)
    more = address(place, {"evidence": (alert.id,), "cursor": (page.next,)}) + "#h-raw" if page.next else ""
    total = f"全 {wording.count(page.total)} 行" if page.total is not None else ""
    return Lines(page.items, total, "", address(place, {"alert": (alert.id,)}) + "#h-raw", more)


def page(store: Store, visit: Visit) -> Rendered:
    """The page. Raises NotFoundError where the case isn't there, or isn't this reader's."""
    tenants, now, case_id = visit.who.tenants, visit.now, visit.path["case_id"]
    detail = q.case(store, tenants, case_id)
    row = detail.row
    around = surroundings(store, visit, "cases")
    if not detail.alerts:
        # Its alerts went with it into an older case.
        html = fill("joined.html", frame=around.frame, id=row.id, joined=detail.joined_into)
        return Rendered(200, html)
    alert, first = chosen(detail, visit), detail.alerts[-1]
    rule = visit.rules.get(row.rule)
    names = around.names
    sources = {source.id: source for source in q.sources(store, tenants, now=now)}
    known = caserow.Known(names, visit.rules, q.terminal_registers(store, tenants, now=now), now)
    read = lines(store, visit, alert, case_id)
    # The first line's reception is known only where the first alert's samples were read.
    received = min((line.received for line in read.found), default=None) if alert is first and read.all_href else None
    body = names.get(row.tenant, row.tenant)
    title = caserow.title(row.rule, visit.rules)
    said = sentence(rule, alert.entity, alert.entity_type, alert.facts) if rule else title
    others = q.others(store, tenants, case_id)
    before, after = q.neighbours(store, tenants, case_id)
    html = fill(
        "case.html",
        frame=around.frame,
        row=caserow.row(row, known),
        status=row.status,
        body=shown(body),
        sentence=shown(f"{body} {said}"),
        summary=factcard.summary(row, len(detail.alerts), now),
        limit=factcard.limit(rule, alert),
        others=others.bodies,
        joined=detail.joined_into,
        clock=timeline.clock(row, [r for r in detail.revisions if r.alert == first.id], detail.log, received, now),
        revised=row.revised,
        facts=factcard.facts(alert, sources, sum(line.repaired for line in read.found) or None),
        kept=factcard.others(alert.facts),
        revision=f"第{alert.revision}版 ・ {wording.moment(alert.revised, now, seconds=True)}",
        alert_day=wording.plain_day(date.fromisoformat(alert.day)),
        days=days(detail.alerts, case_id, now) if len(detail.alerts) > 1 else (),
        reason=reason(rule, alert.facts, alert.fingerprint) if rule else None,
        chain=chain(store, visit, alert, body),
        raw=raw_lines(read.found, alert, now),
        lines=read,
        versions=timeline.versions([r for r in detail.revisions if r.alert == alert.id], now),
        acts=timeline.acts(detail.log, now),
        form=form(visit, row),
        may=visit.who.may_triage,
        whole=visit.who.whole,
        me=shown(visit.who.name),
        contact=shown(next((b.contact for b in around.bodies if b.code == row.tenant), "")),
        action=rule.action_ja if rule else "",
        runbook=runbook(rule.runbook_ja) if rule else (),
        elsewhere=elsewhere(others, known),
        past=judgements(q.past(store, tenants, case_id, now=now), names),
        previous=f"/cases/{before}" if before else "",
        following=f"/cases/{after}" if after else "",
    )
    return Rendered(409 if visit.problem else 200, html)
