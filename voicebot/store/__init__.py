"""State: tables, migrations, the spool that stands in for a busy database, recordings on disk."""
