"""What sendmail writes: the regular expressions of its messages.

The two common ones read by far the most lines and are one-pass. What a client wrote (addresses, message ids, arguments
of rulesets) is stepped over as a whole or bounded by what sendmail writes behind it, so that it can't stand for another
column.
"""

from __future__ import annotations

_ID = r"(?:(?P<queue_id>NOQUEUE|[0-9A-Za-z]{8,9}[0-9]{5,8}|[A-Z]{3}[0-9]{5,6}): )"
_Q = _ID + "?"
_A = r'<(?:[^"<>]|"(?:[^"\\]|\\.)*")*>'
_LIST = rf'(?:{_A}|"(?:[^"\\]|\\.)*"|[^"<>, ]|,)+'
_IP = r"\[(?:IPv6:)?(?P<ip>[0-9A-Fa-f.:]+(?:%[0-9A-Za-z]+)?)\]"
_CLIENT = rf"(?:(?P<host>[^ \[\]]+) )? ?{_IP}(?: \(may be forged\))?"
_PLACE = rf"(?:{_CLIENT}|(?P<name>[^ ,\[\]]+))"

DELIVERY = (
    r'^(?P<queue_id>[0-9A-Za-z]+): to=<(?P<mail_to>[^<>"]*)>, (?:ctladdr=[^,]*, )?delay=(?P<delay>[0-9:+]+), '
    r"(?:xdelay=[^,]*, )?(?:mailer=(?P<mailer>[^,]*), )?(?:pri=[0-9]+, )?(?:relay=(?P<relay>[^,]*), )?"
    r"(?:dsn=(?P<dsn>[0-9.]+), )?stat=(?P<stat>.*)$"
)
ARRIVAL = (
    r'^(?P<queue_id>[0-9A-Za-z]+): from=<(?P<mail_from>[^<>"]*)>, size=(?P<size>[0-9]+), class=[0-9-]+, '
    r"nrcpts=[0-9]+, (?:msgid=<(?P<message_id>[^<>]*)>, )?(?:bodytype=[^,]*, )?(?:proto=[^,]*, )?"
    r"(?:daemon=[^,]*, )?relay=(?P<relay>[^,]*)$"
)

RARE: dict[str, str] = {
    "ruleset": _Q + rf"ruleset=(?P<rule>[^,]*), arg1=(?P<arg>{_A}|(?:[^,]|,[^ ])*)(?:, arg2=[^ ,]*)?"
    rf"(?:, relay={_PLACE})?, (?P<verb>reject|discard|quarantine)(?:=(?P<message>.*))?",
    "ruleset_odd": _Q + r"ruleset=(?P<rule>[^,]*), (?P<message>.*)",
    "idle": _Q + rf"(?P<message>{_CLIENT} (?P<verb>did not issue) MAIL/EXPN/VRFY(?:/ETRN)? during connection to .*)",
    "delivery": _ID + rf"to=(?P<mail_to>{_LIST})(?:,? \[more\])?(?:, ctladdr=(?:{_LIST})(?: \([^()]*\))?)?"
    r"(?:, delay=(?P<delay>[0-9:+]+))?(?:, xdelay=[^,]*)?(?:, mailer=(?P<mailer>[^,]*))?(?:, pri=[0-9]+)?"
    r"(?:, relay=(?P<relay>[^,]*))?(?:, dsn=(?P<dsn>[0-9.]+))?(?:, (?:reply|quarantine|tls_verify|ntries)=.*?)?"
    r", stat=(?P<stat>.*)",
    "delivery_cut": _ID + rf"to=(?P<mail_to>{_LIST})(?:, .*)?",
    "arrival": _ID + rf'from=(?P<mail_from>{_A}|[^"<>, ]*), size=(?P<size>[0-9]+), class=[0-9-]+, (?:pri=[0-9]+, )?'
    r"nrcpts=[0-9]+(?:, msgid=(?P<message_id>.*?))??(?:, bodytype=[^,]*)?(?:, proto=[^,]*)?(?:, daemon=[^,]*)?"
    r"(?:, (?:tls_verify|auth|mech)=[^,]*)*, relay=(?P<relay>[^,]*)",
    "arrival_cut": _ID + rf'from=(?P<mail_from>{_A}|[^"<>, ]*)(?:, size=(?P<size>[0-9]+))?(?:, .*)?',
    "login": _Q + rf"AUTH=(?P<end>server|client), relay={_CLIENT}, (?:authid=(?P<user>.*), )?"
    r"mech=(?P<auth_method>[^ ,]+)(?:, bits=[0-9]+)?",
    "auth_failure": _Q + rf"AUTH failure \((?P<auth_method>[^()]*)\): (?P<message>.*?)(?:, user=(?P<user>.*))?"
    rf", relay={_CLIENT}",
    "tls": _Q + rf"STARTTLS=(?P<end>server|client), relay={_PLACE}, (?P<message>version=.*)",
    "tls_other": _Q + rf"(?P<message>STARTTLS=(?P<end>server|client)(?:,|:) .*?(?:, relay={_CLIENT})?)",
    "milter_action": _Q + r"milter=(?P<rule>[^,]*), action=(?P<phase>[^,]*), "
    r"(?P<verb>reject|discard|tempfail|accepted|continue|skip)(?:=(?P<message>.*))?",
    "milter_held": _Q + r"milter=(?P<rule>[^,]*), (?P<verb>quarantine|reject)=(?P<message>.*)",
    "milter_decided": _Q + rf"Milter: (?P<phase>from|to|helo|data)(?:=(?P<arg>{_A}|(?:[^,]|,[^ ])*))?, "
    r"(?P<verb>reject|discard|shutdown|tempfail)(?:=(?P<message>.*))?",
    "milter_connect": _Q + r"Milter: (?P<phase>connect): host=(?P<host>[^ ,]*), addr=(?P<ip>[^ ,]*), "
    r"(?P<verb>rejecting commands|temp failing commands|shutdown)",
    "milter_passed": _Q + r"(?P<message>Milter (?P<verb>accept): .*)",
    "milter": _Q + r"(?P<message>[Mm]ilter(?: \((?P<rule>[^()]*)\)|=(?P<filter>[^,]*),)?:? .*)",
    "pregreeting": _Q + rf"(?P<message>(?P<verb>rejecting commands) from {_CLIENT} due to .*)",
    "asked": _Q + rf"(?P<message>{_CLIENT}: (?P<phase>(?i:EXPN|VRFY)) .*?(?P<verb> \[rejected\])?)",
    "noticed": _Q + rf"(?P<message>{_CLIENT}: (?P<verb>possible SMTP attack|probable open proxy|Possible SMTP RCPT "
    r"flood)(?:: command=(?P<phase>[A-Z]+))?.*)",
    "wrappers": _Q + r"tcpwrappers \((?P<host>[^(), ]*), (?P<ip>[^(), ]*)\) (?P<verb>rejection)",
    "place": _Q + r"(?P<message>(?P<verb>connect|lost input channel|timeout waiting for input|collect: [^<>\[\]]*|"
    rf"ETRN|SMTP [A-Z]+ command \(.*\)) from {_PLACE}(?:[ ,:].*)?)",
    "refused": _ID + rf"(?P<message>(?P<mail_to>{_A})\.\.\. (?P<verb>[^:(]*).*)",
    "returned": _ID + r"(?P<message>[0-9A-Za-z]{8,9}[0-9]{5,8}: (?P<verb>DSN|return to sender|sender notify|"
    r"postmaster notify|return receipt): .*)",
    "clone": _ID + r"(?P<message>(?P<verb>clone): owner=.*|(?P<verb1>done); .*|(?P<verb2>discarded))",
    "error": _Q + r"(?P<message>(?P<verb>SYSERR|Authentication-Warning)(?:\([^()]*\))?: .*)",
    "daemon": r"(?P<message>(?P<verb>starting|stopping|restarting|rejecting connections|accepting connections|"
    r"deferring connections|runqueue|alias database|daemon)\b.*)",
    "other": _Q + r"(?P<message>.*)",
}
"""The others, in this order; the last one reads anything."""

SURELY = (
    "delivery", "delivery_cut", "arrival", "arrival_cut", "ruleset", "idle", "login", "auth_failure", "milter_action",
)  # fmt: skip
"""Messages that tell sendmail by themselves, whatever the program is called that they stand behind."""

WITHOUT_PROGRAM = (
    r"^(?:<[a-z0-9]+\.(?P<level>[a-z]+)> (?P<device>[^ ]+) )?"
    r"(?P<program>[A-Za-z][0-9A-Za-z_.-]*)(?:\[[0-9]+\])?: (?P<rest>.*)$"
)
"""A line whose header the family leaves to the format: `<mail.notice> host` as FreeBSD's syslogd -v writes it, or no
time and host at all."""
