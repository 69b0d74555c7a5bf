"""The voice of a persona: the best installed engine for each of its languages, streamed sentence by sentence.

Knows what engines there are, not how they work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelMissing
from ..message import Sound
from . import voice_coqui, voice_espeak, voice_piper
from .catalog import MODELS
from .extensions import extension
from .utterance import mostly_chinese, pieces, sayable
from .visemes import visemes
from .watermark import mark

NOTE = "Speech made by a machine, in the voice of a person who agreed (personac)"


class Engine(Protocol):
    """Synthesise one sentence at a time, blocking."""

    name: str

    def warm_up(self) -> None: ...

    def say(self, text: str, language: str) -> tuple[NDArray[np.int16], int]:
        """Return 16-bit mono and its rate, empty when nothing can be said."""


class Voices:
    """Speak each language with the engine chosen for it; a Voice."""

    def __init__(self, engines: dict[str, Engine], *, otherwise: Engine | None = None, imitates: bool = False) -> None:
        self._engines = engines
        self._otherwise = otherwise
        self._imitates = imitates
        used = [*engines.values(), *([otherwise] if otherwise else [])]
        self.name = "+".join(dict.fromkeys(engine.name for engine in used)) or "none"
        self.languages: frozenset[str] | None = None if otherwise else frozenset(engines)

    def engine(self, language: str) -> Engine | None:
        """Return the engine that speaks a language, None when there is none."""
        return self._engines.get(language) or self._engines.get(language.split("-")[0]) or self._otherwise

    def missing(self, language: str) -> ModelMissing | None:
        """Return what is missing to speak a language, with the command that gets it; None when it can be spoken."""
        if self.engine(language) is not None:
            return None
        model = MODELS["en_US-joe-medium" if language == "en" else "espeak-ng"]
        return ModelMissing(f"a voice for {language}", model.command)

    def warm_up(self) -> None:
        """Load all engines; raise ModelMissing or ModelDamaged."""
        for engine in {id(engine): engine for engine in (*self._engines.values(), self._otherwise)}.values():
            if engine is not None:
                engine.warm_up()

    async def speak(self, text: str, language: str) -> AsyncIterator[Sound]:
        """Yield the speech sentence by sentence; nothing for a language without a voice or a text without words.

        A sentence in Chinese within another language is left to the Chinese voice. Where the voice is a person's, the
        speech is marked.
        """
        said = 0.0
        for piece in pieces(text):
            spoken = "zh" if mostly_chinese(piece) and language.split("-")[0] not in {"ja", "yue"} else language
            engine, piece = self.engine(spoken), sayable(piece, spoken)
            if engine is None or not any(char.isalnum() for char in piece):
                continue
            sound = await asyncio.to_thread(_sound, engine.say, piece, spoken, said if self._imitates else None)
            if sound is not None:
                said += sound.seconds
                yield sound


def load_voice(
    engine: str = "auto",
    model: str | None = None,
    speaker: str | None = None,
    speed: float = 1.0,
    languages: Iterable[str] = ("en",),
    *,
    threads: int = 2,
    reference: Path | None = None,
    imitates: bool = False,
) -> Voices:
    """Return the voice of a persona, not loaded yet; `engine` is auto, coqui, piper, espeak or none.

    It may also be one of the entry-point group personac.voices. `auto` takes Coqui when a Coqui model is named, Piper
    where a Piper voice speaks the language, espeak-ng for the rest, of what is installed; see `Voices.missing`. A named
    engine that is not installed raises ModelMissing in `warm_up`. `reference` is a recording whose voice is imitated,
    by Coqui; with it, or where a model is said to imitate a person, all speech is marked.
    """
    imitates = imitates or reference is not None
    wanted = list(dict.fromkeys(languages))
    if engine == "none":
        return Voices({})
    if engine == "auto" and model is not None:
        engine = "piper" if model.endswith(".onnx") or model == voice_piper.DEFAULT else "coqui"
    if engine == "coqui":
        if model is None:
            raise ModelMissing("the name of a Coqui model", "voice.model, as tts --list_models prints it")
        coqui = voice_coqui.CoquiEngine(model, speaker=speaker, reference=reference, speed=speed, threads=threads)
        return Voices({}, otherwise=coqui, imitates=imitates)
    espeak = voice_espeak.EspeakEngine(voice=model if engine == "espeak" else None, speed=speed)
    if engine == "espeak":
        return Voices({}, otherwise=espeak, imitates=imitates)
    if engine not in {"auto", "piper"}:
        own = extension("voices", engine, "voices", model=model, speaker=speaker, speed=speed, languages=wanted)
        if own is not None:
            return Voices({}, otherwise=own, imitates=imitates)
        raise ModelMissing(f"the voice engine {engine}", "one of auto, coqui, piper, espeak, none")
    engines: dict[str, Engine] = {}
    if engine == "piper" or voice_piper.installed():
        piper = voice_piper.PiperEngine(model, speaker=speaker, speed=speed, threads=threads)
        if engine == "piper" or any(code.split("-")[0] == piper.language for code in wanted):
            engines[piper.language] = piper
    for code in wanted:
        if code.split("-")[0] not in engines and voice_espeak.speaks(code):
            engines[code] = espeak
    return Voices(engines, imitates=imitates)


def _sound(
    say: Callable[[str, str], tuple[NDArray[np.int16], int]], text: str, language: str, at: float | None
) -> Sound | None:
    """Return what is said, marked where `at`, the seconds said before, is given; None when nothing is."""
    pcm, rate = say(text, language)
    if not len(pcm):
        return None
    made = pcm if at is None else mark(pcm, rate, at)
    return Sound(made.astype("<i2").tobytes(), rate, visemes(pcm, rate), "" if at is None else NOTE)
