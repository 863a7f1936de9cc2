from __future__ import annotations

from pathlib import Path

import pytest

from voicebot.models.chosen import FILE, choose_recogniser, choose_voice, chosen, reset, stamp
from voicebot.settings import Settings, SettingsError
from voicebot.settings_sources import load


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VOICEBOT_SPEECH__MODEL", "VOICEBOT_DATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "voicebot.toml").write_text(
        'data = "state"\n[speech]\nmodel = "from-toml"\n[speech.voices.en]\nvoice = "rms"\nspeaker = 3\n'
    )
    return tmp_path


def test_the_choice_is_stronger_than_the_file_and_weaker_than_the_environment(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = project / "state"
    assert Settings.load({"project": str(project)}).speech.model == Path("from-toml")
    choose_recogniser(data, project / "chosen")
    choose_voice(data, "en", project / "v.onnx")
    choose_voice(data, "de", project / "w.onnx")
    loaded = load({"project": str(project)})
    assert loaded.settings.speech.model == project / "chosen"
    assert loaded.origin(("speech", "model")) == str(data / FILE)
    spoken = loaded.settings.spoken
    assert (spoken.synthesiser, spoken.voice, spoken.speaker) == ("piper", str(project / "v.onnx"), 3)
    assert loaded.settings.speech.voices["de"].voice == str(project / "w.onnx")
    monkeypatch.setenv("VOICEBOT_SPEECH__MODEL", "from-environment")
    assert Settings.load({"project": str(project)}).speech.model == Path("from-environment")
    reset(data)
    reset(data)
    assert chosen(data) == {}
    monkeypatch.delenv("VOICEBOT_SPEECH__MODEL")
    assert Settings.load({"project": str(project)}).speech.model == Path("from-toml")


def test_the_stamp_changes_with_every_choice(tmp_path: Path) -> None:
    stamps = [stamp(tmp_path)]
    for name in ("a", "b"):
        choose_recogniser(tmp_path, tmp_path / name)
        stamps.append(stamp(tmp_path))
    assert stamps[0] is None
    assert len(set(stamps)) == 3


@pytest.mark.parametrize("content", ["", "{", "[]", '{"speech": 1}', '{"store": {}}', "\udcff"])
def test_a_damaged_choice_is_named(project: Path, content: str) -> None:
    (project / "state").mkdir()
    (project / "state" / FILE).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"engines\.json: is damaged; delete it"):
        Settings.load({"project": str(project)})


def test_a_wrong_value_in_the_choice_is_named_by_its_file(project: Path) -> None:
    (project / "state").mkdir()
    (project / "state" / FILE).write_text('{"speech": {"voices": {"en": {"speeker": 1}}}}')
    with pytest.raises(SettingsError, match=r"engines\.json: unknown setting .*did you mean speaker"):
        Settings.load({"project": str(project)})
