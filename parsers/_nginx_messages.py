"""What nginx's error log says, as regular expressions."""

from __future__ import annotations

_STAMP = "[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_LEVELS = "debug|info|notice|warn|error|crit|alert|emerg"

LINE = (
    rf"(?:(?:[^ ]+ )?nginx(?:\[[0-9]+\])?: ){{0,2}}(?P<time>{_STAMP}) \[(?P<level>{_LEVELS})\] (?P<pid>[0-9]+)#[0-9]+:"
    r"(?: \*(?P<connection>[0-9]+))? (?P<note>.*)"
)
"""A line of the error log; nginx's name may stand before it without a time, where another program passes it on."""

_NAMED = r"(?:(?:[^ ]+ )?nginx(?:\[[0-9]+\])?: )?nginx: "
TERMINAL = {
    "terminal": rf"{_NAMED}\[(?P<level>{_LEVELS})\] (?P<note>.*)",
    "checked": rf"{_NAMED}(?P<note>(?:the )?configuration file .*)",
}
"""What nginx says where it has no log yet; the journal keeps it."""

_BEHIND = (
    r", client: (?P<client>[^, ]+)(?:, server: (?P<server>[^,]*))?"
    r'(?:, login: "(?P<login>[^"]*)")?(?:, request: "(?P<request>[^"]*)")?(?:, subrequest: "[^"]*")?'
    r'(?:, upstream: "?(?P<upstream>[^"]*?)"?)?(?:, bytes from/to client:(?P<out>[0-9]+)/(?P<in>[0-9]+))?'
    r'(?:, bytes from/to upstream:[0-9]+/[0-9]+)?(?:, host: "(?P<host>[^"]*)")?(?:, referrer: "(?P<referer>.*)")?'
)
FIRST, LAST = rf"(?P<told>.*?){_BEHIND}", rf"(?P<told>.*){_BEHIND}"
"""A message and for whom it was written, by the first place where that may begin and by the last."""
MODSECURITY = r"(?:\[client [^\]]*\] )?ModSecurity(?:-nginx|:) "
"""What begins a message of a module that is a format of its own."""

ERRORS = {
    "log lost": r"write\(\) to \".*\" (?:failed|was incomplete).*|send\(\) .*failed.* while logging .*",
    "not found": r".* (?:failed|is not found) \(2: No such file or directory\)",
    "limiting requests": r"limiting requests, excess: [0-9.]+,? by zone \"(?P<rule>[^\"]*)\"",
    "delaying request": r"delaying request, excess: [0-9.]+,? by zone \"(?P<rule>[^\"]*)\"",
    "limiting connections": r"limiting connections by zone \"(?P<rule>[^\"]*)\"",
    "limiting, dry run": r"(?:limiting (?:requests|connections)|delaying request), dry run.*",
    "access forbidden by rule": r"access forbidden by rule",
    "directory index forbidden": r'directory index of ".*" is forbidden',
    "permission denied": r".* failed \(13: Permission denied\)",
    "user not found": r'user "(?P<user>.*)" was not found in ".*"',
    "password mismatch": r'user "(?P<user>.*)": password mismatch',
    "PAM refused": r"PAM: user '(?P<user>.*)' - .*",
    "no user or password": r"no user/password was provided for basic authentication",
    "auth request refused": r"auth request unexpected status: [0-9]+.*",
    "client certificate refused": r"client SSL certificate verify error: .*|client sent no required SSL certificate.*",
    "script said": r"FastCGI sent in stderr: .*",
    "response buffered": r"an upstream response is buffered to a temporary file .*",
    "client closed": r".*client prematurely closed connection.*|client closed.*",
    "upstream failed": r".*(?:while (?:connecting to upstream|reading (?:response header from )?upstream"
    r"|SSL handshaking to upstream|sending request to upstream|reading upstream)|no live upstreams.*|upstream .*).*",
    "TLS handshake failed": r"SSL_(?:do_handshake|read|write)\(\) failed .*|peer closed connection in SSL handshake.*",
    "ModSecurity: Access denied": r'.*ModSecurity: Access denied.*?(?:\[id "(?P<rule>[0-9]+)"\].*)?',
    "ModSecurity: Warning": r'.*ModSecurity: Warning.*?(?:\[id "(?P<rule>[0-9]+)"\].*)?',
    "body too large": r"client intended to send too large (?:chunked )?body.*",
    "invalid request": r"client sent (?:invalid|too (?:long|large)|plain HTTP request|duplicate|HTTP/1\.1 request).*",
    "connection lost": r".*(?:Connection reset by peer|Broken pipe).*",
}
"""What the error log says of a client: the action it is called, and the text in front of the client."""

LOGINS = ("user not found", "password mismatch", "PAM refused", "no user or password", "client certificate refused")
"""Actions that refuse somebody for who they are or are not."""
DENIALS = (
    "limiting requests", "limiting connections", "access forbidden by rule", "directory index forbidden",
    "permission denied", "ModSecurity: Access denied", *LOGINS,
)  # fmt: skip
OPERATIONS = {
    r"^signal process started|^start(?:ing)? (?:worker|cache)|^nginx/[0-9]|^using the ": "start",
    r"^reconfiguring|^signal 1 ": "restart",
    r"^(?:exit|exiting|gracefully shutting down|shutting down)|^signal .*, (?:exiting|shutting down)$": "stop",
    r"exited on signal|exited with fatal code": "crash",
    r"bind\(\) to|still could not bind|no \"ssl_certificate\"|unknown directive": "failure",
    r"worker_connections are not enough|too many open files": "performance",
    r"certificate|OCSP|stapling": "certificate",
    r"reopening logs": "log_rotation",
    r"conflicting server name|duplicate|directive is deprecated|^(?:the )?configuration file": "configuration",
    r"upstream server temporarily disabled|no live upstreams": "backend",
}
"""What the server says of itself → operation."""
