"""The vectors of one compile: a persona's encoders, opened only for what the cache does not know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder, SpeechEncoder
from ..errors import BadInput
from ..mind.understanding.fusion import PICTURE, VIDEO
from ..mind.understanding.views import pictures_of
from ..mind.understanding.voices import TOKENS, sounds_of
from ..models import cache, weights
from ..models.language import LanguageDetector
from ..models.text import OnnxTextEncoder, load_text_encoder
from ..persona.schema import Persona
from .examples import Row
from .frames import Frames
from .passes import Passes
from .vector_cache import VectorCache

PICTURE_MODULES = (
    "models.image",
    "models.picture",
    "models.efficientnet",
    "models.onnx",
    "models.video",
    "mind.understanding.views",
)
SPEECH_MODULES = ("models.speech", "models.sound", "models.ctranslate", "models.mfcc", "mind.understanding.voices")
Progress = Callable[[str, int, int], None]  # pass, done, total
Vectors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Token:
    """Hold one modality of all rows: a matrix [rows, d] or sequences of frames, and which rows have it [rows]."""

    name: str
    matrix: NDArray[np.float32] | Frames
    present: NDArray[np.bool_]

    @property
    def dimension(self) -> int:
        """Return d."""
        return self.matrix.dimension if isinstance(self.matrix, Frames) else int(self.matrix.shape[1])

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | Frames:
        """Return the vectors or sequences of some rows."""
        if isinstance(self.matrix, Frames):
            return self.matrix.rows(rows)
        return np.ascontiguousarray(self.matrix[rows], np.float32)


def text_encoders(persona: Persona) -> list[str]:
    """Return the names of a persona's sentence encoders; `auto` takes by language."""
    return encoder_names(persona.encoders.text, persona.languages)


def encoder_names(chosen: Sequence[str], languages: Sequence[str]) -> list[str]:
    """Return the names of the sentence encoders for languages; `auto` takes by language."""
    if tuple(chosen) != ("auto",):
        return list(chosen)
    spoken = {language.split("-")[0] for language in languages}
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
        return cls.named(text_encoders(persona), progress)

    @classmethod
    def named(cls, names: Sequence[str], progress: Progress) -> TextVectors:
        """Find encoders by their names."""
        found = cls()
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
        own = getattr(encoder, "version", "")  # of a plugin's, whose files are not known
        digest = hashlib.sha256(f"{name} {encoder.dimension}{f' {own}' if own else ''}".encode())
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
    """Return the tokens of rows with a picture or a video; a video's sound is heard by `_speech`."""
    shown = [i for i, row in enumerate(rows) if row.image or row.video]
    if not shown:
        return []
    from ..models.choose import image_encoder

    encoder = image_encoder(persona.encoders.image)
    views: dict[str, dict[int, NDArray[np.float32]]] = {}
    for done, i in enumerate(shown):
        seen = look_at(rows[i].image or rows[i].video or Path(), encoder, passes, still=rows[i].image is not None)
        for token in (PICTURE, VIDEO):
            if (seen / f"{token}.npy").is_file():
                views.setdefault(token, {})[i] = np.load(seen / f"{token}.npy", allow_pickle=False)
        progress("encode pictures", done + 1, len(shown))
    return [_token(name, len(rows), known) for name, known in views.items()]


def look_at(file: Path, encoder: Encoder, passes: Passes, *, still: bool = True) -> Path:
    """Return the folder with the tokens of a picture, or of a video, which the encoder sees once; raise BadInput."""
    from ..models.picture import decode_picture
    from ..models.video import decode_video

    data = file.read_bytes()

    def look(folder: Path) -> None:
        pictures = [decode_picture(data)] if still else decode_video(data).pictures
        encoder.warm_up()  # loaded with the first picture that is new
        for name, view in (pictures_of(encoder, pictures)[1] if pictures else {}).items():
            np.save(folder / f"{name}.npy", view, allow_pickle=False)

    given = [encoder.name, "picture" if still else "video", data]
    try:
        return passes.run("see", look, given, PICTURE_MODULES, ("onnxruntime", "pillow", "av"))
    except BadInput as error:
        raise BadInput(error.code, f"{file}: {error}") from error


def _speech(rows: list[Row], persona: Persona, passes: Passes, progress: Progress) -> list[Token]:
    files = [row.audio or _with_sound(row.video) for row in rows]
    if not any(files):
        return []
    needed = [not row.text for row in rows]
    texts, found = recordings(files, needed, persona.encoders.speech, persona.languages, passes, progress)
    for i, text in texts.items():
        rows[i] = replace(rows[i], text=rows[i].text or text)
    return found


def _with_sound(video: Path | None) -> Path | None:
    """Return a video when there is sound in it."""
    if video is None:
        return None
    from ..models.video import decode_video

    return video if decode_video(video.read_bytes()).has_sound else None


def recordings(
    files: Sequence[Path | None],
    needed: Sequence[bool],
    encoder: str,
    languages: Sequence[str],
    passes: Passes,
    progress: Progress,
) -> tuple[dict[int, str], list[Token]]:
    """Return the tokens of rows with recordings, and the words of those whose words are `needed`, by row.

    Raise BadInput, with the file's name, for one that cannot be heard.
    """
    from ..models.choose import recognizer as choose_recognizer
    from ..models.sound import decode_sound

    recognizer = choose_recognizer(encoder, languages)  # loaded with the first new recording
    sounds: dict[str, dict[int, NDArray[np.float32]]] = {}
    texts: dict[int, str] = {}
    heard_rows = [i for i, file in enumerate(files) if file is not None]
    for done, i in enumerate(heard_rows):
        file, wanted = files[i] or Path(), needed[i]
        data = file.read_bytes()

        def hear(folder: Path, data: bytes = data, wanted: bool = wanted) -> None:
            pcm = decode_sound(data)
            recognizer.warm_up()
            if wanted or not isinstance(recognizer, SpeechEncoder):
                transcript = recognizer.transcribe(pcm)
                states = transcript.states
                (folder / "text.txt").write_text(transcript.text, "utf-8")
            else:
                states = recognizer.states(pcm)
            for name, sound in sounds_of(pcm, states).items():
                np.save(folder / f"{name}.npy", sound, allow_pickle=False)

        name = f"{type(recognizer).__name__} {encoder} {' '.join(languages)} {wanted}"
        try:
            heard = passes.run("hear", hear, [name, data], SPEECH_MODULES, ("faster-whisper", "openai-whisper", "av"))
        except BadInput as error:
            raise BadInput(error.code, f"{file}: {error}") from error
        if wanted:
            texts[i] = (heard / "text.txt").read_text("utf-8")
        for token in TOKENS:
            if (heard / f"{token}.npy").is_file():
                sounds.setdefault(token, {})[i] = np.load(heard / f"{token}.npy", allow_pickle=False)
        progress("encode recordings", done + 1, len(heard_rows))
    return texts, [_token(name, len(files), known) for name, known in sounds.items()]


def _token(name: str, rows: int, known: dict[int, NDArray[np.float32]]) -> Token:
    """Return a token of which some rows have a vector [d] or a sequence [L, d]."""
    present = np.array([row in known for row in range(rows)], np.bool_)
    first = next(iter(known.values()))
    if first.ndim == 1:
        return Token(name, _matrix(rows, known), present)
    return Token(name, Frames.of([known.get(row) for row in range(rows)], first.shape[1]), present)


def _matrix(rows: int, known: dict[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return [rows, d] with zeros where a row has no vector."""
    matrix = np.zeros((rows, len(next(iter(known.values())))), np.float32)
    for row, vector in known.items():
        matrix[row] = vector
    return matrix
