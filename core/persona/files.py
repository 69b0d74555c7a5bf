"""Find the files that a persona names, and nothing outside of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..diagnostics import Diagnostic, Span
from .checks.typography import mistyped
from .names import nearest

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
READABLE = (".md", ".txt", ".csv", ".yaml", ".yml", ".json", ".html", ".htm", ".pdf", ".docx", *PICTURES)
_SAVED_AS = {
    ".doc": ".docx", ".rtf": ".docx", ".odt": ".docx", ".pages": ".docx", ".xls": ".csv", ".xlsx": ".csv",
    ".ods": ".csv", ".numbers": ".csv", ".tsv": ".csv", ".ppt": ".pdf", ".pptx": ".pdf", ".epub": ".html",
}  # fmt: skip


def find_files(pattern: str, root: Path, span: Span, kinds: Sequence[str]) -> tuple[list[Path], list[Diagnostic]]:
    """Return the files of a path or pattern below a folder, sorted; `kinds` are the endings that can be read."""
    if _is_outside(pattern):
        return [], [_outside(pattern, span)]
    wild = any(sign in pattern for sign in "*?[")
    try:
        matches = sorted(root.glob(pattern)) if wild else [root / pattern]
    except (ValueError, NotImplementedError, OSError):
        return [], [Diagnostic("P0201", "error", f"`{pattern}` is not a path", span)]
    files = [path for path in matches if is_file(path) and not path.name.startswith((".", "~$"))]
    if not files:
        return [], [_missing(pattern, root, span, kinds, wild)]
    if any(not path.resolve().is_relative_to(root.resolve()) for path in files):
        return [], [_outside(pattern, span)]
    readable = [path for path in files if path.suffix.lower() in kinds]
    if not readable:
        return [], [_unreadable(pattern, files[0].suffix, span, kinds)]
    return readable, []


def find_file(path: str, root: Path, span: Span, kinds: Sequence[str]) -> tuple[Path | None, list[Diagnostic]]:
    """Return the one file of a path below a folder; signs of patterns mean themselves."""
    if _is_outside(path):
        return None, [_outside(path, span)]
    file = root / path
    if not is_file(file):
        return None, [_missing(path, root, span, kinds)]
    if not file.resolve().is_relative_to(root.resolve()):
        return None, [_outside(path, span)]
    if file.suffix.lower() not in kinds:
        return None, [_unreadable(path, file.suffix, span, kinds)]
    return file, []


def relative(path: Path, root: Path) -> str:
    """Return a file's path below the persona's folder, with slashes."""
    return path.relative_to(root).as_posix()


def is_file(path: Path) -> bool:
    """Tell whether a path is a file; what cannot be a path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_outside(pattern: str) -> bool:
    parts = PurePosixPath(pattern.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or pattern.startswith("~") or pattern[1:2] == ":"


def _outside(pattern: str, span: Span) -> Diagnostic:
    advice = "copy the file into the folder of the persona, and write its path from there"
    return Diagnostic("P0202", "error", f"`{_short(pattern)}` leads out of the persona's folder", span, advice)


def _missing(pattern: str, root: Path, span: Span, kinds: Sequence[str], wild: bool = False) -> Diagnostic:
    message = f"no file fits `{_short(pattern)}`" if wild else f"there is no file `{_short(pattern)}`"
    if not wild and _is_dir(root / pattern):
        advice = f"write `{pattern.rstrip('/')}/*` for all of its files, or name one"
        return Diagnostic("P0201", "error", f"`{_short(pattern)}` is a folder", span, advice)
    present = _present(root, kinds)
    stems = {PurePosixPath(path).stem: path for path in present}
    signs = mistyped(pattern)
    if signs:
        return Diagnostic("P0201", "error", message, span, signs)
    near = None if wild else nearest(PurePosixPath(pattern).stem, stems)
    listed = ", ".join(f"`{path}`" for path in present[:8])
    advice = f"files here: {listed}" if listed else f"the folder has no such files yet ({_endings(kinds)})"
    return Diagnostic("P0201", "error", message, span, f"did you mean `{stems[near]}`?" if near else advice)


def _present(root: Path, kinds: Sequence[str]) -> list[str]:
    """Return some of the files of these kinds in the persona's folder, two levels deep."""
    found = (path for pattern in ("*/*", "*") for path in sorted(root.glob(pattern)))
    named = [relative(path, root) for path in found if path.suffix.lower() in kinds and path.is_file()]
    return [name for name in named if name != "persona.yaml"][:500]


def _unreadable(pattern: str, ending: str, span: Span, kinds: Sequence[str]) -> Diagnostic:
    message = f"`{_short(pattern)}` cannot be read here: its kind is {ending.removeprefix('.') or 'no ending'}"
    better = _SAVED_AS.get(ending.lower())
    advice = f"save it as {better}" if better in kinds else f"these kinds can be read: {_endings(kinds)}"
    return Diagnostic("P0203", "error", message, span, advice)


def _endings(kinds: Sequence[str]) -> str:
    return ", ".join(kind.removeprefix(".") for kind in kinds)


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
