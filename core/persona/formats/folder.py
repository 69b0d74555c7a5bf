"""A persona's folder: read it for an export, write it after an import.

Nothing is ever written over. An import appears as a whole or not at all.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import BadInput, PersonaInvalid, Unavailable
from ..check import FILE_NAME, find_persona, load
from ..files import relative
from ..nodes import plain
from ..schema import Persona
from ..sources.knowledge import read_knowledge
from ..writing import SCHEMA_FILE, to_yaml
from .portable import MAX_BYTES, Portable, read_file

FOLDERS = ("knowledge", "extensions", "assets")


def read_folder(path: Path) -> Portable:
    """Return the persona in a folder or file; raise PersonaInvalid when it has errors, or BadInput."""
    loaded = load(path)
    if loaded.persona is None or loaded.tree is None:
        raise PersonaInvalid(loaded.diagnostics)
    root = find_persona(path).parent
    portable = Portable(plain(loaded.tree))
    total = 0
    for name in _named_files(portable.persona, root):
        data = read_file(root / name)
        total += len(data)
        if total > MAX_BYTES:
            raise BadInput("too_large", f"The files of the persona are larger than {MAX_BYTES // 1_000_000} MB.")
        portable.files[name] = data
    portable.passages = read_knowledge(loaded.persona, root).passages
    return portable


def _named_files(persona: Mapping[str, Any], root: Path) -> list[str]:
    """Return the files of a persona, by their paths in its folder; what leads out of the folder is left out."""
    face = persona.get("face") or {}
    patterns = [str(source.get("path", "")) for source in persona.get("knowledge") or []]
    patterns += [str(value) for value in (face.get("image"), *(face.get("expressions") or {}).values()) if value]
    patterns += [str(item["examples"]) for item in persona.get("intents") or [] if isinstance(item["examples"], str)]
    found: dict[str, None] = {}
    for pattern in patterns:
        if is_safe(pattern):
            found.update(dict.fromkeys(sorted(_below(root, root.glob(pattern)))))
    for folder in FOLDERS:
        found.update(dict.fromkeys(sorted(_below(root, (root / folder).rglob("*")))))
    return list(found)


def _below(root: Path, paths: Any) -> list[str]:
    inside = root.resolve()
    return [relative(path, root) for path in paths if path.is_file() and path.resolve().is_relative_to(inside)]


def is_safe(name: str) -> bool:
    """Tell whether a path of a file stays in its folder on every system, and hides nothing."""
    parts = name.split("/")
    reserved = {"con", "prn", "aux", "nul"}
    return (
        0 < len(name) <= 300
        and not any(sign in name for sign in '\\:\0"<>|')
        and name.isprintable()
        and all(part not in ("", ".", "..") and not part.endswith((" ", ".")) for part in parts)
        and not any(part.split(".")[0].lower() in reserved for part in parts)
        and not PurePosixPath(name).is_absolute()
    )


def write_folder(portable: Portable, target: Path, header: str) -> None:
    """Write a persona into a new folder; raise BadInput when there is something already, Unavailable on a bad disk."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput("exists", f"There is already something at {target}; name another folder with -o.")
    for name in (FILE_NAME, SCHEMA_FILE, *portable.files):
        if not is_safe(name):
            raise BadInput("bad_name", f"A file cannot be named {name[:80]!r}.")
    files = {**portable.files, FILE_NAME: to_yaml(_in_order(portable.persona), header).encode()}
    if (schema := _schema()) is not None:
        files[SCHEMA_FILE] = schema
    if len({name.casefold() for name in files}) < len(files):
        raise BadInput("bad_name", "Two files differ only in the case of their names.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".import-", dir=target.parent) as aside:
            made = Path(aside) / "persona"
            for name, data in files.items():
                file = made / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            if target.is_dir():
                target.rmdir()
            shutil.move(made, target)
    except OSError as error:
        raise Unavailable(f"the persona cannot be written to {target}: {error.strerror}") from error


def _in_order(persona: Mapping[str, Any]) -> dict[str, Any]:
    """Return a persona with its keys in the order of the language."""
    return {key: persona[key] for key in (*Persona.model_fields, *persona) if key in persona}


def _schema() -> bytes | None:
    """Return the JSON Schema of the language, for editors."""
    if importlib.util.find_spec("..json_schema", __package__) is None:
        return None
    from ..json_schema import json_schema_text

    return json_schema_text().encode()
