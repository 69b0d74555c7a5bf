"""Look up what a persona, given as plain values, says: texts by language, examples, values of slots.

Knows nothing of Rasa. What does not have the form that the schema asks for counts as not there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

from ...nodes import plain
from ...source import parse
from ..portable import Portable
from .shapes import a_dict, a_list, a_text


def languages(persona: Mapping[str, Any]) -> list[str]:
    """Return the languages, at least one."""
    return [code for item in a_list(persona.get("languages")) if (code := a_text(item))] or ["en"]


def intents(persona: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the intents by name."""
    told = [item for item in a_list(persona.get("intents")) if isinstance(item, dict)]
    return {name: item for item in told if (name := a_text(item.get("name")))}


def by_language(value: Any, default: str) -> dict[str, list[str]]:
    """Return texts by language, each a list."""
    told = value if isinstance(value, dict) else {default: value}
    found = {code: [text for item in a_list(texts) if (text := a_text(item))] for code, texts in told.items()}
    return {code: texts for code, texts in found.items() if texts}


def examples(intent: Mapping[str, Any], portable: Portable) -> list[str]:
    """Return the examples of an intent that are words, from the persona or from the file that it names."""
    told = intent.get("examples")
    if not isinstance(told, str):
        texts = [a_text(item.get("text") if isinstance(item, dict) else item) for item in a_list(told)]
        return [text for text in texts if text]
    data = portable.files.get(told, b"")
    if told.lower().endswith(".csv"):
        return [row["text"] for row in rows(told, portable) if row.get("text")]
    return [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]


def slots(intent: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the slots of an intent by name."""
    return {name: a_dict(told) for name, told in a_dict(intent.get("slots")).items()}


def values(slot: Mapping[str, Any], portable: Portable) -> dict[str, list[str]]:
    """Return what an entity slot may be: each value with its other names."""
    told = slot.get("values")
    if not isinstance(told, str):
        return {text: [] for item in a_list(told) if (text := a_text(item))}
    path, _, field = told.partition("#")
    found: dict[str, list[str]] = {}
    for record in _records(path, portable):
        named = record.get(field or "name")
        names = [a_text(item) for item in named.values()] if isinstance(named, dict) else [a_text(named)]
        names += [a_text(item) for item in a_list(record.get("aliases"))]
        names = list(dict.fromkeys(name for name in names if name))
        if names:
            found.setdefault(names[0], []).extend(names[1:])
    return found


def rows(path: str, portable: Portable) -> list[dict[str, str]]:
    """Return the rows of the CSV files that fit a path, by column; what cannot be read has none."""
    found: list[dict[str, str]] = []
    for name, data in portable.files.items():
        if name == path or ("*" in path and name.endswith(".csv") and fnmatch(name, path)):
            try:
                told = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")))
            except csv.Error:
                continue
            found += [{k.strip(): (v or "").strip() for k, v in row.items() if isinstance(k, str)} for row in told]
    return found if path.lower().endswith((".csv", "*")) else []


def _records(path: str, portable: Portable) -> list[dict[str, Any]]:
    data = portable.files.get(path, b"")
    if path.lower().endswith(".csv"):
        return [dict(row) for row in rows(path, portable)]
    node, _ = parse(data.decode("utf-8-sig", "replace"), path)
    told = plain(node) if node is not None else []
    if isinstance(told, dict):
        lists = [item for item in told.values() if isinstance(item, list)]
        told = lists[0] if len(told) == 1 and lists else [{"name": key, **a_dict(item)} for key, item in told.items()]
    return [item for item in a_list(told) if isinstance(item, dict)]
