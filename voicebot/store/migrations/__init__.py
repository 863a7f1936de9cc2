"""How the database comes from one release's tables to the next's (Alembic); run when a database is opened."""

HEAD = "0001"
"""The revision that `voicebot.store.tables` describes; a database at it needs no migration."""
