"""Run by Alembic: migrates through the connection, and inside the transaction, that `migrate` opened."""

from alembic import context

from voicebot.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite's too, since we begin the transaction ourselves
)
context.run_migrations()
