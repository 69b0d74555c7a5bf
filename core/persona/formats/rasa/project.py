"""Read the files of a Rasa project, from a folder or from where an import kept them, within limits.

Knows which files make a project and that credentials do not leave it; what they mean is read elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ....diagnostics import Diagnostic
from ....errors import BadInput
from ...nodes import plain
from ...source import MAX_BYTES as MAX_FILE
from ...source import parse
from ..portable import MAX_BYTES
from ..rewrite import rewrite
from ..secrecy import masked, masked_text

KEPT = "extensions/rasa"
"""Where an import keeps the files of the project, in the folder of the persona."""
MAX_FILES = 2_000
SETTINGS = ("credentials.yml", "credentials.yaml", "endpoints.yml", "endpoints.yaml")
_YAML = (".yml", ".yaml")
_ROOT = ("domain", "config", "credentials", "endpoints", "nlu", "rules", "stories", "responses")
_FOLDERS = ("data", "domain", "domains", "tests", "test", "actions")
_CONTROL = "".join(map(chr, (*range(9), *range(14, 32), 127, 0xFFFE, 0xFFFF)))
_TESTS = ("tests/", "test/", "test_")
KEYS = frozenset(
    {"nlu", "rules", "stories", "responses", "intents", "entities", "slots", "forms", "actions", "session_config",
     "flows", "pipeline", "policies", "e2e_actions", "test_cases"}
)  # fmt: skip


@dataclass(slots=True)
class Document:
    """Hold one YAML file: its text and what it says, as plain values."""

    path: str
    content: str
    value: dict[str, Any]


@dataclass(slots=True)
class Project:
    """Hold a project: its YAML files, the bytes of all files as they are kept, and notes on what was left out."""

    name: str
    documents: dict[str, Document] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def sections(self, key: str, tests: bool = False) -> Iterator[tuple[Document, Any]]:
        """Yield what stands under a top-level key, file by file; files of tests only when asked for."""
        for path, document in self.documents.items():
            if is_test(path) == tests and PurePosixPath(path).name not in SETTINGS and key in document.value:
                yield document, document.value[key]

    def config(self) -> Document | None:
        """Return the file that names the language and the pipeline."""
        return next((d for p, d in self.documents.items() if p in ("config.yml", "config.yaml")), None)


def is_test(path: str) -> bool:
    """Tell whether a file holds test stories."""
    return path.startswith(_TESTS[:2]) or PurePosixPath(path).name.startswith(_TESTS[2])


def is_project(folder: Path) -> bool:
    """Tell whether a folder is a Rasa project."""
    try:
        domain = any((folder / f"domain{end}").is_file() for end in _YAML) or (folder / "domain").is_dir()
        data = (folder / "data").is_dir() or any((folder / f"nlu{end}").is_file() for end in _YAML)
    except OSError:
        return False
    return domain and (data or any((folder / f"config{end}").is_file() for end in _YAML))


def read_folder(folder: Path) -> Project:
    """Read a project from its folder; raise BadInput with a sentence where that cannot be done."""
    notes: list[str] = []
    files: dict[str, bytes] = {}
    total = 0
    for path in _files(folder, notes):
        name = path.relative_to(folder).as_posix()
        try:
            size = path.stat().st_size
            limit = MAX_FILE if path.suffix.lower() in _YAML else 1_000_000
            if size > limit:
                raise BadInput("too_large", f"{name} is larger than {limit / 1e6:.0f} MB; split it into several files.")
            total += size
            if total > MAX_BYTES:
                raise BadInput("too_large", f"The project is larger than {MAX_BYTES / 1e6:.0f} MB.")
            files[name] = path.read_bytes()
        except OSError as error:
            raise BadInput("unreadable", f"{name} cannot be read: {error.strerror}.") from None
    project = of_files(files, folder.resolve().name)
    project.notes[:0] = notes
    _without_secrets(project)
    return project


def of_files(files: Mapping[str, bytes], name: str) -> Project:
    """Make a project of its files; raise BadInput with a sentence when one is not readable."""
    project = Project(name)
    for path, data in files.items():
        if not path.lower().endswith(_YAML):
            project.files[path] = data
            continue
        document = _document(path, data, project.notes)
        root = "/" not in path and PurePosixPath(path).stem in _ROOT
        if document.value and (root or KEYS.intersection(document.value)):
            project.documents[path] = document
            project.files[path] = data
        elif not data.strip() or root:
            project.files[path] = data
    return project


def kept_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a project that an import kept with a persona."""
    prefix = f"{KEPT}/"
    return {path.removeprefix(prefix): data for path, data in files.items() if path.startswith(prefix)}


def _document(path: str, data: bytes, notes: list[str]) -> Document:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput("bad_text", f"{path} is UTF-16; save it as UTF-8.")
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("bad_text", f"{path} is not UTF-8: byte {error.start + 1:,} does not fit.") from None
    if any(c in content for c in _CONTROL):
        raise BadInput("bad_text", f"{path} holds control characters; it is no text.")
    node, findings = parse(content, path)
    if node is None:
        if all(finding.code == "P0104" for finding in findings):
            return Document(path, content, {})
        raise BadInput("bad_yaml", _sentence(findings[-1]))
    notes += [f"{_sentence(finding)} It was passed over." for finding in findings[:5]]
    value = plain(node)
    if not isinstance(value, dict):
        raise BadInput("bad_yaml", f"{path} must be a block of keys such as `nlu:`, and is not.")
    return Document(path, content, value)


def _sentence(finding: Diagnostic) -> str:
    return f"{finding.span}: {finding.message}."


def _files(folder: Path, notes: list[str]) -> Iterator[Path]:
    """Yield the files that may belong to a project, in order; links are not followed."""
    seen = 0
    stack = [(folder, 0)]
    found: list[Path] = []
    while stack:
        place, depth = stack.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            raise BadInput("unreadable", f"{place.name} cannot be read: {error.strerror}.") from None
        for entry in entries:
            seen += 1
            if seen > MAX_FILES * 10:
                raise BadInput("too_large", f"The folder holds more than {MAX_FILES * 10:,} files.")
            if entry.is_symlink():
                if depth or entry.name in _FOLDERS or entry.name.endswith(_YAML):
                    notes.append(f"`{Path(entry.path).relative_to(folder).as_posix()}` is a link and was not followed.")
            elif entry.is_dir():
                if not entry.name.startswith((".", "__")) and (depth or entry.name in _FOLDERS) and depth < 12:
                    stack.append((Path(entry.path), depth + 1))
            elif _belongs(Path(entry.path), folder):
                found.append(Path(entry.path))
    if len(found) > MAX_FILES:
        raise BadInput("too_large", f"The project has more than {MAX_FILES:,} files.")
    yield from sorted(found, key=lambda path: (path.parent != folder, path.relative_to(folder).as_posix()))


def _belongs(path: Path, folder: Path) -> bool:
    name = path.relative_to(folder).as_posix()
    if path.suffix.lower() in _YAML:
        return path.parent != folder or path.stem in _ROOT
    return path.suffix == ".py" and (name.startswith("actions/") or name == "actions.py")


def _without_secrets(project: Project) -> None:
    """Put variables in the place of all secrets in the files that are kept."""
    found: list[str] = []
    for path, data in list(project.files.items()):
        document = project.documents.get(path)
        if document is None:
            text = data.decode("utf-8", "surrogateescape")
            clean = masked_text(text, found)
            project.files[path] = clean.encode("utf-8", "surrogateescape")
            continue
        value = document.value
        if PurePosixPath(path).name in SETTINGS:
            value = masked(value, (), found)
        content, _ = rewrite(document.content, value) if value != document.value else (document.content, True)
        clean = masked_text(content, found)
        if clean != document.content:
            project.files[path] = clean.encode()
            project.documents[path] = _document(path, clean.encode(), [])
    names = list(dict.fromkeys(found))
    if names:
        listed = ", ".join(f"${{{name}}}" for name in names[:12])
        project.notes.append(
            f"Secrets were not carried over; in their place stands {listed}: set these where Rasa runs."
        )
