"""Piper's voices: small networks that run with ONNX Runtime faster than speech."""

from __future__ import annotations

import importlib.util
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged, ModelMissing
from . import weights
from .catalog import MODELS
from .onnx import open_session

DEFAULT = "en_US-joe-medium"

_phonemes = threading.Lock()  # piper's espeak-ng keeps one state for the process


def installed() -> bool:
    """Return whether piper and its packaged voice are here, without importing it."""
    return importlib.util.find_spec("piper") is not None and weights.present(MODELS[DEFAULT]) is not None


class PiperEngine:
    """Synthesise with Piper: the packaged voice, or the .onnx of another with its .onnx.json beside it."""

    def __init__(
        self, model: str | None = None, *, speaker: str | None = None, speed: float = 1.0, threads: int = 2
    ) -> None:
        self.name = model or DEFAULT
        self._path = None if model is None or model == DEFAULT else Path(model).expanduser()
        self._speaker = speaker
        self._speed = speed
        self._threads = threads
        self._lock = threading.Lock()
        self._voice: Any = None
        self._settings: Any = None

    @property
    def language(self) -> str:
        """Return the language that the voice speaks, from its name or its settings."""
        if self._path is None:
            return "en"
        try:
            facts = json.loads(self._config().read_text("utf-8"))
            code = str(facts.get("language", {}).get("code") or facts["espeak"]["voice"])
            return code.replace("_", "-").split("-")[0].lower()
        except (OSError, ValueError, KeyError, AttributeError):
            return self._path.name.split("_")[0].lower()

    def warm_up(self) -> None:
        """Load the voice; raise ModelMissing or ModelDamaged."""
        with self._lock:
            if self._voice is not None:
                return
            try:
                from piper import PiperVoice
                from piper.config import PiperConfig, SynthesisConfig
            except ImportError as error:
                raise ModelMissing("Piper", MODELS[DEFAULT].command) from error
            path, config = self._files()
            try:
                facts = PiperConfig.from_dict(json.loads(config.read_text("utf-8")))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ModelDamaged(f"{config} does not describe a Piper voice ({error}); get it again") from error
            self._settings = SynthesisConfig(speaker_id=self._number(config), length_scale=1 / max(0.25, self._speed))
            self._voice = PiperVoice(session=open_session(path, self._threads), config=facts)

    def say(self, text: str, language: str) -> tuple[NDArray[np.int16], int]:
        """Return 16-bit mono and its rate."""
        self.warm_up()
        with self._lock:
            with _phonemes:
                spoken = self._voice.phonemize(text)
            parts = []
            for phonemes in spoken:
                if phonemes:
                    sound = self._voice.phoneme_ids_to_audio(self._voice.phonemes_to_ids(phonemes), self._settings)
                    parts.append(np.asarray(sound[0] if isinstance(sound, tuple) else sound, np.float32).reshape(-1))
            rate = int(self._voice.config.sample_rate)
        if not parts:
            return np.zeros(0, np.int16), rate
        pcm = np.nan_to_num(np.concatenate(parts))
        pcm = pcm / max(1e-4, float(np.abs(pcm).max())) * 0.95
        return (pcm * 32767).astype(np.int16), rate

    def _files(self) -> tuple[Path, Path]:
        if self._path is None:
            return weights.locate(DEFAULT, "voice.onnx"), weights.locate(DEFAULT, "voice.onnx.json")
        for path in (self._path, self._config()):
            if not path.is_file():
                raise ModelMissing(
                    f"the Piper voice {path}", f"{MODELS[DEFAULT].command}, and {DEFAULT} or a path to an .onnx"
                )
        return self._path, self._config()

    def _config(self) -> Path:
        path = self._path or Path(DEFAULT)
        return path.with_name(path.name + ".json")

    def _number(self, config: Path) -> int | None:
        if self._speaker is None:
            return None
        known = json.loads(config.read_text("utf-8")).get("speaker_id_map") or {}
        if self._speaker in known:
            return int(known[self._speaker])
        if self._speaker.isdigit():
            return int(self._speaker)
        raise ModelMissing(f"the speaker {self._speaker}", f"one of {', '.join(known) or 'none: leave speaker out'}")
