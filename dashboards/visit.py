"""What passes between a page and the server that shows it: who asks for what, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from core.errors import InputError
from store.keys import Reader
from store.questions import Due


class RuleWords(Protocol):
    """What pages say of a rule. `detections` loads objects that have this, and more."""

    @property
    def code(self) -> str: ...

    @property
    def title_ja(self) -> str: ...

    @property
    def sentence_ja(self) -> str: ...

    @property
    def nature(self) -> str: ...

    @property
    def runbook_ja(self) -> str: ...

    @property
    def action_ja(self) -> str: ...

    @property
    def clause(self) -> Sequence[str]: ...

    @property
    def clause_quote(self) -> str: ...

    @property
    def attack(self) -> Sequence[str]: ...

    @property
    def false_positives_ja(self) -> Sequence[str]: ...

    @property
    def layers(self) -> Sequence[Any]: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    @property
    def deny_only(self) -> str: ...

    @property
    def deny_only_ja(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, without anything of HTTP but its parameters.

    Args:
        reader: Whose key it is; None where nobody has signed in.
        now: µs since 1970 UTC.
        path: Names in the address: {"case_id": …}.
        params: Query string, every value kept.
        form: What was posted, where a form is shown again with its problem.
        csrf: To be sent back with every form.
        fragment: htmx asks for the part that changes.
        problem: Japanese sentence to show; empty: none.
        url: Path and query as asked for.
        rules: Loaded rules by id.
        due: Cells that have not seen everything yet, of the bodies that the reader sees.
    """

    reader: Reader | None
    now: int
    path: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    csrf: str = ""
    fragment: bool = False
    problem: str = ""
    url: str = ""
    rules: Mapping[str, RuleWords] = field(default_factory=dict)
    due: Sequence[Due] = ()

    @property
    def who(self) -> Reader:
        """Whose key it is, on a page that is never shown without one."""
        if self.reader is None:
            raise InputError("この画面にはログインが必要です")
        return self.reader

    def given(self, name: str) -> frozenset[str]:
        """All values of a parameter that say something."""
        return frozenset(v for v in self.params.get(name, ()) if v)

    def first(self, name: str, otherwise: str = "") -> str:
        """The first value of a parameter."""
        values = self.params.get(name) or ()
        return values[0] if values else otherwise


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page: its status code and its HTML."""

    status: int
    html: str


def address(path: str, params: Mapping[str, Sequence[str]]) -> str:
    """A path with its query, in a stable order."""
    pairs = [(name, value) for name in sorted(params) for value in params[name] if value]
    return f"{path}?{urlencode(pairs)}" if pairs else path
