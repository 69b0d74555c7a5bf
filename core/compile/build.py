"""Build one artifact: the passes from a checked persona to the files that a runtime reads, in order.

read → encode → index → rules → train → write. Each pass that takes time is run once for its inputs (passes.py).
"""

from __future__ import annotations

import glob
import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..hosting.folder import files_of
from ..mind.memory.changes import changes_of
from ..mind.rights import FILE as RIGHTS_FILE
from ..mind.rights import write as write_rights
from ..mind.risk import judge
from ..mind.rules.topics import write_topics
from ..mind.slots.entities import finders_of
from ..mind.understanding.fusion import NEIGHBOURS
from ..models.tuned import CannotTune
from ..persona.plugin_use import with_folders
from ..persona.rule_sets import disclosure, rules_of
from ..persona.schema import Persona
from ..persona.sources.knowledge import Knowledge
from ..persona.sources.slot_values import slot_records
from ..registry import shipped
from . import rights
from .annotated import annotated
from .artifact import FILES, link, sha256
from .examples import KNOWLEDGE, QUESTIONS, Row, emotion_rows, intent_rows, name_rows, question_rows, sampled
from .frames import parts_of
from .map import write_map
from .memory import write_memory
from .passes import Input, Passes, outputs
from .pictured import pictured
from .rules import topics
from .tuning import TUNED_FILES, HeldOut, tunable, tuned_pass
from .vectors import Progress, TextVectors, Token, covers, languages_of, tokens

EMOTIONS = ("neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust")
BACKGROUND_NEAR = 0.6  # a background sentence this near to an example could be one
ASKED = 256  # examples of what is said that an index must answer well, besides passages held out
TUNED_BACKGROUND = 64  # of the background's rows, so many at least are tuned on, and one for five of the others
MAPPED = 500  # of the passages, about so many are laid out for the report
TRAIN_MODULES = (
    "compile.calibration",
    "compile.training",
    "compile.understanding",
    "compile.validation",
    "mind.understanding.judgement",
    "mind.understanding.neighbours",
    "compile.network",
    "compile.network_onnx",
    "models.onnx_graph",
    "compile.front_ends",
    "compile.frames",
    "compile.training_report",
    "mind.understanding.fusion",
)
TAGGER_MODULES = (
    *("compile.tagger", "mind.slots.tagger", "mind.slots.entities", "models.onnx_graph"),
    *(f"mind.values.{name}" for name in ("typed", "dates", "clock", "quantities", "numerals")),
)


class Build:
    """Hold what the passes of one compile share."""

    def __init__(
        self,
        persona: Persona,
        knowledge: Knowledge,
        source: Path,
        folder: Path,
        passes: Passes,
        progress: Progress,
        begun: int,
    ) -> None:
        """`begun` is the time when the inputs were first looked at, of time.time_ns."""
        changes = changes_of(folder)
        knowledge = replace(knowledge, passages=changes.applied(knowledge.passages))
        self.persona = persona.model_copy(update={"plugins": with_folders(persona.plugins, source.parent)})
        self.knowledge, self.source, self.folder = knowledge, source, folder
        self.changes = changes.digest()
        self.root, self.passes, self.progress = source.parent, passes, progress
        self.begun = begun
        self.topics = folder  # where the pass of the rules wrote them
        self.inputs: set[Path] = {source}
        self.globs: dict[str, list[str]] = {}
        self.hashes: dict[Path, str] = {}
        self.report: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Run the passes and return the manifest's facts."""
        rows = self._read()
        self.vectors = TextVectors.open(self.persona, self.progress)
        self._keep_encoders()
        begun = time.perf_counter()
        features = tokens(rows, self.persona, self.vectors, self.passes, self.progress)
        self._index(rows)
        self.passes.note("encode", self.vectors.fresh, begun)
        self._rules(rows)
        self._rights()
        self._train(rows, features)
        self._slots()
        self._map(rows)
        self._write()
        return {
            "source": self.source.name,
            "language_version": self.persona.personac,
            "inputs": {self._name(path): self._hash(path) for path in sorted(self.inputs)},
            "globs": self.globs,
            "models": self.vectors.versions,
            "changes": self.changes,
            "report": self.report,
        }

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path.resolve(), self.root.resolve())).as_posix()

    def _hash(self, path: Path) -> str:
        """Return the hash of an input; nothing when it was saved since the compile began, as it may differ by then."""
        saved = path.stat().st_mtime_ns
        return "" if self.begun <= saved <= time.time_ns() else sha256(path)

    def _read(self) -> list[Row]:
        """Gather the training rows, and all files that the artifact hangs on."""
        persona, knowledge = self.persona, self.knowledge
        for source in persona.knowledge:
            self.globs[source.path] = expand(self.root, source.path)
        self.inputs.update(knowledge.files)
        for use in persona.plugin_uses:
            self.inputs.update(files_of(use.folder) if use.folder is not None else ())
        for intent in persona.intents:
            if isinstance(intent.examples, str):
                self.inputs.add(self.root / intent.examples)
            for slot in intent.slots.values():
                if isinstance(slot.values, str):
                    self.inputs.add(self.root / slot.values.split("#")[0])
        rows = intent_rows(persona, self.root)
        self.inputs.update(path for row in rows for path in (row.image, row.audio, row.video) if path)
        names = [intent.name for intent in persona.intents]
        rows += sampled(question_rows(knowledge.questions, knowledge.passages, names), QUESTIONS)
        rows += emotion_rows(persona.languages)
        rows += name_rows(rows)
        self.report["passages"] = len(knowledge.passages)
        self.report["intents"] = len(persona.intents)
        return rows

    def _keep_encoders(self) -> None:
        for encoder in self.vectors.encoders:
            for file in self.vectors.files(encoder):
                self._link(file, Path("encoders") / encoder.name.replace("/", "--") / file.name, self.vectors.hashes)

    def _link(self, file: Path, name: str | Path, hashes: dict[Path, str]) -> None:
        """Put a file whose hash is known into the artifact."""
        target = self.folder / name
        link(file, target)
        self.hashes[target] = hashes[file]

    def _take(self, made: Path, below: str = "") -> None:
        """Put what a pass wrote into the artifact."""
        for file in outputs(made):
            self._link(file, Path(below) / file.relative_to(made), self.passes.hashes)

    def _index(self, rows: list[Row]) -> None:
        """Write the memory of all passages, and the records."""
        asked = [row.text for row in rows if row.text and row.passage is None and not row.background][:ASKED]
        passages = self.knowledge.passages
        self.hashes |= write_memory(self.folder, passages, self.vectors, self.passes, self.progress, asked)
        known = self.knowledge.records
        records = {**known, **slot_records(self.persona, self.root, known)}
        (self.folder / "records.json").write_text(json.dumps(records, ensure_ascii=False), "utf-8")
        shown = pictured(self.knowledge.pictures, self.root, self.persona, self.passes, self.progress)
        if shown is not None:
            shown.write(self.folder)

    def _rules(self, rows: list[Row]) -> None:
        own = [row.text for row in rows if row.text and not row.background and not row.name]
        everyday = [row.text for row in rows if row.text and row.background]

        judged = judge.shipped().reads(self.vectors.versions, self.persona.languages)
        rules = rules_of(self.persona.ethics, judged)
        written = json.dumps([rule.model_dump(mode="json", by_alias=True) for rule in rules], ensure_ascii=False)

        def make(folder: Path) -> None:
            def encode(texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
                return self.vectors.by_encoder(texts, "encode rules", self.progress)

            found, report = topics(rules, own, everyday, encode)
            write_topics(found, folder)
            (folder / "rules.json").write_text(written + "\n", "utf-8")
            (folder / "report.json").write_text(json.dumps(report), "utf-8")

        made = self.passes.run(
            "rules",
            make,
            [written, disclosure().model_dump_json(), *self.vectors.versions.values(), json.dumps([own, everyday])],
            ("compile.rules", "persona.rule_sets", "mind.rules.conditions", "mind.rules.topics", "persona.schema"),
        )
        for name in ("topics.safetensors", "topics.json", "rules.json"):
            self._link(made / name, name, self.passes.hashes)
        self.topics = made
        self.report["topics"] = json.loads((made / "report.json").read_text("utf-8"))

    def _rights(self) -> None:
        """Learn to tell what users ask about their own data."""
        languages, encoders = self.persona.languages, self.vectors.encoders

        def make(folder: Path) -> None:
            def encode(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
                return self.vectors.of(encoder, texts, "encode rights", self.progress)

            readers, report = rights.learn(encoders, languages, encode)
            write_rights(readers, folder)
            (folder / "report.json").write_text(json.dumps(report), "utf-8")

        given = json.dumps([list(languages), rights.sentences(languages), self.vectors.versions])
        made = self.passes.run("rights", make, [given], ("compile.rights", "mind.rights"))
        self._link(made / RIGHTS_FILE, RIGHTS_FILE, self.passes.hashes)
        self.report["rights"] = json.loads((made / "report.json").read_text("utf-8"))

    def _train(self, rows: list[Row], features: list[Token]) -> None:
        from safetensors.numpy import save_file

        query = self.vectors.encoders[0]
        names = [intent.name for intent in self.persona.intents]
        if any(row.intent == KNOWLEDGE for row in rows) and names:
            names = [*names, KNOWLEDGE]
        responses = [
            (intent.name, language, text)
            for intent in self.persona.intents
            for language, texts in (intent.responses or {}).items()
            for text in texts
        ]
        passages = self.knowledge.passages
        used = sorted({row.passage for row in rows if row.passage is not None})
        position = {passage: i for i, passage in enumerate(used)}
        texts = [f"{passages[i].title}. {passages[i].text}" for i in used] + [text for *_, text in responses]
        answers = self.vectors.of(query, texts, "encode answers", self.progress)
        save_file({"responses": answers[len(used) :]}, str(self.folder / "responses.safetensors"))
        first = {(intent, code): len(used) + i for i, (intent, code, _) in reversed(list(enumerate(responses)))}
        languages = languages_of(rows, self.persona.languages)
        answer = [
            position[row.passage] if row.passage is not None else first.get((row.intent or "", language), -1)
            for row, language in zip(rows, languages)
        ]
        kept = np.flatnonzero(np.any(np.stack([token.present for token in features], 1), axis=1))
        matrices = [token.rows(kept) for token in features]
        present = [token.present[kept] for token in features]
        intent = _intent_labels(rows, names, features)[kept]
        emotion = np.array([EMOTIONS.index(row.emotion) if row.emotion else -1 for row in rows], np.int64)[kept]
        found = np.array(answer, np.int64)[kept]
        said = [rows[i].text for i in kept]
        shape = [(token.name, token.dimension) for token in features]
        always = np.array([rows[i].name for i in kept], np.bool_)
        tuned = self._tune([rows[i] for i in kept], intent, len(names) + 1)
        judged: list[Input] = [tuned.rows, tuned.logits] if tuned else []

        def tick(done: int, total: int) -> None:
            self.progress("train", done, total)

        def make(folder: Path) -> None:
            self.progress("train", 0, 1)
            from .training import Examples
            from .understanding import train, write

            examples = Examples(matrices, present, intent, emotion, found, answers, said, always)
            write(train(examples, shape, names, EMOTIONS, query.name, tick, tuned), folder)

        made = self.passes.run(
            "train",
            make,
            [
                json.dumps([shape, names, EMOTIONS, query.name, said]),
                *(part for matrix in matrices for part in parts_of(matrix)),
                *present,
                intent,
                emotion,
                found,
                answers,
                always,
                *judged,
            ],
            TRAIN_MODULES,
            ("torch", "onnx"),
        )
        for name in ("fusion.onnx", "fusion.safetensors", "fusion.json", NEIGHBOURS):
            self._link(made / name, name, self.passes.hashes)
        self._link(made / "training.json", "report/training.json", self.passes.hashes)
        self.report["tokens"] = [name for name, _ in shape]
        training = json.loads((made / "training.json").read_text("utf-8"))
        self.report["out_of_scope_threshold"] = training["threshold"]
        self.report["training"] = {name: training[name] for name in SUMMARY}

    def _tune(self, rows: list[Row], targets: NDArray[np.int64], classes: int) -> HeldOut | None:
        """Tune the first text encoder that can be where the persona asks for it; return how held-out rows were judged.

        `targets` are a class for each row, -1 for none; the last class is the background.
        """
        mode = self.persona.encoders.tune
        encoder = next((encoder for encoder in self.vectors.encoders if tunable(encoder)), None)
        if mode == "none" or classes < 2:
            return None
        if encoder is None:
            raise CannotTune.of([encoder.name for encoder in self.vectors.encoders])
        languages = languages_of(rows, self.persona.languages)
        read = np.array([bool(row.text.strip()) and covers(encoder, code) for row, code in zip(rows, languages)])
        spare = np.flatnonzero(read & (targets == classes - 1))  # the background is one class, not most of the lesson
        wanted = max(TUNED_BACKGROUND, int(((targets >= 0) & (targets < classes - 1)).sum()) // 5)
        if len(spare) > wanted:
            read[np.setdiff1d(spare, spare[np.linspace(0, len(spare) - 1, wanted).astype(int)])] = False
        texts = [row.text if known else "" for row, known in zip(rows, read)]
        if not read.any():
            return None
        version = self.vectors.versions[encoder.name]
        made = tuned_pass(self.passes, encoder, version, texts, targets, classes, mode, self.progress)
        for name in TUNED_FILES:
            place = Path("encoders") / encoder.name.replace("/", "--") / name
            (self.folder / place).unlink(missing_ok=True)
            self._link(made / name, place, self.passes.hashes)
        content = self.passes.hashes[made / "tuned.data"]
        self.report["tuning"] = {**json.loads((made / "tuning.json").read_text("utf-8")), "content": content}
        return HeldOut.read(made)

    def _slots(self) -> None:
        """Learn which words fill slots, from examples that say so."""
        records = json.loads((self.folder / "records.json").read_text("utf-8"))
        finders = finders_of(self.persona, records)
        said = annotated(self.persona, self.root, finders)
        if not said:
            return
        names = {slot: finder for (_, slot), finder in finders.items()}
        known = [[slot, [list(e.names) for e in finder.by_id.values()]] for slot, finder in names.items()]

        def make(folder: Path) -> None:
            from .tagger import learn, write

            write(learn(said, names, lambda done, total: self.progress("slots", done, total)), folder)

        given = json.dumps([[row.text, [[s.label, s.start, s.end] for s in row.spans]] for row in said])
        self._take(self.passes.run("slots", make, [given, json.dumps(known)], TAGGER_MODULES, ("torch", "onnx")))
        self.report["slots"] = {"examples": sum(bool(row.spans) for row in said)}

    def _map(self, rows: list[Row]) -> None:
        """Lay the examples and some of the passages out on a plane, for the report."""
        some = self.knowledge.passages[:: max(1, len(self.knowledge.passages) // MAPPED)]
        own = [row for row in rows if row.text and not row.name and row.passage is None]
        said = [("intent", row.intent, row.text) for row in own if row.intent]
        said += [("knowledge", p.source.rpartition(":")[0], f"{p.title}. {p.text}") for p in some]
        if not said:
            return
        kinds, labels, texts = ([part[i] for part in said] for i in range(3))
        vectors = self.vectors.of(self.vectors.encoders[0], texts, "map", self.progress)
        given: list[Input] = [json.dumps([kinds, labels, texts]), vectors]
        made = self.passes.run(
            "map", lambda folder: write_map(folder, vectors, kinds, labels, texts), given, ("compile.map",), ("numpy",)
        )
        self._take(made, "report")

    def _write(self) -> None:
        self.progress("write", 0, 1)
        data = self.persona.model_dump(mode="json", by_alias=True)
        (self.folder / "persona.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        face = self.persona.face
        media = [face.image, *face.expressions.values(), *(p.image for p in self.knowledge.passages)]
        media += self.knowledge.pictures.values()
        media.append(self.persona.voice.reference)
        for name in sorted({name for name in media if name and (self.root / name).is_file()}):
            self.inputs.add(self.root / name)
            self._copy(name, "media")
        for name in sorted({name for use in self.persona.plugin_uses for name in shipped(use)}):
            self.inputs.add(self.root / name)
            self._copy(name, FILES)
        self.progress("write", 1, 1)

    def _copy(self, name: str, below: str) -> None:
        target = self.folder / below / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((self.root / name).read_bytes())


SUMMARY = ("cross_validated_accuracy", "folds", "examples", "epochs", "confused", "doubtful")


def expand(root: Path, pattern: str) -> list[str]:
    """Return the files below a folder that fit a pattern."""
    return sorted(glob.glob(pattern, root_dir=root, recursive=True))


def _intent_labels(rows: list[Row], names: list[str], features: list[Token]) -> NDArray[np.int64]:
    """Return the intent of each row; background rows that could be an example have none."""
    labels = np.array([names.index(r.intent) if r.intent in names else -1 for r in rows], np.int64)
    background = np.array([row.background for row in rows], np.bool_)
    matrix = features[0].matrix
    assert isinstance(matrix, np.ndarray)  # of a sentence encoder
    own = matrix[~background]
    if len(own) and names:
        near = (matrix[background] @ own.T).max(1)
        labels[np.flatnonzero(background)[near < BACKGROUND_NEAR]] = len(names)
    return labels
