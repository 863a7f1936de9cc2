"""Looks into a Vosk model directory before libvosk does, which ends the process on some broken files.

Layouts and formats: libvosk 0.3.45 (`model.cc`), OpenFst 1.8 headers, Kaldi binary files.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.speech.recogniser import RecogniserError

_FST_MAGIC: Final = 2125659606
_FST_STATE_BYTES: Final = {"const": 20, "vector": 12}
_FST_ARC_BYTES: Final = 16
_KALDI_MODEL: Final = b"\0B<TransitionModel> "
_DEFAULT_RATE: Final = 16000
_REMEDY: Final = "unpack the model again, or choose another with the setting speech.model"


@dataclass(frozen=True, slots=True)
class VoskModelFiles:
    """A model that looks complete: where it is, its sample rate in Hz, and whether it takes runtime grammars."""

    directory: Path
    rate: int
    takes_grammars: bool


_BOUNDARY: Final = re.compile(r"\d+ (?:nonword|begin|end|internal|singleton)")


def inspect_model(directory: Path | str) -> VoskModelFiles:
    """Check the files that libvosk needs. Raises RecogniserError, which names the file that is missing or broken."""
    directory = Path(directory)
    if not directory.is_dir():
        raise RecogniserError(
            f"There is no speech model in {directory}; put a Vosk model directory there, or name it in the setting "
            "speech.model."
        )
    flat = not (directory / "am" / "final.mdl").exists() and (directory / "final.mdl").exists()
    graph = directory if flat else directory / "graph"
    _check_acoustics(directory if flat else directory / "am")
    features = directory / "mfcc.conf" if flat else _features(directory / "conf")
    if not flat:
        _check_decoder_settings(directory / "conf" / "model.conf")
    takes_grammars = not (graph / "HCLG.fst").exists()
    for name in ("HCLr.fst", "Gr.fst") if takes_grammars else ("HCLG.fst",):
        _check_fst(graph / name)
    if takes_grammars:
        _read(graph / "disambig_tid.int", 1)
        _check_words(graph / "words.txt")
    _check_word_boundaries(graph)
    return VoskModelFiles(directory, _sample_rate(features), takes_grammars)


def _read(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most)
    except FileNotFoundError:
        raise RecogniserError(f"The speech model lacks {path}; {_REMEDY}.") from None
    except OSError as error:
        raise RecogniserError(f"{path} of the speech model cannot be read: {error.strerror}.") from error
    if not content:
        raise _broken(path, "is empty")
    return content


def _broken(path: Path, what: str) -> RecogniserError:
    return RecogniserError(f"{path} of the speech model {what}; {_REMEDY}.")


def _check_acoustics(directory: Path) -> None:
    path = directory / "final.mdl"
    if not _read(path, len(_KALDI_MODEL)).startswith(_KALDI_MODEL):
        raise _broken(path, "is not a Kaldi acoustic model")


def _features(conf: Path) -> Path:
    fbank = conf / "fbank.conf"
    return fbank if fbank.exists() else conf / "mfcc.conf"


def _check_decoder_settings(path: Path) -> None:
    if b"--endpoint.silence-phones=" not in _read(path):
        raise _broken(path, "lacks the line --endpoint.silence-phones=...")


def _sample_rate(path: Path) -> int:
    text = _read(path).decode("utf-8", "replace")
    if not re.search(r"^\s*--", text, re.MULTILINE):
        raise _broken(path, "holds no settings of the form --name=value")
    rate = re.search(r"^\s*--sample-frequency=(\d+)", text, re.MULTILINE)
    return int(rate.group(1)) if rate else _DEFAULT_RATE


def _check_fst(path: Path) -> None:
    """Magic number, and for the plain types that the file is as long as its states and arcs."""
    head = _read(path, 512)
    try:
        magic, name_length = struct.unpack_from("<ii", head)
        kind = head[8 : 8 + name_length].decode("ascii", "replace")
        (arc_name_length,) = struct.unpack_from("<i", head, 8 + name_length)
        fixed = 12 + name_length + arc_name_length
        _version, _flags, _properties, _start, states, arcs = struct.unpack_from("<iiQqqq", head, fixed)
    except struct.error:
        raise _broken(path, "is cut short") from None
    if magic != _FST_MAGIC:
        raise _broken(path, "is not an OpenFst graph")
    if kind in _FST_STATE_BYTES:
        least = fixed + 40 + max(0, states) * _FST_STATE_BYTES[kind] + max(0, arcs) * _FST_ARC_BYTES
        if path.stat().st_size < least:
            raise _broken(path, f"is cut short ({path.stat().st_size} of at least {least} bytes)")


def _check_word_boundaries(graph: Path) -> None:
    """Optional; libvosk ends the process when a line is cut, or when a phone of phones.txt is not in it."""
    path = graph / "phones" / "word_boundary.int"
    if not path.exists():
        return
    lines = _read(path).decode("utf-8", "replace").splitlines()
    odd = next((n for n, line in enumerate(lines, 1) if not _BOUNDARY.fullmatch(line.strip())), None)
    if odd is not None:
        raise _broken(path, f"is not a list of phone numbers and places in a word (line {odd})")
    if (graph / "phones.txt").exists():
        wanted = {line.split()[1] for line in _read(graph / "phones.txt").decode("utf-8", "replace").splitlines()
                  if re.fullmatch(r"[^#<]\S*\s+\d+", line)}  # fmt: skip
        if missing := wanted - {line.split()[0] for line in lines}:
            raise _broken(path, f"lacks {len(missing)} of the phones of phones.txt")


def _check_words(path: Path) -> None:
    lines = _read(path).decode("utf-8", "replace").splitlines()
    odd = next((n for n, line in enumerate(lines, 1) if line and not re.fullmatch(r"\S+\s+\d+", line)), None)
    if odd is not None or not lines[0].startswith("<eps>"):
        raise _broken(path, f"is not a list of words and numbers (line {odd or 1})")
