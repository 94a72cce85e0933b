"""The mail relay of all bodies: postfix's lines from connect to removed, and what it refuses.

Reference: http://www.postfix.org/ (smtpd(8), cleanup(8), qmgr(8), smtp(8)); RFC 3164 header, whole seconds, no year.
A queue id ties the lines of one message together; lines of several messages are interleaved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from simulator import office
from simulator.fortigate import clock
from simulator.prefecture import Body, dotted, ip

_USERS = (
    "soumu",
    "kikaku",
    "zeimu",
    "jumin",
    "fukushi",
    "kensetsu",
    "sangyo",
    "kyoiku",
    "info",
    "webmaster",
    "saigai",
    "koho",
)
_PARTNERS = (
    "example.com",
    "example.net",
    "example.org",
    "example.co.jp",
    "example.ne.jp",
    "example.or.jp",
    "example.jp",
)
_REJECTS = (
    "554 5.7.1 Service unavailable; Client host [{ip}] blocked using bl.example.org",
    "550 5.1.1 <{to}>: Recipient address rejected: User unknown in relay recipient table",
    "450 4.7.25 Client host rejected: cannot find your hostname, [{ip}]",
    "454 4.7.1 <{away}>: Relay access denied",
    "450 4.1.8 <{frm}>: Sender address rejected: Domain not found",
)
_BASE32 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _queue_id(number: int) -> str:
    return "4" + "".join(_BASE32[number >> s & 31] for s in range(40, 0, -5)) + "z" + _BASE32[number & 31]


def lines(
    bodies: Sequence[Body], day: date, midnight: int, rngs: Sequence[np.random.Generator], rate: float, scale: float
) -> tuple[list[int], list[str]]:
    """The relay's lines of one day, unsorted: when (µs UTC) and what follows the time stamp."""
    times: list[int] = []
    texts: list[str] = []
    open_ = office.is_office_day(day)
    for body, rng in zip(bodies, rngs, strict=True):
        people = sum(body.sizes[:3]) / scale
        n = int(rng.poisson((40 + people * 0.9) * rate * scale * (1 if open_ else 0.2)))
        starts = np.minimum(office.sample(rng, n, "mail" if open_ else "server"), office.DAY - 60_000_000)
        draws = rng.integers(0, 2**40, (n, 3)).tolist()
        for start, (a, b, c) in zip((starts + midnight).tolist(), draws, strict=True):
            (_outgoing if c % 10 < 3 else _incoming)(times, texts, body, start, a, b, c)
        n = int(rng.poisson((60 + people * 0.5) * rate * scale))
        starts = np.minimum(office.sample(rng, n, "server"), office.DAY - 60_000_000)
        draws = rng.integers(0, 2**40, (n, 3)).tolist()
        for start, (a, b, c) in zip((starts + midnight).tolist(), draws, strict=True):
            _refused(times, texts, body, start, a, b, c)
    return times, texts


def _message(
    times: list[int],
    texts: list[str],
    start: int,
    a: int,
    b: int,
    client: str,
    sender: str,
    to: str,
    relay: str,
    mid: str,
) -> None:
    q, pid, size = _queue_id(a), 2000 + a % 900, 1500 + b % 90_000
    delay = 0.2 + b % 400 / 100
    spread = f"{delay * 0.4:.2f}/0.01/{delay * 0.2:.2f}/{delay * 0.4:.2f}"
    end = start + int(delay * 1_000_000)
    end_of_it = f"delays={spread}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {_queue_id(b)})"
    counts = "ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
    for t, text in (
        (start, f"postfix/smtpd[{pid}]: connect from {client}"),
        (start + 80_000, f"postfix/smtpd[{pid}]: {q}: client={client}"),
        (start + 120_000, f"postfix/cleanup[{pid + 7}]: {q}: message-id=<{mid}>"),
        (start + 160_000, f"postfix/qmgr[1187]: {q}: from=<{sender}>, size={size}, nrcpt=1 (queue active)"),
        (start + 190_000, f"postfix/smtpd[{pid}]: disconnect from {client} {counts}"),
        (end, f"postfix/smtp[{pid + 31}]: {q}: to=<{to}>, relay={relay}, delay={delay:.2f}, {end_of_it}"),
        (end + 10_000, f"postfix/qmgr[1187]: {q}: removed"),
    ):  # fmt: skip
        times.append(t)
        texts.append(text)


def _incoming(times: list[int], texts: list[str], body: Body, start: int, a: int, b: int, c: int) -> None:
    domain = _PARTNERS[a % len(_PARTNERS)]
    client = f"mail{a % 9 + 1}.{domain}[{dotted(ip('203.0.113.0') + 128 + a % 60)}]"
    to = f"{_USERS[b % len(_USERS)]}@{body.domain}"
    relay = f"mx.{body.domain}[{dotted(body.egress + 9)}]:25"
    _message(times, texts, start, a, b, client, f"user{c % 4000}@{domain}", to, relay, f"{c:x}.{a % 99991}@{domain}")


def _outgoing(times: list[int], texts: list[str], body: Body, start: int, a: int, b: int, c: int) -> None:
    domain = _PARTNERS[b % len(_PARTNERS)]
    client = f"mx.{body.domain}[{dotted(body.egress + 9)}]"
    sender = f"{_USERS[a % len(_USERS)]}@{body.domain}"
    relay = f"mx1.{domain}[{dotted(ip('203.0.113.0') + 190 + b % 40)}]:25"
    _message(times, texts, start, a, b, client, sender, f"user{c % 4000}@{domain}", relay, f"{c:x}@{body.domain}")


def _refused(times: list[int], texts: list[str], body: Body, start: int, a: int, b: int, c: int) -> None:
    address = dotted(ip("198.19.0.0") + a % 8000)
    name = "unknown" if a % 3 else f"host-{a % 8000}.example.net"
    client, pid = f"{name}[{address}]", 2000 + a % 900
    to, frm = f"{_USERS[b % len(_USERS)]}{b % 50 or ''}@{body.domain}", f"x{c % 9973}@{_PARTNERS[c % len(_PARTNERS)]}"
    said = [f"postfix/smtpd[{pid}]: connect from {client}"]
    kind = b % 10
    if kind == 8:
        said.append(f"postfix/smtpd[{pid}]: lost connection after AUTH from {client}")
        said.append(f"postfix/smtpd[{pid}]: disconnect from {client} ehlo=1 auth=0/1 commands=1/2")
    elif kind == 9:
        said.append(
            f"postfix/smtpd[{pid}]: warning: hostname host-{a % 8000}.example.net does not resolve to address {address}"
        )
        said.append(f"postfix/smtpd[{pid}]: disconnect from {client} ehlo=1 quit=1 commands=2")
    else:
        away = f"user{c % 4000}@{_PARTNERS[a % len(_PARTNERS)]}"
        reason = _REJECTS[kind % len(_REJECTS)].format(ip=address, to=to, away=away, frm=frm)
        rcpt = away if "Relay access" in reason else to
        said.append(
            f"postfix/smtpd[{pid}]: NOQUEUE: reject: RCPT from {client}: {reason}; from=<{frm}> to=<{rcpt}> "
            f"proto=ESMTP helo=<host-{a % 8000}.example.net>"
        )
        said.append(f"postfix/smtpd[{pid}]: disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")
    for i, text in enumerate(said):
        times.append(start + i * 400_000)
        texts.append(text)


def stamped(times: list[int], texts: list[str], day: date, midnight: int) -> list[str]:
    """The lines with their RFC 3164 header."""
    hms, start = clock(), f"{day:%b} {day.day:>2} "
    return [f"{start}{hms[(t - midnight) // 1_000_000]} relay01 {x}" for t, x in zip(times, texts, strict=True)]
