"""The facts about an artifact: what is inside, what it was built from, what it has learnt, and whether it is whole.

Reads files only: loads no model, and does not know how facts are shown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..compile.artifact import MANIFEST, read_manifest, sha256
from ..compile.build import expand
from ..compile.compiler import compiler_version
from ..errors import ArtifactInvalid
from ..models import catalog
from ..models.language import LanguageDetector
from .points import Point, read_points

ENCODERS = "encoders/"
TRAINING = ("cross_validated_accuracy", "folds", "examples", "epochs", "threshold", "confused", "doubtful", "labels",
            "confusion", "scores", "calibration", "calibration_error")  # fmt: skip
RUNTIME = {"speech": "whisper-base", "image": "efficientnet-lite0"}  # what `auto` means, by the key of `encoders`


def gather(artifact: Path, root: Path | None, *, verify: bool = False) -> dict[str, Any]:
    """Return JSON-ready facts about an artifact; `root` is the folder of the persona that it was built from.

    `verify` reads every file and names the damaged ones. Raise ArtifactInvalid when it cannot be read at all.
    """
    manifest = read_manifest(artifact)
    try:
        persona: dict[str, Any] = json.loads((artifact / "persona.json").read_text("utf-8"))
        training = _training(artifact)
        points = read_points(artifact)
        return {
            "artifact": str(artifact),
            "persona": manifest["persona"],
            "name": persona["name"],
            "languages": persona["languages"],
            "language_version": manifest["language_version"],
            "bytes": sum(int(file["bytes"]) for file in manifest["files"].values()),
            "files": {name: file["bytes"] for name, file in sorted(manifest["files"].items())},
            "models": _models(manifest, persona),
            **_sources(manifest, root),
            "knowledge": _knowledge(artifact),
            "intents": _intents(persona, training, points),
            "rules": _rules(artifact, manifest["report"].get("topics", {})),
            "training": training,
            "map": dict(Counter(point.kind for point in points)),
            **({"damaged": _damaged(artifact, manifest)} if verify else {}),
        }
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise ArtifactInvalid(f"{artifact} is damaged ({error!r}); compile the persona again") from error


def _training(artifact: Path) -> dict[str, Any] | None:
    file = artifact / "report" / "training.json"
    if not file.is_file():
        return None
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return {name: data[name] for name in TRAINING}


def _models(manifest: Mapping[str, Any], persona: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the text encoders inside, and those that a runtime loads when it needs them."""
    found = []
    for name, digest in manifest["models"].items():
        folder = ENCODERS + name.replace("/", "--") + "/"
        size = sum(file["bytes"] for path, file in manifest["files"].items() if path.startswith(folder))
        found.append({**_known(name), "kind": "text", "inside": bool(size), "bytes": size, "sha256": digest})
    for kind, usual in RUNTIME.items():
        name = persona["encoders"][kind]
        if name != "none":
            found.append({**_known(usual if name == "auto" else name), "kind": kind, "inside": False})
    voice = persona["voice"]
    if voice["engine"] not in ("none", "auto"):
        found.append({**_known(voice["model"] or voice["engine"]), "kind": "voice", "inside": False})
    return found


def _known(name: str) -> dict[str, Any]:
    model = catalog.find(name)
    if model is None:
        return {"name": name, "version": None, "licence": None}
    return {"name": model.name, "version": model.version, "licence": model.licence}


def _sources(manifest: Mapping[str, Any], root: Path | None) -> dict[str, Any]:
    """Return the files that the artifact was built from, each as it is now, and whether a compile would change it."""
    files: list[dict[str, Any]] = []
    for name, digest in manifest["inputs"].items():
        state = "unknown"
        if root is not None:
            file = root / name
            state = "missing" if not file.is_file() else "same" if sha256(file) == digest else "changed"
        files.append({"path": name, "sha256": digest, "state": state})
    if root is None:
        return {"sources": files, "state": "unknown", "why": ["the persona's folder is not known"]}
    for pattern, names in manifest["globs"].items():
        new = sorted(set(expand(root, pattern)) - set(names) - set(manifest["inputs"]))
        files += [{"path": name, "sha256": None, "state": "new"} for name in new]
    why = [f"{file['path']} is {file['state']}" for file in files if file["state"] != "same"]
    if manifest["compiler"] != compiler_version():
        why.append("this version of personac compiles otherwise")
    return {"sources": files, "state": "stale" if why else "current", "why": why}


def _knowledge(artifact: Path) -> list[dict[str, Any]]:
    """Return for each file of knowledge the number of its passages, in all and by language."""
    by_file: dict[str, Counter[str]] = {}
    for line in (artifact / "passages.jsonl").read_text("utf-8").splitlines():
        passage = json.loads(line)
        by_file.setdefault(str(passage["source"]).rpartition(":")[0], Counter())[passage["language"]] += 1
    return [
        {"file": name, "passages": languages.total(), "languages": dict(languages.most_common())}
        for name, languages in by_file.items()
    ]


def _intents(
    persona: Mapping[str, Any], training: Mapping[str, Any] | None, points: list[Point]
) -> list[dict[str, Any]]:
    detector = LanguageDetector(persona["languages"])
    said: dict[str, Counter[str]] = {}
    for point in points:
        if point.kind == "intent":
            said.setdefault(point.label, Counter())[detector.detect(point.text)] += 1
    found = []
    for intent in persona["intents"]:
        scores = (training or {}).get("scores", {}).get(intent["name"], {})
        languages = said.get(intent["name"], Counter())
        found.append({
            "name": intent["name"],
            "examples": scores.get("support", languages.total()),
            "languages": dict(languages.most_common()),
            "precision": scores.get("precision"),
            "recall": scores.get("recall"),
            "answers": intent["skill"] or ("responses" if intent["responses"] else "knowledge"),
        })  # fmt: skip
    return found


def _rules(artifact: Path, topics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ethics rules; those with topics with what is known of each topic by the path of its condition."""
    return [
        {
            "id": rule["id"],
            "do": rule["do"],
            "topics": {path: facts for path, facts in topics.items() if f"{path}/".startswith(f"{rule['id']}/")},
        }
        for rule in json.loads((artifact / "rules.json").read_text("utf-8"))
    ]


def _damaged(artifact: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return the files whose bytes are not those that were compiled, and those that no compile put there."""
    wrong = [name for name, facts in manifest["files"].items() if sha256(artifact / name) != facts["sha256"]]
    there = {path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file()}
    return [*wrong, *sorted(there - set(manifest["files"]) - {MANIFEST})]
