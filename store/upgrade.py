"""The catalogue's version: brought up to date, or refused with a plain message when it is newer than this program."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import StoreError
from store.catalogue import Catalogue

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def newest() -> str:
    """The version that this program writes."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the package holds at least one version
    return head


def version(catalogue: Catalogue) -> str | None:
    """The version of a catalogue; None when there is nothing in it yet."""
    with catalogue.read() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def check(catalogue: Catalogue, *, create: bool) -> None:
    """Make sure that the catalogue has the version of this program.

    Args:
        catalogue: Any version, or empty.
        create: Create what is missing and upgrade what is older; otherwise both are errors.

    Raises:
        StoreError: Newer than this program, or not to be created.
    """
    found = version(catalogue)
    if found == newest():
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"{catalogue.place}: the catalogue has version {found}, this program knows only up to {newest()}: "
            "it was written by a newer Hinomi; use that one, or restore a backup from before the upgrade"
        )
    if not create:
        raise StoreError(
            f"{catalogue.place}: there is no catalogue here yet"
            if found is None
            else f"{catalogue.place}: the catalogue has the older version {found}; a command that writes upgrades it"
        )
    config = _config()
    with catalogue.write() as tx:
        if tx.on_postgresql:
            # Two nodes that start at once: the second waits, and finds the work done.
            tx.execute(sa.text("SELECT pg_advisory_xact_lock(4837120)"))
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")
