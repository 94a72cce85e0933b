"""Lines of Apache that are not written in the ordinary way, and what its error log says, as regular expressions."""

from __future__ import annotations

_Q = r'(?:[^"\\]|\\.)*'
_CLOCK = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_TIME = rf"[0-9]{{1,2}}/[A-Z][a-z]{{2}}/[0-9]{{4}}:{_CLOCK}[^\]\[\"]*"
_LONG = rf"(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}} [ 0-9][0-9] {_CLOCK}[.0-9]{{0,7}} [0-9]{{4}}"
_ERROR_TIME = rf"{_LONG}|[0-9]{{4}}-[0-9][0-9]-[0-9][0-9][T ]{_CLOCK}[.,0-9]{{0,10}}[^\]]{{0,6}}"
_FILE, _REASON = r"(?:[^ ]+\.c\([0-9]+\): )?", r"(?:\([0-9]+\)[^\[\]]{1,80}?: )?"
_LEVELS = "emerg|alert|crit|error|warn|notice|info|debug|trace[1-8]"
_USER = "(?:Digest: )?user"

_BEFORE = rf'(?:(?:(?P<vhost>[^ ":\[\]]+)(?::(?P<vport>[0-9]{{1,5}}))? )?"(?P<first>{_Q})" )?'
"""A quoted list of forwarded-for addresses, with or without the server's name in front."""

LINES = {
    "access": rf'{_BEFORE}(?P<head>{_Q}?(?: "")?) \[(?P<time>{_TIME})\] (?:[^ "\[\]]+ )?'
    rf'"(?P<request>{_Q})(?:$|(?P<q0>")(?: ?[0-9]{{0,2}}$| (?P<status>[0-9]{{3}}|-)(?: (?P<size>[0-9]+|-))?'
    rf'(?: [0-9.]+| -)*(?: "(?P<referer>{_Q})(?:$|(?P<q1>")'
    rf'(?: "(?P<agent>{_Q})(?:$|(?P<q2>")(?P<more>.*)))?))?(?P<rest>.*)))',
    "ssl": rf"\[(?P<time>{_TIME})\] (?P<client>[^ ]+) (?P<tls>(?:SSL|TLS)v[0-9.]+|-) [^ ]+ "
    rf'"(?P<request>{_Q})(?:$|(?P<q0>") (?P<size>[0-9]+|-)(?P<more>.*))',
    "error": rf"(?:\[(?P<time>{_ERROR_TIME})\] )?\[(?:(?P<module>[A-Za-z0-9_.-]*):)?(?P<level>{_LEVELS})\]"
    r"(?P<pid> \[pid [0-9]+(?::tid [0-9]+)?\])?(?: (?P<note>.*))?",
    "startup": r"(?P<note>AH[0-9]{5}: .*)",
}
"""Lines without the syslog header. `q0`, `q1`, `q2`: the closing quotes, missing where a line is cut."""

HEADS = {
    "list": r"(?:(?P<vhost>[^ ]+?)(?::(?P<vport>[0-9]{1,5}))? )?(?P<forwarded_for>(?:[^ ,]+, ?)+[^ ,]+)"
    r"(?: (?P<client>[^ -][^ ]*))? [^ ]+ (?P<user>.+)",
    "host": r"(?P<vhost>[^ ]+?)(?::(?P<vport>[0-9]{1,5}))? (?P<client>[^ -][^ ]*) [^ ]+ (?P<user>.+)",
    "plain": r"(?P<client>[^ ]+) [^ ]+ (?P<user>.+)",
    "short": r"(?P<client>[^ ]+)(?: [^ ]+)?",
}
"""What stands in front of the time of an access log."""

REQUESTS = {
    "request": r"(?P<method>[A-Za-z][A-Za-z_-]{1,31}) (?P<url>[^ ].*?) HTTP/[0-9](?:\.[0-9])?",
    "without": r"(?P<method>[A-Za-z][A-Za-z_-]{1,31}) (?P<url>(?:/|\*|[A-Za-z][A-Za-z0-9+.-]*://).*)",
}

_HOP = r"(?:unknown|[0-9A-Fa-f:.\[\]%]{2,})"
HOPS = f"{_HOP}(?:, ?{_HOP})*"
"""A list of forwarded-for addresses."""

NOTES = {
    "client": rf"{_FILE}{_REASON}\[(?:client|remote) (?P<client>\[[0-9A-Fa-f:.]+\](?::[0-9]{{1,5}})?|[^\] ]+)\] "
    rf"(?:\[client [^\] ]+\] )?{_REASON}(?:(?P<code>AH[0-9]{{5}}): )?(?P<told>.*)",
    "server": rf"{_FILE}{_REASON}(?:(?P<code>AH[0-9]{{5}}): )?(?P<told>.*)",
}

ERRORS = {
    "client denied by server configuration": r"client denied by server configuration: .*",
    "File does not exist": r"File does not exist: .*",
    "script not found": r"(?:stderr from [^ ]+: )?script (?:'.*' )?not found or unable to stat.*"
    r"|Got error 'Primary script unknown.*",
    "user not found": rf"{_USER} [`']?(?P<user>.*?)'?(?: in realm `.*?')? not found(?:: (?P<url>/.*))?",
    "authentication failure": rf'{_USER} (?P<user>.*?): authentication failure for "(?P<url>[^"]*)":.*',
    "LDAP authentication failure": r"(?:\[[0-9]+\] )?auth_ldap authenticate: user (?P<user>.*?) authentication failed; "
    r"URI (?P<url>[^\[]*?) \[.*\]\[(?:Invalid credentials|No such object|Inappropriate authentication"
    r"|Insufficient access)\]",
    "authorization failure": rf'{_USER} (?P<user>.*?): authorization failure for "(?P<url>[^"]*)":.*',
    "password mismatch": rf"{_USER} (?P<user>.*?): password mismatch: (?P<url>/.*)",
    "authorization failed": r"Authorization of user (?P<user>.*?) to access (?P<url>[^ ]+) failed, reason: .*",
    "wrong authentication scheme": r"client used wrong authentication scheme: (?P<url>.*)",
    "digest refused": r"(?:Digest: )?(?:invalid (?:qop|nonce)|realm mismatch|unknown algorithm) .*",
    "access denied": r"access to (?P<url>[^ ]+) (?:denied|failed).*",
    "method denied": r"client method denied by server configuration: '(?P<method>[^']*)' to .*",
    "symbolic link refused": r"Symbolic link not allowed or link target not accessible: .*",
    "unsafe rewrite": r"Unsafe URL with %3f URL rewritten .*|Rewritten query string contains control characters .*",
    "directory index forbidden": r"(?:Cannot serve directory|Directory index forbidden).*",
    "mod_qos: access denied": r"mod_qos\([0-9]+\): access denied.*",
    "ModSecurity: Access denied": r'ModSecurity: Access denied.*?(?:\[id "(?P<rule>[0-9]+)"\].*)?',
    "ModSecurity: Warning": r'ModSecurity: Warning.*?(?:\[id "(?P<rule>[0-9]+)"\].*)?',
    "invalid request": r"[Ii]nvalid (?:URI|method) in request (?P<request>.*)",
    "no file for it": r"Cannot map (?P<request>.*) to file",
    "invalid URI path": r"invalid URI path \((?P<url>.*)\)",
    "request failed": r"request failed: .*",
    "SNI mismatch": r"Hostname (?P<sni>[^ ]+) provided via SNI,? .*",
    "backend failed": r"(?:[^ ]+: )?(?:failed to make connection to backend"
    r"|error reading status line from remote server|Error reading from remote server)[: ].*",
}
"""What the error log says of a request: the action it is called, and the text without AH number and referer."""

LOGINS = (
    "user not found", "authentication failure", "LDAP authentication failure", "authorization failure",
    "password mismatch", "authorization failed", "wrong authentication scheme", "digest refused",
)  # fmt: skip
"""Actions that refuse somebody for who they are or are not."""

DENIALS = (
    "client denied by server configuration", "access denied", "method denied", "symbolic link refused",
    "unsafe rewrite", "directory index forbidden", "mod_qos: access denied", "ModSecurity: Access denied", *LOGINS,
)  # fmt: skip

OPERATIONS = {
    r"resuming normal operations": "start",
    r"^caught SIG(?:TERM|WINCH), shutting down": "stop",
    r"SIG(?:HUP|USR1) received|[Rr]estart requested|^Graceful restart": "restart",
    r"MaxRequestWorkers|MaxClients|scoreboard is full|server seems busy": "performance",
    r"exit signal": "crash",
    r"^Error writing to |^piped log program .* failed|^unable to start piped log program": "log_loss",
    r"could not bind to address|no listening sockets|Unable to open logs": "failure",
    r"failed to make connection to backend|attempt to connect to .* failed|disabled connection for": "backend",
    r"certificate": "certificate",
    r"ServerName|^Command line|configured": "configuration",
}
"""What the server says of itself → operation; the rest is called after its module."""
