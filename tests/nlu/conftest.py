"""Trained models, once a session: a tiny project for how things work, the demo's for how well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from voicebot.nlu.embedded import EmbeddedInterpreter, load, train
from voicebot.nlu.training import TrainingReport

DEMO = Path(__file__).parents[2] / "nlu_data"

TINY = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello
      - hi there
      - good morning
      - yes hello
  - intent: fly
    examples: |
      - i want to fly to [paris](city)
      - a flight to [rome](city) please
      - book [two](number) seats to [paris](city)
      - fly me to [the big apple]{"entity": "city", "value": "new york"}
  - lookup: city
    examples: |
      - paris
      - rome
      - oslo
"""

WriteProject = Callable[..., Path]


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
    """Writes files of training data, given as name=content, into a project; its directory."""

    def write(**files: str) -> Path:
        directory = tmp_path / "project" / "data" / "nlu"
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (directory / f"{name}.yml").write_text(dedent(content), encoding="utf-8")
        return tmp_path / "project"

    return write


@pytest.fixture
def tiny(write_project: WriteProject) -> Path:
    """A project with two intents, an entity and a lookup table."""
    return write_project(tiny=TINY)


@pytest.fixture(scope="session")
def stages() -> list[str]:
    """What was told while the demo's model was trained."""
    return []


@pytest.fixture(scope="session")
def demo_training(tmp_path_factory: pytest.TempPathFactory, stages: list[str]) -> tuple[Path, TrainingReport]:
    """The directory of the demo's model, trained in this session, and the report of that."""
    directory = tmp_path_factory.mktemp("demo_model")
    return directory, train(DEMO, directory, stages.append)


@pytest.fixture(scope="session")
def demo(demo_training: tuple[Path, TrainingReport]) -> EmbeddedInterpreter:
    """The demo's interpreter."""
    return load(demo_training[0])
