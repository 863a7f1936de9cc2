"""What is installed, and how: pinned, named, licensed, and never with torch."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
NOT_OURS = {"voicebot", "pip", "setuptools", "wheel"}
FORBIDDEN = ("torch", "nvidia", "triton", "tensorflow", "cuda")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def constraint_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pins() -> dict[str, str]:
    return {canonical(name): version for name, _, version in (line.partition("==") for line in constraint_lines())}


def requirements(name: str, extras: set[str]) -> Iterator[Requirement]:
    """What a distribution needs on this machine, with some of its extras."""
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


@cache
def closure() -> set[str]:
    """Every distribution that voicebot leads to, its extras included."""
    found: set[str] = set()
    todo = [("voicebot", {"dev", "piper", "postgresql"})]
    while todo:
        name, extras = todo.pop()
        for requirement in requirements(name, extras):
            needed = canonical(requirement.name)
            if needed not in found:
                found.add(needed)
                if needed in installed():
                    todo.append((needed, set(requirement.extras)))
    return found


@cache
def installed() -> dict[str, str]:
    return {canonical(dist.metadata["Name"]): dist.version for dist in metadata.distributions()}


def test_constraints_are_names_and_versions_only() -> None:
    for line in constraint_lines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line), line
    assert len(pins()) == len(constraint_lines())


def test_rasas_packages_are_names_and_versions_only_and_nothing_for_graphics_cards() -> None:
    lines = (ROOT / "models/rasa/requirements.txt").read_text().splitlines()
    listed = [Requirement(line) for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"==[0-9][A-Za-z0-9.]*", str(one.specifier)) and one.url is None for one in listed)
    for machine in ("x86_64", "aarch64"):
        here = {"platform_machine": machine, "python_version": "3.10"}
        names = {canonical(one.name) for one in listed if one.marker is None or one.marker.evaluate(here)}
        assert "rasa" in names
        assert not {name for name in names if name.startswith(("torch", "nvidia", "triton", "cuda"))}
        assert "tensorflow" not in names or machine != "x86_64", "on x86-64 it would be the build for graphics cards"


def test_everything_that_is_needed_is_pinned() -> None:
    assert closure() - pins().keys() == set()


def test_what_is_installed_is_what_is_pinned() -> None:
    here = {name: version for name, version in installed().items() if name in closure() | {"silero-vad"}}
    assert here == {name: pins()[name] for name in here}


def test_torch_never_comes_along() -> None:
    names = installed().keys() | closure() | pins().keys()
    assert [name for name in names if name.startswith(FORBIDDEN)] == []
    assert "silero-vad" in installed()


def test_every_pinned_package_has_its_licence_on_the_page() -> None:
    rows = (ROOT / "docs/licences.md").read_text().splitlines()
    listed = {canonical(row.split("|")[1].strip()): row for row in rows if row.startswith("| ")}
    assert pins().keys() - listed.keys() == set()
    for name in pins().keys() & installed().keys():
        about = metadata.metadata(name)
        declared = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
        if any("GPL" in text.splitlines()[0] for text in declared if text):
            assert "GPL" in listed[name]


def test_every_directory_with_code_is_a_package() -> None:
    for file in (ROOT / "voicebot").rglob("*.py"):
        assert (file.parent / "__init__.py").exists(), file


def test_the_command_is_beside_the_interpreter() -> None:
    assert Path(sys.executable).with_name("voicebot").exists()


def set_up(tmp_path: Path, python: str, script: str = "setup.sh") -> subprocess.CompletedProcess[str]:
    """Run a script of .ci in a bare copy of the repository with `python` as the interpreter's script."""
    for name in (f".ci/{script}", "pyproject.toml", "constraints.txt", "models/rasa/requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\n{python}\n")
    interpreter.chmod(0o755)
    environment = {**os.environ, "PYTHON": str(interpreter), "RASA_PYTHON": str(interpreter)}
    return subprocess.run(
        ["sh", str(tmp_path / ".ci" / script)], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ('[ "$1" = --version ] && echo Python 3.9.2; exit 1', "needs Python 3.11 or newer (found: "),
        (
            'case "$*" in *venv*|*pip*) exit 1;; esac',
            "can make no virtual environment. On Debian: apt-get install python3-venv",
        ),
    ],
)
def test_set_up_that_cannot_work_says_so_in_a_sentence(tmp_path: Path, python: str, message: str) -> None:
    done = set_up(tmp_path, python)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") <= 2


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ('[ "$1" = --version ] && echo Python 3.9.2; exit 1', "needs Python 3.10 or 3.11 (found: "),
        (
            'case "$*" in *venv*|*pip*) exit 1;; esac',
            "can make no virtual environment. On Debian: apt-get install python3-venv",
        ),
    ],
)
def test_set_up_of_rasa_that_cannot_work_says_so_in_a_sentence(tmp_path: Path, python: str, message: str) -> None:
    done = set_up(tmp_path, python, "rasa.sh")
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") <= 2
    assert not (tmp_path / ".venv-rasa").exists()
