"""CTranslate2's model file, read with numpy, and Whisper's variables renamed to openai-whisper's.

The format is ctranslate2/specs/model_spec.py, `_serialize`: a version, the name and revision of the spec, then each
variable as name, shape, type and bytes, then aliases; little-endian. Weights are shared with CTranslate2 without
loss: there query, key and value are rows of one linear layer, and the key's bias is zero.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged

Variables = dict[str, NDArray[np.generic]]

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def read(paths: Sequence[Path]) -> Variables:
    """Return the variables of a Whisper model whose file is cut into parts; raise ModelDamaged."""
    data = b"".join(path.read_bytes() for path in paths)
    try:
        reader = _Reader(data)
        version, spec, _revision = reader.number("I"), reader.string(), reader.number("I")
        if version != 6 or spec != "WhisperSpec":
            raise ModelDamaged(f"{paths[0]} is a {spec} of version {version}; a WhisperSpec of version 6 is needed")
        return dict(reader.variable() for _ in range(reader.number("I")))
    except (struct.error, UnicodeDecodeError, ValueError, KeyError) as error:
        raise ModelDamaged(f"{paths[0]} is not a whole CTranslate2 model ({error}); get it again") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from("<" + kind, self._data, self._at)
        self._at += struct.calcsize("<" + kind)
        return int(value)

    def string(self) -> str:
        length = self.number("H")
        self._at += length
        return self._data[self._at - length : self._at - 1].decode()

    def variable(self) -> tuple[str, NDArray[np.generic]]:
        name = self.string()
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = np.dtype(_TYPES[self.number("B")]).newbyteorder("<")
        size = self.number("I")
        if self._at + size > len(self._data):
            raise ValueError("it ends too early")
        value = np.frombuffer(self._data, kind, size // kind.itemsize, self._at).reshape(shape)
        self._at += size
        return name, value


def dimensions(variables: Variables) -> dict[str, int]:
    """Return the fields of whisper.model.ModelDimensions."""
    n_state, n_mels, _ = variables["encoder/conv1/weight"].shape
    n_vocab = variables["decoder/embeddings/weight"].shape[0]
    return {
        "n_mels": n_mels,
        "n_audio_ctx": variables["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": n_state,
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": n_vocab,
        "n_text_ctx": variables["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": n_state,
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(variables, "decoder"),
    }


def whisper_state(variables: Variables) -> Variables:
    """Return the variables under the names of openai-whisper's state_dict."""
    if any(name.endswith("weight_scale") for name in variables):
        raise ModelDamaged("this CTranslate2 Whisper is quantised; use a float16 or float32 one")
    state: Variables = {
        "encoder.positional_embedding": variables["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": variables["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": variables["decoder/embeddings/weight"],
    }
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            state[f"encoder.{conv}.{part}"] = variables[f"encoder/{conv}/{part}"]
    _norm(variables, state, "encoder/layer_norm", "encoder.ln_post")
    _norm(variables, state, "decoder/layer_norm", "decoder.ln")
    for side in ("encoder", "decoder"):
        for i in range(_layers(variables, side)):
            here, there = f"{side}/layer_{i}", f"{side}.blocks.{i}"
            _norm(variables, state, f"{here}/self_attention/layer_norm", f"{there}.attn_ln")
            _split(variables, state, f"{here}/self_attention/linear_0", f"{there}.attn", ("query", "key", "value"))
            _split(variables, state, f"{here}/self_attention/linear_1", f"{there}.attn", ("out",))
            if side == "decoder":
                _norm(variables, state, f"{here}/attention/layer_norm", f"{there}.cross_attn_ln")
                _split(variables, state, f"{here}/attention/linear_0", f"{there}.cross_attn", ("query",))
                _split(variables, state, f"{here}/attention/linear_1", f"{there}.cross_attn", ("key", "value"))
                _split(variables, state, f"{here}/attention/linear_2", f"{there}.cross_attn", ("out",))
            _norm(variables, state, f"{here}/ffn/layer_norm", f"{there}.mlp_ln")
            _split(variables, state, f"{here}/ffn/linear_0", f"{there}.mlp", ("0",))
            _split(variables, state, f"{here}/ffn/linear_1", f"{there}.mlp", ("2",))
    return state


def _layers(variables: Variables, side: str) -> int:
    return len({name.split("/")[1] for name in variables if name.startswith(f"{side}/layer_") and name.count("/") > 2})


def _norm(variables: Variables, state: Variables, here: str, there: str) -> None:
    state[f"{there}.weight"], state[f"{there}.bias"] = variables[f"{here}/gamma"], variables[f"{here}/beta"]


def _split(variables: Variables, state: Variables, here: str, there: str, parts: Sequence[str]) -> None:
    weights = np.split(variables[f"{here}/weight"], len(parts))
    biases = np.split(variables[f"{here}/bias"], len(parts))
    for part, weight, bias in zip(parts, weights, biases):
        state[f"{there}.{part}.weight"] = weight
        if part != "key":
            state[f"{there}.{part}.bias"] = bias
