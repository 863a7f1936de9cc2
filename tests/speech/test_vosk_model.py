from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from voicebot.speech.recogniser import RecogniserError
from voicebot.speech.vosk_model import inspect_model

BUNDLED = Path(__file__).parents[2] / "models" / "vosk-en-8k-mini"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED, tmp_path / "model"))


def test_the_bundled_model_is_whole() -> None:
    found = inspect_model(BUNDLED)
    assert (found.rate, found.takes_grammars) == (8000, True)


def test_a_fixed_graph_takes_no_grammars(model: Path) -> None:
    (model / "graph" / "HCLr.fst").rename(model / "graph" / "HCLG.fst")
    assert not inspect_model(model).takes_grammars


def test_the_flat_layout_of_older_models(model: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    shutil.copytree(model / "graph", flat)
    shutil.copy(model / "am" / "final.mdl", flat)
    (flat / "mfcc.conf").write_text("--use-energy=false\n", encoding="utf-8")
    assert inspect_model(flat).rate == 16000


NEEDED = [
    "am/final.mdl",
    "conf/mfcc.conf",
    "conf/model.conf",
    "graph/HCLr.fst",
    "graph/Gr.fst",
    "graph/disambig_tid.int",
    "graph/words.txt",
]


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_or_empty_file_is_named(model: Path, name: str) -> None:
    (model / name).write_bytes(b"")
    with pytest.raises(RecogniserError, match=re.escape(f"{name} of the speech model is empty; unpack")):
        inspect_model(model)
    (model / name).unlink()
    with pytest.raises(RecogniserError, match=re.escape(name)):
        inspect_model(model)


@pytest.mark.parametrize("name", [name for name in NEEDED if "disambig" not in name])
def test_another_file_in_its_place_is_named(model: Path, name: str) -> None:
    (model / name).write_bytes(b"<html>404 not found</html>" * 40)
    with pytest.raises(RecogniserError, match=re.escape(name)):
        inspect_model(model)


@pytest.mark.parametrize("name", ["HCLr.fst", "Gr.fst"])
@pytest.mark.parametrize("kept", [3, 60, 0.5, -1])
def test_a_graph_cut_short_is_told(model: Path, name: str, kept: float) -> None:
    path = model / "graph" / name
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if kept == 0.5 else int(kept)])
    with pytest.raises(RecogniserError, match=rf"{name} of the speech model is cut short"):
        inspect_model(model)


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(RecogniserError, match=r"no speech model in .*absent"):
        inspect_model(tmp_path / "absent")


@pytest.mark.parametrize("keep", [0.6667, 0.5])
def test_a_cut_list_of_word_boundaries_is_named_before_libvosk_ends_the_process(model: Path, keep: float) -> None:
    path = model / "graph" / "phones" / "word_boundary.int"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(RecogniserError, match=r"word_boundary\.int"):
        inspect_model(model)
    path.unlink()
    inspect_model(model)
