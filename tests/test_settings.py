from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

import pytest

from voicebot.settings import CHECKOUT, Settings, SettingsError
from voicebot.settings_sources import flat, load


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in os.environ:
        if variable.startswith("VOICEBOT_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)


def project(tmp_path: Path, toml: str = "") -> Path:
    directory = tmp_path / "bank"
    (directory / "nlu_data").mkdir(parents=True)
    (directory / "voicebot.toml").write_text(toml)
    return directory


def test_without_sources_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.data == tmp_path / "var"
    assert settings.project == CHECKOUT
    assert settings.call.rate == 8000
    assert settings.speech.recogniser == "vosk"
    assert settings.zone is UTC
    assert not settings.data.exists()


def test_command_line_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = project(tmp_path, "language = 'de'\n[call]\nmax_duration_s = 60\nrecording = 'ask'\nrate = 16000\n")
    monkeypatch.setenv("VOICEBOT_PROJECT", str(bank))
    monkeypatch.setenv("VOICEBOT_CALL__MAX_DURATION_S", "70")
    monkeypatch.setenv("VOICEBOT_CALL__RECORDING", "announce")
    loaded = load({"call.max_duration_s": 80})
    call = loaded.settings.call
    assert (call.max_duration_s, call.recording, call.rate, loaded.settings.language) == (80, "announce", 16000, "de")
    assert loaded.origin(("call", "max_duration_s")) == "command line"
    assert loaded.origin(("call", "recording")) == "VOICEBOT_CALL__RECORDING"
    assert loaded.origin(("call", "rate")) == str(bank / "voicebot.toml")
    assert loaded.origin(("store", "url")) == "default"


def test_the_working_directory_is_the_project_when_it_holds_nlu_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = project(tmp_path, "time_zone = 'Europe/Berlin'")
    monkeypatch.chdir(bank)
    settings = Settings.load()
    assert settings.project == bank
    assert settings.time_zone == "Europe/Berlin"
    assert settings.in_project(settings.speech.model) == bank / "models/vosk-en-8k-mini"


def test_data_is_relative_to_who_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = project(tmp_path, "data = 'state'")
    assert Settings.load({"project": bank}).data == bank / "state"
    monkeypatch.setenv("VOICEBOT_DATA", "here")
    assert Settings.load({"project": bank}).data == tmp_path / "here"
    assert Settings.load({"project": bank, "data": "/there"}).data == Path("/there")


def test_a_number_has_its_own_settings(tmp_path: Path) -> None:
    bank = project(tmp_path, "[call]\nrecording = 'announce'\n[numbers.'+4930']\nqueue = 'cards'\n")
    settings = Settings.load({"project": bank})
    own, other = settings.number("+4930"), settings.number("+4940")
    assert (own.recording, own.queue) == ("announce", "cards")
    assert (other.recording, other.queue) == ("announce", None)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[call]\nrte = 1", "voicebot.toml: unknown setting 'call.rte'; did you mean rate?"),
        ("[spech]\nvoice = 'x'", "voicebot.toml: unknown setting 'spech'; did you mean speech?"),
        ("[numbers.'+1']\nrecordings = 'off'", "unknown setting 'numbers.+1.recordings'; did you mean recording?"),
        ("[call]\nrate = 11025", "the setting 'call.rate' should be 8000 or 16000 (it is 11025)"),
        (
            "[call]\nrecording = 'yes'",
            "the setting 'call.recording' should be 'off', 'announce' or 'ask' (it is 'yes')",
        ),
        ("time_zone = 'Mars'", "the setting 'time_zone' should be a time zone such as Europe/Berlin (it is 'Mars')"),
        ("[call\nrate = 1", "voicebot.toml: cannot be read as TOML: "),
        ("project = '.'", "the project is the directory of this file"),
    ],
)
def test_a_mistake_in_the_file_is_one_clear_sentence(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"project": project(tmp_path, toml)})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("VOICEBOT_DTA", "x", "VOICEBOT_DTA: unknown setting 'dta'; did you mean data?"),
        ("VOICEBOT_CALL__RTE", "1", "VOICEBOT_CALL__RTE: unknown setting 'call.rte'; did you mean rate?"),
        ("VOICEBOT_CALL__MAX_DURATION_S", "-1", "VOICEBOT_CALL__MAX_DURATION_S: the setting"),
        ("VOICEBOT_SPEECH", "{", "a whole section is given as JSON"),
        ("VOICEBOT_PROJECT", "/nowhere/at/all", "VOICEBOT_PROJECT: there is no project directory /nowhere/at/all"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=r".") as caught:
        Settings.load()
    assert message in str(caught.value)


def test_addresses_may_be_listed_or_written_with_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = project(tmp_path, "[nlu]\nurls = ['http://a:1', 'http://b:2']\n")
    assert Settings.load({"project": bank}).nlu.urls == ("http://a:1", "http://b:2")
    monkeypatch.setenv("VOICEBOT_NLU__URLS", "http://c:3, http://d:4,")
    assert Settings.load({"project": bank}).nlu.urls == ("http://c:3", "http://d:4")


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VOICEBOT_DATA", "")
    assert Settings.load().data == tmp_path / "var"


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_NLU__TOKEN", "swordfish")
    monkeypatch.setenv("VOICEBOT_NLU__JWT", "swordfish")
    monkeypatch.setenv("VOICEBOT_STORE__URL", "postgresql://bot:swordfish@db/voicebot")
    settings = Settings.load()
    assert settings.store.url is not None
    assert settings.store.url.get_secret_value() == "postgresql://bot:swordfish@db/voicebot"
    assert "swordfish" not in repr(settings)
    assert "swordfish" not in " ".join(f"{path} {value}" for path, value in flat(settings))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().call.rate = 16000
