"""Lines of IIS that no `#Fields:` explains: the layouts that IIS writes unless somebody changes them."""

from __future__ import annotations

from parsers._w3c import pattern

_IIS7 = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent)"
_END = "sc-status sc-substatus sc-win32-status time-taken"
_ALL = (
    "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
    "cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken"
)
_LAYOUTS = {
    "iis8": f"{_IIS7} cs(Referer) {_END}",
    "iis7": f"{_IIS7} {_END}",
    "host": f"{_IIS7} cs(Referer) cs-host {_END}",
    "all": _ALL,
    "iis6": "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "sc-status sc-substatus sc-win32-status",
    "httperr": "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "httperr10": "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason "
    "s-queuename",
}
"""What is logged by default since IIS 8, by IIS 7, with the host besides, with every field, by IIS 6, by HTTP.sys."""

_NUMBER = "-|[0-9]{1,20}"
_FORMS = {
    "sc-substatus": _NUMBER,
    "sc-win32-status": _NUMBER,
    "s-sitename": "[A-Z0-9]+SVC[0-9]*",
    "streamid": _NUMBER,
    "s-siteid": _NUMBER,
    "cs-method": "[^ ]{1,40}",
}
_FORWARDED = r"(?: (?P<x_forwarded_for>-|[0-9A-Fa-f:.\[\]]+(?:,\+?[0-9A-Fa-f:.\[\]]+)*))?"


PATTERNS = {
    name: pattern(layout, other="[^ ]+", forms=_FORMS) + ("" if name.startswith("httperr") else _FORWARDED)
    for name, layout in _LAYOUTS.items()
} | {
    "native": r"(?P<c_ip>[0-9A-Fa-f.:%]+), (?P<cs_username>[^,]+), (?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/"
    r"(?P<year>[0-9]{2}), (?P<clock>[0-9]{1,2}:[0-9]{2}:[0-9]{2}), (?P<s_sitename>[^,]+), (?P<s_computername>[^,]+), "
    r"(?P<s_ip>[0-9A-Fa-f.:%]+), (?P<time_taken>[0-9]+), (?P<cs_bytes>[0-9]+), (?P<sc_bytes>[0-9]+), "
    r"(?P<sc_status>[0-9]+), (?P<sc_win32_status>[0-9]+), (?P<cs_method>[^,]+), (?P<cs_uri_stem>.+), "
    r"(?P<cs_uri_query>[^ ]+),",
}
"""Name of a layout → expression; a list of forwarded-for addresses may stand behind it. IIS's own format is CSV."""
