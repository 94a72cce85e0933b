"""How alembic reaches the catalogue: through the connection that `store.upgrade` hands over."""

from alembic import context

from store import tables

context.configure(connection=context.config.attributes["connection"], target_metadata=tables.metadata)
context.run_migrations()
