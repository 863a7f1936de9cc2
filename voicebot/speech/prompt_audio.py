"""What the bot says, as audio at the call's rate: recorded, remembered or synthesised."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import structlog

from voicebot.audio.files import read_audio_at
from voicebot.speech.prompt_files import PromptFiles
from voicebot.speech.speech_audio import at_rate, concatenate, trim
from voicebot.speech.synthesiser import SpeechAudio, Synthesiser, SynthesiserError

log = structlog.get_logger()

MEMORY_BYTES: Final = 32 * 1024 * 1024
"""Kept of what is said with slots: 35 minutes at 8 kHz. Fixed prompts come on top."""


class PromptAudio:
    """Prompts of one voice at one rate. `get` is a look-up for the ticker; `render` works, in any thread.

    Fixed prompts (`warm`) stay in memory and on disk. Other texts may name callers, so they are remembered in memory
    only, and not at all with `keep=False`.
    """

    def __init__(
        self,
        synthesiser: Synthesiser,
        rate: int,
        recorded: Mapping[str, Path] | None = None,
        cache_dir: Path | None = None,
        *,
        memory_bytes: int = MEMORY_BYTES,
        standby: Synthesiser | None = None,
    ) -> None:
        """`recorded`: WAV files that replace the synthesis of a text; `cache_dir`: where fixed prompts are kept.

        `standby` says what the synthesiser fails to say; that is not remembered.
        """
        self._synthesiser = synthesiser
        self._standby = standby
        self._rate = rate
        self._recorded = dict(recorded or {})
        self._files = PromptFiles(cache_dir, synthesiser.name, rate) if cache_dir else None
        self._limit = memory_bytes
        self._fixed: dict[str, SpeechAudio] = {}
        self._recent: OrderedDict[str, SpeechAudio] = OrderedDict()
        self._recent_bytes = 0
        self._lock = threading.Lock()

    def get(self, text: str) -> SpeechAudio | None:
        """The whole audio of `text` if it is in memory."""
        fixed = self._fixed.get(text)
        if fixed is not None:
            return fixed
        with self._lock:
            audio = self._recent.get(text)
            if audio is not None:
                self._recent.move_to_end(text)
            return audio

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
        """The audio of `text` piece by piece, the first one soon. `keep`: remembered for the next time.

        Raises SynthesiserError, and AudioFileError for a recording that cannot be read.
        """
        ready = self.get(text) or self._from_file(text)
        if ready is not None:
            yield ready
            return
        pieces: list[SpeechAudio] = []
        try:
            for piece in self._synthesise(text, self._synthesiser):
                pieces.append(piece)
                yield piece
        except Exception as error:  # whatever a voice raises, the caller should hear the rest
            if self._standby is None:
                raise
            reason = str(error) if isinstance(error, SynthesiserError) else type(error).__name__
            log.warning(
                "the voice failed; the standby voice says the rest", voice=self._synthesiser.name, reason=reason
            )
            rest = text[sum(len(piece.text) for piece in pieces) :]
            yield from self._synthesise(rest, self._standby)
            return
        if keep and pieces:
            self._remember(concatenate(text, pieces, self._rate))

    def warm(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Make the audio of fixed prompts ready; `progress` is told how many of how many are.

        Raises SynthesiserError, and AudioFileError for a recording that cannot be read.
        """
        wanted = list(dict.fromkeys((*texts, *self._recorded)))
        for count, text in enumerate(wanted, 1):
            if text not in self._fixed:
                self._fixed[text] = self._make_fixed(text)
            if progress is not None:
                progress(count, len(wanted))

    def _make_fixed(self, text: str) -> SpeechAudio:
        ready = self._from_file(text)
        if ready is not None:
            return ready
        pieces = list(self._synthesise(text, self._synthesiser))
        if any(map(str.isalnum, text)) and not any(piece.samples.size for piece in pieces):
            raise SynthesiserError(f"{self._synthesiser.name} says nothing for a prompt of {len(text)} characters.")
        audio = concatenate(text, pieces, self._rate)
        if self._files is not None:
            self._files.write(audio)
        return audio

    def _from_file(self, text: str) -> SpeechAudio | None:
        if text in self._recorded:
            samples = read_audio_at(self._recorded[text], self._rate).samples
            return trim(SpeechAudio(text, samples, self._rate), leading=True, trailing=True)
        return self._files.read(text) if self._files is not None else None

    def _synthesise(self, text: str, synthesiser: Synthesiser) -> Iterator[SpeechAudio]:
        spoken = 0
        for piece in synthesiser.speak(text):
            first, spoken = spoken == 0, spoken + len(piece.text)
            yield trim(at_rate(piece, self._rate), leading=first, trailing=spoken >= len(text))

    def _remember(self, audio: SpeechAudio) -> None:
        with self._lock:
            old = self._recent.pop(audio.text, None)
            self._recent_bytes += audio.samples.nbytes - (old.samples.nbytes if old is not None else 0)
            self._recent[audio.text] = audio
            while self._recent_bytes > self._limit:
                self._recent_bytes -= self._recent.popitem(last=False)[1].samples.nbytes
