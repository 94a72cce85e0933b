"""The formats that there are: the modules of this package whose names don't begin with `_`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import parsers
from core.errors import UnknownFormatError
from parsers._format import Format


def _names() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(parsers.__path__) if not m.name.startswith("_"))


@cache
def formats() -> Mapping[str, Format]:
    """Name → format, by name."""
    return MappingProxyType({name: importlib.import_module(f"parsers.{name}").FORMAT for name in _names()})


def format_called(name: str) -> Format:
    """The format of that name, without importing the others; UnknownFormatError names those that there are."""
    if name not in _names():
        raise UnknownFormatError(f"there is no format {name!r}; there are: {', '.join(_names())}")
    made: Format = importlib.import_module(f"parsers.{name}").FORMAT
    return made
