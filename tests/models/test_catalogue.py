from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PROJECT
from voicebot.models.catalogue import FILE, ModelError, load_catalogue

GOOD = """
[[model]]
name = "m"
engine = "vosk"
languages = ["en"]
rate = 8000
licence = "MIT"
good_for = "tests"
[[model.file]]
url = "http://127.0.0.1/m.zip"
size = 10
"""


def test_the_catalogue_has_every_language_and_says_what_is_missing() -> None:
    catalogue = load_catalogue(PROJECT / FILE)
    spoken = {
        language for model in catalogue.models.values() if model.engine == "piper" for language in model.languages
    }
    heard = {language for model in catalogue.models.values() if model.engine == "vosk" for language in model.languages}
    assert spoken == {"en", "de", "hu", "zh"}
    assert heard == {"en", "de", "zh"}
    assert any("Hungarian" in note for note in catalogue.gaps)
    for model in catalogue.models.values():
        assert all(file.url.startswith("https://") for file in model.files)
        assert model.name in model.files[0].name
        assert model.rate in (16000, 22050)


def test_an_unknown_name_gets_a_guess() -> None:
    with pytest.raises(ModelError, match=r"did you mean .*vosk-model-small-de-0\.15"):
        load_catalogue(PROJECT / FILE).find("vosk-small-de")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('engine = "vosk"', 'engine = "other"', "there is no engine 'other'"),
        ('engine = "vosk"', 'engine = "piper"', r"one \.onnx file and its \.onnx\.json"),
        ('name = "m"', 'name = "../m"', "the name becomes a directory"),
        ("rate = 8000", "", "lacks 'rate'"),
        ("rate = 8000", "rate = 8000\nsnow = 1", "unknown key 'snow'"),
        ("size = 10", "", "needs size, or about"),
        ("size = 10", 'size = 10\nsha256 = "abc"', "64 small hexadecimal digits"),
        ("http://127.0.0.1/m.zip", "file:///etc/passwd", "is not the address of a file"),
        ("[[model]]", "[[model", "cannot be read"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(GOOD)
    assert list(load_catalogue(file).models) == ["m"]
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(ModelError, match=message):
        load_catalogue(file)
    file.write_text(GOOD * 2)
    with pytest.raises(ModelError, match="stands there twice"):
        load_catalogue(file)
