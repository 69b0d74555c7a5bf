"""Character cards in PNG pictures: the card is a text chunk, base64 in UTF-8 JSON, beside the picture.

`ccv3` holds a card of version 3, `chara` one of version 2 or 1, `chara-ext-asset_:PATH` a file. Chunks: PNG (Third
Edition), W3C, sections 5 and 11. The picture without its card becomes the persona's face.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput
from .assets import stored_name, take_asset, use_assets
from .card_fields import fields_of, keep_tree
from .cards import KEPT, layout_for, to_portable, to_tree
from .json_text import Layout, layout_of, read_json, write_json
from .kept import kept, mask_secrets
from .pixels import SIGNATURE, Chunk, blank_picture, join_chunks, split_chunks, text_chunk, text_of_chunk
from .portable import Format, Portable, file_name, read_file

FACE = "face.png"
NEWEST, OLDER, ASSET = "ccv3", "chara", "chara-ext-asset_:"
_BASE64 = re.compile(rb"[\s]+")


def _recognise(path: Path, head: bytes) -> bool:
    return head.startswith(SIGNATURE)


def _read(path: Path) -> Portable:
    chunks, trailing = split_chunks(read_file(path))
    texts: dict[str, bytes] = {}
    order: list[list[Any]] = []
    picture: list[Chunk] = []
    kinds: set[bytes] = set()
    for chunk in chunks:
        keyword, value = text_of_chunk(chunk)
        if keyword not in (NEWEST, OLDER) and not keyword.startswith(ASSET):
            picture.append(chunk)
        elif keyword not in texts:
            texts[keyword] = value
            order.append([keyword, len(picture)])
            kinds.add(chunk.kind)
    main = next((name for name in (NEWEST, OLDER) if name in texts), None)
    if main is None:
        raise BadInput("no_card", f"{path.name} is a picture without a character card in it.")
    tree, layout = read_json(_plain(texts[main], main), f"The card in {path.name}")
    portable = to_portable(tree, layout, "png", chunks=order, **_backfill(texts, main, tree, path.name))
    portable.files[FACE] = join_chunks(picture)
    portable.persona["face"] = {"image": FACE}
    for keyword, value in texts.items():
        if keyword.startswith(ASSET):
            take_asset(portable, keyword.removeprefix(ASSET), _plain(value, keyword[:80]))
    use_assets(portable, fields_of(tree), icon=False)
    if trailing:
        portable.notes.append(f"{trailing:,} bytes after the end of the picture are not part of it and are left out.")
    if kinds - {b"tEXt"}:
        portable.notes.append(
            "The card was in a compressed or international text chunk; an export writes a tEXt chunk."
        )
    return portable


def _backfill(texts: Mapping[str, bytes], main: str, tree: Any, name: str) -> dict[str, Any]:
    """Return what to keep of the older card beside a newer one: only its `spec`, when the rest is the same."""
    if main == OLDER or OLDER not in texts:
        return {}
    older, layout = read_json(_plain(texts[OLDER], OLDER), f"The older card in {name}")
    if not isinstance(older, Mapping) or not isinstance(tree, Mapping):
        return {}
    heads = {key: older[key] for key in ("spec", "spec_version") if key in older}
    if list(older) == list(tree) and {**older, **{k: tree[k] for k in heads}} == tree:
        return {"older": heads, "older_layout": layout.facts()}
    return {"older_card": mask_secrets(older, [], by_key=False), "older_layout": layout.facts()}


def _plain(value: bytes, keyword: str) -> bytes:
    try:
        return base64.b64decode(_BASE64.sub(b"", value), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("bad_card", f"The chunk {keyword!r} of the picture is not valid base64.") from None


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    tree, facts, notes = to_tree(portable)
    face = str((portable.persona.get("face") or {}).get("image") or "")
    picture = portable.files.get(face, b"")
    if not picture.startswith(SIGNATURE):
        if picture:
            notes.append(f"{face} is no PNG picture; the card has a blank one instead.")
        picture = blank_picture()
    chunks, _ = split_chunks(picture)
    layout = layout_for(facts) if facts else Layout()
    values = {NEWEST if tree.get("spec") == "chara_card_v3" else OLDER: write_json(tree, layout)}
    order = facts.get("chunks") or [[OLDER, -1], [NEWEST, -1]]
    if NEWEST in values and any(keyword == OLDER for keyword, _ in order):
        values[OLDER] = write_json(_older(portable, tree, facts), layout_of(facts.get("older_layout")))
    made: list[tuple[int, Chunk]] = []
    for keyword, place in order:
        data = values.get(keyword)
        if keyword.startswith(ASSET):
            data = portable.files.get(stored_name(keyword.removeprefix(ASSET)))
        if data is not None:
            at = place if isinstance(place, int) and 0 < place < len(chunks) else len(chunks) - 1
            made.append((at, text_chunk(keyword, base64.b64encode(data))))
    for at, chunk in reversed(made):
        chunks.insert(at, chunk)
    return {f"{file_name(str(portable.persona['name']))}.png": join_chunks(chunks)}, notes


def _older(portable: Portable, tree: dict[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the older card beside a newer one: the one that was there, while nothing was changed."""
    original, _ = kept(portable, KEPT)
    older = facts.get("older_card")
    if isinstance(older, dict) and keep_tree(tree, str(facts.get("language") or "en")) == original:
        return older
    heads = facts.get("older") or {"spec": "chara_card_v2", "spec_version": "2.0"}
    return {key: heads.get(key, value) for key, value in tree.items()}


FORMAT = Format("png", "a character card in a PNG picture", _recognise, _read, _write)
