from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_main import voicebot
from tests.conftest import PROJECT
from tests.models.server import Host, serving
from tests.speech.tone_voice import make_tone_voice
from voicebot.cli import main as cli

BUNDLED = PROJECT / "models/vosk-en-8k-mini"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a catalogue of one voice, in the working directory."""
    for name in ("nlu_data", "prompts", "models"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def host(project: Path) -> Iterator[Host]:
    voice = make_tone_voice(project / "en_XX-tone.onnx")
    files = {path.name: path.read_bytes() for path in (voice, voice.with_name(voice.name + ".json"))}
    with serving(files) as host:
        lines = ['[[model]]\nname = "en_XX-tone"\nengine = "piper"\nlanguages = ["en"]\nrate = 22050']
        lines.append('licence = "none"\ngood_for = "tests"')
        for name, content in files.items():
            digest = hashlib.sha256(content).hexdigest()
            lines.append(f'[[model.file]]\nurl = "{host.url}/{name}"\nsize = {len(content)}\nsha256 = "{digest}"')
        (project / "models/catalogue.toml").write_text("\n".join(lines))
        yield host


def test_a_voice_is_listed_pulled_used_and_removed(project: Path, host: Host) -> None:
    (row,) = json.loads(voicebot("models", "list", "--json", cwd=project).stdout)
    assert (row["name"], row["state"], row["licence"]) == ("en_XX-tone", "", "none")
    pulled = voicebot("models", "pull", "en_XX-tone", cwd=project)
    assert (pulled.returncode, pulled.stdout) == (0, "")
    assert "installed (licence: none)" in pulled.stderr
    assert "installed already" in voicebot("models", "pull", "en_XX-tone", cwd=project).stderr
    assert voicebot("models", "verify", cwd=project).stderr == "en_XX-tone: as installed\n"
    assert "serves from the next call on" in voicebot("models", "use", "en_XX-tone", cwd=project).stderr
    assert "piper/en_XX-tone-" in voicebot("say", "hello", "-o", "out.wav", cwd=project).stderr
    assert "serves the calls" in voicebot("models", "remove", "en_XX-tone", cwd=project).stderr
    assert "those of the settings" in voicebot("models", "use", "--reset", cwd=project).stderr
    assert "espeak-ng" in voicebot("say", "hello", "-o", "out.wav", cwd=project).stderr
    assert voicebot("models", "remove", "en_XX-tone", cwd=project).returncode == 0
    assert not (project / "var/models/speech/en_XX-tone").exists()


def test_a_corrupt_download_is_one_sentence_and_code_1(project: Path, host: Host) -> None:
    host.faults = ["corrupt"]
    done = voicebot("models", "pull", "en_XX-tone", cwd=project)
    assert done.returncode == 1
    assert done.stderr.startswith("voicebot: http://127.0.0.1")
    assert "not the one that the catalogue means" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mirror_is_a_setting(project: Path, host: Host) -> None:
    catalogue = project / "models/catalogue.toml"
    catalogue.write_text(catalogue.read_text().replace(host.url, "https://far.invalid"))
    done = voicebot("models", "pull", "en_XX-tone", cwd=project, VOICEBOT_MODELS__MIRROR=f"{host.url}/mirror")
    assert done.returncode == 0
    assert "should begin with http" in voicebot("models", "list", cwd=project, VOICEBOT_MODELS__MIRROR="ftp://x").stderr


def test_a_recogniser_from_a_directory_is_used_unless_the_environment_says_otherwise(project: Path) -> None:
    shutil.copytree(BUNDLED, project / "mine")
    assert voicebot("models", "pull", "own", "--from", "mine", cwd=project).returncode == 0
    done = voicebot("models", "use", "own", cwd=project, VOICEBOT_SPEECH__MODEL=str(BUNDLED))
    assert "the environment or the command line names another" in done.stderr
    assert "serves from the next call on" in voicebot("models", "use", "own", cwd=project).stderr
    rows = {row["name"]: row for row in json.loads(voicebot("models", "list", "--json", cwd=project).stdout)}
    assert (rows["own"]["state"], rows["own"]["good_for"]) == ("serves", "from mine")
    assert "vosk-model-small-de-0.15" in rows
    (project / "var/models/speech/own/README").write_text("")
    done = voicebot("models", "verify", "own", cwd=project)
    assert (done.returncode, done.stderr) == (1, "own: README does not belong there\n")


def test_a_model_of_another_language_or_that_is_not_there_is_refused(
    project: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = ["--project", str(project), "--data", str(project / "var")]
    assert cli.run(["models", "pull", "en_XX-tone", *shared]) == 0
    (project / "voicebot.toml").write_text('language = "de"\n')
    assert cli.run(["models", "use", "en_XX-tone", *shared]) == 1
    assert "is for en, and callers are served in de" in capsys.readouterr().err
    assert cli.run(["models", "use", "absent", *shared]) == 1
    assert "`voicebot models pull absent` gets it" in capsys.readouterr().err
    assert cli.run(["models", "pull", "en_XX-tune", *shared]) == 1
    assert "did you mean en_XX-tone?" in capsys.readouterr().err
    assert cli.run(["models", "use", *shared]) == 2


def test_the_list_names_licences_and_what_there_is_not(tmp_path: Path) -> None:
    done = voicebot("models", "list", cwd=tmp_path, COLUMNS="200")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no official Vosk model for Hungarian" in done.stderr
    assert "CC0-1.0" in done.stderr
    rows = json.loads(voicebot("models", "list", "--language", "hu", "--json", cwd=tmp_path).stdout)
    assert {row["engine"] for row in rows} == {"piper"}


def test_engines_without_measuring(tmp_path: Path) -> None:
    engines = json.loads(voicebot("engines", "--json", "--no-speed", cwd=tmp_path).stdout)
    assert [engine["engine"] for engine in engines if engine["chosen"]] == ["vosk", "silero", "embedded", "espeak-ng"]
    shown = voicebot("engines", "--no-speed", cwd=tmp_path, COLUMNS="120")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "vosk-en-8k-mini" in shown.stderr
