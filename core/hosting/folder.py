"""Plugins in a folder, while they are being written: found by its pyproject.toml, and imported anew when they change.

Knows files and modules; does not know the contract. The code is that of a project on this machine, and is trusted.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import threading
import tomllib
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ExtensionInvalid
from ..persona.plugin_use import GROUP

_LEFT_OUT = {"tests", "build", "dist", ".venv", "__pycache__"}
_lock = threading.Lock()
_loaded: dict[Path, tuple[str, Any]] = {}  # by folder: the content that was imported, and what the entry point names


class _Entry(NamedTuple):
    name: str
    module: str
    attribute: str
    above: Path  # the folder to import from


def files_of(folder: Path) -> list[Path]:
    """Return the files that a plugin in a folder consists of."""
    found = [path for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".json", ".yaml", ".csv", ".md")]
    return sorted(
        path for path in found if not _LEFT_OUT.intersection(path.relative_to(folder).parts) and path.is_file()
    )


def load_folder(folder: Path, name: str) -> Any:
    """Return what the entry point of a plugin in a folder names, imported anew if a file has changed."""
    folder = folder.resolve()
    entry = _entry(folder, name)
    digest = hashlib.sha256()
    for path in files_of(folder):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    content = digest.hexdigest()
    with _lock:
        known = _loaded.get(folder)
        if known is None or known[0] != content:
            _loaded[folder] = known = (content, _import(folder, entry))
    return known[1]


def _entry(folder: Path, name: str) -> _Entry:
    """Return the entry point of a plugin's project: of the name given, or the only one."""
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise ExtensionInvalid(f"there is no plugin in {folder}: it has no pyproject.toml; see personac plugins new")
    try:
        points = tomllib.loads(project.read_text("utf-8"))["project"]["entry-points"][GROUP]
        value = points[name] if name in points else next(iter(points.values()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExtensionInvalid(f"{project} cannot be read: {error}") from error
    except (KeyError, TypeError, StopIteration):
        raise ExtensionInvalid(f'{project} names no plugin: it needs [project.entry-points."{GROUP}"]') from None
    module, _, attribute = str(value).partition(":")
    above = folder / "src" if (folder / "src").is_dir() else folder
    return _Entry(name, module, attribute, above)


def _import(folder: Path, entry: _Entry) -> Any:
    """Import a module, with nothing left of an earlier version of it; raise ExtensionInvalid."""
    top = entry.module.partition(".")[0]
    for module in [own for own in sys.modules if own == top or own.startswith(f"{top}.")]:
        file = getattr(sys.modules[module], "__file__", None)
        if file is None or any(Path(file).resolve().is_relative_to(own) for own in (folder, *_loaded)):
            del sys.modules[module]  # of another folder, too: its classes go on with what they have
    if str(entry.above) in sys.path:
        sys.path.remove(str(entry.above))
    sys.path.insert(0, str(entry.above))
    importlib.invalidate_caches()
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # two saves in a second have one time stamp
    try:
        found = importlib.import_module(entry.module)
        return getattr(found, entry.attribute)
    except (Exception, SystemExit) as error:
        text = f"the plugin in {folder} cannot be loaded: {type(error).__name__}: {error}{_at(folder, error)}"
        raise ExtensionInvalid(text) from error
    finally:
        sys.dont_write_bytecode = writes


def _at(folder: Path, error: BaseException) -> str:
    """Return the last line of the folder's own code that an error went through."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""
