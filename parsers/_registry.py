"""The formats that there are: the modules of this package whose names don't begin with `_`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from core.errors import UnknownFormatError
from parsers._format import Format

_HERE = str(Path(__file__).parent)


@cache
def formats() -> Mapping[str, Format]:
    """Name → format, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules([_HERE]) if not m.name.startswith("_"))
    return MappingProxyType({name: importlib.import_module(f"parsers.{name}").FORMAT for name in names})


def format_called(name: str) -> Format:
    """The format of that name, without importing the others; UnknownFormatError names those that there are."""
    names = [m.name for m in pkgutil.iter_modules([_HERE]) if not m.name.startswith("_")]
    if name not in names:
        raise UnknownFormatError(f"there is no format {name!r}; there are: {', '.join(sorted(names))}")
    made: Format = importlib.import_module(f"parsers.{name}").FORMAT
    return made
