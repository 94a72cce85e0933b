"""The versions of the catalogue make exactly the tables of the program, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from store import Store, tables, upgrade

VERSIONS = Path(upgrade.__file__).parent / "migrations" / "versions"
DIALECTS: dict[str, sa.Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def statements(dialect: sa.Dialect) -> str:
    """What creates the tables of the program."""
    out = []
    for table in tables.metadata.sorted_tables:
        out.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        out += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    lines = (";\n\n".join(s.strip() for s in out) + ";\n").replace("\t", "    ").splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_first_version_holds_the_tables_until_there_is_a_second(name: str, regen: bool) -> None:
    # Until the first release: `pytest tests/store/test_migrations.py --regen` after a change of store/tables.py.
    # From then on a change is a new version, and the first one stays as it is.
    if len(list(VERSIONS.glob("[0-9]*.py"))) > 1:
        pytest.skip("the first version is released")
    path = VERSIONS / f"0001_first.{name}.sql"
    if regen:
        path.write_text(statements(DIALECTS[name]), "utf-8")
    assert path.read_text("utf-8") == statements(DIALECTS[name]), "store/tables.py was changed: see above"


def test_the_versions_make_the_tables_of_the_program(either: Store) -> None:
    with either.catalogue.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx.connection), tables.metadata) == []


def test_a_new_catalogue_has_the_newest_version_and_its_counters(either: Store) -> None:
    assert upgrade.version(either.catalogue) == upgrade.newest()
    with either.catalogue.read() as tx:
        assert (tx.counter("seq"), tx.counter("drops")) == (0, 0)
