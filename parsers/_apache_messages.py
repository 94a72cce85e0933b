"""Lines of Apache that are not written in the ordinary way, and what its error log says, as regular expressions."""

from __future__ import annotations

_Q = r'(?:[^"\\]|\\.)*'
_TIME = r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d[^\]\[\"]*"
_ERROR_TIME = r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d [\d:.]{8,15} \d{4}|\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}[^\]]{0,6}"
_FILE, _REASON = r"(?:\S+\.c\(\d+\): )?", r"(?:\(\d+\)[^\[\]]{1,80}?: )?"
_LEVELS = "emerg|alert|crit|error|warn|notice|info|debug|trace[1-8]"
_USER = "(?:Digest: )?user"

LINES = {
    "access": rf'(?:"(?P<first>{_Q})" )?(?P<head>{_Q}?) \[(?P<time>{_TIME})\] (?:[^\s"\[\]]+ )?'
    rf'"(?P<request>{_Q})(?:$|(?P<q0>") (?P<status>\d{{3}}|-)(?: (?P<size>\d+|-))?(?: [\d.]+| -)*(?: "(?P<referer>{_Q})(?:$|(?P<q1>")'
    rf'(?: "(?P<agent>{_Q})(?:$|(?P<q2>")(?P<more>.*)))?))?(?P<rest>.*))',
    "ssl": rf'\[(?P<time>{_TIME})\] (?P<client>\S+) (?P<tls>(?:SSL|TLS)v[\d.]+|-) \S+ "(?P<request>{_Q})(?:$|(?P<q0>")'
    r" (?P<size>\d+|-)(?P<more>.*))",
    "error": rf"(?:\[(?P<time>{_ERROR_TIME})\] )?\[(?:(?P<module>[\w.-]*):)?(?P<level>{_LEVELS})\]"
    r"(?P<pid> \[pid \d+(?::tid \d+)?\])?(?: (?P<note>.*))?",
    "startup": r"(?P<note>AH\d{5}: .*)",
}
"""Lines without the syslog header. `q0`, `q1`, `q2`: the closing quotes, missing where a line is cut."""

HEADS = {
    "list": r"(?:(?P<vhost>\S+?)(?::(?P<vport>\d{1,5}))? )?(?P<forwarded_for>(?:[^\s,]+, ?)+[^\s,]+)"
    r"(?: (?P<client>[^\s-]\S*))? \S+ (?P<user>.+)",
    "host": r"(?P<vhost>\S+?)(?::(?P<vport>\d{1,5}))? (?P<client>[^\s-]\S*) \S+ (?P<user>.+)",
    "plain": r"(?P<client>\S+) \S+ (?P<user>.+)",
    "short": r"(?P<client>\S+)(?: \S+)?",
}
"""What stands in front of the time of an access log."""

REQUESTS = {
    "request": r"(?P<method>[A-Za-z][A-Za-z_-]{1,31}) (?P<url>\S.*?) HTTP/\d(?:\.\d)?",
    "without": r"(?P<method>[A-Za-z][A-Za-z_-]{1,31}) (?P<url>(?:/|\*|[A-Za-z][A-Za-z0-9+.-]*://).*)",
}

FORWARDED = r'"((?:unknown|[0-9A-Fa-f:.\[\]%]{2,})(?:, ?(?:unknown|[0-9A-Fa-f:.\[\]%]{2,}))*)"'
"""A quoted list of addresses behind the user agent."""

NOTES = {
    "client": rf"{_FILE}{_REASON}\[(?:client|remote) (?P<client>\[[0-9A-Fa-f:.]+\](?::\d{{1,5}})?|[^\]\s]+)\] "
    rf"(?:\[client [^\]\s]+\] )?{_REASON}(?:(?P<code>AH\d{{5}}): )?(?P<told>.*)",
    "server": rf"{_FILE}{_REASON}(?:(?P<code>AH\d{{5}}): )?(?P<told>.*)",
}

ERRORS = {
    "denied": r"(?P<what>client denied by server configuration): .*",
    "missing": r"(?P<what>File does not exist|script (?:'.*' )?not found or unable to stat)(?::? .*)?",
    "stderr": r"(?P<what>stderr from) .*|(?P<got>Got error) .*",
    "unknown_user": rf"{_USER} [`']?(?P<user>.*?)'?(?: in realm `.*?')? (?P<what>not found)(?:: (?P<url>/.*))?",
    "login": rf'{_USER} (?P<user>.*?): (?P<what>authentication failure|authorization failure) for "(?P<url>[^"]*)":.*',
    "password": rf"{_USER} (?P<user>.*?): (?P<what>password mismatch): (?P<url>/.*)",
    "authorization": r"(?P<what>Authorization) of user (?P<user>.*?) to access (?P<url>\S+) failed, reason: .*",
    "scheme": r"(?P<what>client used wrong authentication scheme): (?P<url>.*)",
    "digest": r"(?:Digest: )?(?P<what>invalid (?:qop|nonce)|realm mismatch|unknown algorithm) .*",
    "access": r"(?P<what>access to) (?P<url>\S+) (?:denied|failed).*",
    "index": r"(?P<what>Cannot serve directory|Directory index forbidden).*",
    "qos": r"mod_qos\(\d+\): (?P<what>access denied).*",
    "firewall": r'ModSecurity: (?P<what>Access denied|Warning).*?(?:\[id "(?P<rule>\d+)"\].*)?',
    "invalid": r"(?P<what>[Ii]nvalid (?:URI|method) in request) (?P<request>.*)",
    "path": r"(?P<what>invalid URI path) \((?P<url>.*)\)",
    "request": r"(?P<what>request failed): .*",
    "name": r"Hostname (?P<sni>\S+) (?P<what>provided via SNI),? .*",
    "backend": r"(?:\S+: )?(?P<what>failed to make connection to backend|error reading status line from remote server"
    r"|Error reading from remote server)[: ].*",
}
"""What a line of the error log says of a request, without AH number and referer."""

REFUSALS = ("unknown_user", "login", "password", "authorization", "scheme", "digest")
"""Messages about who somebody is: a login that failed."""

OPERATIONS = {
    r"resuming normal operations": "start",
    r"^caught SIG(?:TERM|WINCH), shutting down": "stop",
    r"SIG(?:HUP|USR1) received|[Rr]estart requested|^Graceful restart": "restart",
    r"MaxRequestWorkers|MaxClients|scoreboard is full|server seems busy": "performance",
    r"exit signal": "crash",
    r"could not bind to address|no listening sockets|Unable to open logs": "failure",
    r"failed to make connection to backend|attempt to connect to .* failed|disabled connection for": "backend",
    r"certificate": "certificate",
    r"ServerName|^Command line|configured": "configuration",
}
"""What the server says of itself → operation; the rest is called after its module."""
