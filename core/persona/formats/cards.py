"""Character cards of SillyTavern and its relatives, versions 1, 2 and 3, as JSON.

The PNG and CHARX forms of a card use what is here; they add the picture and other files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput
from . import lorebook
from .assets import use_assets
from .card_export import fill, fresh
from .card_fields import PARTS, Shown, char_of, fields_of, keep_tree, language_of_card, list_of, show
from .character import compose
from .json_text import Layout, layout_of, read_json, write_json
from .kept import keep, kept, mask_secrets
from .portable import Format, Portable, file_name, read_file

KEPT = "character_card"
NEW = Layout(indent="    ", colon=": ")
_TEXTS = ("first_mes", "mes_example", "personality", "scenario", "description")
_OTHER = {
    "creator_notes": "the creator's notes", "tags": "tags", "creator": "the creator", "source": "sources",
    "character_version": "the card's version", "creation_date": "dates", "extensions": "extensions",
}  # fmt: skip


def is_card(tree: Any) -> bool:
    """Tell whether a JSON tree is a character card."""
    if not isinstance(tree, Mapping):
        return False
    if str(tree.get("spec", "")).startswith("chara_card"):
        return True
    data = fields_of(tree)
    return isinstance(data.get("name"), str) and sum(isinstance(data.get(key), str) for key in _TEXTS) >= 3


def to_portable(tree: Any, layout: Layout, form: str, **facts: Any) -> Portable:
    """Return the persona of a card; raise BadInput when it is none."""
    if not is_card(tree):
        raise BadInput("bad_card", "This is no character card: a card has a `name`, a `description` and a `first_mes`.")
    notes: list[str] = []
    tree = mask_secrets(tree, notes, by_key=False)
    data = fields_of(tree)
    language = language_of_card(data)
    shown = show(data, char_of(data), language)
    if not shown.character.name:
        raise BadInput("bad_card", "The card has no name; give it one under `name`.")
    portable = compose(shown.character)
    portable.notes += [*notes, *_notes(data, shown, layout)]
    portable.files.update(shown.rows.files())
    if shown.rows.on:
        portable.persona["knowledge"] = [*portable.persona.get("knowledge", []), {"path": lorebook.ON}]
    keep(
        portable,
        KEPT,
        keep_tree(tree, language),
        {"form": form, "language": language, "layout": layout.facts(), **facts},
    )
    return portable


def to_tree(portable: Portable) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return the card of a persona, the facts that were kept of its form, and notes; a new card has no facts."""
    original, facts = kept(portable, KEPT)
    if isinstance(original, Mapping):
        tree, notes = fill(portable, original, str(facts.get("language") or "en"))
        return tree, facts, notes
    tree, notes = fresh(portable)
    return tree, {}, notes


def layout_for(facts: Mapping[str, Any]) -> Layout:
    """Return the layout that a card was written in; a new one is indented."""
    return layout_of(facts["layout"]) if "layout" in facts else (Layout() if facts else NEW)


def _notes(data: Mapping[str, Any], shown: Shown, layout: Layout) -> list[str]:
    """Say what could not be carried over, and where it is kept."""
    rows, where = shown.rows, f"`extensions: {KEPT}`"
    notes = []
    if rows.off:
        named = "; ".join(question for question, *_ in rows.off[:5]) + ("; …" if len(rows.off) > 5 else "")
        notes.append(
            f"Lorebook entries that are switched off are not answered from ({len(rows.off)}): {named}. They are in "
            f"{lorebook.OFF}; move a row to {lorebook.ON} to switch it on."
        )
    if rows.patterns:
        notes.append(
            f"Keys of lorebook entries that are regular expressions are not run ({rows.patterns}); these entries are "
            "found by their name and their text."
        )
    if rows.on:
        notes.append(
            "Lorebook entries are found by meaning: order, priority, position, secondary keys and @@ marks have no "
            f"effect here, and are kept in {where}."
        )
    if rows.empty:
        notes.append(f"Lorebook entries without a text ({len(rows.empty)}) are only kept in {where}.")
    if shown.saying.unknown:
        listed = ", ".join("{{" + name + "}}" for name in sorted(shown.saying.unknown)[:8])
        notes.append(f"Macros that are not known are left out of what is said: {listed}.")
    if any(re.search(r"\{\{\s*(?:random|pick|roll)", str(data.get(key)), re.I) for key in (*PARTS, "first_mes")):
        notes.append("Macros of chance ({{random}}, {{pick}}, {{roll}}) were drawn once; an export has them again.")
    if list_of(data, "group_only_greetings"):
        notes.append(f"Greetings for groups are never said; they are kept in {where}.")
    if other := [name for key, name in _OTHER.items() if data.get(key)]:
        notes.append(f"Not used here, and kept in {where}: {', '.join(other)}.")
    if layout.twice:
        notes.append(f"Keys that stand twice count once, the last time: {', '.join(layout.twice[:5])}.")
    if not layout.exact:
        notes.append("The JSON is laid out unevenly; an export has the same content with other blanks or escapes.")
    return notes


def _recognise(path: Path, head: bytes) -> bool:
    if path.suffix.lower() != ".json" and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        return is_card(read_json(read_file(path), path.name)[0])
    except BadInput:
        return False


def _read(path: Path) -> Portable:
    tree, layout = read_json(read_file(path), path.name)
    portable = to_portable(tree, layout, "json")
    use_assets(portable, fields_of(tree))
    return portable


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    tree, facts, notes = to_tree(portable)
    if facts.get("form") not in (None, "json"):
        notes.append(f"The picture of the card is not in its JSON; export it with `--to {facts['form']}` to have both.")
    return {f"{file_name(str(portable.persona['name']))}.json": write_json(tree, layout_for(facts))}, notes


FORMAT = Format("card", "a character card (JSON)", _recognise, _read, _write)
