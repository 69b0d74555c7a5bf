"""Coqui's voices (the package coqui-tts, import name TTS): an extra, run in torch."""

from __future__ import annotations

import importlib.util
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged, ModelMissing, Unavailable
from . import cache

COMMAND = "pip install 'personac[coqui]'"


def installed() -> bool:
    """Return whether Coqui is here, without importing it."""
    return importlib.util.find_spec("TTS") is not None


class CoquiEngine:
    """Synthesise with a Coqui model, named as Coqui does, or by the path of its .pth with config.json beside it.

    `speaker` is one of the model's; `reference` a recording whose voice is imitated, where the model can.
    """

    def __init__(
        self,
        model: str,
        *,
        speaker: str | None = None,
        reference: Path | None = None,
        speed: float = 1.0,
        threads: int = 2,
    ) -> None:
        self.name = model
        self._reference = reference
        self._speaker = speaker
        self._speed = speed
        self._threads = threads
        self._lock = threading.Lock()
        self._tts: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._tts is not None:
                return
            if "xtts" in self.name.lower() and os.environ.get("COQUI_TOS_AGREED") != "1":
                raise ModelMissing(
                    f"{self.name} (its licence, CPML, must be accepted first)",
                    "read https://coqui.ai/cpml and set COQUI_TOS_AGREED=1",
                )
            try:
                import torch
                from TTS.api import TTS
            except (ImportError, OSError) as error:
                raise ModelMissing(f"Coqui ({error})", COMMAND) from error
            torch.set_num_threads(self._threads)
            path = Path(self.name).expanduser()
            if path.suffix in {".pth", ".pt"} or path.is_dir():
                self._tts = self._from(path, TTS)
            elif cache.offline() and not _fetched(self.name):
                raise ModelMissing(f"{self.name} (offline)", f"personac models get {self.name}, while online")
            else:
                try:
                    self._tts = TTS(model_name=self.name, progress_bar=False)
                except (KeyError, ValueError, FileNotFoundError) as error:
                    raise ModelMissing(f"the Coqui model {self.name}", "tts --list_models, and one of those") from error
                except OSError as error:
                    raise Unavailable(f"the Coqui model {self.name} can't be fetched ({error}); try again") from error

    def say(self, text: str, language: str) -> tuple[NDArray[np.int16], int]:
        """Return 16-bit mono and its rate."""
        self.warm_up()
        options: dict[str, Any] = {"split_sentences": False}
        if self._reference is not None:
            options["speaker_wav"] = str(self._reference)
        elif self._tts.is_multi_speaker:
            options["speaker"] = self._speaker or (self._tts.speakers or [None])[0]
        if self._tts.is_multi_lingual:
            options["language"] = _nearest(language, self._tts.languages or [])
        if self._speed != 1.0:
            options["speed"] = self._speed
        with self._lock:
            pcm = np.nan_to_num(np.asarray(self._tts.tts(text, **options), np.float32).reshape(-1))
            rate = int(self._tts.synthesizer.output_sample_rate)
        return (np.clip(pcm, -1.0, 1.0) * 32767).astype(np.int16), rate

    @staticmethod
    def _from(path: Path, tts: Any) -> Any:
        model = path / "model.pth" if path.is_dir() else path
        config = model.with_name("config.json")
        for file in (model, config):
            if not file.is_file():
                raise ModelMissing(f"the Coqui voice {file}", "the right path under voice.model")
        try:
            return tts(model_path=str(model), config_path=str(config), progress_bar=False)
        except Exception as error:  # the loaders below raise many kinds
            raise ModelDamaged(f"{model} does not load in Coqui: {error}") from error


def _fetched(name: str) -> bool:
    home = os.environ.get("TTS_HOME") or os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (Path(home) / "tts" / name.replace("/", "--")).is_dir()


def _nearest(language: str, known: list[str]) -> str:
    for candidate in (language, language.split("-")[0], f"{language}-cn"):
        for code in known:
            if code.lower() == candidate.lower():
                return code
    return known[0] if known else language
