"""The compiler: the passes that turn a persona's folder into an artifact, in order.

check → read → encode → train → index → write. Each reports its progress; nothing is visible before the last one.
"""

from __future__ import annotations

import glob
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..diagnostics import Diagnostic
from ..errors import ArtifactInvalid, PersonaInvalid
from ..mind.fusion import PICTURE, SPEECH, FusionConfig
from ..mind.retrieval import write_lexical, write_passages
from ..models import cache
from ..models.text import load_text_encoder
from ..persona.check import check
from ..persona.knowledge import Knowledge, read_knowledge
from ..persona.schema import Persona
from ..turn import Passage
from .artifact import aside, disk, latest, link, locked, publish, read_manifest, sha256
from .examples import KNOWLEDGE, Row, emotion_rows, intent_rows, question_rows
from .knowledge import VectorCache, write_index
from .rules import topics

if TYPE_CHECKING:
    from .training import Examples

EMOTIONS = ("neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust")
BACKGROUND_NEAR = 0.6  # a background sentence this near to an example could be one
Progress = Callable[[str, int, int], None]  # pass, done, total


@dataclass(slots=True)
class Compiled:
    """Hold the outcome of a compile: where the artifact is, and how it came about."""

    slug: str
    artifact: Path
    fresh: bool
    seconds: float
    manifest: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "persona": self.slug,
            "artifact": str(self.artifact),
            "fresh": self.fresh,
            "seconds": round(self.seconds, 2),
            "report": self.manifest["report"],
            "warnings": [f"{d.code} {d.message}" for d in self.diagnostics],
        }


@dataclass(slots=True)
class Installed:
    """Name the extensions that a persona may use."""

    plugins: set[str] = field(default_factory=set)
    skills: set[str] = field(default_factory=set)
    connectors: set[str] = field(default_factory=set)


def output_folder(path: Path, out: Path | None) -> Path:
    """Return where the artifacts of a persona go: OUT/<slug>, by default build/<slug> in its own folder."""
    root = path if path.is_dir() else path.parent
    return (out or root / "build") / slug_of(path)


def slug_of(path: Path) -> str:
    """Return the short name of a persona: its folder's, or its file's."""
    path = path.resolve()
    return path.name if path.is_dir() else (path.parent.name if path.name == "persona.yaml" else path.stem)


def compile_persona(path: Path, out: Path | None, installed: Installed, progress: Progress) -> Compiled:
    """Compile a persona; raise PersonaInvalid with all its findings, or another PersonacError."""
    started = time.perf_counter()
    source = path / "persona.yaml" if path.is_dir() else path
    folder = output_folder(path, out)
    with locked(folder):
        before = unchanged(source, folder)
        if before is not None:
            manifest = read_manifest(before)
            return Compiled(slug_of(path), before, False, time.perf_counter() - started, manifest)
        progress("check", 0, 1)
        persona, diagnostics, _ = check(
            source, plugins=installed.plugins, skills=installed.skills, connectors=installed.connectors
        )
        if persona is None or any(d.severity == "error" for d in diagnostics):
            raise PersonaInvalid(diagnostics)
        progress("check", 1, 1)
        with aside(folder) as building, disk(folder):
            manifest = _Build(persona, source, building, progress).run()
            target = publish(building, folder, {"persona": slug_of(path), **manifest})
    seconds = time.perf_counter() - started
    return Compiled(slug_of(path), target, True, seconds, read_manifest(target), tuple(diagnostics))


def compiler_version() -> str:
    """Return a name for everything in the compiler that decides about the bytes of an artifact."""
    digest = hashlib.sha256()
    core = Path(__file__).parents[1]
    for part in ("compile", "mind", "models", "persona"):
        for file in sorted((core / part).rglob("*.[pc][ys]*")):
            if file.suffix in (".py", ".csv"):
                digest.update(file.read_bytes())
    for package in ("torch", "onnx", "onnxscript", "faiss-cpu", "tokenizers", "sentence-transformers"):
        try:
            digest.update(f"{package}={version(package)}".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()[:16]


def unchanged(source: Path, folder: Path) -> Path | None:
    """Return the newest artifact when nothing that it was built from has changed."""
    artifact = latest(folder)
    if artifact is None:
        return None
    try:
        manifest = read_manifest(artifact)
    except ArtifactInvalid:  # damaged or from another version: it is built anew
        return None
    root = source.parent
    if manifest.get("compiler") != compiler_version() or manifest["source"] != source.name:
        return None
    for pattern, names in manifest["globs"].items():
        if _expand(root, pattern) != names:
            return None
    for name, digest in manifest["inputs"].items():
        file = root / name
        if not file.is_file() or sha256(file) != digest:
            return None
    return artifact


def _expand(root: Path, pattern: str) -> list[str]:
    return sorted(glob.glob(pattern, root_dir=root, recursive=True))


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


class _Build:
    """Hold what the passes of one compile share."""

    def __init__(self, persona: Persona, source: Path, folder: Path, progress: Progress) -> None:
        self.persona, self.source, self.root, self.folder = persona, source, source.parent, folder
        self.progress = progress
        self.inputs: set[Path] = {source}
        self.globs: dict[str, list[str]] = {}
        self.encoders: list[Encoder] = []
        self.versions: dict[str, str] = {}
        self.vectors = VectorCache(cache.root() / "vectors")
        self.report: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Run the passes and return the manifest's facts."""
        knowledge, rows = self._read()
        self._load_encoders()
        features = self._features(rows)
        passages = knowledge.passages
        self._index(knowledge)
        self._rules(rows)
        self._train(rows, features, passages)
        self._write(knowledge)
        return {
            "compiler": compiler_version(),
            "source": self.source.name,
            "language_version": self.persona.personac,
            "inputs": {self._name(path): sha256(path) for path in sorted(self.inputs)},
            "globs": self.globs,
            "models": self.versions,
            "report": self.report,
        }

    def _name(self, path: Path) -> str:
        return path.resolve().relative_to(self.root.resolve()).as_posix()

    def _read(self) -> tuple[Knowledge, list[Row]]:
        persona = self.persona
        self.progress("read", 0, 1)
        for source in persona.knowledge:
            self.globs[source.path] = _expand(self.root, source.path)
            self.inputs.update(self.root / name for name in self.globs[source.path])
        knowledge = read_knowledge(persona, self.root)
        for intent in persona.intents:
            if isinstance(intent.examples, str):
                self.inputs.add(self.root / intent.examples)
            for slot in intent.slots.values():
                if isinstance(slot.values, str):
                    self.inputs.add(self.root / slot.values.split("#")[0])
        rows = intent_rows(persona, self.root)
        self.inputs.update(path for row in rows for path in (row.image, row.audio) if path)
        names = [intent.name for intent in persona.intents]
        rows += question_rows(knowledge.questions, knowledge.passages, names)
        rows += emotion_rows(persona.languages)
        self.progress("read", 1, 1)
        self.report["passages"] = len(knowledge.passages)
        self.report["intents"] = len(persona.intents)
        return knowledge, rows

    def _load_encoders(self) -> None:
        names = text_encoders(self.persona)
        for done, name in enumerate(names):
            self.progress("load", done, len(names))
            encoder = load_text_encoder(name)
            encoder.warm_up()
            self.encoders.append(encoder)
            exported = getattr(encoder, "folder", None)
            if isinstance(exported, Path):
                digest = hashlib.sha256()
                for file in sorted(p for p in exported.iterdir() if p.is_file()):
                    digest.update(f"{file.name} {sha256(file)}\n".encode())
                    link(file, self.folder / "encoders" / name.replace("/", "--") / file.name)
                self.versions[name] = digest.hexdigest()
            else:
                self.versions[name] = hashlib.sha256(f"{name} {encoder.dimension}".encode()).hexdigest()
        self.progress("load", len(names), len(names))

    def _encode(self, encoder: Encoder, texts: Sequence[str], label: str) -> NDArray[np.float32]:
        def tick(done: int, total: int) -> None:
            self.progress(label, done, total)

        return self.vectors.encode(encoder, self.versions[encoder.name], texts, tick)

    def _encode_all(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        return {encoder.name: self._encode(encoder, texts, "encode rules") for encoder in self.encoders}

    def _features(self, rows: list[Row]) -> list[tuple[str, NDArray[np.float32], NDArray[np.bool_]]]:
        """Return for each token its name, matrix [rows, d] and presence [rows]."""
        pictures = self._pictures(rows)
        speech = self._speech(rows)
        languages = _languages(rows, self.persona.languages)
        features = []
        for encoder in self.encoders:
            matrix = self._encode(encoder, [row.text for row in rows], f"encode ({encoder.name})")
            present = np.array([bool(r.text.strip()) and covers(encoder, c) for r, c in zip(rows, languages)], np.bool_)
            features.append((encoder.name, matrix * present[:, None], present))
        return [*features, *pictures, *speech]

    def _pictures(self, rows: list[Row]) -> list[tuple[str, NDArray[np.float32], NDArray[np.bool_]]]:
        present = np.array([row.image is not None for row in rows], np.bool_)
        if not present.any():
            return []
        from ..models.choose import image_encoder
        from ..models.picture import decode_picture

        encoder = image_encoder(self.persona.encoders.image)
        encoder.warm_up()
        matrix = np.zeros((len(rows), encoder.dimension), np.float32)
        for done, i in enumerate(np.flatnonzero(present)):
            image = rows[i].image
            assert image is not None
            matrix[i] = encoder.encode([decode_picture(image.read_bytes())])[0]
            self.progress("encode pictures", done + 1, int(present.sum()))
        return [(PICTURE, matrix, present)]

    def _speech(self, rows: list[Row]) -> list[tuple[str, NDArray[np.float32], NDArray[np.bool_]]]:
        present = np.array([row.audio is not None for row in rows], np.bool_)
        if not present.any():
            return []
        from ..models.choose import recognizer as choose_recognizer
        from ..models.sound import decode_sound

        recognizer = choose_recognizer(self.persona.encoders.speech, self.persona.languages)
        recognizer.warm_up()
        states: dict[int, NDArray[np.float32]] = {}
        for done, i in enumerate(np.flatnonzero(present)):
            audio = rows[i].audio
            assert audio is not None
            transcript = recognizer.transcribe(decode_sound(audio.read_bytes()))
            rows[i] = replace(rows[i], text=rows[i].text or transcript.text)
            if transcript.states is not None:
                states[int(i)] = transcript.states
            self.progress("encode recordings", done + 1, int(present.sum()))
        if not states:
            return []
        matrix = np.zeros((len(rows), len(next(iter(states.values())))), np.float32)
        heard = np.zeros(len(rows), np.bool_)
        for row, state in states.items():
            matrix[row], heard[row] = state / max(float(np.linalg.norm(state)), 1e-6), True
        return [(SPEECH, matrix, heard)]

    def _index(self, knowledge: Knowledge) -> None:
        """Index every passage under its title and its text."""
        passages = knowledge.passages
        (self.folder / "index").mkdir()
        for encoder in self.encoders:
            keys: list[str] = []
            owners: list[int] = []
            for position, passage in enumerate(passages):
                if not covers(encoder, passage.language):
                    continue
                keys += [f"{passage.title}. {passage.text}", *([passage.title] if passage.title else [])]
                owners += [position] * (2 if passage.title else 1)
            vectors = self._encode(encoder, keys, f"index ({encoder.name})")
            write_index(self.folder / "index", encoder.name.replace("/", "--"), vectors, owners)
        write_lexical(self.folder / "lexical.sqlite", [f"{p.title} {p.text}" for p in passages])
        write_passages(self.folder / "passages.jsonl", passages)
        (self.folder / "records.json").write_text(json.dumps(knowledge.records, ensure_ascii=False), "utf-8")

    def _rules(self, rows: list[Row]) -> None:
        from safetensors.numpy import save_file

        own = [row.text for row in rows if row.text and not row.background]
        everyday = [row.text for row in rows if row.text and row.background]
        found, report = topics(self.persona, own, everyday, self._encode_all)
        tensors: dict[str, NDArray[np.float32]] = {}
        for path, topic in found.items():
            tensors |= {f"weights|{path}|{name}": matrix for name, matrix in topic.weights.items()}
            tensors |= {f"examples|{path}|{name}": matrix for name, matrix in topic.examples.items()}
            tensors |= {f"harmless||{name}": matrix for name, matrix in topic.harmless.items()}
        save_file(tensors, str(self.folder / "topics.safetensors"))
        thresholds = {path: round(topic.threshold, 4) for path, topic in found.items()}
        (self.folder / "topics.json").write_text(json.dumps(thresholds, sort_keys=True), "utf-8")
        self.report["topics"] = report

    def _train(
        self,
        rows: list[Row],
        features: list[tuple[str, NDArray[np.float32], NDArray[np.bool_]]],
        passages: Sequence[Passage],
    ) -> None:
        from safetensors.numpy import save_file

        from .training import Examples, export, train

        query = self.encoders[0]
        names = [intent.name for intent in self.persona.intents]
        if any(row.intent == KNOWLEDGE for row in rows) and names:
            names = [*names, KNOWLEDGE]
        responses = [
            (intent.name, language, text)
            for intent in self.persona.intents
            for language, texts in (intent.responses or {}).items()
            for text in texts
        ]
        answers = self._encode(
            query, [f"{p.title}. {p.text}" for p in passages] + [text for *_, text in responses], "encode answers"
        )
        offset = len(passages)
        save_file({"responses": answers[offset:]}, str(self.folder / "responses.safetensors"))
        first = {(intent, language): offset + i for i, (intent, language, _) in reversed(list(enumerate(responses)))}
        languages = _languages(rows, self.persona.languages)
        answer = [
            row.passage if row.passage is not None else first.get((row.intent or "", language), -1)
            for row, language in zip(rows, languages)
        ]
        examples = Examples(
            tokens=[matrix.astype(np.float32) for _, matrix, _ in features],
            present=[present for *_, present in features],
            intent=self._intent_labels(rows, names, features),
            emotion=np.array([EMOTIONS.index(row.emotion) if row.emotion else -1 for row in rows], np.int64),
            answer=np.array(answer, np.int64),
            answers=answers,
            texts=[row.text for row in rows],
        )
        examples = _only_present(examples)
        tokens = [(name, int(matrix.shape[1])) for name, matrix, _ in features]

        def tick(done: int, total: int) -> None:
            self.progress("train", done, total)

        network, config, report = train(examples, tokens, names, EMOTIONS, query.name, tick)
        self.progress("export", 0, 1)
        export(network, config, self.folder)
        self._note_fusion(config)
        self.report["training"] = report.as_dict()
        self.progress("export", 1, 1)

    def _note_fusion(self, config: FusionConfig) -> None:
        self.report["tokens"] = [name for name, _ in config.tokens]
        self.report["out_of_scope_threshold"] = config.threshold

    def _intent_labels(
        self, rows: list[Row], names: list[str], features: list[tuple[str, NDArray[np.float32], NDArray[np.bool_]]]
    ) -> NDArray[np.int64]:
        """Return the intent of each row; background rows that could be an example have none."""
        labels = np.array([names.index(r.intent) if r.intent in names else -1 for r in rows], np.int64)
        background = np.array([row.background for row in rows], np.bool_)
        _, matrix, _ = features[0]
        own = matrix[~background]
        if len(own) and names:
            near = (matrix[background] @ own.T).max(1)
            labels[np.flatnonzero(background)[near < BACKGROUND_NEAR]] = len(names)
        return labels

    def _write(self, knowledge: Knowledge) -> None:
        self.progress("write", 0, 1)
        data = self.persona.model_dump(mode="json", by_alias=True)
        (self.folder / "persona.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        face = self.persona.face
        images = [face.image, *face.expressions.values()]
        for name in {image for image in images if image and (self.root / image).is_file()}:
            self.inputs.add(self.root / name)
            target = self.folder / "media" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((self.root / name).read_bytes())
        self.progress("write", 1, 1)


def _only_present(examples: Examples) -> Examples:
    """Drop rows that no token covers."""
    keep: NDArray[np.bool_] = np.any(np.stack(examples.present, 1), axis=1)
    return replace(
        examples,
        tokens=[matrix[keep] for matrix in examples.tokens],
        present=[present[keep] for present in examples.present],
        intent=examples.intent[keep],
        emotion=examples.emotion[keep],
        answer=examples.answer[keep],
        texts=[text for text, kept in zip(examples.texts, keep.tolist(), strict=True) if kept],
    )


def _languages(rows: Iterable[Row], languages: Sequence[str]) -> list[str]:
    from ..models.language import LanguageDetector

    detector = LanguageDetector(languages)
    return [detector.detect(row.text) if row.text else languages[0] for row in rows]
