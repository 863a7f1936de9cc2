from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.server import Host, serving
from voicebot.models.catalogue import ModelError, ModelFile
from voicebot.models.fetch import Patience, fetch

CONTENT = random.Random(1).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HURRY = Patience(stall_s=0.3, attempts=4, pause_s=0)


@pytest.fixture
def host() -> Iterator[Host]:
    with serving({"model.zip": CONTENT}) as host:
        yield host


def model_file(host: Host, *, size: int | None = len(CONTENT), sha256: str | None = SHA256) -> ModelFile:
    return ModelFile(f"{host.url}/models/model.zip", size, len(CONTENT), sha256)


def left(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def nothing(done: int, total: int) -> None:
    """No progress bar."""


def test_a_file_comes_whole_and_progress_is_told(host: Host, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    got = fetch(model_file(host), tmp_path / "part", lambda done, total: told.append((done, total)), HURRY)
    assert got == SHA256
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("fault", ["drop", "stall", "503", "429"])
def test_what_breaks_off_is_resumed(host: Host, tmp_path: Path, fault: str) -> None:
    host.faults = [fault, fault]
    assert fetch(model_file(host), tmp_path / "part", nothing, HURRY) == SHA256
    resumed = [asked for asked in host.asked if asked]
    assert len(host.asked) == 3
    assert bool(resumed) == (fault in ("drop", "stall"))
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_resuming_works_without_checksum_size_and_length(host: Host, tmp_path: Path) -> None:
    host.faults = ["drop"]
    assert fetch(model_file(host, size=None, sha256=None), tmp_path / "part", nothing, HURRY) == SHA256
    host.faults = ["no length"]
    assert fetch(model_file(host, size=None, sha256=None), tmp_path / "other", nothing, HURRY) == SHA256


@pytest.mark.parametrize(("ranges", "faults"), [(False, ["drop"]), (True, ["drop", "other part"])])
def test_a_server_that_cannot_resume_sends_all_again(
    host: Host, tmp_path: Path, ranges: bool, faults: list[str]
) -> None:
    host.ranges, host.faults = ranges, faults
    assert fetch(model_file(host), tmp_path / "part", nothing, HURRY) == SHA256
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_file_exchanged_between_the_parts_is_begun_again(host: Host, tmp_path: Path) -> None:
    host.faults = ["drop"] * HURRY.attempts
    unknown = model_file(host, size=None, sha256=None)
    with pytest.raises(ModelError, match="broke off 4 times"):
        fetch(unknown, tmp_path / "part", nothing, HURRY)
    other = CONTENT[::-1]
    host.files["model.zip"] = other
    assert fetch(unknown, tmp_path / "part", nothing, HURRY) == hashlib.sha256(other).hexdigest()


def test_the_next_call_goes_on_where_the_network_failed(host: Host, tmp_path: Path) -> None:
    host.faults = ["drop"] + ["503"] * 3
    with pytest.raises(ModelError, match=r"broke off 4 times .* repeat the command"):
        fetch(model_file(host), tmp_path / "part", nothing, HURRY)
    have = (tmp_path / "part").stat().st_size
    assert 0 < have < len(CONTENT)
    assert fetch(model_file(host), tmp_path / "part", nothing, HURRY) == SHA256
    assert host.asked[-1] == f"bytes={have}-"


def test_without_checksum_and_tag_a_later_call_begins_again(host: Host, tmp_path: Path) -> None:
    host.tags, host.faults = False, ["drop"] * 4
    unknown = model_file(host, size=None, sha256=None)
    with pytest.raises(ModelError, match="broke off"):
        fetch(unknown, tmp_path / "part", nothing, HURRY)
    assert fetch(unknown, tmp_path / "part", nothing, HURRY) == SHA256
    assert host.asked[-1] is None


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("corrupt", "not the one that the catalogue means"),
        ("truncate", r"has 150000 bytes or more, expected are 300000 bytes; it was not kept"),
        ("endless", r"has 900000 bytes or more, expected are 300000"),
        ("404", "the server says 404"),
        ("redirect file:///etc/passwd", "not allowed"),
        ("redirect ftp://127.0.0.1/x", "not safe to follow"),
    ],
)
def test_an_altered_file_is_refused_and_nothing_stays(host: Host, tmp_path: Path, fault: str, message: str) -> None:
    host.faults = [fault] * HURRY.attempts
    with pytest.raises(ModelError, match=message):
        fetch(model_file(host), tmp_path / "part", nothing, HURRY)
    assert left(tmp_path) == []


def test_more_than_the_size_is_never_written(host: Host, tmp_path: Path) -> None:
    host.files["model.zip"] = CONTENT * 4
    host.faults = ["no length"]
    with pytest.raises(ModelError, match="it was not kept"):
        fetch(model_file(host), tmp_path / "part", nothing, HURRY)
    assert left(tmp_path) == []


def test_a_truncated_file_of_unknown_size_is_refused_by_its_checksum(host: Host, tmp_path: Path) -> None:
    host.faults = ["truncate"]
    with pytest.raises(ModelError, match="not the one"):
        fetch(model_file(host, size=None), tmp_path / "part", nothing, HURRY)
    assert left(tmp_path) == []


def test_a_redirect_is_followed(host: Host, tmp_path: Path) -> None:
    host.faults = [f"redirect {host.url}/elsewhere/model.zip"]
    assert fetch(model_file(host), tmp_path / "part", nothing, HURRY) == SHA256


def test_endless_redirects_end(host: Host, tmp_path: Path) -> None:
    host.faults = [f"redirect {host.url}/again/{number}/model.zip" for number in range(50)]
    with pytest.raises(ModelError, match="30"):
        fetch(model_file(host), tmp_path / "part", nothing, HURRY)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    file = ModelFile("http://127.0.0.1:9/model.zip", None, 1, None)
    with pytest.raises(ModelError, match="broke off 4 times"):
        fetch(file, tmp_path / "part", nothing, HURRY)
    assert left(tmp_path) == []
