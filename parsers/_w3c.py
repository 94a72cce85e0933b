"""W3C extended log lines that no `#Fields:` explains: a device's usual layouts as regular expressions."""

from __future__ import annotations

from collections.abc import Mapping

_NUMBER = "-|[0-9]{1,20}"
_ADDRESS = "-|[0-9A-Fa-f.:%]+"
_FORMS = {
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}", "time": "[0-9]{2}:[0-9]{2}:[0-9]{2}", "s-ip": _ADDRESS, "c-ip": _ADDRESS,
    "s-port": _NUMBER, "c-port": _NUMBER, "cs-uri-port": _NUMBER, "sc-status": "-|[0-9]{1,3}", "sc-bytes": _NUMBER,
    "cs-bytes": _NUMBER, "time-taken": _NUMBER, "cs-version": "-|HTTP/[0-9.]+",
}  # fmt: skip
"""What the values of some fields look like, whoever writes them."""


def group(field: str) -> str:
    """The name of a field's group in a regular expression, and of its column."""
    return field.lower().replace("-", "_").replace("(", "_").replace(")", "")


def pattern(layout: str, *, other: str, forms: Mapping[str, str]) -> str:
    """The expression for fields with one blank between; `forms`: how a device's own look, `other`: all else."""
    forms = {**_FORMS, **forms}
    return " ".join(f"(?P<{group(field)}>{forms.get(field, other)})" for field in layout.split())
