"""Makes the recordings of the fixtures from what their YAML says, and writes the times back into it.

    python audio_fixtures/make.py [FIXTURE.yml ...]      (all of them by default)

A cue's `voice` names who speaks its `text`:
    espeak/VOICE     espeak-ng (the library that voicebot itself uses)
    flite/VOICE      Debian's flite: slt, rms, awb, kal16
    fsdd/SPEAKER     real digits of the Free Spoken Digit Dataset (CC BY-SA 4.0), put together with pauses;
                     `--fsdd DIR` names its FLAC files. `takes` start at the cue's number, so every cue differs.
    noise/KIND       white or babble, `cut` seconds of it
The recordings are committed: this program is needed only to change them.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from voicebot.audio.files import read_audio_at, write_wav
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample

HERE = Path(__file__).parent
DIGITS = {w: str(n) for n, w in enumerate("zero one two three four five six seven eight nine".split())} | {"oh": "0"}
LEVEL = 4000
"""Peak of a voice, in units of a 16-bit sample: a telephone's ordinary level."""


def main() -> None:
    """Make the recordings of the fixtures named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixtures", nargs="*", type=Path)
    parser.add_argument("--fsdd", type=Path, default=Path("../shared/data/speech/fsdd"))
    options = parser.parse_args()
    for path in options.fixtures or sorted(HERE.rglob("*.yml")):
        make(path, options.fsdd)


def make(path: Path, fsdd: Path) -> None:
    """Write the WAV beside `path` and the times into it."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 400
    fixture = yaml.load(path)
    rate = fixture.get("rate", 8000)
    audio, end = [np.zeros(rate // 10, np.int16)], rate // 10
    for number, cue in enumerate(fixture.get("said") or []):
        if "voice" not in cue:
            continue
        voice = speak(cue["voice"], str(cue.get("text", "")), rate, number, fsdd)
        if cue.get("cut"):
            voice = voice[: round(float(cue["cut"]) * rate)]
        voice = np.append(voice, np.zeros(-voice.size % (rate // 1000), np.int16))
        cue["from"], cue["to"] = end / rate, (end + voice.size) / rate
        audio += [voice, np.zeros(rate // 10, np.int16)]
        end += voice.size + rate // 10
    write_wav(path.with_suffix(".wav"), np.concatenate(audio), rate)
    yaml.dump(fixture, path)
    print(f"{path.parent.name}/{path.stem}: {end / rate:.1f} s")


def speak(voice: str, text: str, rate: int, number: int, fsdd: Path) -> Samples:
    """`text` in a voice, trimmed to where it is heard, at an ordinary level."""
    engine, _, name = voice.partition("/")
    makers: dict[str, Any] = {"espeak": espeak, "flite": flite, "noise": noise}
    samples = fsdd_digits(fsdd, name, text, rate, number) if engine == "fsdd" else makers[engine](name, text, rate)
    return samples if engine == "noise" else level(trim(samples, rate))


def espeak(name: str, text: str, rate: int) -> Samples:
    """espeak-ng."""
    from voicebot.speech.espeak import EspeakSynthesiser

    pieces = list(EspeakSynthesiser(name).speak(text))
    return resample(np.concatenate([p.samples for p in pieces]), pieces[0].rate, rate)


def flite(name: str, text: str, rate: int) -> Samples:
    """Debian's flite."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as out:
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", out.name], check=True)  # noqa: S603, S607
        return read_audio_at(Path(out.name), rate).samples


def fsdd_digits(fsdd: Path, speaker: str, text: str, rate: int, number: int) -> Samples:
    """Real recorded digits with 120 ms between them; a comma is a longer pause."""
    parts: list[Samples] = []
    for place, word in enumerate(text.split()):
        take = (number * 7 + place * 3) % 50
        candidates = sorted(fsdd.glob(f"{DIGITS[word.strip(',')]}_{speaker}_*.flac"))
        digit = trim(read_audio_at(candidates[take % len(candidates)], rate).samples, rate)
        pause = 0.6 if word.endswith(",") else 0.12
        parts += [level(digit), np.zeros(round(rate * pause), np.int16)]
    return np.concatenate(parts)


def noise(kind: str, text: str, rate: int) -> Samples:  # noqa: ARG001 - noise says nothing
    """A minute of noise of a seeded generator: white, or with the slow swell of many voices."""
    random = np.random.default_rng(7)
    length = 60 * rate
    white = random.normal(0, 1, length)
    if kind == "babble":
        low = np.convolve(white, np.hanning(12), "same")
        swell = np.convolve(random.normal(0, 1, length), np.hanning(rate // 4), "same")
        white = low * (1 + 0.5 * swell / np.abs(swell).max())
    return np.asarray(white / np.abs(white).max() * 900, np.int16)


def trim(samples: Samples, rate: int) -> Samples:
    """Cut what is quieter than 1/50 of the peak off both ends, so that the end is the true end."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > np.abs(samples.astype(np.int32)).max() / 50)
    margin = rate // 100
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def level(samples: Samples) -> Samples:
    """Bring the peak to LEVEL."""
    return np.asarray(samples * (LEVEL / np.abs(samples.astype(np.int32)).max()), np.int16)


if __name__ == "__main__":
    main()
