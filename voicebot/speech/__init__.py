"""Voice activity, endpointing, recognisers, synthesisers, prompt audio."""
