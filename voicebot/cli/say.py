"""`voicebot say`: text as an audio file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from voicebot.cli import options
from voicebot.errors import VoicebotError

RATES = (8000, 16000, 22050)


class NothingToSayError(VoicebotError):
    """The text holds no word."""


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.wav", help="The WAV file to write.")],
    voice: Annotated[
        str | None, typer.Option(help="espeak-ng voice, as en-us+klatt4 (default: the settings' voice).")
    ] = None,
    rate: Annotated[int, typer.Option(help="Sample rate: 8000, 16000 or 22050.")] = 16000,
) -> None:
    """Turn text into a 16-bit mono WAV file, with the voice that callers hear."""
    from voicebot.audio.files import write_wav
    from voicebot.media import load
    from voicebot.speech.espeak import EspeakSynthesiser
    from voicebot.speech.prompt_audio import PromptAudio
    from voicebot.speech.speech_audio import concatenate

    if rate not in RATES:
        raise typer.BadParameter(f"{rate} is not a sample rate to choose; give 8000, 16000 or 22050")
    settings = options.settings()
    if not any(character.isalnum() for character in text):
        raise NothingToSayError("There is nothing to say: the text holds no word.")
    synthesiser = EspeakSynthesiser(voice) if voice else load.synthesiser(settings)
    audio = concatenate(text, list(PromptAudio(synthesiser, rate).render(text, keep=False)), rate)
    write_wav(output, audio.samples, rate)
    sys.stderr.write(f"{output}: {len(audio.samples) / rate:.2f} s, {synthesiser.name}\n")
