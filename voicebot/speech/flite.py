"""The flite command (Debian: `apt-get install flite`), where it is installed: English, clearer than espeak-ng.

Its text travels in a file, its audio comes back in one. Licence: BSD-like (Carnegie Mellon University).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.audio.files import AudioFileError, read_audio
from voicebot.speech.clauses import split_clauses
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError

RATES: Final = {"kal": 8000, "kal16": 16000, "awb": 16000, "rms": 16000, "slt": 16000}
"""The voices that the command holds, and their rates in Hz."""
LIMIT_S: Final = 10
"""A clause takes some 20 ms; what takes this long hangs."""


class FliteSynthesiser:
    """Speaks with one voice of flite, clause by clause; no word marks. The same text gives the same samples."""

    def __init__(self, voice: str = "slt") -> None:
        """Raises SynthesiserError when flite is not installed or has no such voice."""
        command = shutil.which("flite")
        if command is None:
            raise SynthesiserError("flite is not installed; on Debian, `apt-get install flite` does it.")
        if voice not in RATES:
            raise SynthesiserError(f"flite has no voice {voice!r}; choose one of {', '.join(RATES)} with speech.voice.")
        self._command, self._voice = command, voice
        self._name = f"flite-{version()}/{voice}"

    @property
    def name(self) -> str:
        """Version and voice."""
        return self._name

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        """`text` clause by clause at the voice's rate."""
        for clause in split_clauses(text):
            yield self._speak_clause(clause)

    def _speak_clause(self, clause: str) -> SpeechAudio:
        # flite knows ASCII only.
        spoken = unicodedata.normalize("NFKD", clause).encode("ascii", "ignore").decode()
        if not any(character.isalnum() for character in spoken):
            return SpeechAudio(clause, np.zeros(RATES[self._voice] // 50, np.int16), RATES[self._voice])
        with tempfile.TemporaryDirectory(prefix="voicebot-flite-") as name:
            said, audio = Path(name, "text"), Path(name, "audio.wav")
            said.write_text(re.sub(r"[\x00-\x1f\x7f]", " ", spoken), "ascii")
            self._run("-voice", self._voice, "-f", str(said), "-o", str(audio))
            try:
                found = read_audio(audio)
            except AudioFileError as error:
                raise SynthesiserError(f"flite gave no audio for a text of {len(clause)} characters.") from error
        return SpeechAudio(clause, found.samples, found.rate)

    def _run(self, *arguments: str) -> None:
        try:
            _call(self._command, *arguments).check_returncode()
        except (OSError, subprocess.SubprocessError) as error:
            raise SynthesiserError(f"flite failed ({type(error).__name__}); try `flite -voice slt hello`.") from None


def version() -> str:
    """The version of the installed flite, such as 2.2; "" when there is none."""
    command = shutil.which("flite")
    if command is None:
        return ""
    try:
        done = _call(command, "--version")
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.search(r"flite-([\d.]+)", done.stdout + done.stderr)
    return found.group(1) if found else "unknown"


def _call(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [command, *arguments]  # no shell, and the text spoken is not among them
    return subprocess.run(call, capture_output=True, text=True, check=False, timeout=LIMIT_S)  # noqa: S603
