"""Speech to text with Whisper: openai-whisper in torch, or faster-whisper in CTranslate2.

Torch, whisper and faster_whisper are imported in `warm_up`.
"""

from __future__ import annotations

import hashlib
import math
import threading
import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Recognizer
from ..errors import ModelDamaged, ModelMissing, Unavailable
from ..turn import Transcript
from . import cache, ctranslate, weights
from .catalog import Model, find
from .sound import is_quiet

NO_SPEECH = 0.6
SIMPLIFIED = "以下是普通话的句子。"


class WhisperRecognizer:
    """Recognise speech with openai-whisper, in 32-bit floats on the CPU.

    `name` is in the catalogue, one of openai-whisper's own, a checkpoint (.pt), or a folder with CTranslate2's
    model.bin. When `languages` are given, the detection chooses among them only.
    """

    def __init__(self, name: str = "whisper-base", *, languages: Iterable[str] = (), threads: int = 2) -> None:
        self.name = name
        self.languages = tuple(dict.fromkeys(code.split("-")[0] for code in languages))
        self._threads = threads
        self._lock = threading.Lock()  # decoding hangs its cache on the model, so one clip at a time
        self._model: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing or ModelDamaged."""
        with self._lock:
            if self._model is None:
                self._model = self._load()

    def transcribe(self, pcm: NDArray[np.float32], language: str | None = None) -> Transcript:
        """Transcribe mono float32 at 16 kHz; the language is detected among the persona's when not given.

        `states` sums up two middle layers of the encoder over the first 30 seconds, where the voice's tone is heard
        best; the last layer is nearer to the words. Silence has the text "" and no states.
        """
        self.warm_up()
        import torch
        import whisper

        pcm = _clean(pcm)
        with self._lock, torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = self._model
            if is_quiet(pcm):
                return Transcript("", (language or next(iter(self.languages), "en")).split("-")[0])
            states = model.encoder(_first_window(model, pcm))  # [1, 1500, d]; remembered for all that follows
            heard = [layer[0].numpy() for layer in model.encoder.layers]
            tone = _summed_up(heard, len(pcm))
            language = self._language(model, states, language)
            options: dict[str, Any] = {"language": language, "fp16": False, "verbose": None}
            found = whisper.transcribe(model, pcm, **options)
            if language == "zh" and _traditional(found["text"]):
                found = whisper.transcribe(model, pcm, initial_prompt=SIMPLIFIED, **options)
            model.encoder.forget()
        text, confidence = _joined(found["segments"])
        return Transcript(text, language, confidence=confidence, states=tone)

    def states(self, pcm: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return the states of a transcript without transcribing: None for silence."""
        self.warm_up()
        import torch

        pcm = _clean(pcm)
        if is_quiet(pcm):
            return None
        with self._lock, torch.inference_mode():
            encoder = self._model.encoder
            encoder(_first_window(self._model, pcm))
            tone = _summed_up([layer[0].numpy() for layer in encoder.layers], len(pcm))
            encoder.forget()
        return tone

    def _language(self, model: Any, states: Any, language: str | None) -> str:
        from whisper.decoding import detect_language

        if not model.is_multilingual:
            return "en"
        known = _known_languages()
        if language is not None and language.split("-")[0] in known:
            return language.split("-")[0]
        among = [code for code in self.languages if code in known]
        if len(among) == 1:
            return among[0]
        probabilities: Mapping[str, float] = detect_language(model, states)[1][0]
        return max(among or probabilities, key=lambda code: probabilities.get(code, 0.0))

    def _load(self) -> Any:
        try:
            import torch
            import whisper
        except ImportError as error:
            raise ModelMissing(f"the package {error.name}", "pip install openai-whisper") from error
        torch.set_num_threads(self._threads)
        entry, path = find(self.name), Path(self.name).expanduser()
        if entry is not None and entry.kind == "speech":
            model = _converted(_parts(entry))
        elif (path / "model.bin").is_file():
            model = _converted([path / "model.bin"])
        elif path.is_file():
            try:
                model = whisper.load_model(str(path), device="cpu")
            except Exception as error:  # torch.load raises many kinds
                raise ModelDamaged(f"{path} is not a Whisper checkpoint: {error}") from error
        else:
            model = _downloaded(self.name)
        _open_vocabulary(model)
        model = model.float().eval()
        model.encoder = _remembering(model.encoder)
        return model


class FasterWhisperRecognizer:
    """Recognise speech with faster-whisper (an extra); `compute_type` is CTranslate2's, int8 being the lightest."""

    def __init__(
        self,
        name: str = "whisper-base",
        *,
        languages: Iterable[str] = (),
        threads: int = 2,
        compute_type: str = "float32",
    ) -> None:
        self.name = name
        self.languages = tuple(dict.fromkeys(code.split("-")[0] for code in languages))
        self._threads = threads
        self._compute_type = compute_type
        self._lock = threading.Lock()
        self._model: Any = None
        self._encode: Any = None
        self._states: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._model is None:
                try:
                    from faster_whisper import WhisperModel
                except ImportError as error:
                    raise ModelMissing("faster-whisper", "pip install 'personac[faster-whisper]'") from error
                folder = self._folder()
                try:
                    self._model = WhisperModel(
                        str(folder), device="cpu", compute_type=self._compute_type, cpu_threads=self._threads
                    )
                except (RuntimeError, ValueError) as error:
                    raise ModelDamaged(f"{folder} does not load in faster-whisper: {error}") from error
                self._encode, self._model.encode = self._model.encode, self._encoded

    def transcribe(self, pcm: NDArray[np.float32], language: str | None = None) -> Transcript:
        """Transcribe mono float32 at 16 kHz; the language is detected among the persona's when not given.

        `states` sums up the encoder's last layer, the only one that CTranslate2 gives, over the first 30 seconds.
        """
        self.warm_up()
        pcm = _clean(pcm)
        with self._lock:
            self._states = None
            if is_quiet(pcm):
                return Transcript("", (language or next(iter(self.languages), "en")).split("-")[0])
            language = self._language(pcm, language)
            found = self._decode(pcm, language)
            if language == "zh" and _traditional("".join(segment["text"] for segment in found)):
                found = self._decode(pcm, language, initial_prompt=SIMPLIFIED)
            tone = None if self._states is None else _summed_up([np.asarray(self._states)[0]], len(pcm))
        text, confidence = _joined(found)
        return Transcript(text, language, confidence=confidence, states=tone)

    def _encoded(self, features: NDArray[np.float32]) -> Any:
        """Encode for faster-whisper, and keep what the first window gave."""
        states = self._encode(features)
        self._states = states if self._states is None else self._states
        return states

    def _decode(self, pcm: NDArray[np.float32], language: str, **options: Any) -> list[dict[str, Any]]:
        segments, _ = self._model.transcribe(pcm, language=language, beam_size=1, best_of=1, **options)
        return [
            {
                "text": s.text,
                "avg_logprob": s.avg_logprob,
                "no_speech_prob": s.no_speech_prob,
                "start": s.start,
                "end": s.end,
            }
            for s in segments
        ]

    def _language(self, pcm: NDArray[np.float32], language: str | None) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        known = set(self._model.supported_languages)
        if language is not None and language.split("-")[0] in known:
            return language.split("-")[0]
        among = [code for code in self.languages if code in known]
        if len(among) == 1:
            return among[0]
        best, _, ranked = self._model.detect_language(pcm)
        probabilities = dict(ranked)
        return max(among, key=lambda code: probabilities.get(code, 0.0)) if among else str(best)

    def _folder(self) -> Path:
        entry, path = find(self.name), Path(self.name).expanduser()
        if path.is_dir():
            return path
        if entry is None or entry.kind != "speech":
            return weights.hub(self.name if "/" in self.name else f"Systran/faster-whisper-{self.name}")
        parts = _parts(entry)
        if len(parts) == 1:
            return parts[0].parent
        key = hashlib.sha256("".join(file.sha256 for file in entry.files).encode()).hexdigest()[:32]

        def join(aside: Path) -> None:
            with (aside / "model.bin").open("wb") as whole:
                for part in parts:
                    whole.write(part.read_bytes())
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                (aside / name).write_bytes(weights.locate(entry.name, name).read_bytes())

        return cache.folder(cache.root() / "joined" / key, join)


def load_recognizer(
    name: str = "whisper-base", *, languages: Iterable[str] = (), engine: str = "whisper", threads: int = 2
) -> Recognizer:
    """Return a recogniser, not loaded yet; `engine` is whisper or faster-whisper."""
    if engine == "faster-whisper":
        return FasterWhisperRecognizer(name, languages=languages, threads=threads)
    if engine != "whisper":
        raise ModelMissing(f"the recogniser {engine}", "one of whisper, faster-whisper")
    return WhisperRecognizer(name, languages=languages, threads=threads)


def _summed_up(layers: list[NDArray[np.float32]], samples: int) -> NDArray[np.float32]:
    """Return mean and deviation over time [2 d for each layer] of layers [time, d] of a sound with so many samples."""
    spoken = max(1, math.ceil(samples / 320))  # a state stands for 20 ms
    parts = [part for layer in layers for part in (layer[:spoken].mean(0), layer[:spoken].std(0))]
    return np.concatenate(parts).astype(np.float32)


def _clean(pcm: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = np.nan_to_num(np.asarray(pcm, np.float32).reshape(-1), nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(flat, -1.0, 1.0)


def _joined(segments: Iterable[Mapping[str, Any]]) -> tuple[str, float]:
    """Return text and confidence of the segments that hold speech; the confidence is exp(mean log probability)."""
    texts, weight, total = [], 0.0, 0.0
    for segment in segments:
        unsure = segment["avg_logprob"] < -0.7
        if not segment["text"].strip() or (segment["no_speech_prob"] > NO_SPEECH and unsure):
            continue
        seconds = max(0.1, float(segment["end"] - segment["start"]))
        texts.append(segment["text"])
        weight += seconds
        total += seconds * float(segment["avg_logprob"])
    return "".join(texts).strip(), math.exp(total / weight) if weight else 0.0


def _traditional(text: str) -> bool:
    """Return whether Chinese text has characters that only traditional writing has."""
    for char in text:
        if "\u4e00" <= char <= "\u9fff":
            try:
                char.encode("gb2312")
            except UnicodeEncodeError:
                try:
                    char.encode("big5")
                except UnicodeEncodeError:
                    continue
                return True
    return False


def _parts(model: Model) -> list[Path]:
    names = [file.name for file in model.files if file.name.startswith("model.bin")]
    return [weights.locate(model.name, name) for name in names]


def _converted(paths: list[Path]) -> Any:
    import torch
    from whisper.model import ModelDimensions, Whisper

    variables = ctranslate.read(paths)
    model = Whisper(ModelDimensions(**ctranslate.dimensions(variables)))
    state = {
        name: torch.from_numpy(value.astype(np.float32)) for name, value in ctranslate.whisper_state(variables).items()
    }
    try:
        model.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise ModelDamaged(f"{paths[0]} does not fit openai-whisper: {error}") from error
    return model


def _downloaded(name: str) -> Any:
    import whisper

    folder = cache.root() / "whisper"
    if name not in whisper.available_models():
        known = ", ".join(["whisper-base", "whisper-tiny.en", *whisper.available_models()])
        raise ModelMissing(f"a speech model {name}", f"one of {known}, or a path")
    url = whisper._MODELS[name]
    if cache.offline() and not (folder / Path(url).name).is_file():
        raise ModelMissing(f"Whisper {name} (offline)", f"personac models get {name}, while online")
    try:
        return whisper.load_model(name, device="cpu", download_root=str(folder))
    except (OSError, RuntimeError) as error:
        raise Unavailable(f"Whisper {name} can't be fetched ({error}); try again later") from error


def _first_window(model: Any, pcm: NDArray[np.float32]) -> Any:
    """Return the first 30 seconds [1, mels, 3000] exactly as whisper.transcribe cuts them."""
    from whisper.audio import N_FRAMES, N_SAMPLES, log_mel_spectrogram, pad_or_trim

    mel = log_mel_spectrogram(pcm, model.dims.n_mels, padding=N_SAMPLES)
    content = min(N_FRAMES, mel.shape[-1] - N_FRAMES)
    return pad_or_trim(mel[:, :content], N_FRAMES)[None]


def _remembering(encoder: Any) -> Any:
    import torch

    class Remembering(torch.nn.Module):
        """Give the same states for the same window without computing them again, and keep two middle layers."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            count = len(encoder.blocks)
            self.kept: dict[int, Any] = {}
            for position in sorted({(count + 1) // 3 - 1, (2 * count + 1) // 3 - 1} - {-1}):
                encoder.blocks[position].register_forward_hook(partial(self.keep, position))
            self.forget()

        def keep(self, position: int, _block: Any, _given: Any, states: Any) -> None:
            self.kept[position] = states

        @property
        def layers(self) -> list[Any]:
            """Return the states of the middle layers, each [1, time, d]."""
            return [self.kept[position] for position in sorted(self.kept)]

        def forget(self) -> None:
            self.mel = self.states = None
            self.kept.clear()

        def forward(self, mel: Any) -> Any:
            if self.mel is None or self.mel.shape != mel.shape or not torch.equal(self.mel, mel):
                self.mel, self.states = mel, self.encoder(mel)
            return self.states

    return Remembering()


def _open_vocabulary(model: Any) -> None:
    """Let whisper read its vocabulary, which it keeps; it leaves the file to the garbage collector."""
    from whisper.tokenizer import get_tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        get_tokenizer(model.is_multilingual, num_languages=model.num_languages)


def _known_languages() -> frozenset[str]:
    from whisper.tokenizer import LANGUAGES

    return frozenset(LANGUAGES)
