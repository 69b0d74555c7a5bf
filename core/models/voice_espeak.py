"""espeak-ng's voices, about a hundred languages, driven through ctypes.

The library keeps one state for the process, so a lock of the process guards it. Its data is found as an installed
package's and the package is not imported.
"""

from __future__ import annotations

import ctypes
import platform
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged, ModelMissing
from . import weights
from .catalog import MODELS

NAMES = {"zh": "cmn", "zh-cn": "cmn", "zh-tw": "cmn", "en": "en-us", "no": "nb", "pt": "pt-br", "fr": "fr-fr"}
WORDS_A_MINUTE = 170

_lock = threading.Lock()
_library: Any = None
_rate = 0
_made: list[bytes] = []
_RETRIEVE, _DONT_EXIT, _UTF8, _RATE = 2, 0x8000, 1, 1
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def _collect(samples: Any, count: int, _events: Any) -> int:
    if samples and count > 0:
        _made.append(ctypes.string_at(samples, count * 2))
    return 0


_collector = _Callback(_collect)  # kept, since the library calls it


def data_folder() -> Path:
    """Return espeak-ng-data; raise ModelMissing or ModelDamaged."""
    for file in MODELS["espeak-ng"].files:
        place = weights.locate("espeak-ng", file.name)
    return place.parent


def speaks(language: str) -> bool:
    """Return whether espeak-ng has a voice for the language; False when it is not installed."""
    model = MODELS["espeak-ng"]
    found = weights.present(model)
    if found is None:
        return False
    name = NAMES.get(language, language).split("-")[0]
    return any((found.parent / f"{code}_dict").is_file() for code in (name, NAMES.get(name, name).split("-")[0]))


class EspeakEngine:
    """Synthesise with espeak-ng; `voice` is one of its voices, chosen by language when not given."""

    name = "espeak-ng"

    def __init__(self, *, voice: str | None = None, speed: float = 1.0) -> None:
        self._voice = voice
        self._speed = speed

    def warm_up(self) -> None:
        """Load the library once for the process; raise ModelMissing or ModelDamaged."""
        global _library, _rate
        with _lock:
            if _library is not None:
                return
            folder = data_folder()
            suffix = {"Windows": "espeak-ng.dll", "Darwin": "libespeak-ng.dylib"}
            path = folder.parent / suffix.get(platform.system(), "libespeak-ng.so")
            try:
                library = ctypes.CDLL(str(path))
            except OSError as error:
                raise ModelMissing(f"espeak-ng for this machine ({error})", MODELS["espeak-ng"].command) from error
            library.espeak_Synth.argtypes = [
                ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
                ctypes.c_void_p, ctypes.c_void_p,
            ]  # fmt: skip
            rate = int(library.espeak_Initialize(_RETRIEVE, 0, str(folder).encode(), _DONT_EXIT))
            if rate <= 0:
                raise ModelDamaged(f"espeak-ng does not start with {folder}; run: personac models get espeak-ng")
            library.espeak_SetSynthCallback(_collector)
            _library, _rate = library, rate

    def say(self, text: str, language: str) -> tuple[NDArray[np.int16], int]:
        """Return 16-bit mono and its rate; nothing when espeak-ng has no voice for the language."""
        self.warm_up()
        data = text.encode("utf-8", "replace").replace(b"\0", b" ")
        name = self._voice or NAMES.get(language, language)
        with _lock:
            for candidate in (name, name.split("-")[0]):
                if _library.espeak_SetVoiceByName(candidate.encode()) == 0:
                    break
            else:
                return np.zeros(0, np.int16), _rate
            _library.espeak_SetParameter(_RATE, round(max(80, min(450, WORDS_A_MINUTE * self._speed))), 0)
            _made.clear()
            _library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
            _library.espeak_Synchronize()
            pcm = np.frombuffer(b"".join(_made), np.int16)
            _made.clear()
        return pcm, _rate
