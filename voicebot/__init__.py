"""voicebot: a voice-AI call centre that runs offline."""

__version__ = "0.1.0"
