"""How well and how fast the bundled model hears: digits, off-topic speech, sentences; a line of JSON a figure.

Run: python -m bench.recogniser. It needs the larger corpus beside the checkout (see `tests/speech/recorded.py`). The
four speakers of its digits were in the model's training data: `speed` 1.12 makes voices of them that were not.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.machine import quiet
from tests.speech.recorded import CORPUS, noisy
from voicebot.audio.files import read_audio
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample
from voicebot.nlu.phrases import example_phrases
from voicebot.speech import whole
from voicebot.speech.espeak import EspeakSynthesiser
from voicebot.speech.hints import commands, digits_hints, open_hints, yes_no_hints
from voicebot.speech.nbest import UNKNOWN
from voicebot.speech.recogniser import Hints, Hypothesis
from voicebot.speech.vosk import VoskRecogniser

ROOT = Path(__file__).parent.parent
RATE = 8000
DIGITS = "zero one two three four five six seven eight nine".split()
VOICES = ("en-us", "en-us+m1", "en-us+m3", "en-us+f3", "en-us+Mike", "en-us+klatt3", "en-us+klatt4", "en-gb+f3")

Row = dict[str, object]
Clip = tuple[list[str], Samples]


def faster(samples: Samples, speed: float) -> Samples:
    """Speed and pitch changed together."""
    return samples if speed == 1 else resample(samples, round(speed * 1000), 1000)


def digit_files() -> list[Path]:
    """`{digit}_{speaker}_{take}.flac`."""
    return sorted((CORPUS / "fsdd").glob("*.flac"))


def strings(count: int, speed: float) -> list[Clip]:
    """Six digits of one speaker with pauses of 100-300 ms of low noise."""
    files, chance = digit_files(), random.Random(2)
    clips = []
    for _ in range(count):
        speaker = chance.choice(files).stem.split("_")[1]
        chosen = chance.choices([path for path in files if f"_{speaker}_" in path.name], k=6)
        pieces = []
        for path in chosen:
            pieces += [faster(read_audio(path).samples, speed), np.zeros(chance.randint(800, 2400), np.int16)]
        clips.append(([DIGITS[int(path.name[0])] for path in chosen], noisy(np.concatenate(pieces), 8)))
    return clips


def off_topic(count: int) -> list[Samples]:
    """Orders and prompts without a digit."""
    orders = sorted((CORPUS / "picovoice").glob("*.flac"))
    lines = (CORPUS / "asterisk" / "transcripts.tsv").read_text(encoding="utf-8").splitlines()
    prompts = [
        name for name, text in (line.split("\t") for line in lines)
        if 2 <= len(text.split()) <= 9 and not {*DIGITS, "oh", "to", "for", "too"} & set(text.split())
    ]  # fmt: skip
    files = orders[:: len(orders) // count] + [CORPUS / "asterisk" / name for name in prompts[:: len(prompts) // count]]
    return [read_audio(path).samples for path in files]


def heard(recogniser: VoskRecogniser, clips: Sequence[Samples], hints: Hints) -> list[Hypothesis]:
    """The best hypothesis of each."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda clip: whole.recognise_whole(recogniser, clip, RATE, hints).best, clips))


def known(hypothesis: Hypothesis) -> list[str]:
    """The words heard, without those that the grammar does not hold."""
    return [word for word in hypothesis.text.split() if word != UNKNOWN]


def word_errors(said: Sequence[str], words: Sequence[str]) -> int:
    """Levenshtein distance in words."""
    row = list(range(len(words) + 1))
    for number, word in enumerate(said, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(words, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1]


def accuracy(said: Sequence[list[str]], words: Sequence[list[str]]) -> Row:
    """Share of words right (insertions count), and of whole utterances."""
    errors = sum(word_errors(one, other) for one, other in zip(said, words, strict=True))
    whole_right = np.mean([one == other for one, other in zip(said, words, strict=True)])
    return {"words": round(1 - errors / sum(map(len, said)), 3), "whole": round(float(whole_right), 3)}


def isolated_digits(recogniser: VoskRecogniser, speed: float, padding_ms: int) -> Row:
    """Each digit recording alone, with and without noise around it."""
    files = digit_files()
    whole.PADDING_MS = padding_ms  # type: ignore[misc]
    hypotheses = heard(recogniser, [faster(read_audio(path).samples, speed) for path in files], digits_hints())
    whole.PADDING_MS = 300  # type: ignore[misc]
    right = np.array([known(h) == [DIGITS[int(path.name[0])]] for path, h in zip(files, hypotheses, strict=True)])
    sure = np.array([hypothesis.confidence for hypothesis in hypotheses])
    speakers = sorted({path.stem.split("_")[1] for path in files})
    by_speaker = {s: round(float(right[[f"_{s}_" in p.name for p in files]].mean()), 3) for s in speakers}
    bins = {
        f"{low}-{high}": [int(inside.sum()), round(float(right[inside].mean()), 3)]
        for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01))
        if (inside := (sure >= low) & (sure < high)).any()
    }
    row: Row = {"figure": "isolated digits", "speed": speed, "padding_ms": padding_ms, "clips": len(files)}
    return row | {"right": round(float(right.mean()), 3), "by_speaker": by_speaker, "right_by_confidence": bins}


def digit_strings(recogniser: VoskRecogniser, speed: float, hints: Hints, name: str) -> Row:
    """Strings of six."""
    clips = strings(200, speed)
    words = [known(h) for h in heard(recogniser, [samples for _, samples in clips], hints)]
    row: Row = {"figure": "digit strings", "speed": speed, "hints": name, "strings": len(clips)}
    return row | accuracy([said for said, _ in clips], words)


def rejection(recogniser: VoskRecogniser, hints: Hints, name: str) -> Row:
    """Off-topic speech: how much of it passes for an answer."""
    hypotheses = heard(recogniser, off_topic(150), hints)
    some = np.mean([bool(known(h)) for h in hypotheses])
    sure = np.mean([h.confidence >= 0.5 for h in hypotheses])
    row: Row = {"figure": "off-topic speech", "hints": name, "clips": len(hypotheses)}
    return row | {"some_word_heard": round(float(some), 3), "confidence_from_0.5": round(float(sure), 3)}


def sentences(recogniser: VoskRecogniser, voice: str, phrases: tuple[str, ...]) -> Row:
    """Domain sentences of words that the model has, spoken by an espeak-ng voice."""
    fit = [p for p in phrases if 3 <= len(p.split()) <= 9 and not recogniser.unknown_words(Hints("", (p,)))]
    said = [phrase.split() for phrase in random.Random(1).sample(fit, 60)]
    synthesiser = EspeakSynthesiser(voice)
    clips = [np.concatenate([p.samples for p in synthesiser.speak(" ".join(words))]) for words in said]
    narrow = [resample(clip, 22050, RATE) for clip in clips]
    row: Row = {"figure": "sentences", "voice": voice}
    for name, hints in (("examples", open_hints(phrases)), ("own_language_model", Hints("none"))):
        row[name] = accuracy(said, [known(h) for h in heard(recogniser, narrow, hints)])["words"]
    return row


def opening(recogniser: VoskRecogniser, count: int, phrases: tuple[str, ...]) -> Row:
    """How long an utterance takes to open with a grammar of `count` phrases."""
    hints = Hints("bench", phrases[:count])
    times = []
    for _ in range(21):
        began = time.perf_counter()
        recogniser.open(RATE, hints)
        times.append((time.perf_counter() - began) * 1000)
    return {
        "figure": "opening an utterance",
        "phrases": len(hints.phrases),
        "ms": round(float(np.median(times[1:])), 1),
    }


def streaming(recogniser: VoskRecogniser, clips: Sequence[Samples], hints: Hints, name: str) -> Row:
    """CPU per second of audio, and how long the last 100 ms block and the result take."""
    ends, began = [], time.process_time()
    for clip in clips:
        recognition = recogniser.open(RATE, hints)
        blocks = [clip[at : at + RATE // 10] for at in range(0, len(clip), RATE // 10)]
        for block in blocks[:-1]:
            recognition.accept(block)
        at_end = time.perf_counter()
        recognition.accept(blocks[-1])
        recognition.finish()
        ends.append((time.perf_counter() - at_end) * 1000)
    cpu = (time.process_time() - began) / (sum(map(len, clips)) / RATE)
    p50, p95 = (round(float(value), 1) for value in np.percentile(ends, (50, 95)))
    return {"figure": "streaming", "audio": name, "cpu_s_per_s": round(cpu, 4), "end_ms_p50": p50, "end_ms_p95": p95}


def measure() -> Iterator[Row]:
    """All figures."""
    recogniser = VoskRecogniser(ROOT / "models" / "vosk-en-8k-mini")
    phrases = example_phrases(ROOT / "nlu_data")
    for speed, padding_ms in ((1, 0), (1, 300), (1.12, 0), (1.12, 300)):
        yield isolated_digits(recogniser, speed, padding_ms)
    kinds = (("digits", digits_hints()), ("digits and commands", digits_hints(commands())))
    for name, hints in kinds:
        for speed in (1, 1.12):
            yield digit_strings(recogniser, speed, hints, name)
    for name, hints in (*kinds, ("yes_no", yes_no_hints(commands()))):
        yield rejection(recogniser, hints, name)
    for voice in VOICES:
        yield sentences(recogniser, voice, phrases)
    for count in (100, 1000, 3000):
        yield opening(recogniser, count, phrases)
    short = [noisy(np.pad(read_audio(path).samples, 2400), 8) for path in digit_files()[::40]]
    yield streaming(recogniser, short, yes_no_hints(commands()), "one word, yes/no hints")
    yield streaming(recogniser, [clip for _, clip in strings(40, 1)], digits_hints(commands()), "six digits")
    yield streaming(recogniser, off_topic(40), open_hints(phrases), "sentences, 3,000 phrases")


if __name__ == "__main__":
    quiet()
    for figures in measure():
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
