"""The compiler: a persona's folder in, an artifact out, or all that is wrong with the persona.

check → build (build.py) → publish. Nothing is visible before the last.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic, in_order
from ..errors import ArtifactInvalid, PersonaInvalid
from ..mind.ethics import read_topics
from ..mind.memory.changes import changes_of
from ..persona.check import Loaded, check
from ..persona.contributions import contributions
from ..persona.plugin_facts import Facts
from ..persona.schema import Persona
from .artifact import aside, disk, latest, locked, publish, read_manifest, sha256
from .build import Build, expand
from .passes import Passes, Ran, forget_old
from .vectors import Progress

LINTED = 2000  # passages, whose lints take about half a second


@dataclass(slots=True)
class Compiled:
    """Hold the outcome of a compile: where the artifact is, and how it came about."""

    slug: str
    artifact: Path
    fresh: bool
    seconds: float
    manifest: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()
    passes: tuple[Ran, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "persona": self.slug,
            "artifact": str(self.artifact),
            "fresh": self.fresh,
            "seconds": round(self.seconds, 2),
            "report": self.manifest["report"],
            "passes": [{"name": ran.name, "ran": ran.fresh, "seconds": round(ran.seconds, 3)} for ran in self.passes],
            "warnings": [f"{d.code} {d.message}" for d in self.diagnostics],
        }


@dataclass(slots=True)
class Installed:
    """Name the extensions that a persona may use."""

    plugins: set[str] = field(default_factory=set)
    skills: set[str] | None = field(default_factory=set)
    connectors: set[str] = field(default_factory=set)
    voices: set[str] | None = None
    facts: Facts | None = None

    def check(self, path: Path, *, conversations: bool = True) -> Loaded:
        """Load and check a persona against what is installed; without `conversations` its test files are left alone."""
        return check(
            path,
            plugins=self.plugins,
            skills=self.skills,
            connectors=self.connectors,
            voices=self.voices,
            facts=self.facts,
            conversations=conversations,
        )


def output_folder(path: Path, out: Path | None) -> Path:
    """Return where the artifacts of a persona go: OUT/<slug>, by default build/<slug> in its own folder."""
    root = path if path.is_dir() else path.parent
    return (out or root / "build") / slug_of(path)


def slug_of(path: Path) -> str:
    """Return the short name of a persona: its folder's, or its file's."""
    path = path.resolve()
    return path.name if path.is_dir() else (path.parent.name if path.name == "persona.yaml" else path.stem)


def compile_persona(
    path: Path, out: Path | None, installed: Installed, progress: Progress, lint: bool = False
) -> Compiled:
    """Compile a persona; raise PersonaInvalid with all its findings, or another PersonacError.

    With `lint`, also tell what is doubtful in what it means (lints/), unless it knows so much that this would take
    longer than compiling a change; `personac check` always tells.
    """
    started = time.perf_counter()
    source = path / "persona.yaml" if path.is_dir() else path
    folder = output_folder(path, out)
    if not source.is_file():  # nothing is made beside what is not there
        raise PersonaInvalid(installed.check(path, conversations=False).diagnostics)
    with locked(folder):
        before = unchanged(source, folder, installed.facts)
        if before is not None:
            manifest = read_manifest(before)
            return Compiled(slug_of(path), before, False, time.perf_counter() - started, manifest)
        begun = time.time_ns()
        progress("check", 0, 1)
        loaded = installed.check(path, conversations=False)
        persona, diagnostics, knowledge = loaded.persona, loaded.diagnostics, loaded.knowledge
        if persona is None or knowledge is None or any(d.severity == "error" for d in diagnostics):
            raise PersonaInvalid(diagnostics)
        progress("check", 1, 1)
        with Passes() as passes, aside(folder) as building, disk(folder):
            build = Build(persona, knowledge, source, building, passes, progress, begun)
            facts = {"contributed": loaded.contributed} if loaded.contributed else {}
            manifest = {"persona": slug_of(path), "compiler": compiler_version(), **facts, **build.run()}
            target = publish(building, folder, manifest, build.hashes)
            if lint and len(knowledge.passages) <= LINTED:
                diagnostics = in_order([*diagnostics, *_doubts(source, loaded, build, progress)])
            ran = tuple(passes.ran)
        forget_old()
    seconds = time.perf_counter() - started
    return Compiled(slug_of(path), target, True, seconds, read_manifest(target), tuple(diagnostics), ran)


def _doubts(source: Path, loaded: Loaded, build: Build, progress: Progress) -> list[Diagnostic]:
    from .lints.run import lint_persona  # only where it is wanted: it takes a while to import

    begun = time.perf_counter()
    found = lint_persona(source, loaded, progress, build.vectors, (read_topics(build.topics), build.report["topics"]))
    build.passes.note("lint", True, begun)
    return found


def compiler_version() -> str:
    """Return a name for everything in the compiler that decides about the bytes of an artifact."""
    digest = hashlib.sha256()
    core = Path(__file__).parents[1]
    for part in ("compile", "mind", "models", "persona"):
        for file in sorted((core / part).rglob("*.*")):
            if file.suffix in (".py", ".csv", ".yaml", ".json"):  # the rules of the sets that ship are YAML
                digest.update(file.read_bytes())
    for package in ("torch", "onnx", "onnxscript", "faiss-cpu", "tokenizers", "sentence-transformers"):
        try:
            digest.update(f"{package}={version(package)}".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()[:16]


def unchanged(source: Path, folder: Path, facts: Facts | None) -> Path | None:
    """Return the newest artifact when nothing that it was built from has changed; `facts` asks what plugins bring."""
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
    if manifest.get("changes", "") != changes_of(artifact).digest():
        return None
    for pattern, names in manifest["globs"].items():
        if expand(root, pattern) != names:
            return None
    for name, digest in manifest["inputs"].items():
        file = root / name
        if not file.is_file() or sha256(file) != digest:
            return None
    brought = manifest.get("contributed")
    if brought:
        persona = Persona.model_validate(json.loads((artifact / "persona.json").read_text("utf-8")))
        if contributions(persona.plugin_uses, facts).digest != brought:
            return None
    return artifact
