"""Characters of ElizaOS in JSON: who they are, how they talk, what they know.

Fields: packages/core/src/schemas/character.ts and types/agent.ts of https://github.com/elizaOS/eliza, and those of its
first version (lore, clients, modelProvider; `user` instead of `name` in examples). The original is kept beside the
persona, without its secrets, and comes back byte for byte where nobody changed anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import BadInput
from .character import ABOUT, DIALOGUE, Character, about_sections, as_part, compose, split_sections
from .eliza_knowledge import Referred, facts_and_files
from .eliza_talk import Pair, changed_talk, pairs, talk_of
from .items import items_of, merged, paragraphs, shown_items
from .json_parts import rewrite_json
from .json_text import Layout, read_json, write_json
from .portable import Format, Portable, file_name, left_out, read_file
from .said import Speaker, language_of, one_line, said
from .secrecy import masked

KEPT = "eliza"
ORIGINAL = "extensions/eliza.json"
HELD = ("personac", "name", "summary", "languages", "tone", "knowledge", "intents", "extensions", "lints")
_SIGNS = frozenset({"bio", "lore", "messageExamples", "postExamples", "adjectives", "modelProvider", "style", "topics"})
_USER = re.compile(r"\{\{\s*(?:user|name)\d+\s*\}\}", re.IGNORECASE)
_AGENT = re.compile(r"\{\{\s*(?:agent_?name|agent|name)\s*\}\}", re.IGNORECASE)
_TITLES = {
    "en": {"bio": "Bio", "lore": "Lore", "topics": "Topics", "knowledge": "Knowledge"},
    "zh": {"bio": "简介", "lore": "经历", "topics": "话题", "knowledge": "知识"},
}
_STYLES = {"all": "Style", "chat": "Style in chat"}


@dataclass
class _Eliza(Character):
    """Hold a character, and languages that its examples of dialogue are in."""

    more: list[str] = field(default_factory=list)

    def languages(self) -> list[str]:
        """Return the languages."""
        return list(dict.fromkeys([*Character.languages(self), *self.more]))


@dataclass(slots=True)
class _Made:
    """Hold the persona of a character, and what of it each field shows."""

    portable: Portable
    titles: Mapping[str, str]
    shown: dict[str, list[str]]
    talk: list[Pair]
    speaker: Speaker
    referred: Referred


def _recognise(path: Path, head: bytes) -> bool:
    if path.is_dir():
        return False
    if path.suffix.lower() in (".ts", ".js", ".mts"):
        return b"messageExamples" in head or b"elizaos" in head.lower()
    if path.suffix.lower() != ".json":
        return False
    try:
        tree, _ = read_json(read_file(path), path.name)
    except BadInput:
        return False
    return isinstance(tree, dict) and "name" in tree and "spec" not in tree and len(_SIGNS.intersection(tree)) >= 1


def _read(path: Path) -> Portable:
    if path.suffix.lower() in (".ts", ".js", ".mts"):
        raise BadInput(
            "bad_character",
            f"{path.name} is a program, and is not run here; save the character as JSON and import that.",
        )
    data = read_file(path)
    tree, layout = read_json(data, path.name)
    if not isinstance(tree, dict):
        raise BadInput("bad_character", f"{path.name} is no character: it must be an object with `name` and `bio`.")
    found: list[str] = []
    free = masked(tree, (), found)
    made = _made(free, path.parent)
    portable = made.portable
    if found:
        listed = ", ".join(f"${{{name}}}" for name in dict.fromkeys(found))
        portable.notes.append(f"Secrets are not carried over; in their place stands {listed}.")
    if layout.twice:
        keys = ", ".join(f"`{one_line(key, 40)}`" for key in layout.twice[:5])
        portable.notes.append(f"Keys that stand twice in one object count once, the last of them: {keys}.")
        data = write_json(free, layout)
    portable.notes += _notes(free)
    portable.files[ORIGINAL] = rewrite_json(data, free)
    extension: dict[str, Any] = {"original": ORIGINAL}
    if made.referred.files:
        extension["files"] = {name: original for name, (original, _) in made.referred.files.items()}
    portable.persona["extensions"] = {KEPT: extension}
    return portable


def _made(tree: Mapping[str, Any], folder: Path | None, files: Mapping[str, tuple[str, bytes]] | None = None) -> _Made:
    """Make the persona of a character; `files` are the knowledge that an import found, where it is not read again."""
    name = one_line(tree["name"]) if isinstance(tree.get("name"), str) else ""
    if not name:
        raise BadInput("bad_character", "The character has no name; give it one under `name`.")
    speaker = Speaker(name)
    talk = pairs(tree.get("messageExamples"), name, lambda text: _said(text, speaker))
    bio = shown_items(tree.get("bio"), lambda text: _said(text, speaker))
    speaker.language = language_of("\n".join(bio) or " ".join(pair.answer for pair in talk))
    titles = _TITLES.get(speaker.language, _TITLES["en"])
    referred = facts_and_files(tree.get("knowledge"), folder, files)
    shown = {
        "bio": bio,
        "lore": shown_items(tree.get("lore"), lambda text: _said(text, speaker)),
        "topics": [one_line(text, 200) for text in shown_items(tree.get("topics"), lambda text: _said(text, speaker))],
        "knowledge": [_said(text, speaker) for text in referred.facts],
        "adjectives": [one_line(t, 80) for t in shown_items(tree.get("adjectives"), lambda text: _said(text, speaker))],
    }
    style = tree.get("style") if isinstance(tree.get("style"), dict) else {}
    sections = {"": as_part(_said(tree["system"], speaker)) if isinstance(tree.get("system"), str) else ""}
    for key, title in _STYLES.items():
        shown[key] = [one_line(t, 1000) for t in shown_items((style or {}).get(key), lambda text: _said(text, speaker))]
        sections[title] = "\n".join(f"- {text}" for text in shown[key] if text)
    about = {titles[key]: paragraphs(shown[key]) for key in ("bio", "lore", "knowledge")}
    about[titles["topics"]] = "\n".join(f"- {text}" for text in shown["topics"] if text)
    dialogue = [(pair.question, pair.answer) for pair in talk if pair.shown]
    often = [language_of(answer) for _, answer in dialogue]
    more = [code for code in dict.fromkeys(often) if often.count(code) >= 3]
    portable = compose(_Eliza(name, sections, about=about, dialogue=dialogue, more=more))
    if traits := [text for text in shown["adjectives"] if text]:
        portable.persona["tone"] = {"traits": traits, **portable.persona.get("tone", {})}
    sources = portable.persona.setdefault("knowledge", [])
    for path, (_, data) in referred.files.items():
        portable.files[path] = data
        sources.append({"path": path})
    if not sources:
        del portable.persona["knowledge"]
    portable.notes += referred.notes
    if speaker.unknown:
        listed = ", ".join(f"{{{{{name}}}}}" for name in sorted(speaker.unknown)[:8])
        portable.notes.append(f"Placeholders that are not known were taken out: {listed}.")
    return _Made(portable, titles, shown, talk, speaker, referred)


def _said(text: str, speaker: Speaker) -> str:
    return said(_AGENT.sub("{{char}}", _USER.sub("{{user}}", text)), speaker)


def _notes(tree: Mapping[str, Any]) -> list[str]:
    """Return what a persona has no place for, with what would do the same."""
    where = f"kept in {ORIGINAL}"
    notes = []
    settings = tree["settings"] if isinstance(tree.get("settings"), dict) else {}
    for key, what in (("plugins", "Plugins"), ("clients", "Clients")):
        if isinstance(tree.get(key), list) and tree[key]:
            listed = ", ".join(one_line(str(item), 60) for item in tree[key][:8])
            notes.append(f"{what} of ElizaOS do not run here ({listed}); {where}.")
    model = next((settings[k] for k in ("model", "largeModel") if isinstance(settings.get(k), str)), tree.get("model"))
    if tree.get("modelProvider") or isinstance(model, str):
        named = one_line(" ".join(str(item) for item in (tree.get("modelProvider"), model) if item), 80)
        notes.append(f"The language model ({named}) is not asked: set `model:` to use one; {where}.")
    voice = settings.get("voice")
    if voice:
        named = one_line(str(voice.get("model") or "") if isinstance(voice, dict) else str(voice), 80)
        notes.append(f"The voice ({named or 'without a model'}) is not taken over: set `voice:` to use one; {where}.")
    if settings.get("avatar") or settings.get("avatarUrl"):
        notes.append(f"The picture is on the web and was not fetched: set `face: {{image: …}}`; {where}.")
    if isinstance(tree.get("postExamples"), list) and tree["postExamples"]:
        notes.append(f"Examples of posts ({len(tree['postExamples'])}) have no use in a conversation; {where}.")
    if tree.get("templates"):
        notes.append(f"Templates of prompts are for ElizaOS; {where}.")
    known = {*_SIGNS, "name", "username", "id", "system", "knowledge", "plugins", "clients", "settings", "secrets",
             "templates", "model", "modelProvider"}  # fmt: skip
    if others := [key for key in tree if key not in known]:
        notes.append(f"Fields without a place: {', '.join(f'`{one_line(key, 40)}`' for key in others[:12])}; {where}.")
    return notes


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    persona = portable.persona
    notes = left_out(persona, HELD, "ElizaOS")
    extension = (persona.get("extensions") or {}).get(KEPT)
    name = f"{file_name(str(persona['name']))}.character.json"
    if not isinstance(extension, Mapping) or ORIGINAL not in portable.files:
        tree, files = _fresh(portable, notes)
        return {name: write_json(tree, Layout(indent="  ", colon=": ", after="\n")), **files}, notes
    data = portable.files[ORIGINAL]
    tree, _ = read_json(data, ORIGINAL)
    if not isinstance(tree, dict):
        raise BadInput("bad_character", f"{ORIGINAL} is no character any more; take it out of the folder.")
    told = extension.get("files")
    places = {str(k): str(v) for k, v in told.items()} if isinstance(told, Mapping) else {}
    known = {path: (original, portable.files.get(path, b"")) for path, original in places.items()}
    made = _made(tree, None, known)
    wanted = _changed(tree, made, portable, notes)
    beside = {original: content for original, content in known.values() if content}
    return {name: rewrite_json(data, wanted), **beside}, notes


def _changed(tree: Mapping[str, Any], made: _Made, portable: Portable, notes: list[str]) -> dict[str, Any]:
    """Return the character with what the author of the persona changed."""
    wanted: dict[str, Any] = json.loads(json.dumps(tree)) if not _has_own_numbers(tree) else dict(tree)
    before, now = made.portable.persona, portable.persona
    tone_before, tone = before.get("tone") or {}, now.get("tone") or {}
    pages = [
        about_sections(each.files.get(ABOUT, b"").decode("utf-8", "replace")) for each in (made.portable, portable)
    ]
    for key in ("bio", "lore", "topics", "knowledge"):
        was, told = (page.get(made.titles[key], "") for page in pages)
        if was != told:
            wanted[key] = merged(
                tree.get(key), made.shown[key], items_of(told), made.referred.places if key == "knowledge" else None
            )
    if tone.get("traits", []) != tone_before.get("traits", []):
        wanted["adjectives"] = merged(tree.get("adjectives"), made.shown["adjectives"], list(tone.get("traits") or []))
    titles = list(_STYLES.values())
    was_parts, parts = (split_sections(str(t.get("instructions") or ""), titles) for t in (tone_before, tone))
    if was_parts.get("", "") != parts.get("", ""):
        wanted["system"] = parts.get("", "")
    for key, title in _STYLES.items():
        if was_parts.get(title, "") != parts.get(title, ""):
            style = dict(wanted["style"]) if isinstance(wanted.get("style"), dict) else {}
            style[key] = merged(style.get(key), made.shown[key], items_of(parts.get(title, "")))
            wanted["style"] = style
    if now["name"] != before["name"]:
        wanted["name"] = now["name"]
    rows = [each.files.get(DIALOGUE, b"") for each in (made.portable, portable)]
    if rows[0] != rows[1]:
        wanted["messageExamples"] = changed_talk(tree.get("messageExamples"), made.talk, rows[1], str(now["name"]))
    for key in ("greeting", "fallback", "formality", "emoji"):
        if tone.get(key) != tone_before.get(key):
            notes.append(f"ElizaOS has no place for `tone.{key}`.")
    for key in ("intents", "summary"):
        if now.get(key) != before.get(key):
            notes.append(f"ElizaOS has no place for what changed in `{key}`.")
    known = {source["path"] for source in before.get("knowledge") or []}
    others = [source["path"] for source in now.get("knowledge") or [] if source["path"] not in known]
    if others:
        notes.append(f"Not in the character: {', '.join(f'`{path}`' for path in others)}.")
    return wanted


def _has_own_numbers(tree: Mapping[str, Any]) -> bool:
    return json.dumps(json.loads(json.dumps(tree))) != json.dumps(tree)


def _fresh(portable: Portable, notes: list[str]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Make a character of a persona that comes from elsewhere."""
    persona = portable.persona
    tone = persona.get("tone") or {}
    name = str(persona["name"])
    bio = [str(persona.get("summary") or f"{name} is a chat bot.")]
    tree: dict[str, Any] = {
        "name": name,
        "username": file_name(name),
        "system": str(tone.get("instructions") or ""),
        "bio": bio,
    }
    tree["adjectives"] = [str(trait) for trait in tone.get("traits") or []]
    talk, tables = talk_of(portable, name)
    tree["messageExamples"] = talk
    pages = [
        path for path in portable.files if path.startswith("knowledge/") and path.lower().endswith((".md", ".txt"))
    ]
    tree["knowledge"] = [{"path": path} for path in pages]
    tree["style"] = {"all": [], "chat": [], "post": []}
    tree["plugins"] = []
    left = [
        str(source["path"])
        for source in persona.get("knowledge") or []
        if source["path"] not in {*pages, *tables} and "*" not in source["path"]
    ]
    if left:
        notes.append(f"Records have no place in a character: {', '.join(f'`{path}`' for path in left)}.")
    return {key: value for key, value in tree.items() if value not in ("", [])}, {
        path: portable.files[path] for path in pages
    }


FORMAT = Format("eliza", "an ElizaOS character", _recognise, _read, _write)
