"""Replay, scoring, fixtures made from real calls."""
