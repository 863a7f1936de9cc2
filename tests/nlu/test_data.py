"""Reading of Rasa's training data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nlu.conftest import WriteProject
from voicebot.nlu.data import TrainingDataError, data_hash, read_training_data, training_files


def test_intents_entities_lookups_and_synonyms_are_read(tiny: Path) -> None:
    data = read_training_data(tiny)
    assert data.intents == ("fly", "greet")
    assert data.lookups == {"city": ("paris", "rome", "oslo")}
    assert data.synonyms == {"the big apple": "new york"}
    example = data.examples[4]
    assert (example.intent, example.text, example.line) == ("fly", "i want to fly to paris", 11)
    assert example.annotations[0].entity == "city"


def test_several_files_make_one_project(write_project: WriteProject) -> None:
    project = write_project(
        a="nlu: [{intent: one, examples: '- first'}]",
        b="""\
            nlu:
              - intent: two
                examples:
                  - text: second
                    metadata: {from: here}
              - synonym: "NY"
                examples: |
                  - New York
              - regex: number
                examples: |
                  - \\d+
            """,
        c="responses: {utter_hello: [{text: hi}]}",
        d="",
    )
    data = read_training_data(project)
    assert [(e.intent, e.text, e.line) for e in data.examples] == [("one", "first", 2), ("two", "second", 4)]
    assert data.synonyms == {"new york": "NY"}
    assert data.regexes == {"number": (r"\d+",)}


def test_yes_and_no_stay_text(write_project: WriteProject) -> None:
    project = write_project(a="nlu:\n  - intent: no\n    examples: |\n      - no\n      - off\n")
    assert [(e.intent, e.text) for e in read_training_data(project).examples] == [("no", "no"), ("no", "off")]


def test_a_repeated_example_counts_once(write_project: WriteProject) -> None:
    project = write_project(a="nlu:\n  - intent: a\n    examples: |\n      - one\n      - one\n      - two\n")
    assert len(read_training_data(project).examples) == 2


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        ("nlu:\n  - intent: a\n   examples: |\n", 3, "invalid YAML"),
        ("nlu:\n  - intent: a\n    intent: b\n", 3, "invalid YAML: found duplicate key"),
        ("- nlu\n", 1, "expected a mapping with the key `nlu:`"),
        ("nlu:\n  intent: a\n", 2, "expected a list of `- intent: ...`"),
        ("nlu:\n  - intnt: a\n", 2, "expected `- intent:`, `- synonym:`"),
        ("nlu:\n  - hello\n", 2, "expected `- intent:`, `- synonym:`"),
        ("nlu:\n  - intent: 5\n    examples: |\n      - x\n", 2, "expected a name after `intent:`, found 5"),
        ("nlu:\n  - intent: a\n", 2, "expected `examples: |` with one `- phrase` a line under this intent"),
        ("nlu:\n  - intent: a\n    examples: 3\n", 2, "expected `examples: |`"),
        ("nlu:\n  - intent: a\n    examples: |\n      - x\n      y\n", 5, "expected `- ` before the example 'y'"),
        ("nlu:\n  - intent: a\n    examples:\n      - text: x\n      - y\n", 5, "expected `- text: ...`"),
        ("nlu:\n  - intent: a\n    examples: |\n      - x\n      - [y]{entity: z}\n", 5, "is not valid JSON"),
    ],
)
def test_a_mistake_is_named_with_its_line(write_project: WriteProject, content: str, line: int, expected: str) -> None:
    project = write_project(bad=content)
    with pytest.raises(TrainingDataError) as caught:
        read_training_data(project)
    assert str(caught.value).startswith(f"{project / 'data/nlu/bad.yml'}:{line}: ")
    assert expected in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_with_their_line(write_project: WriteProject) -> None:
    project = write_project(bad="")
    (project / "data/nlu/bad.yml").write_bytes(b"nlu:\n  - intent: caf\xe9\n")
    with pytest.raises(TrainingDataError, match=r"bad.yml:2: a character is not UTF-8"):
        read_training_data(project)


def test_control_characters_are_an_error_of_the_file(write_project: WriteProject) -> None:
    project = write_project(bad="nlu: \x00")
    with pytest.raises(TrainingDataError, match=r"bad\.yml.*invalid YAML"):
        read_training_data(project)


def test_without_files_or_examples_the_user_is_told(tmp_path: Path, write_project: WriteProject) -> None:
    with pytest.raises(TrainingDataError, match="there is no such directory"):
        read_training_data(tmp_path / "missing")
    with pytest.raises(TrainingDataError, match=r"no \.yml file is here"):
        read_training_data(tmp_path)
    with pytest.raises(TrainingDataError, match="no intent has any example"):
        read_training_data(write_project(a="nlu: []"))


def test_a_project_a_directory_or_a_file_may_be_given(tiny: Path) -> None:
    inner = tiny / "data" / "nlu"
    (tiny / "tests").mkdir()
    (tiny / "tests" / "test.yml").write_text("nlu: []")
    assert training_files(tiny) == training_files(inner) == training_files(inner / "tiny.yml")


def test_the_hash_changes_with_the_data_only(tiny: Path) -> None:
    before = data_hash(tiny)
    (tiny / "domain.yml").write_text("intents: [greet, fly]")
    assert data_hash(tiny) == before
    file = tiny / "data" / "nlu" / "tiny.yml"
    file.write_text(file.read_text() + "\n      - oslo again\n")
    assert data_hash(tiny) != before
