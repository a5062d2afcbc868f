"""What Alembic runs: migrations over the connection that `Database.migrate` hands it."""

from __future__ import annotations

from alembic import context

from deployments.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes tables by copying them
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
