"""Whatever is wrong with what the command line is given: one sentence, an exit code, no trace, nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import soundfile

from tests.cli.test_main import VOICEBOT
from tests.conftest import PROJECT
from voicebot.audio.files import read_audio
from voicebot.audio.resample import resample
from voicebot.cli import main as cli
from voicebot.media.house import House

FIXTURE = PROJECT / "audio_fixtures" / "human" / "agent_at_once.yml"


@pytest.fixture
def data(house: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a trained model, set for commands; no other setting is in the environment."""
    for name in [name for name in os.environ if name.startswith("VOICEBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VOICEBOT_DATA", str(house.settings.data))
    return house.settings.data


@pytest.fixture
def project(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo project, set for commands."""
    for name in ("nlu_data", "prompts"):
        shutil.copytree(PROJECT / name, tmp_path / "project" / name)
    (tmp_path / "project" / "models").symlink_to(PROJECT / "models")
    monkeypatch.setenv("VOICEBOT_PROJECT", str(tmp_path / "project"))
    return tmp_path / "project"


Run = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must fail with one sentence, which is what it gives."""

    def run(*arguments: object) -> str:
        assert cli.run([str(argument) for argument in arguments]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        sentences = [line for line in captured.err.splitlines() if line.startswith("voicebot: ")]
        assert len(sentences) == 1, captured.err
        assert captured.err.endswith(sentences[0] + "\n"), "it comes last"
        assert "Traceback" not in captured.err
        assert "internal error" not in captured.err
        return sentences[0].removeprefix("voicebot: ")

    return run


def change(file: Path, before: str, after: str) -> Path:
    """The file with something else in it."""
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    return file


# --- models --------------------------------------------------------------------------------------------------------


def test_a_missing_speech_model(data: Path, tmp_path: Path, refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SPEECH__MODEL", str(tmp_path / "none"))
    assert f"no speech model in {tmp_path / 'none'}" in refused("replay", FIXTURE)


@pytest.mark.parametrize("file", ["am/final.mdl", "graph/Gr.fst", "conf/mfcc.conf"])
def test_a_broken_speech_model(
    file: str, data: Path, tmp_path: Path, refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model"
    shutil.copytree(PROJECT / "models" / "vosk-en-8k-mini", model)
    (model / file).write_bytes((model / file).read_bytes()[:30])
    monkeypatch.setenv("VOICEBOT_SPEECH__MODEL", str(model))
    assert str(model) in refused("replay", FIXTURE)


@pytest.mark.parametrize("how", ["cut", "other", "gone", "index"])
def test_a_damaged_intent_model(how: str, data: Path, tmp_path: Path, refused: Run) -> None:
    model = tmp_path / "models" / "nlu"
    shutil.copytree(data / "models" / "nlu", model)
    classifier = next(model.glob("classifier-*.bin"))
    if how == "gone":
        classifier.unlink()
    elif how == "index":
        change(model / "model.json", '"weights"', '"wights"')
    else:
        content = classifier.read_bytes()
        classifier.write_bytes(content[:1000] if how == "cut" else bytes(reversed(content)))
    said = refused("nlu", "parse", "hello", "--data", tmp_path)
    assert str(model) in said
    assert "run `voicebot train`" in said


# --- project files -------------------------------------------------------------------------------------------------


WRONG = [
    ("data/nlu/cards.yml", "nlu:", "nlu: ]", "cards.yml:"),
    ("flows/bank.yml", "    steps:", "    steps: [", "bank.yml:"),
    ("flows/bank.yml", "name: check_balance,", "name: check_blance,", "the intent 'check_blance' is not in the domain"),
    ("flows/bank.yml", "action: utter_balance", "action: utter_blance", "the response 'utter_blance' is not in"),
    ("flows/bank.yml", "action: action_identify", "action: action_idntify", "'action_idntify' is neither built in nor"),
    ("flows/bank.yml", "collect: account_number", "collect: acount", "the slot 'acount' is not in the domain"),
    ("domain.yml", "type: float", "type: flot", "domain.yml:"),
]
"""A file, something in it, what stands there instead, and what is said of that."""


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[2])
def test_a_wrong_project_file(wrong: tuple[str, str, str, str], project: Path, refused: Run) -> None:
    file, before, after, said = wrong
    changed = change(project / "nlu_data" / file, before, after)
    sentence = refused("chat")
    assert said in sentence
    path, line = sentence.split(":")[:2]
    assert path == str(changed)
    assert int(line) > 0


def test_a_wrong_prompt_file(project: Path, refused: Run) -> None:
    wrong = change(project / "prompts" / "en" / "bank.yml", "responses:", "responses:\n  utter_x: 7\n")
    assert refused("chat").startswith(f"{wrong}:")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[speech]\nmodl = "x"\n', "unknown setting 'speech.modl'; did you mean model?"),
        ("[speech\n", "cannot be read as TOML"),
        ("[call]\nrate = 44100\n", "the setting 'call.rate' should be 8000 or 16000"),
    ],
)
def test_a_wrong_settings_file(toml: str, said: str, project: Path, refused: Run) -> None:
    (project / "voicebot.toml").write_text(toml, "utf-8")
    sentence = refused("chat")
    assert said in sentence
    assert sentence.startswith(f"{project / 'voicebot.toml'}: ")


@pytest.mark.parametrize("name", ["VOICEBOT_SPEEHC__MODEL", "VOICEBOT_SPEECH__MODL", "VOICEBOT_NLU__TOKNE"])
def test_an_unknown_variable(name: str, data: Path, refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "a secret, perhaps")
    sentence = refused("chat")
    assert sentence.startswith(f"{name}: unknown setting")
    assert "secret" not in sentence


# --- state ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("chat",), ("train",), ("replay", FIXTURE), ("queue", "list"), ("demo",)])
def test_a_data_directory_that_cannot_be_written(
    command: tuple[object, ...], data: Path, tmp_path: Path, refused: Run
) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in refused(*command, "--data", tmp_path / "file" / "data")


@pytest.mark.parametrize("content", [b"this is no database" * 300, b"SQLite format 3\0" + b"\xff" * 5000])
@pytest.mark.parametrize("command", [("chat",), ("queue", "list", "--json")])
def test_a_corrupt_database(content: bytes, command: tuple[str, ...], data: Path, tmp_path: Path, refused: Run) -> None:
    (tmp_path / "models").symlink_to(data / "models")
    (tmp_path / "voicebot.db").write_bytes(content)
    said = refused(*command, "--data", tmp_path)
    assert said.startswith(f"the database {tmp_path / 'voicebot.db'} is damaged or no database")
    assert (tmp_path / "voicebot.db").read_bytes() == content, "for whoever wants to save something of it"


# --- fixtures ------------------------------------------------------------------------------------------------------


def recorded(folder: Path, *, rate: int = 8000, channels: int = 1, subtype: str = "PCM_16") -> Path:
    """A fixture whose recording has another format."""
    folder.mkdir()
    shutil.copy(FIXTURE, folder / "caller.yml")
    samples = resample(read_audio(FIXTURE.with_suffix(".wav")).samples, 8000, rate)
    soundfile.write(folder / "caller.wav", np.stack([samples] * channels, axis=1), rate, subtype=subtype)
    return folder / "caller.yml"


def test_recordings_of_other_formats_are_understood(data: Path, tmp_path: Path) -> None:
    made = [
        recorded(tmp_path / "stereo", channels=2),
        recorded(tmp_path / "cd", rate=44100),
        recorded(tmp_path / "studio", rate=48000, channels=2, subtype="PCM_24"),
    ]
    assert cli.run(["replay", *map(str, made)]) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda whole: b"", "caller.wav is empty."),
        (lambda whole: whole[:30], "caller.wav is not an audio file that can be read; give a WAV or FLAC file."),
        (lambda whole: whole[:44], "caller.wav holds no audio."),
        (lambda whole: b"no audio " * 99, "caller.wav is not an audio file that can be read; give a WAV or FLAC file."),
        (lambda whole: whole[: len(whole) // 2], "s, but the recording ends after"),
    ],
    ids=["empty", "header cut", "no samples", "text", "cut"],
)
def test_a_bad_recording(spoil: Callable[[bytes], bytes], said: str, data: Path, tmp_path: Path, refused: Run) -> None:
    good, bad = recorded(tmp_path / "good"), recorded(tmp_path / "bad")
    wav = bad.with_suffix(".wav")
    wav.write_bytes(spoil(wav.read_bytes()))
    sentence = refused("replay", good, bad, "--json", tmp_path / "out.json")
    assert said in sentence
    assert sentence.startswith(str(tmp_path / "bad" / "caller."))
    assert not (tmp_path / "out.json").exists()


def test_where_there_is_no_fixture(data: Path, tmp_path: Path, refused: Run) -> None:
    assert refused("replay", tmp_path / "none.yml").startswith(f"{tmp_path / 'none.yml'}: no fixture there")
    assert refused("replay", tmp_path).startswith(f"{tmp_path}: no fixture found")
    assert refused("demo", tmp_path / "none.yml").startswith(f"{tmp_path / 'none.yml'}")


# --- results -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", ["nowhere/out.json", "directory"])
def test_results_that_cannot_be_written(out: str, data: Path, tmp_path: Path, refused: Run) -> None:
    (tmp_path / "directory").mkdir()
    assert refused("replay", FIXTURE, "--json", tmp_path / out).startswith(f"{tmp_path / out}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]


def test_pictures_that_cannot_be_drawn(data: Path, tmp_path: Path, refused: Run) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in refused("replay", FIXTURE, "--pictures", tmp_path / "file")


# --- readers that leave, and interruptions -------------------------------------------------------------------------


def started(*arguments: object, stdin: int | IO[str] | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """A running command."""
    line = [str(VOICEBOT), *map(str, arguments)]
    return subprocess.Popen(line, cwd=PROJECT, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """What a command that ends by itself says on stderr."""
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait(60)
    return said


def test_a_reader_that_leaves_in_the_middle_is_no_error(data: Path) -> None:
    chat = started("chat", stdin=subprocess.PIPE)
    assert chat.stdin is not None
    assert chat.stdout is not None
    assert chat.stdout.readline().startswith("bot  > ")
    chat.stdout.close()
    chat.stdin.write("help\n" * 20)
    chat.stdin.close()
    assert "voicebot:" not in (said := ended(chat))
    assert "Traceback" not in said


def test_results_into_a_closed_pipe_are_no_error(data: Path) -> None:
    replay = started("replay", FIXTURE, "--json", "-")
    assert replay.stdout is not None
    replay.stdout.close()
    said = ended(replay)
    assert "1 passed" in said
    assert "Broken" not in said


def test_a_chat_that_is_interrupted_ends_quietly(data: Path) -> None:
    chat = started("chat", stdin=subprocess.PIPE)
    assert chat.stdout is not None
    chat.stdout.readline()
    chat.send_signal(signal.SIGINT)
    assert chat.communicate(timeout=60)[1] == ""
    assert chat.returncode == 130


def test_a_replay_that_is_interrupted_ends_quietly_and_writes_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_LOGS__LEVEL", "debug")  # so that something is said while it runs
    replay = started("replay", "audio_fixtures", "--json", tmp_path / "out.json")
    assert replay.stderr is not None
    assert replay.stderr.readline()
    replay.send_signal(signal.SIGINT)
    assert "Traceback" not in replay.communicate(timeout=60)[1]
    assert replay.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_texts_of_any_bytes_can_be_chatted(data: Path) -> None:
    chat = started("chat", stdin=subprocess.PIPE)
    assert chat.stdin is not None
    os.write(chat.stdin.fileno(), b"\xff\xfe balance \x00 \x1b[31m\nagent\n\n\n")
    out, err = chat.communicate(timeout=60)
    assert chat.returncode == 0
    assert "colleague" in out
    assert "Traceback" not in err
