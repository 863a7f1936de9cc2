"""The settings that stand beside a Piper voice (`voice.onnx.json`), read without piper-tts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from voicebot.speech.synthesiser import SynthesiserError


def read_settings(voice: Path) -> dict[str, Any]:
    """What stands beside the voice in .onnx.json. Raises SynthesiserError."""
    beside = voice.with_name(voice.name + ".json")
    for needed in (voice, beside):
        if not needed.is_file():
            raise SynthesiserError(f"{needed} does not exist; a Piper voice is an .onnx file and its .onnx.json.")
    try:
        settings = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SynthesiserError(f"{beside} cannot be read as JSON; download the voice again.") from error
    if not isinstance(settings, dict):
        raise SynthesiserError(f"{beside} is not the settings of a Piper voice; download the voice again.")
    return settings
