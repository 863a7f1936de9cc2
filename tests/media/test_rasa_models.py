"""Where Rasa's models lie, when one is trained, and what the settings make of that; a double stands for Rasa."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.media.test_rasa_keeper import DOUBLE
from voicebot.media import rasa, rasa_models, rasa_process
from voicebot.media.house import House
from voicebot.media.rasa_models import RasaHome, forget_broken
from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.rasa import Auth
from voicebot.nlu.rasa_servers import Servers
from voicebot.settings import NluSettings, Settings

CONFIG = "epochs: 1\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A project with a Rasa environment in which the double stands for Rasa."""
    for module in (rasa_process, rasa_models):
        monkeypatch.setattr(module, "CHILD", DOUBLE)
    (tmp_path / "nlu_data" / "data").mkdir(parents=True)
    (tmp_path / "nlu_data" / "config.yml").write_text(CONFIG)
    (tmp_path / "nlu_data" / "data" / "nlu.yml").write_text("nlu: []\n")
    environment = tmp_path / "rasa environment"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / ".installed").touch()
    return Settings(project=tmp_path, data=tmp_path / "var", nlu=NluSettings(engine="rasa", rasa=environment))


def test_a_model_is_named_by_what_it_was_trained_on(settings: Settings) -> None:
    home = RasaHome.of(settings)
    first = home.present()
    assert home.newest() is None
    assert home.train() == first == home.newest()
    assert first.read_bytes() == b"a model"
    (home.data / "data" / "nlu.yml").write_text("nlu: [] # more\n")
    second = home.present()
    assert second != first
    assert not second.exists()
    home.train()
    assert home.newest() == second
    assert first.exists(), "a server that runs may have it"
    (home.data / "config.yml").write_text(CONFIG + "# else\n")
    home.train()
    assert not first.exists()
    assert [path.name for path in home.models.iterdir() if path.name.startswith(".")] == []


def test_a_training_that_fails_leaves_the_old_model(settings: Settings) -> None:
    home = RasaHome.of(settings)
    old = home.train()
    (home.data / "config.yml").write_text("epochs: none\n")
    with pytest.raises(InterpreterError, match=r"Rasa could not train \(exit code 3\); .*rasa.log says why"):
        home.train()
    assert home.newest() == old


def test_what_a_killed_training_left_is_removed_and_one_that_runs_is_not(tmp_path: Path) -> None:
    for name, age in ((".training-old", 7200), (".training-runs", 60)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    forget_broken(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".training-runs"]


def test_without_rasa_the_error_says_what_to_do(tmp_path: Path) -> None:
    nlu = NluSettings(engine="rasa", rasa=Path("no such environment"))
    with pytest.raises(InterpreterError, match=r"there is no Rasa in .*; run `make rasa-model`, or set nlu.urls"):
        RasaHome.of(Settings(project=tmp_path, data=tmp_path, nlu=nlu))


def test_a_model_is_trained_and_served_when_there_is_none(settings: Settings) -> None:
    servers = Servers()
    keeper = rasa.keep(settings, servers, Auth(token="t"))  # noqa: S106
    try:
        assert keeper.wait(20)
        assert servers.names == (RasaHome.of(settings).present().name.removesuffix(".tar.gz"),)
    finally:
        keeper.close()


def test_servers_elsewhere_are_asked_as_the_settings_say(settings: Settings, house: House) -> None:
    nlu = NluSettings(urls=("http://a:1", "http://b:2"), token=SecretStr("t"), jwt=SecretStr("a.b.c"))
    assert isinstance(house.interpreter, EmbeddedInterpreter)
    client = rasa.open_rasa(settings.model_copy(update={"nlu": nlu}), house.interpreter.model)
    assert client.servers.urls == ("http://a:1", "http://b:2")
    assert rasa.auth_of(nlu) == Auth(token="t", jwt="a.b.c")  # noqa: S106
