"""Makes a model with a fixed graph of the bundled one: its lexicon composed with a loop over a few words.

Format of OpenFst's const and vector files, version 2: `tools` of Kaldi read both.
"""

from __future__ import annotations

import math
import shutil
import struct
from pathlib import Path

_Arc = tuple[int, int, float, int]
_VECTOR = b"\x06\x00\x00\x00vector\x08\x00\x00\x00standard"
_EXPANDED_MUTABLE = 3


def make_fixed_graph_model(bundled: Path, target: Path, words: tuple[str, ...]) -> Path:
    """Copy the model `bundled` to `target`, with graph/HCLG.fst instead of its runtime graphs. Returns `target`."""
    shutil.copytree(bundled, target)
    graph = target / "graph"
    numbers = dict(line.split() for line in (graph / "words.txt").read_text(encoding="utf-8").splitlines())
    wanted = {int(numbers[word]) for word in words}
    start, finals, arcs = _read_const((graph / "HCLr.fst").read_bytes())
    cost = math.log(len(wanted))
    kept = [
        [(i, o, w + (cost if o else 0), to) for i, o, w, to in state if o == 0 or o in wanted] for state in arcs
    ]  # a grammar of one state needs no real composition
    (graph / "HCLG.fst").write_bytes(_vector(start, finals, kept))
    (graph / "HCLr.fst").unlink()
    (graph / "Gr.fst").unlink()
    return target


def _read_const(content: bytes) -> tuple[int, list[float], list[list[_Arc]]]:
    at = 4
    for _ in range(2):  # names of FST and arc type
        (length,) = struct.unpack_from("<i", content, at)
        at += 4 + length
    _version, _flags, _properties, start, states, _arcs = struct.unpack_from("<iiQqqq", content, at)
    at += 40
    table = list(struct.iter_unpack("<fIIII", content[at : at + 20 * states]))
    arcs = list(struct.iter_unpack("<iifi", content[at + 20 * states :]))
    return start, [row[0] for row in table], [arcs[row[1] : row[1] + row[2]] for row in table]


def _vector(start: int, finals: list[float], arcs: list[list[_Arc]]) -> bytes:
    head = struct.pack("<iiQqqq", 2, 0, _EXPANDED_MUTABLE, start, len(finals), sum(map(len, arcs)))
    states = [
        struct.pack("<fq", final, len(state)) + b"".join(struct.pack("<iifi", *arc) for arc in state)
        for final, state in zip(finals, arcs, strict=True)
    ]
    return struct.pack("<i", 2125659606) + _VECTOR + head + b"".join(states)
