from __future__ import annotations

import fcntl
import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.models.server import Host, serving
from tests.speech.tone_voice import make_tone_voice
from voicebot.models.catalogue import Model, ModelError, ModelFile
from voicebot.models.fetch import Patience
from voicebot.models.shelf import Shelf
from voicebot.speech.piper import PiperSynthesiser
from voicebot.speech.vosk import VoskRecogniser

BUNDLED = PROJECT / "models/vosk-en-8k-mini"
HURRY = Patience(stall_s=0.3, attempts=2, pause_s=0)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model as Vosk's models come: a zip with one directory."""
    path = tmp_path_factory.mktemp("archive") / "vosk-tiny.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in BUNDLED.rglob("*"):
            zipped.write(file, Path("vosk-tiny", file.relative_to(BUNDLED)))
    return path


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone_voice(tmp_path_factory.mktemp("voice") / "en_XX-tone.onnx")


@pytest.fixture
def host(archive: Path, voice: Path) -> Iterator[Host]:
    beside = voice.with_name(voice.name + ".json")
    with serving({path.name: path.read_bytes() for path in (archive, voice, beside)}) as host:
        yield host


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def file_of(host: Host, name: str, *, checked: bool = True) -> ModelFile:
    content = host.files[name]
    sha256 = hashlib.sha256(content).hexdigest() if checked else None
    return ModelFile(f"{host.url}/far/{name}", len(content) if checked else None, len(content), sha256)


def tiny(host: Host, *, checked: bool = True) -> Model:
    files = (file_of(host, "vosk-tiny.zip", checked=checked),)
    return Model("vosk-tiny", "vosk", ("en",), 8000, "CC-BY-SA-4.0", "tests", files)


def tone(host: Host) -> Model:
    files = (file_of(host, "en_XX-tone.onnx"), file_of(host, "en_XX-tone.onnx.json"))
    return Model("en_XX-tone", "piper", ("en",), 22050, "none", "tests", files)


def left(shelf: Shelf) -> list[str]:
    """Everything on the shelf but the lock and the recorded checksums."""
    directory = shelf._directory
    found = (str(path.relative_to(directory)) for path in directory.rglob("*"))
    return sorted(set(found) - {".pull", ".pull/lock", ".pull/checksums.json"})


def nothing(done: int, total: int) -> None:
    """No progress bar."""


def test_a_vosk_model_is_pulled_and_hears(shelf: Shelf, host: Host) -> None:
    record = shelf.pull(tiny(host), nothing, patience=HURRY)
    assert (record.engine, record.languages, record.rate) == ("vosk", ("en",), 8000)
    assert shelf.installed() == [record]
    assert shelf.verify("vosk-tiny") == []
    assert VoskRecogniser(shelf.path("vosk-tiny")).rate == 8000
    assert not [name for name in left(shelf) if name.startswith(".pull")]


def test_a_piper_voice_is_pulled_and_speaks(shelf: Shelf, host: Host) -> None:
    assert shelf.pull(tone(host), nothing, patience=HURRY).rate == 22050
    assert len(next(PiperSynthesiser(shelf.path("en_XX-tone")).speak("hello")).samples)


def test_a_mirror_takes_the_place_of_every_host(shelf: Shelf, host: Host) -> None:
    far = replace(tiny(host), files=(replace(tiny(host).files[0], url="https://far.invalid/deep/vosk-tiny.zip"),))
    shelf.pull(far, nothing, mirror=f"{host.url}/mirror/", patience=HURRY)
    assert shelf.verify("vosk-tiny") == []


@pytest.mark.parametrize("fault", ["corrupt", "truncate", "endless", "404"])
def test_an_altered_model_is_refused_and_nothing_half_written_stays(shelf: Shelf, host: Host, fault: str) -> None:
    host.faults = [fault]
    with pytest.raises(ModelError):
        shelf.pull(tiny(host), nothing, patience=HURRY)
    assert left(shelf) == []
    host.faults = ["", fault]
    with pytest.raises(ModelError):
        shelf.pull(tone(host), nothing, patience=HURRY)
    assert [name for name in left(shelf) if not name.endswith((".part", ".tag"))] == []
    assert shelf.installed() == []


def test_after_a_network_failure_only_the_download_stays_and_the_next_pull_ends_it(shelf: Shelf, host: Host) -> None:
    host.faults = ["drop", "drop"]
    with pytest.raises(ModelError, match="broke off"):
        shelf.pull(tiny(host), nothing, patience=HURRY)
    assert shelf.installed() == []
    assert all(name.endswith((".part", ".part.tag")) for name in left(shelf))
    shelf.pull(tiny(host), nothing, patience=HURRY)
    assert host.asked[-1] is not None
    assert shelf.verify("vosk-tiny") == []


def test_the_checksum_of_the_first_pull_holds_for_later_ones(shelf: Shelf, host: Host, archive: Path) -> None:
    unknown = tiny(host, checked=False)
    shelf.pull(unknown, nothing, patience=HURRY)
    shelf.remove("vosk-tiny")
    host.files["vosk-tiny.zip"] = archive.read_bytes() + b"more"
    with pytest.raises(ModelError, match="not the one"):
        shelf.pull(unknown, nothing, patience=HURRY)
    other = archive.with_name("other.zip")
    other.write_bytes(host.files["vosk-tiny.zip"])
    with pytest.raises(ModelError, match="differs"):
        shelf.add(other, "vosk-tiny", unknown)
    assert left(shelf) == []


def test_an_archive_that_leads_elsewhere_leaves_nothing(shelf: Shelf, host: Host, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as zipped:
        zipped.writestr("vosk-tiny/am/final.mdl", b"x")
        zipped.writestr("../../evil", b"x")
    host.files["vosk-tiny.zip"] = (tmp_path / "evil.zip").read_bytes()
    with pytest.raises(ModelError, match="leads elsewhere"):
        shelf.pull(tiny(host), nothing, patience=HURRY)
    assert left(shelf) == []
    assert not list(tmp_path.rglob("evil"))


def test_from_a_directory_or_archive(shelf: Shelf, archive: Path, voice: Path, tmp_path: Path) -> None:
    assert shelf.add(BUNDLED, "mine", None).engine == "vosk"
    assert shelf.add(archive, "zipped", None).rate == 8000
    assert shelf.add(voice.parent, "voice", None).languages == ("en",)
    tarred = shutil.make_archive(str(tmp_path / "tarred"), "gztar", BUNDLED.parent, BUNDLED.name)
    assert shelf.add(Path(tarred), "tarred", None).engine == "vosk"
    assert [record.name for record in shelf.installed()] == ["mine", "tarred", "voice", "zipped"]
    assert all(shelf.verify(record.name) == [] for record in shelf.installed())


def test_what_is_no_model_is_refused(shelf: Shelf, voice: Path, host: Host, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    text = tmp_path / "text"
    text.write_text("hello")
    broken = tmp_path / "broken"
    shutil.copytree(BUNDLED, broken)
    (broken / "graph/words.txt").unlink()
    for source, name, model, message in (
        (tmp_path / "empty", "a", None, "neither a Vosk model nor a Piper voice"),
        (text, "a", None, "neither a directory nor a zip or tar"),
        (tmp_path / "absent", "a", None, "neither a directory nor a zip or tar"),
        (broken, "a", None, r"lacks .*words\.txt"),
        (voice.parent, "vosk-tiny", tiny(host), "holds a piper model, but vosk-tiny is one for vosk"),
        (BUNDLED, "../a", None, "cannot be a model's name"),
    ):
        with pytest.raises(ModelError, match=message):
            shelf.add(source, name, model)
    assert left(shelf) == []


def test_an_altered_voice_is_refused_from_a_directory_too(
    shelf: Shelf, voice: Path, host: Host, tmp_path: Path
) -> None:
    shutil.copytree(voice.parent, tmp_path / "copy")
    with (tmp_path / "copy" / voice.name).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match=r"en_XX-tone\.onnx is not the file"):
        shelf.add(tmp_path / "copy", "en_XX-tone", tone(host))
    assert left(shelf) == []


def test_links_in_a_directory_are_refused(shelf: Shelf, tmp_path: Path) -> None:
    shutil.copytree(BUNDLED, tmp_path / "copy")
    (tmp_path / "copy/secret").symlink_to("/etc/passwd")
    with pytest.raises(ModelError, match="is a link"):
        shelf.add(tmp_path / "copy", "a", None)


def test_changes_are_found(shelf: Shelf) -> None:
    shelf.add(BUNDLED, "mine", None)
    directory = shelf.path("mine")
    (directory / "conf/model.conf").write_text("--changed\n")
    (directory / "am/final.mdl").unlink()
    (directory / "new").write_text("")
    assert shelf.verify("mine") == [
        "am/final.mdl is missing",
        "conf/model.conf has changed",
        "new does not belong there",
    ]
    (directory / "voicebot-model.json").write_text("{}")
    with pytest.raises(ModelError, match=r"no readable voicebot-model\.json"):
        shelf.verify("mine")


def test_removing_and_names_that_are_not_there(shelf: Shelf) -> None:
    shelf.add(BUNDLED, "mine", None)
    with pytest.raises(ModelError, match="is installed already"):
        shelf.add(BUNDLED, "mine", None)
    shelf.remove("mine")
    assert shelf.installed() == []
    for name in ("mine", "..", ".pull", ""):
        with pytest.raises(ModelError, match="not installed"):
            shelf.remove(name)
        with pytest.raises(ModelError, match="not installed"):
            shelf.find(name)


def test_two_pulls_do_not_meet(shelf: Shelf, host: Host, tmp_path: Path) -> None:
    shelf.add(BUNDLED, "mine", None)
    with (tmp_path / "shelf/.pull/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="Another pull"):
            shelf.pull(tiny(host), nothing, patience=HURRY)
