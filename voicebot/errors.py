"""The common base of the errors that a user can do something about."""

from __future__ import annotations


class VoicebotError(Exception):
    """Its message is one sentence for the user: what is wrong, where, and what to do. Never a personal value."""
