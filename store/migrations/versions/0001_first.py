"""The first version of the catalogue.

Its statements stand beside it for each database, as they were when it was released: `store.tables` goes on, this stays.
"""

from pathlib import Path

from alembic import op

from store import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything, and the counters."""
    path = Path(__file__).with_name(f"0001_first.{op.get_bind().dialect.name}.sql")
    for statement in path.read_text("utf-8").split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.bulk_insert(tables.counters, [{"name": "seq", "value": 0}, {"name": "drops", "value": 0}])
