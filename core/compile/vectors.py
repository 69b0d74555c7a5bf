"""The vectors of one compile: a persona's encoders, opened only for what the cache does not know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..mind.fusion import PICTURE, SPEECH
from ..models import cache, weights
from ..models.language import LanguageDetector
from ..models.text import OnnxTextEncoder, load_text_encoder
from ..persona.schema import Persona
from .examples import Row
from .passes import Passes
from .vector_cache import VectorCache

PICTURE_MODULES = ("models.image", "models.picture", "models.efficientnet", "models.onnx")
SPEECH_MODULES = ("models.speech", "models.sound", "models.ctranslate")
Progress = Callable[[str, int, int], None]  # pass, done, total
Vectors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one modality of all rows: a matrix [rows, d], and which rows have it [rows]."""

    name: str
    matrix: NDArray[np.float32]
    present: NDArray[np.bool_]


def text_encoders(persona: Persona) -> list[str]:
    """Return the names of a persona's sentence encoders; `auto` takes by language."""
    if tuple(persona.encoders.text) != ("auto",):
        return list(persona.encoders.text)
    spoken = {language.split("-")[0] for language in persona.languages}
    if spoken == {"en"}:
        return ["all-MiniLM-L6-v2"]
    return ["use-multilingual", *(["all-MiniLM-L6-v2"] if "en" in spoken else [])]


def covers(encoder: Encoder, language: str) -> bool:
    """Tell whether an encoder understands a language."""
    return encoder.languages is None or language.split("-")[0] in encoder.languages


@dataclass(slots=True)
class TextVectors:
    """Encode texts with a persona's encoders; `versions` names the content of each."""

    encoders: list[Encoder] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    hashes: dict[Path, str] = field(default_factory=dict)
    fresh: bool = False
    _known: VectorCache = field(default_factory=lambda: VectorCache(cache.root() / "vectors"))

    @classmethod
    def open(cls, persona: Persona, progress: Progress) -> TextVectors:
        """Find a persona's encoders, and export those that were not yet; nothing is loaded."""
        found = cls()
        names = text_encoders(persona)
        for done, name in enumerate(names):
            progress("load", done, len(names))
            found._add(name)
        progress("load", len(names), len(names))
        return found

    def _add(self, name: str) -> None:
        encoder = load_text_encoder(name)
        if isinstance(encoder, OnnxTextEncoder):
            encoder.find()
        else:
            encoder.warm_up()
        self.encoders.append(encoder)
        digest = hashlib.sha256(f"{name} {encoder.dimension}".encode())
        for file in self.files(encoder):
            self.hashes[file] = weights.digest(file)
            digest.update(f"{file.name} {self.hashes[file]}\n".encode())
        self.versions[name] = digest.hexdigest()

    def files(self, encoder: Encoder) -> list[Path]:
        """Return the files of an encoder's export; none when it runs in torch."""
        folder = getattr(encoder, "folder", None)
        return sorted(path for path in folder.iterdir() if path.is_file()) if isinstance(folder, Path) else []

    def of(self, encoder: Encoder, texts: Sequence[str], label: str, progress: Progress) -> NDArray[np.float32]:
        """Return [n, d] of one encoder."""

        def tick(done: int, total: int) -> None:
            self.fresh = self.fresh or done < total
            progress(label, done, total)

        return self._known.encode(encoder, self.versions[encoder.name], texts, tick)

    def by_encoder(self, texts: Sequence[str], label: str, progress: Progress) -> Vectors:
        """Return [n, d] for each encoder by its name."""
        return {encoder.name: self.of(encoder, texts, label, progress) for encoder in self.encoders}


def tokens(rows: list[Row], persona: Persona, vectors: TextVectors, passes: Passes, progress: Progress) -> list[Token]:
    """Return the tokens of training rows; a recording without words gets its transcript as its text, in place."""
    pictures = _pictures(rows, persona, passes, progress)
    speech = _speech(rows, persona, passes, progress)
    languages = languages_of(rows, persona.languages)
    found = []
    for encoder in vectors.encoders:
        matrix = vectors.of(encoder, [row.text for row in rows], f"encode ({encoder.name})", progress)
        present = np.array([bool(r.text.strip()) and covers(encoder, c) for r, c in zip(rows, languages)], np.bool_)
        found.append(Token(encoder.name, matrix * present[:, None], present))
    return [*found, *pictures, *speech]


def languages_of(rows: Sequence[Row], languages: Sequence[str]) -> list[str]:
    """Return the language of each row's words."""
    detector = LanguageDetector(languages)
    return [detector.detect(row.text) if row.text else languages[0] for row in rows]


def _pictures(rows: list[Row], persona: Persona, passes: Passes, progress: Progress) -> list[Token]:
    present = np.array([row.image is not None for row in rows], np.bool_)
    if not present.any():
        return []
    from ..models.choose import image_encoder
    from ..models.picture import decode_picture

    encoder = image_encoder(persona.encoders.image)  # loaded with the first picture that is new
    found: dict[int, NDArray[np.float32]] = {}
    for done, i in enumerate(np.flatnonzero(present)):
        data = Path(rows[i].image or "").read_bytes()

        def look(folder: Path, data: bytes = data) -> None:
            encoder.warm_up()
            np.save(folder / "vector.npy", encoder.encode([decode_picture(data)])[0], allow_pickle=False)

        seen = passes.run("see", look, [encoder.name, data], PICTURE_MODULES, ("onnxruntime", "pillow"))
        found[int(i)] = np.load(seen / "vector.npy", allow_pickle=False)
        progress("encode pictures", done + 1, int(present.sum()))
    return [Token(PICTURE, _matrix(len(rows), found), present)]


def _speech(rows: list[Row], persona: Persona, passes: Passes, progress: Progress) -> list[Token]:
    present = np.array([row.audio is not None for row in rows], np.bool_)
    if not present.any():
        return []
    from ..models.choose import recognizer as choose_recognizer
    from ..models.sound import decode_sound

    recognizer = choose_recognizer(persona.encoders.speech, persona.languages)  # loaded with the first new recording
    states: dict[int, NDArray[np.float32]] = {}
    for done, i in enumerate(np.flatnonzero(present)):
        data = Path(rows[i].audio or "").read_bytes()

        def hear(folder: Path, data: bytes = data) -> None:
            recognizer.warm_up()
            transcript = recognizer.transcribe(decode_sound(data))
            (folder / "text.txt").write_text(transcript.text, "utf-8")
            if transcript.states is not None:
                np.save(folder / "states.npy", transcript.states, allow_pickle=False)

        name = f"{type(recognizer).__name__} {persona.encoders.speech} {' '.join(persona.languages)}"
        heard = passes.run("hear", hear, [name, data], SPEECH_MODULES, ("faster-whisper", "openai-whisper", "av"))
        rows[i] = replace(rows[i], text=rows[i].text or (heard / "text.txt").read_text("utf-8"))
        if (heard / "states.npy").is_file():
            state = np.load(heard / "states.npy", allow_pickle=False)
            states[int(i)] = state / max(float(np.linalg.norm(state)), 1e-6)
        progress("encode recordings", done + 1, int(present.sum()))
    if not states:
        return []
    return [Token(SPEECH, _matrix(len(rows), states), np.array([i in states for i in range(len(rows))], np.bool_))]


def _matrix(rows: int, known: dict[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return [rows, d] with zeros where a row has no vector."""
    matrix = np.zeros((rows, len(next(iter(known.values())))), np.float32)
    for row, vector in known.items():
        matrix[row] = vector
    return matrix
