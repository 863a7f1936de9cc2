"""Models on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from voicebot.nlu.embedded import load, train
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.model_files import FORMAT, is_stale


def quiet(stage: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    """The directory of a small trained model."""
    directory = tmp_path / "model"
    train(tiny, directory, quiet)
    return directory


def test_training_twice_writes_the_same_bytes(tiny: Path, model: Path, tmp_path: Path) -> None:
    train(tiny, tmp_path / "again", quiet)
    first, second = ({path.name: path.read_bytes() for path in d.iterdir()} for d in (model, tmp_path / "again"))
    assert first == second


def test_a_model_survives_its_training_data(tiny: Path, model: Path) -> None:
    (tiny / "data/nlu/tiny.yml").unlink()
    meaning = load(model).parse("fly me to oslo")
    assert meaning.intent.name == "fly"
    assert [(entity.name, entity.value) for entity in meaning.entities] == [("city", "oslo")]


def test_a_missing_model_says_to_train(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match=r"there is no intent model in .*nothing; run `voicebot train`"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize("victim", ["classifier", "entities"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_file_says_to_train(model: Path, victim: str, damage: str) -> None:
    path = next(model.glob(f"{victim}-*.bin"))
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:100] if damage == "cut" else content[:-1] + b"?")
    with pytest.raises(InterpreterError, match="run `voicebot train`"):
        load(model)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", f'{{"format": {FORMAT}}}', f'{{"format": {FORMAT + 1}}}'])
def test_a_damaged_or_foreign_index_says_to_train(tiny: Path, model: Path, content: str) -> None:
    (model / "model.json").write_text(content)
    with pytest.raises(InterpreterError, match="run `voicebot train`"):
        load(model)
    assert is_stale(model, tiny)


def test_an_index_that_names_other_digests_is_damaged(model: Path) -> None:
    index = json.loads((model / "model.json").read_text())
    index["digests"]["classifier"] = "0" * 64
    (model / "model.json").write_text(json.dumps(index))
    with pytest.raises(InterpreterError, match="damaged"):
        load(model)


def test_a_model_is_stale_when_its_data_has_changed(tiny: Path, model: Path, tmp_path: Path) -> None:
    assert not is_stale(model, tiny)
    assert is_stale(tmp_path / "nothing", tiny)
    file = tiny / "data/nlu/tiny.yml"
    file.write_text(file.read_text().replace("good morning", "good evening"))
    assert is_stale(model, tiny)


def test_training_again_leaves_one_model(tiny: Path, model: Path) -> None:
    file = tiny / "data/nlu/tiny.yml"
    file.write_text(file.read_text().replace("good morning", "good evening"))
    train(tiny, model, quiet)
    assert len(list(model.glob("*.bin"))) == 2
    assert load(model).parse("good evening").intent.name == "greet"


def test_a_place_that_cannot_be_written_is_named(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InterpreterError, match=r"the model cannot be written to .*file.*choose another place"):
        train(tiny, tmp_path / "file", quiet)
