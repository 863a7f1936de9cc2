"""The human side: the queue of callers who wait for a person."""
