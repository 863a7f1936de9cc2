"""Speech models: what there is, getting it safely, keeping it, choosing it."""
