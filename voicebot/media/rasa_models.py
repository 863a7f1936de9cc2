"""Rasa's models of a project: where they lie, which one is of the present training data, and how one is trained.

A model's file name holds the digest of what it was trained on, and it appears there whole or not at all.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.media.rasa_process import CHILD, end, spawn
from voicebot.nlu.interpreter import InterpreterError
from voicebot.settings import CHECKOUT, Settings

TRAIN_S: Final = 1800
KEPT: Final = 2
"""Models that stay: the present one, and the one that a running server may still have."""


@dataclass(frozen=True, slots=True)
class RasaHome:
    """Where Rasa is installed, what it learns from, and where its models lie."""

    environment: Path
    data: Path
    models: Path

    @classmethod
    def of(cls, settings: Settings) -> RasaHome:
        """As the settings say. Raises InterpreterError when Rasa is not installed there."""
        places = [settings.in_project(settings.nlu.rasa), CHECKOUT / settings.nlu.rasa]
        found = next((place for place in places if (place / ".installed").exists()), None)
        if found is None:
            raise InterpreterError(
                f"there is no Rasa in {places[0]}; run `make rasa-model`, or set nlu.urls or nlu.engine = embedded"
            )
        home = cls(found, settings.project / "nlu_data", settings.data / "models" / "rasa")
        home.models.mkdir(parents=True, exist_ok=True)
        return home

    @property
    def python(self) -> str:
        """The interpreter of Rasa's environment."""
        return str(self.environment / "bin" / "python")

    @property
    def log(self) -> Path:
        """Where Rasa's own errors go."""
        return self.models / "rasa.log"

    def present(self) -> Path:
        """The file of a model of the present training data, there or not."""
        digest = hashlib.sha256()
        files = [self.data / "config.yml", self.data / "domain.yml", *sorted((self.data / "data").rglob("*.y*ml"))]
        for file in filter(Path.exists, files):
            digest.update(str(file.relative_to(self.data)).encode() + b"\0" + file.read_bytes() + b"\0")
        return self.models / f"nlu-{digest.hexdigest()[:12]}.tar.gz"

    def newest(self) -> Path | None:
        """The model that was trained last."""
        return max(self.models.glob("nlu-*.tar.gz"), key=lambda file: file.stat().st_mtime_ns, default=None)

    def train(self) -> Path:
        """Train a model of the present data (a minute or two of one core). Raises InterpreterError."""
        target = self.present()
        with tempfile.TemporaryDirectory(dir=self.models, prefix=".training-") as scratch:
            made = Path(scratch) / target.name
            arguments = ["--nlu", str(self.data / "data"), "--config", str(self.data / "config.yml")]
            arguments += ["--domain", str(self.data / "domain.yml"), "--out", scratch]
            self._run(["train", "nlu", *arguments, "--fixed-model-name", target.name.removesuffix(".tar.gz")], scratch)
            if not made.exists():
                raise InterpreterError(f"Rasa trained no model; {self.log} says why")
            made.replace(target)
        for old in sorted(self.models.glob("nlu-*.tar.gz"), key=lambda file: file.stat().st_mtime_ns)[:-KEPT]:
            old.unlink(missing_ok=True)
        return target

    def _run(self, arguments: list[str], folder: str) -> None:
        with self.log.open("ab") as log:
            child = spawn([self.python, "-I", "-W", "ignore", str(CHILD), *arguments], Path(folder), log)
        try:
            code = child.wait(TRAIN_S)
        except subprocess.TimeoutExpired as error:
            raise InterpreterError(f"Rasa did not train within {TRAIN_S} s; {self.log} says why") from error
        finally:
            end(child)
        if code != 0:
            raise InterpreterError(f"Rasa could not train (exit code {code}); {self.log} says why")


def forget_broken(models: Path) -> None:
    """Remove what trainings that were killed have left; one that runs is younger."""
    for scratch in models.glob(".training-*"):
        if time.time() - scratch.stat().st_mtime > TRAIN_S:
            shutil.rmtree(scratch, ignore_errors=True)
