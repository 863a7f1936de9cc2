"""`voicebot rasa`, with a double in Rasa's place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.test_train import project
from tests.media.test_rasa_keeper import DOUBLE
from voicebot.cli.main import run
from voicebot.media import rasa_models, rasa_process

__all__ = ["project"]  # a fixture


@pytest.fixture
def rasa(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in which the double stands for Rasa; the settings point to it."""
    for module in (rasa_process, rasa_models):
        monkeypatch.setattr(module, "CHILD", DOUBLE)
    environment = project / ".venv-rasa"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / ".installed").touch()
    (project / "nlu_data" / "config.yml").write_text("epochs: 1\n")
    return environment


def test_training_is_done_once(rasa: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rasa", "train"]) == 0
    assert "(trained in 0 s)" in capsys.readouterr().err.replace("1 s)", "0 s)")
    assert run(["rasa", "train"]) == 0
    assert "is up to date" in capsys.readouterr().err


@pytest.mark.usefixtures("rasa")
def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rasa", "serve"]) == 1
    assert "there is no Rasa model in " in capsys.readouterr().err


def test_a_server_that_cannot_serve_is_an_error(rasa: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rasa", "train"]) == 0
    (model,) = (rasa.parents[1] / "var" / "models" / "rasa").glob("*.gz")
    model.rename(model.with_name("nlu-broken.tar.gz"))
    assert run(["rasa", "serve", "--port", "1"]) == 1
    assert "Rasa does not serve on port 1; " in capsys.readouterr().err
