"""The installed models: a directory each. A model appears whole and checked, by one rename, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from voicebot.models import record
from voicebot.models.catalogue import NAME, Model, ModelError, ModelFile
from voicebot.models.fetch import Patience, Progress, digest, fetch, forget
from voicebot.models.record import Record
from voicebot.models.unpack import is_archive, unpack

WORK: Final = ".pull"
"""Below the shelf: downloads under way, and the checksums recorded."""
_DEEPEST: Final = 3
"""An archive may hold the model this many directories down."""


class Shelf:
    """The models below one directory (`<data>/models/speech`)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._work = directory / WORK

    def installed(self) -> list[Record]:
        """All installed models that can be read, by name."""
        found = []
        for path in sorted(self._directory.glob(f"*/{record.FILE}")):
            with suppress(ModelError):
                found.append(record.read(path.parent))
        return found

    def find(self, name: str) -> Record:
        """The installed model `name`. Raises ModelError."""
        if not NAME.fullmatch(name) or not (self._directory / name).is_dir():
            raise ModelError(f"The model {name!r} is not installed; `voicebot models pull {name}` gets it")
        return record.read(self._directory / name)

    def path(self, name: str) -> Path:
        """What a setting names to use the installed model: a Vosk directory, or a voice's .onnx file."""
        return self._directory / name / self.find(name).path

    def pull(
        self, model: Model, progress: Progress, *, mirror: str | None = None, patience: Patience | None = None
    ) -> Record:
        """Download, check and install a model. Raises ModelError."""
        with self._at_work(model.name) as fresh:
            self._make_room(2 * model.about)
            parts = [self._fetch(file, progress, mirror, patience) for file in model.files]
            try:
                if model.engine == "vosk":
                    return self._unpacked(parts[0], fresh, model.name, model, model.files[0].url)
                fresh.mkdir()
                for file, part in zip(model.files, parts, strict=True):
                    shutil.copyfile(part, fresh / file.name)
                return self._take(fresh, model.name, model, model.files[0].url)
            finally:
                for part in parts:
                    forget(part)

    def add(self, source: Path, name: str, model: Model | None) -> Record:
        """Install a model from a directory or archive; `model` is its catalogue entry, if any. Raises ModelError."""
        if not NAME.fullmatch(name):
            raise ModelError(f"{name!r} cannot be a model's name; use letters, digits, '.', '_', '+' and '-'")
        with self._at_work(name) as fresh:
            if source.is_dir():
                _copy_model(source, fresh)
            elif is_archive(source):
                self._check_archive(source, model)
                return self._unpacked(source, fresh, name, model, source.name)
            else:
                raise ModelError(f"{source} is neither a directory nor a zip or tar archive; give the model as one")
            return self._take(fresh, name, model, source.name)

    def verify(self, name: str) -> list[str]:
        """What has changed in a model since it was installed. Raises ModelError when it is not installed."""
        return record.problems(self.find(name), self._directory / name)

    def remove(self, name: str) -> None:
        """Delete a model. Raises ModelError when it is not installed."""
        if not NAME.fullmatch(name) or not (self._directory / name).is_dir():
            raise ModelError(f"The model {name!r} is not installed; there is nothing to remove")
        doomed = self._work / f"{name}.gone"
        self._work.mkdir(exist_ok=True)
        shutil.rmtree(doomed, ignore_errors=True)
        (self._directory / name).rename(doomed)
        shutil.rmtree(doomed)

    def _fetch(self, file: ModelFile, progress: Progress, mirror: str | None, patience: Patience | None) -> Path:
        known = self._checksums()
        wanted = replace(
            file,
            url=f"{mirror.rstrip('/')}/{file.name}" if mirror else file.url,
            sha256=file.sha256 or known.get(file.url),
        )
        part = self._work / f"{hashlib.sha256(file.url.encode()).hexdigest()[:16]}.part"
        got = fetch(wanted, part, progress, patience)
        if file.sha256 is None and file.url not in known:
            self._write_checksums({**known, file.url: got})
        return part

    def _unpacked(self, archive: Path, fresh: Path, name: str, model: Model | None, source: str) -> Record:
        spread = self._work / f"{name}.unpacked"
        try:
            unpack(archive, spread)
            _root(spread, source).rename(fresh)
            return self._take(fresh, name, model, source)
        finally:
            shutil.rmtree(spread, ignore_errors=True)

    def _take(self, fresh: Path, name: str, model: Model | None, source: str) -> Record:
        """Check the model in `fresh`, record it, and put it on the shelf."""
        found = record.inspect(fresh, name, model, source)
        for file in model.files if model and model.engine == "piper" else ():
            if file.sha256 is not None and found.files.get(file.name) != file.sha256:
                raise ModelError(f"{file.name} is not the file that the catalogue means; nothing was kept")
        record.write(found, fresh)
        fresh.rename(self._directory / name)
        return found

    @contextmanager
    def _at_work(self, name: str) -> Iterator[Path]:
        """One pull at a time; gives the directory in which the model is put together, gone in the end."""
        self._work.mkdir(parents=True, exist_ok=True)
        fresh = self._work / f"{name}.new"
        with (self._work / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ModelError(f"Another pull into {self._directory} is under way; wait for its end") from None
            if (self._directory / name).exists():
                raise ModelError(f"The model {name!r} is installed already; remove it first to install it again")
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                yield fresh
            finally:
                shutil.rmtree(fresh, ignore_errors=True)

    def _make_room(self, needed: int) -> None:
        free = shutil.disk_usage(self._work).free
        if free < needed:
            raise ModelError(
                f"{self._directory}: {free >> 20} MB are free, and the model needs about {needed >> 20} MB; make room"
            )

    def _check_archive(self, archive: Path, model: Model | None) -> None:
        file = model.files[0] if model is not None and model.engine == "vosk" else None
        expected = (file.sha256 or self._checksums().get(file.url)) if file else None
        if expected is not None and digest(archive) != expected:
            raise ModelError(
                f"{archive} is not the archive that the catalogue means (its SHA-256 differs); nothing was kept"
            )

    def _checksums(self) -> dict[str, str]:
        """SHA-256 by URL of what was pulled without a checksum in the catalogue."""
        try:
            return dict(json.loads((self._work / "checksums.json").read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError):
            raise ModelError(f"{self._work / 'checksums.json'} is damaged; delete it to trust the next pull") from None

    def _write_checksums(self, checksums: dict[str, str]) -> None:
        fresh = self._work / "checksums.json.new"
        fresh.write_text(json.dumps(checksums, indent=1) + "\n", "utf-8")
        fresh.replace(self._work / "checksums.json")


def _root(spread: Path, source: str) -> Path:
    """The directory in which a model lies: itself, or below directories that hold nothing else."""
    here = spread
    for _ in range(_DEEPEST):
        if _is_model(here):
            return here
        below = list(here.iterdir())
        if len(below) != 1 or not below[0].is_dir():
            break
        here = below[0]
    if _is_model(here):
        return here
    raise ModelError(f"{source} holds neither a Vosk model nor a Piper voice; nothing was kept")


def _is_model(directory: Path) -> bool:
    marks = ("am/final.mdl", "final.mdl")
    return any(directory.glob("*.onnx")) or any((directory / mark).exists() for mark in marks)


def _copy_model(source: Path, fresh: Path) -> None:
    """Copy a model's plain files; links are refused, since they may lead anywhere."""
    root = _root(source, str(source))
    for path in root.rglob("*"):
        if path.is_symlink():
            raise ModelError(f"{path} is a link; give a directory of plain files")
    shutil.copytree(root, fresh, ignore=shutil.ignore_patterns(record.FILE))
