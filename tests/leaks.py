"""Looking for account numbers where they must not be."""

from __future__ import annotations

import re
from pathlib import Path

NAMES = "zero one two three four five six seven eight nine".split()
LEAST_WORDS = 5
"""So many of its digits in a row, as words, tell a number: the last four may be shown."""
LEAST_FIGURES = 7
"""As figures more, or times and random ids would look like a part of it now and then."""


def traces(number: str) -> re.Pattern[str]:
    """What gives `number` away: most of its digits in a row, as figures, keys or words, whatever stands between."""
    ways = [r"(?:[ \n*-]|\"\s*,\s*\")?".join(run) for run in runs(number, LEAST_FIGURES)]
    for run in runs(number, LEAST_WORDS):
        words = [f"(?:{NAMES[int(digit)]}{'|oh' if digit == '0' else ''})" for digit in run]
        ways.append(r"\W{0,4}".join(words))
    return re.compile("|".join(ways), re.IGNORECASE)


def runs(number: str, length: int) -> list[str]:
    """All stretches of `length` digits of a number."""
    return [number[at : at + length] for at in range(len(number) - length + 1)]


def leaks(number: str, *texts: str) -> list[str]:
    """Where `number` is given away in `texts`, with what stands around it."""
    found = traces(number)
    plain = [text.replace("\\u2022", "•") for text in texts]  # the mask as JSON may write it ends in digits
    return [text[max(0, hit.start() - 40) : hit.end() + 10] for text in plain for hit in found.finditer(text)]


def leaks_in_files(number: str, *folders: Path, but: tuple[str, ...] = ()) -> list[str]:
    """The files under `folders` that give `number` away by name or content; not those below a folder named in `but`."""
    every = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    files = [file for file in every if not set(but) & set(file.parts)]
    return [str(file) for file in files if leaks(number, file.name, file.read_bytes().decode("latin-1"))]
