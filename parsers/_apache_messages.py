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
    rf'"(?P<request>{_Q})(?:$|(?P<q0>") (?P<status>\d{{3}}|-)(?: (?P<size>\d+|-))?(?: [\d.]+| -)*'
    rf'(?: "(?P<referer>{_Q})(?:$|(?P<q1>")(?: "(?P<agent>{_Q})(?:$|(?P<q2>")(?P<more>.*)))?))?(?P<rest>.*))',
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
    "client denied by server configuration": r"client denied by server configuration: .*",
    "File does not exist": r"File does not exist: .*",
    "script not found": r"(?:stderr from \S+: )?script (?:'.*' )?not found or unable to stat.*"
    r"|Got error 'Primary script unknown.*",
    "user not found": rf"{_USER} [`']?(?P<user>.*?)'?(?: in realm `.*?')? not found(?:: (?P<url>/.*))?",
    "authentication failure": rf'{_USER} (?P<user>.*?): authentication failure for "(?P<url>[^"]*)":.*',
    "authorization failure": rf'{_USER} (?P<user>.*?): authorization failure for "(?P<url>[^"]*)":.*',
    "password mismatch": rf"{_USER} (?P<user>.*?): password mismatch: (?P<url>/.*)",
    "authorization failed": r"Authorization of user (?P<user>.*?) to access (?P<url>\S+) failed, reason: .*",
    "wrong authentication scheme": r"client used wrong authentication scheme: (?P<url>.*)",
    "digest refused": r"(?:Digest: )?(?:invalid (?:qop|nonce)|realm mismatch|unknown algorithm) .*",
    "access denied": r"access to (?P<url>\S+) (?:denied|failed).*",
    "directory index forbidden": r"(?:Cannot serve directory|Directory index forbidden).*",
    "mod_qos: access denied": r"mod_qos\(\d+\): access denied.*",
    "ModSecurity: Access denied": r'ModSecurity: Access denied.*?(?:\[id "(?P<rule>\d+)"\].*)?',
    "ModSecurity: Warning": r'ModSecurity: Warning.*?(?:\[id "(?P<rule>\d+)"\].*)?',
    "invalid request": r"[Ii]nvalid (?:URI|method) in request (?P<request>.*)",
    "invalid URI path": r"invalid URI path \((?P<url>.*)\)",
    "request failed": r"request failed: .*",
    "SNI mismatch": r"Hostname (?P<sni>\S+) provided via SNI,? .*",
    "backend failed": r"(?:\S+: )?(?:failed to make connection to backend|error reading status line from remote server"
    r"|Error reading from remote server)[: ].*",
}
"""What the error log says of a request: the action it is called, and the text without AH number and referer."""

LOGINS = (
    "user not found", "authentication failure", "authorization failure", "password mismatch", "authorization failed",
    "wrong authentication scheme", "digest refused",
)  # fmt: skip
"""Actions that refuse somebody for who they are or are not."""

DENIALS = (
    "client denied by server configuration", "access denied", "directory index forbidden", "mod_qos: access denied",
    "ModSecurity: Access denied", *LOGINS,
)  # fmt: skip

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
