"""Trained models on disk: JSON, numpy arrays and a crfsuite file; nothing that could run code when it is read.

`model.json` names the other files, which carry a digest of their content in their names. It is replaced last and in
one step, so that a reader finds the old model or the new one, also when training is killed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.nlu.classifier import IntentClassifier
from voicebot.nlu.data import data_hash
from voicebot.nlu.entities import EntityExtractor, Features, Gazetteer
from voicebot.nlu.entity_training import EntityModel
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.model import Model
from voicebot.nlu.scope import ScopeGate

FORMAT = 1
"""Raised whenever a change of the code makes older models wrong: they are trained anew."""

_INDEX = "model.json"
_ADVICE = "run `voicebot train`"


def save_model(
    directory: Path, classifier: IntentClassifier, gate: ScopeGate, entities: EntityModel, digest: str
) -> None:
    """Write a model that was trained on data with this digest, in place of an older one. Raises InterpreterError."""
    arrays = io.BytesIO()
    np.savez(arrays, allow_pickle=False, **classifier.arrays())
    contents = {"classifier": arrays.getvalue(), "entities": entities.crf}
    files = {name: f"{name}-{_digest(content)[:16]}.bin" for name, content in contents.items()}
    index = {
        "format": FORMAT,
        "data": digest,
        "files": files,
        "digests": {name: _digest(content) for name, content in contents.items()},
        "gate": {"weights": gate.weights, "bias": gate.bias, "threshold": gate.threshold},
        "synonyms": entities.synonyms,
        "phrases": {" ".join(phrase): name for phrase, name in sorted(entities.gazetteer.entities.items())},
        "certain": sorted(" ".join(phrase) for phrase in entities.gazetteer.certain),
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            _replace(directory / files[name], content)
        _replace(directory / _INDEX, json.dumps(index, indent=1, sort_keys=True).encode())
        for old in set(directory.glob("*.bin")) - {directory / name for name in files.values()}:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise InterpreterError(_unwritable(directory, error)) from error


def check_target(directory: Path) -> None:
    """Whether a model can be written there: better known before it is trained. Raises InterpreterError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise InterpreterError(_unwritable(directory, error)) from error


def _unwritable(directory: Path, error: OSError) -> str:
    return f"the model cannot be written to {directory}: {error.strerror}; choose another place with --data"


def load_model(directory: Path) -> tuple[Model, str]:
    """The model and the digest of its training data. Raises InterpreterError."""
    index = _index(directory)
    if index is None:
        raise InterpreterError(f"there is no intent model in {directory}; {_ADVICE}")
    try:
        contents = {name: _checked(directory / index["files"][name], index["digests"][name]) for name in index["files"]}
        with np.load(io.BytesIO(contents["classifier"]), allow_pickle=False) as arrays:
            classifier = IntentClassifier.from_arrays(dict(arrays))
        gate = ScopeGate(tuple(index["gate"]["weights"]), index["gate"]["bias"], index["gate"]["threshold"])
        tagger = _CrfTagger(contents["entities"]) if contents["entities"] else None
        extractor = EntityExtractor(tagger, _gazetteer(index), index["synonyms"])
        return Model(classifier, gate, extractor), index["data"]
    except OSError as error:
        raise InterpreterError(f"the model in {directory} cannot be read: {error.strerror}; {_ADVICE}") from error
    except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InterpreterError(f"the model in {directory} is damaged; {_ADVICE}") from error


def is_stale(model_dir: Path, nlu_dir: Path) -> bool:
    """Whether the model is missing, damaged, of another version or not of this training data."""
    try:
        index = _index(model_dir)
    except InterpreterError:
        return True
    return index is None or index.get("data") != data_hash(nlu_dir)


def _index(directory: Path) -> dict[str, Any] | None:
    """The content of model.json, None when there is none. Raises InterpreterError."""
    path = directory / _INDEX
    try:
        index = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InterpreterError(f"{path} cannot be read: {error.strerror}; {_ADVICE}") from error
    except ValueError as error:
        raise InterpreterError(f"{path} is damaged; {_ADVICE}") from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise InterpreterError(f"{path} is of another version of voicebot; {_ADVICE}")
    return index


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checked(path: Path, digest: str) -> bytes:
    """A file's content. Raises ValueError when it is not what was written: crfsuite must not see damaged files."""
    content = path.read_bytes()
    if _digest(content) != digest:
        raise ValueError(f"{path.name} has changed")
    return content


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


class _CrfTagger:
    """A crfsuite tagger together with its model: crfsuite reads the bytes where they are, so they must live on."""

    def __init__(self, crf: bytes) -> None:
        import pycrfsuite

        self._crf = crf
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(crf)

    def tag(self, xseq: Sequence[Features]) -> list[str]:
        """A label for every token."""
        labels: list[str] = self._tagger.tag(xseq)
        return labels


def _gazetteer(index: Mapping[str, Any]) -> Gazetteer:
    entities = {tuple(phrase.split(" ")): name for phrase, name in index["phrases"].items()}
    certain = frozenset(tuple(phrase.split(" ")) for phrase in index["certain"])
    return Gazetteer(entities, certain, max(map(len, entities), default=0))
