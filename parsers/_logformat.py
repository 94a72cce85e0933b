r"""Format strings of web servers and proxies, compiled to one regular expression each.

    nginx   log_format   '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'
    Apache  LogFormat    "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""
    Squid   logformat    %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt

The text between directives must stand in the line as it is. A directive whose value no column holds is stepped over. A
value ends where the text behind its directive begins: in quotes at the closing one, else at the next such character, so
that a value which holds it makes the line unreadable instead of moving another field.

References: nginx, ngx_http_log_module and the index of variables; httpd 2.4, mod_log_config; Squid 6, logformat; read
2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from parsers._apache_messages import HOPS

_CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_COMMON = rf"[0-9]{{2}}/[A-Z][a-z]{{2}}/[0-9]{{4}}:{_CLOCK} [+-][0-9]{{4}}"
_ISO = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}[^ \"\]]*"
_KINDS = {
    "number": "-|[0-9]+",
    "decimal": "-|[0-9]+(?:[.][0-9]+)?",
    "status": "-|[0-9]{1,3}",
    "common": _COMMON,
    "bracketed": _COMMON,
    "iso": _ISO,
    "epoch": "[0-9]{9,10}(?:[.][0-9]+)?",
    "digits": "[0-9]{9,16}",
    "zone": "[+-][0-9]{4}",
    "host": r"[A-Za-z0-9._:%\[\]-]*",
    "address": r"[0-9A-Za-z._:%\[\]-]+",
    "query": r"(?:\?[^ \"]*)?",
}
"""What a value looks like whatever stands behind it. Else `text` holds no blank, `free` may, `list` is of addresses."""

_Found = tuple[str, str]
"""Name of the value (empty: nobody asked for it) and its kind."""

NGINX: Mapping[str, _Found] = {
    "remote_addr": ("client", "address"), "realip_remote_addr": ("peer", "address"), "remote_port": ("port", "number"),
    "remote_user": ("user", "free"), "time_local": ("time", "common"), "time_iso8601": ("time", "iso"),
    "msec": ("time", "epoch"), "request": ("request", "free"), "request_method": ("method", "text"),
    "request_uri": ("url", "text"), "uri": ("path", "free"), "document_uri": ("path", "free"),
    "args": ("query", "text"), "query_string": ("query", "text"), "status": ("status", "status"),
    "body_bytes_sent": ("size", "number"), "bytes_sent": ("sent", "number"), "request_length": ("received", "number"),
    "request_time": ("seconds", "decimal"), "http_referer": ("referer", "free"), "http_user_agent": ("agent", "free"),
    "http_x_forwarded_for": ("forwarded_for", "list"), "proxy_add_x_forwarded_for": ("forwarded_for", "list"),
    "host": ("host", "host"), "http_host": ("host", "host"), "server_name": ("vhost", "text"),
    "server_addr": ("server", "address"), "server_port": ("vport", "number"), "scheme": ("scheme", "text"),
    "ssl_protocol": ("tls", "text"), "ssl_server_name": ("sni", "text"), "upstream_addr": ("upstream", "free"),
    "upstream_cache_status": ("cache", "text"), "sent_http_content_type": ("mime", "free"),
    "request_id": ("session", "text"), "hostname": ("device", "text"), "server_protocol": ("", "text"),
    "upstream_status": ("", "free"), "upstream_response_time": ("", "free"), "upstream_response_length": ("", "free"),
    "upstream_connect_time": ("", "free"), "upstream_header_time": ("", "free"), "http_cookie": ("", "free"),
}  # fmt: skip
"""Variable → value."""

_APACHE: Mapping[str, _Found] = {
    "h": ("client", "address"), "a": ("client", "address"), "l": ("", "text"), "u": ("user", "free"),
    "t": ("time", "bracketed"), "r": ("request", "free"), "s": ("status", "status"), "b": ("size", "number"),
    "B": ("size", "number"), "O": ("sent", "number"), "S": ("", "number"), "I": ("received", "number"),
    "D": ("us", "number"), "T": ("seconds", "decimal"), "v": ("vhost", "text"), "V": ("vhost", "text"),
    "p": ("vport", "number"), "A": ("server", "address"), "m": ("method", "text"), "U": ("path", "free"),
    "q": ("query", "query"), "H": ("", "text"), "L": ("session", "text"),
}  # fmt: skip
_APACHE_NAMED: Mapping[tuple[str, str], _Found] = {
    ("i", "referer"): ("referer", "free"), ("i", "user-agent"): ("agent", "free"), ("i", "host"): ("host", "host"),
    ("i", "x-forwarded-for"): ("forwarded_for", "list"), ("o", "content-type"): ("mime", "free"),
    ("x", "ssl_protocol"): ("tls", "text"), ("x", "ssl_tls_sni"): ("sni", "text"), ("c", "h"): ("client", "address"),
    ("e", "unique_id"): ("session", "text"), ("a", "c"): ("peer", "address"), ("p", "remote"): ("port", "number"),
    ("p", "local"): ("vport", "number"), ("p", "canonical"): ("vport", "number"), ("T", "ms"): ("ms", "number"),
    ("T", "us"): ("us", "number"), ("T", "s"): ("seconds", "decimal"), ("t", "sec"): ("time", "digits"),
    ("t", "msec"): ("time", "digits"), ("t", "usec"): ("time", "digits"), ("t", "%z"): ("zone", "zone"),
    ("t", "msec_frac"): ("", "number"), ("t", "usec_frac"): ("", "number"),
}  # fmt: skip
"""Letter and name in braces → value."""
_STRFTIME = {
    "Y": "[0-9]{4}", "m": "[0-9]{2}", "d": "[0-9]{2}", "e": "[ 0-9][0-9]", "H": "[0-9]{2}", "M": "[0-9]{2}",
    "S": "[0-9]{2}", "b": "[A-Za-z]{3}", "a": "[A-Za-z]{3}", "z": "[+-][0-9]{4}", "Z": "[A-Za-z]+", "f": "[0-9]+",
    "T": _CLOCK, "F": "[0-9]{4}-[0-9]{2}-[0-9]{2}", "%": "%",
}  # fmt: skip

_SQUID: Mapping[str, _Found] = {
    "epoch": ("time", "epoch"), "ts": ("time", "epoch"), "tu": ("", "number"), "tl": ("time", "common"),
    "tg": ("time", "common"), "tr": ("elapsed", "number"), "dt": ("", "number"), ">a": ("client", "address"),
    ">A": ("client", "address"), "Ss": ("result", "text"), "Hs": ("status", "status"), ">Hs": ("status", "status"),
    "<st": ("size", "number"), "rm": ("method", "text"), ">rm": ("method", "text"), "ru": ("url", "text"),
    ">ru": ("url", "text"), "un": ("user", "text"), "ul": ("user", "text"), "Sh": ("way", "text"),
    "<a": ("peer", "address"), "<A": ("peer", "address"), "mt": ("mime", "text"), "{referer}>h": ("referer", "free"),
    "{user-agent}>h": ("agent", "free"), "st": ("", "number"), ">st": ("", "number"), "rv": ("", "text"),
}  # fmt: skip
"""Code → value; those that have none are text, and a header in braces may hold blanks."""


class LogFormatError(ValueError):
    """A format string that can't be read; the message says where."""


_NGINX_VARIABLE = r"\$(?:[A-Za-z0-9_]+|\{[A-Za-z0-9_]+\})"
_APACHE_DIRECTIVE = r"%[!0-9,]*[<>]?(?:\{[^}]*\})?(?:\^[A-Za-z]{2}|[A-Za-z])"
_SQUID_CODE = (
    r"%[\"\[#'/]?-?[0-9]*(?:\{[^}]*\})?"
    r"(?:epoch|(?:ssl|adapt|icap|transport|proxy_protocol)::[<>]?[a-z_]+|[<>]?[A-Za-z]{1,3})(?:\{[^}]*\})?"
)


@lru_cache(64)
def nginx_pattern(text: str) -> str:
    """The expression for a `log_format` of nginx, its quoted pieces or the bare text; LogFormatError."""
    pieces = _pieces(_unquoted(text), _NGINX_VARIABLE, "$")
    return _joined(pieces, lambda piece: nginx_value(piece.strip("${}")))


def nginx_value(variable: str) -> _Found:
    """What a variable of nginx holds."""
    return NGINX.get(variable, ("", "free" if variable.startswith(("http_", "upstream_")) else "text"))


@lru_cache(64)
def apache_pattern(text: str) -> str:
    """The expression for a `LogFormat` of Apache; LogFormatError."""
    return _joined(_pieces(_unquoted(text).replace("\\t", "\t"), _APACHE_DIRECTIVE, "%"), _apache_value)


@lru_cache(64)
def squid_pattern(text: str) -> str:
    """The expression for a `logformat` of Squid; LogFormatError."""
    return _joined(_pieces(_unquoted(text).replace("%ts.%03tu", "%epoch"), _SQUID_CODE, "%"), _squid_value)


def _pieces(text: str, directive: str, sign: str) -> list[str]:
    """Text, directive, text, directive … text; a doubled sign is one that stands in the text."""
    mark = re.escape(sign)
    pieces, at = [""], 0
    for got in re.finditer(f"{mark}{mark}|{directive}|{mark}", text):
        pieces[-1] += text[at : got.start()]
        if got[0] == sign:
            raise LogFormatError(f"log format, character {got.start() + 1}: a {sign} that begins no directive")
        if got[0] == sign * 2:
            pieces[-1] += sign
        else:
            pieces += [got[0], ""]
        at = got.end()
    pieces[-1] += text[at:]
    if len(pieces) == 1:
        raise LogFormatError("log format: no directive in it")
    return pieces


def _apache_value(piece: str) -> _Found:
    name = re.search(r"\{([^}]*)\}", piece)
    letter = piece[-1]
    if name is None:
        return _APACHE.get(letter, ("", "text"))
    inner = name[1].removeprefix("begin:").removeprefix("end:")
    if (letter, inner.lower()) in _APACHE_NAMED:
        return _APACHE_NAMED[letter, inner.lower()]
    if letter == "t":
        return "time", "=" + re.sub(
            r"%(.)|([^%])", lambda got: _STRFTIME.get(got[1], ".+?") if got[1] else re.escape(got[2]), inner
        )
    return "", "free"


def _squid_value(piece: str) -> _Found:
    got = re.fullmatch(r"%[\"\[#'/]?(-?)([0-9]*)(\{[^}]*\})?([^{]*)(\{[^}]*\})?", piece)
    if got is None:  # the pieces are cut by the same expression
        return "", "text"
    header = got[3] or got[5] or ""
    name, kind = _SQUID.get(header.lower() + got[4], ("", "free" if header else "text"))
    padded = got[2] and not got[2].startswith("0")
    return name, f"~{kind}" if padded else kind


def _unquoted(text: str) -> str:
    """The format itself, of a text that may be quoted as in a configuration, in one piece or in several."""
    text = text.strip()
    text = re.sub(r"^(?:log_format|LogFormat|logformat)\s+(?=['\"])", "", text)
    if re.fullmatch(r"(?:'[^']*'\s*)+;?", text):
        text = "".join(re.findall(r"'([^']*)'", text))
    elif len(text) > 1 and text.startswith('"') and text.endswith('"') and '\\"' in text:
        text = text[1:-1]
    return text.replace('\\"', '"')


def _joined(pieces: list[str], value_of: Callable[[str], _Found]) -> str:
    """The expression for text, directive, text, directive … text."""
    made = []
    named: set[str] = set()
    for i in range(0, len(pieces), 2):
        made.append(re.escape(pieces[i]))
        if i + 1 == len(pieces):
            break
        name, kind = value_of(pieces[i + 1])
        before, behind = pieces[i][-1:], pieces[i + 2][:1]
        last = i + 3 == len(pieces) and not behind
        pattern = _value(kind.removeprefix("~"), before, behind, last=last)
        if name and name not in named:
            pattern = f"(?P<{name}>{pattern})"
            named.add(name)
        else:
            pattern = f"(?:{pattern})"
        if kind == "bracketed":
            pattern = rf"\[{pattern}\]"
        made.append(f" *{pattern} *" if kind.startswith("~") else pattern)
    return "".join(made)


def _value(kind: str, before: str, behind: str, *, last: bool) -> str:
    if kind.startswith("="):
        return kind[1:]
    if kind in _KINDS:
        return _KINDS[kind]
    if before == '"' and behind == '"':
        return r'(?:[^"\\]|\\.)*'
    if kind == "list":
        return f"-|{HOPS}"
    if last:
        return ".*" if kind == "free" else r"\S*"
    if not behind:
        return r"\S*?"
    if behind == " " and kind == "free":
        return ".*?"
    return f"[^{re.escape(behind)}]*"
