"""Character cards in CHARX files: a zip with `card.json` and the card's pictures.

Form: https://github.com/kwaroran/character-card-spec-v3, "CHARX". The zip is never unpacked onto the disk: each entry
is read within limits, and one whose name leads elsewhere stops the import.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any

from ...errors import BadInput
from .assets import put_face, stored_name, take_asset, use_assets
from .card_fields import fields_of
from .cards import layout_for, to_portable, to_tree
from .folder import is_safe
from .json_text import Layout, read_json, write_json
from .portable import MAX_BYTES, Format, Portable, file_name, read_file

CARD = "card.json"
MAX_ENTRIES = 2_000
MAX_RATIO = 200
_PIECE = 1 << 16
_NEW_DATE = (1980, 1, 1, 0, 0, 0)


def _recognise(path: Path, head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") or path.suffix.lower() == ".charx"


def _read(path: Path) -> Portable:
    entries, facts = read_zip(read_file(path), path.name)
    if CARD not in entries:
        raise BadInput("no_card", f"{path.name} has no {CARD} in it; it is not a character card.")
    tree, layout = read_json(entries[CARD], CARD)
    portable = to_portable(tree, layout, "charx", entries=facts)
    for name, data in entries.items():
        if name != CARD:
            take_asset(portable, name, data)
    use_assets(portable, fields_of(tree))
    return portable


def read_zip(data: bytes, what: str) -> tuple[dict[str, bytes], list[list[Any]]]:
    """Return the files of a zip by name, and facts of each to write it again; raise BadInput."""
    found: dict[str, bytes] = {}
    facts: list[list[Any]] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_ENTRIES:
                raise BadInput("too_large", f"{what} has more than {MAX_ENTRIES:,} files in it.")
            for info in infos:
                if info.is_dir() and is_safe(info.filename.rstrip("/")):
                    continue
                _check_entry(info, found, what)
                body = _unpack(archive, info, what, MAX_BYTES - total)
                total += len(body)
                found[info.filename] = body
                packed = info.compress_type == zipfile.ZIP_DEFLATED
                facts.append([info.filename, list(info.date_time), packed, info.external_attr])
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, UnicodeError) as error:
        raise BadInput("bad_zip", f"{what} is damaged, or it is not a zip file ({error}).") from None
    except (NotImplementedError, RuntimeError, ValueError, OverflowError):
        raise BadInput("bad_zip", f"{what} is packed in a way that cannot be read here.") from None
    return found, facts


def _check_entry(info: zipfile.ZipInfo, found: dict[str, bytes], what: str) -> None:
    name = info.orig_filename
    if not is_safe(name) or name != info.filename:
        raise BadInput("bad_name", f"{what} has a file with a name that leads elsewhere: {name[:80]!r}.")
    if name.casefold() in {other.casefold() for other in found}:
        raise BadInput("bad_name", f"{what} has two files named {name[:80]!r}.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise BadInput("bad_name", f"{what} has a link or a device in it, {name[:80]!r}; only plain files can be read.")
    if info.flag_bits & 0x1:
        raise BadInput("bad_zip", f"{what} is encrypted; save it without a password.")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, what: str, left: int) -> bytes:
    """Read an entry in pieces; what grows too large, or too much more than it was packed, stops the import."""
    limit = min(left, max(info.compress_size, 1) * MAX_RATIO + _PIECE)
    parts: list[bytes] = []
    size = 0
    with archive.open(info) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise BadInput("too_large", f"{what} is a trap: {info.filename[:80]!r} unpacks to more than it should.")
            parts.append(piece)
    return b"".join(parts)


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    tree, facts, notes = to_tree(portable)
    layout = layout_for(facts) if facts else Layout(indent="    ", colon=": ")
    put_face(portable, tree)
    entries = {CARD: write_json(tree, layout)}
    entries |= {name: data for name, data in portable.files.items() if name.startswith("assets/")}
    order: list[tuple[str, Any, bool, int]] = []
    for name, date, packed, rights in facts.get("entries") or []:
        stored = name if name == CARD else stored_name(name)
        if stored in entries:
            order.append((name, tuple(date), packed, rights))
            entries[name] = entries.pop(stored)
    known = {name for name, *_ in order}
    order += [(name, _NEW_DATE, True, 0) for name in entries if name not in known]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, date, packed, rights in order:
            info = zipfile.ZipInfo(name, date)
            info.external_attr = rights
            info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(info, entries[name])
    return {f"{file_name(str(portable.persona['name']))}.charx": file.getvalue()}, notes


FORMAT = Format("charx", "a character card in a CHARX file", _recognise, _read, _write)
