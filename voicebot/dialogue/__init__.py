"""Flows, slots, prompts, actions: what to say or do next. Pure: events in, moves out."""
