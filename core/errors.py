"""The errors that Hinomi raises on purpose; each is raised low with facts and translated at three borders."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line: a contract with cron, systemd and scripts."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    STORE = 3
    INTERNAL = 70
    INTERRUPTED = 130


class HinomiError(Exception):
    """Something that a person can mend; the message says what, where and what to do."""

    exit = Exit.USAGE
    status = 400


class InputError(HinomiError):
    """A file, option or request that can't be taken as it is."""


class UnknownFormatError(InputError):
    """No log format of that name, or none that recognises the lines."""


class RegisterError(InputError):
    """An entry of a register that contradicts itself, another entry or the policy; with its place."""


class RuleError(InputError):
    """A rule or traffic class that can't be used; with file and key."""

    exit = Exit.FINDINGS


class NotFoundError(HinomiError):
    """There is no such thing, or the reader may not know of it."""

    status = 404


class ConflictError(HinomiError):
    """Somebody else changed it first."""

    status = 409


class StoreError(HinomiError):
    """The data directory or the catalogue can't be used: full disk, newer version, broken chain."""

    exit = Exit.STORE
    status = 503


class QueryError(InputError):
    """SQL written by a person that was refused or did not end in time."""
