"""Fill a character card with what a persona says now.

A field whose words the author did not touch gets back the original, with its macros; a field that was changed gets the
new words. What a card has no place for is told in notes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import lorebook
from .card_fields import ON_PAGE, PARTS, Shown, char_of, fields_of, list_of, show, titles, world_title
from .character import (
    ABOUT,
    DIALOGUE,
    HELLO,
    WHO,
    Character,
    about_sections,
    greeting_responses,
    introduce,
    on_page,
    read_rows,
    split_sections,
)
from .kept import changed, is_mark, put
from .portable import Portable, left_out
from .said import one_line, said

HELD = ("personac", "name", "summary", "languages", "tone", "face", "knowledge", "intents", "extensions", "encoders",
        "retrieval", "lints")  # fmt: skip


def fill(portable: Portable, original: Mapping[str, Any], language: str) -> tuple[dict[str, Any], list[str]]:
    """Return a kept card with what the persona says now, and notes."""
    char = char_of(fields_of(original))
    inner = original.get("data")
    notes: list[str] = []
    if isinstance(inner, Mapping):
        made = _fields(portable, original, char, language, [], book=False)
        made["data"] = _fields(portable, inner, char, language, notes, book=True)
    else:
        made = _fields(portable, original, char, language, notes, book="character_book" in original)
    return made, [*notes, *left_out(portable.persona, HELD, "A character card")]


def fresh(portable: Portable) -> tuple[dict[str, Any], list[str]]:
    """Return a new card of version 3 for a persona that was never one."""
    persona = portable.persona
    tone = persona.get("tone") or {}
    language = str((persona.get("languages") or ["en"])[0])
    data: dict[str, Any] = {
        "name": persona["name"], "description": "", "personality": "", "scenario": "", "first_mes": "",
        "mes_example": "", "creator_notes": "", "system_prompt": "", "post_history_instructions": "",
        "alternate_greetings": [], "tags": [], "creator": "", "character_version": "", "extensions": {},
        "group_only_greetings": [],
    }  # fmt: skip
    made = _fields(portable, data, one_line(str(persona["name"])), language, [], book=True)
    made["description"] = made["description"] or str(persona.get("summary") or "")
    made["personality"] = made["personality"] or ", ".join(tone.get("traits") or [])
    notes = left_out(persona, HELD, "A character card")
    if any(intent.get("skill") for intent in persona.get("intents") or []):
        notes.append("Skills of plugins cannot be held by a character card.")
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": made}, notes


def _fields(
    portable: Portable, data: Mapping[str, Any], char: str, language: str, notes: list[str], *, book: bool
) -> dict[str, Any]:
    persona = portable.persona
    made = dict(data)
    title_of = titles(language)
    sections = sections_now(portable, data, language)
    greeting = greeting_now(portable)
    restored = {**data, **{k: sections.get(t, "") for k, t in title_of.items() if is_mark(data.get(k))}}
    if is_mark(data.get("first_mes")):
        restored["first_mes"] = greeting
    shown = show(restored, char, language)
    before = shown.character
    if "name" in data and persona["name"] != before.name:
        made["name"] = persona["name"]
    page = about_sections(portable.files.get(ABOUT, b"").decode("utf-8", "replace"))
    for key, title in title_of.items():
        raw, was, now = data.get(key, ""), before.sections[title], sections.get(title, "")
        text = put(raw, was, now)
        if key == "mes_example":
            text = _examples(portable, raw, was, now, before, char) if book or not isinstance(raw, Mapping) else raw
        elif (
            key in ON_PAGE
            and not changed(raw, was, now)
            and page.get(title, "") not in ("", on_page(before.about[title]))
        ):
            text = page[title]
        if key in data or (text and book):
            made[key] = text
    if "first_mes" in data or (greeting and book):
        made["first_mes"] = put(data.get("first_mes", ""), before.greeting, greeting)
    alternate = _alternate(portable, data, shown, greeting)
    if "alternate_greetings" in data or (alternate and book):
        made["alternate_greetings"] = alternate
    if book:
        _put_book(portable, data, made, shown, sections, language, notes)
        _note_summary(persona, before, notes)
    return made


def _put_book(
    portable: Portable,
    data: Mapping[str, Any],
    made: dict[str, Any],
    shown: Shown,
    sections: Mapping[str, str],
    language: str,
    notes: list[str],
) -> None:
    numbers = range(len(lorebook.entries_of(data.get("character_book"))))
    always = {number: sections.get(world_title(language, number), "") for number in numbers}
    languages = portable.persona.get("languages") or ["en"]
    written, told = lorebook.write_book(portable, data.get("character_book"), shown.telling, languages, always)
    notes += told
    if more := _entries_of_knowledge(portable):
        old = written or {"extensions": {}, "entries": []}
        written = {**old, "entries": [*old["entries"], *more]} if isinstance(old.get("entries"), list) else old
    if written is not None or "character_book" in data:
        made["character_book"] = written


def _entries_of_knowledge(portable: Portable) -> list[dict[str, Any]]:
    """Return an entry for each title of the persona's knowledge that no import brought."""
    own = (ABOUT, DIALOGUE, lorebook.ON)
    texts: dict[str, list[str]] = {}
    for passage in portable.passages:
        if passage.source.rsplit(":", 1)[0] not in own:
            texts.setdefault(passage.title, []).append(passage.text)
    return [
        lorebook.new_entry([title], "\n\n".join(parts), 1000 + number)
        for number, (title, parts) in enumerate(texts.items())
    ]


def _note_summary(persona: Mapping[str, Any], before: Character, notes: list[str]) -> None:
    summary = persona.get("summary") or ""
    if before.name and any(before.about.values()) and summary != one_line(introduce(before), 300):
        notes.append(f"The summary, and what `{WHO}` answers, have no place in a character card.")


def sections_now(portable: Portable, data: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return the parts of the persona's instructions by title."""
    instructions = str((portable.persona.get("tone") or {}).get("instructions") or "")
    numbers = range(len(lorebook.entries_of(data.get("character_book"))))
    known = [titles(language)[key] for key in PARTS]
    return split_sections(instructions, [*filter(None, known), *(world_title(language, n) for n in numbers)])


def greeting_now(portable: Portable) -> str:
    """Return what the persona says first, in its first language."""
    greeting = (portable.persona.get("tone") or {}).get("greeting") or ""
    if isinstance(greeting, Mapping):
        first = (portable.persona.get("languages") or ["en"])[0]
        return str(greeting.get(first) or next(iter(greeting.values()), ""))
    return str(greeting)


def _alternate(portable: Portable, data: Mapping[str, Any], shown: Shown, greeting: str) -> list[Any]:
    """Return the other greetings: each kept one that the persona still says, the others as it says them now."""
    raw = list_of(data, "alternate_greetings")
    before = shown.character
    own = (greeting, before.greeting)
    greetings = (portable.persona.get("tone") or {}).get("greeting")
    others = list(greetings.values()) if isinstance(greetings, Mapping) else []
    now = [text for text in dict.fromkeys([*responses_of(portable.persona, HELLO), *others]) if text not in own]
    was = greeting_responses(before.greeting, before.greetings, portable.persona.get("languages") or ["en"])
    if now == [text for texts in was.values() for text in texts if text not in own]:
        return raw
    new = [text for text in now if text not in before.greetings]
    made: list[Any] = []
    for text in raw:
        said_so = said(text, shown.saying) if isinstance(text, str) else ""
        if said_so in now or said_so in ("", *own):
            made.append(text)
        elif new:
            made.append(new.pop(0))
    return [*made, *new]


def responses_of(persona: Mapping[str, Any], intent: str) -> list[str]:
    """Return the responses of an intent in all languages."""
    for item in persona.get("intents") or []:
        if item.get("name") == intent:
            return _flat(item.get("responses"))
    return []


def _flat(responses: Any) -> list[str]:
    groups = responses.values() if isinstance(responses, Mapping) else [responses or []]
    return [text for group in groups for text in ([group] if isinstance(group, str) else group)]


def _examples(portable: Portable, raw: Any, was: str, now: str, before: Character, char: str) -> Any:
    """Return the example conversations; new rows of the table of dialogue and new intents come at the end."""
    examples = put(raw, was, now)
    if changed(raw, was, now):
        examples = re.sub(r"^User(?=[ \t]*[:：])", "{{user}}", str(examples), flags=re.MULTILINE)
        examples = re.sub(rf"^{re.escape(char)}(?=[ \t]*[:：])", "{{char}}", examples, flags=re.MULTILINE)
    known = dict(before.dialogue)
    rows = read_rows(portable.files.get(DIALOGUE, b""), DIALOGUE)
    pairs = [(row.get("question", ""), row.get("answer", "")) for row in rows]
    for question, answer in (*pairs, *_pairs_of(portable.persona)):
        if question and answer and known.get(question) != answer:
            examples = f"{examples}\n{_conversation(question, answer)}".strip("\n")
    return examples


def _pairs_of(persona: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the first example and the first response of each intent that no import brought."""
    found = []
    for intent in persona.get("intents") or []:
        examples, responses = intent.get("examples"), _flat(intent.get("responses"))
        if intent.get("name") not in (WHO, HELLO) and isinstance(examples, list) and responses:
            first = examples[0].get("text") if isinstance(examples[0], Mapping) else examples[0]
            found.append((str(first or ""), responses[0]))
    return found


def _conversation(question: str, answer: str) -> str:
    return f"<START>\n{{{{user}}}}: {question}\n{{{{char}}}}: {answer}"
