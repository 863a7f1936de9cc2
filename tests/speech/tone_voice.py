"""Makes a tiny Piper voice at test time: a real ONNX graph that turns phoneme ids into tones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLE_RATE = 22050
_HOP = 256
_IDS = 256
_VOWELS = "aeiouæɐɑɒɔəɚɛɜɪʊʌ"


class _Graph:
    """Nodes and constants of an ONNX graph being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: Any, dtype: Any = np.int64) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


def make_tone_voice(path: Path, *, aligned: bool = False, vowel_s: float = 0.1) -> Path:
    """Write `path` (.onnx) and its .onnx.json; a phoneme is a tone of 60 ms, a vowel of `vowel_s`, a stop silence.

    `aligned`: the voice also tells how long each phoneme is, as voices do after `piper.patch_voice_with_alignment`.
    """
    from piper.patch_voice_with_alignment import add_alignment_output
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    seconds, loudness, hertz = _tables(DEFAULT_PHONEME_ID_MAP, vowel_s)
    graph = _Graph()
    samples_per_id = _samples_per_id(graph, seconds)
    _tones(graph, samples_per_id, loudness, 2 * np.pi * hertz / SAMPLE_RATE)
    model = _model(graph)
    onnx.checker.check_model(model)
    if aligned:
        add_alignment_output(model)
    onnx.save(model, str(path))
    settings = {
        "audio": {"sample_rate": SAMPLE_RATE},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": _IDS,
        "num_speakers": 1,
        "hop_length": _HOP,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }
    path.with_name(path.name + ".json").write_text(json.dumps(settings), encoding="utf-8")
    return path


def _tables(ids: Any, vowel_s: float) -> tuple[Any, Any, Any]:
    seconds, loudness = np.full(_IDS, 0.06), np.full(_IDS, 0.25)
    seconds[:4], loudness[:4] = (0.01, 0.02, 0.02, 0.04), 0
    for phoneme, (number, *_) in ids.items():
        if phoneme in _VOWELS:
            seconds[number], loudness[number] = vowel_s, 0.5
        if phoneme in ",:;.?!ˈˌː":
            loudness[number] = 0
    return seconds, loudness, 180 + np.arange(_IDS) * 37 % 64 * 25.0


def _samples_per_id(graph: _Graph, seconds: Any) -> str:
    graph.constant("frames_of", seconds * SAMPLE_RATE / _HOP, np.float32)
    graph.constant("one", [1])
    graph.constant("hop", [_HOP])
    graph.node("Gather", ["scales", "one"], "length_scale")
    graph.node("Gather", ["frames_of", "input"], "frames")
    graph.node("Mul", ["frames", "length_scale"], "scaled")
    graph.node("Ceil", ["scaled"], "whole")
    graph.node("Cast", ["whole"], "whole_int", to=TensorProto.INT64)
    return graph.node("Mul", ["whole_int", "hop"], "samples_per_id")


def _tones(graph: _Graph, samples_per_id: str, loudness: Any, omega: Any) -> None:
    for name, value in (("axis", 1), ("zero", 0), ("step", 1)):
        graph.constant(name, value)
    for name, values in (("last", [-1]), ("first", [0]), ("second", [1]), ("front", [0, 1])):
        graph.constant(name, values)
    graph.constant("loudness_of", loudness, np.float32)
    graph.constant("omega_of", omega, np.float32)
    graph.node("CumSum", [samples_per_id, "axis"], "ends")
    graph.node("ReduceMax", ["ends"], "total", keepdims=0)
    graph.node("Range", ["zero", "total", "step"], "time")
    graph.node("Unsqueeze", ["time", "last"], "column")
    graph.node("GreaterOrEqual", ["column", "ends"], "passed")
    graph.node("Cast", ["passed"], "passed_int", to=TensorProto.INT64)
    graph.node("ReduceSum", ["passed_int", "second"], "index", keepdims=0)
    graph.node("Squeeze", ["input", "first"], "ids")
    graph.node("Gather", ["ids", "index"], "id_now")
    graph.node("Gather", ["omega_of", "id_now"], "omega")
    graph.node("Gather", ["loudness_of", "id_now"], "level")
    graph.node("Cast", ["time"], "time_float", to=TensorProto.FLOAT)
    graph.node("Mul", ["time_float", "omega"], "phase")
    graph.node("Sin", ["phase"], "tone")
    graph.node("Mul", ["tone", "level"], "wave")
    graph.node("Unsqueeze", ["wave", "front"], "output")


def _model(graph: _Graph) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "time"])]
    built = helper.make_graph(graph.nodes, "tones", inputs, outputs, graph.constants)
    return helper.make_model(built, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
