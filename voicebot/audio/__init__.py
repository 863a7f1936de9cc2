"""Numbers only: frames, G.711, resampling, tones, files. Knows nothing of speech."""
