"""Looking for account numbers where they must not be."""

from __future__ import annotations

import re
from pathlib import Path

NAMES = "zero one two three four five six seven eight nine".split()
LEAST = 5
"""So many of its digits in a row tell a number: the last four may be shown."""


def traces(number: str) -> re.Pattern[str]:
    """What gives `number` away: five of its digits in a row, as figures, keys or words, whatever stands between."""
    runs = [number[at : at + LEAST] for at in range(len(number) - LEAST + 1)]
    ways = [r"(?:[ \n*-]|\"\s*,\s*\")?".join(run) for run in runs]
    words = [[f"(?:{NAMES[int(digit)]}{'|oh' if digit == '0' else ''})" for digit in run] for run in runs]
    ways += [r"\W{0,4}".join(run) for run in words]
    return re.compile("|".join(ways), re.IGNORECASE)


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
