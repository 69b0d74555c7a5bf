"""What the fields of a character card become in a persona, and what of a card has to be kept for its export.

Fields: https://github.com/malfoyslastname/character-card-spec-v2 and
https://github.com/kwaroran/character-card-spec-v3. Knows neither files nor folders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import lorebook
from .character import Character, language_of
from .kept import remember
from .said import Speaker, one_line, said

TITLES = {
    "system_prompt": "",
    "description": "Description",
    "personality": "Personality",
    "scenario": "Scenario",
    "mes_example": "Examples",
    "post_history_instructions": "Always keep in mind",
}
"""The fields that are parts of the instructions, in their order, with the title of each part."""
ON_PAGE = ("description", "personality", "scenario")
WORLD = "World {}"
LAST = TITLES["post_history_instructions"]
_START = re.compile(r"<START>", re.IGNORECASE)


@dataclass(slots=True)
class Shown:
    """Hold what the fields of a card become: a character, and the rows of its lorebook."""

    character: Character
    rows: lorebook.Rows
    speaker: Speaker

    @property
    def languages(self) -> list[str]:
        """Return the languages of the persona."""
        return self.character.languages()


def fields_of(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of a card; those of version 1 stand at its root."""
    data = tree.get("data")
    return data if isinstance(data, Mapping) else tree


def char_of(data: Mapping[str, Any]) -> str:
    """Return who {{char}} is: the nickname, else the name."""
    name = one_line(text_of(data, "nickname")) or one_line(text_of(data, "name"))
    return name.replace("{{", "").replace("}}", "")


def show(data: Mapping[str, Any], char: str) -> Shown:
    """Return what the fields of a card become, with {{char}} as `char`.

    The instructions speak of "the user", all that the persona says itself speaks to "you".
    """
    language = language_of("\n".join([text_of(data, "first_mes"), text_of(data, "description")]))
    saying = Speaker(char, None, language)
    telling = Speaker(char, "the user", language, saying.unknown)
    naming = Speaker(char, "User", language, saying.unknown)
    parts = {
        title: said(text_of(data, key), naming if key == "mes_example" else telling) for key, title in TITLES.items()
    }
    character = Character(
        name=one_line(said(text_of(data, "name"), telling)),
        greeting=said(text_of(data, "first_mes"), saying),
        greetings=[said(text, saying) for text in list_of(data, "alternate_greetings") if isinstance(text, str)],
        about={TITLES[key]: said(text_of(data, key), saying) for key in ON_PAGE},
        dialogue=dialogue_of(text_of(data, "mes_example"), saying),
    )
    rows = lorebook.read_book(data.get("character_book"), saying, character.languages())
    world = {WORLD.format(number + 1): text for number, text in rows.always.items()}
    character.sections = {**{t: text for t, text in parts.items() if t != LAST}, **world, LAST: parts[LAST]}
    return Shown(character, rows, saying)


def dialogue_of(examples: str, speaker: Speaker) -> list[tuple[str, str]]:
    """Return the first question of each example conversation with its answer; later ones lean on what came before."""
    names = rf"\{{\{{(?:user|char)\}}\}}|<(?:user|bot|char)>|User|{re.escape(speaker.char) or 'Char'}"
    turn = re.compile(rf"^[ \t]*({names})[ \t]*[:：]", re.IGNORECASE | re.MULTILINE)
    found: dict[str, str] = {}
    for block in _START.split(examples):
        turns = [*turn.finditer(block)]
        if len(turns) < 2 or not _is_user(turns[0][1]) or _is_user(turns[1][1]):
            continue
        end = turns[2].start() if len(turns) > 2 else len(block)
        question = one_line(said(block[turns[0].end() : turns[1].start()], speaker), 500)
        answer = said(block[turns[1].end() : end], speaker)[: lorebook.CELL].strip()
        if question and answer:
            found.setdefault(question, answer)
    return list(found.items())


def _is_user(name: str) -> bool:
    return name.strip("{}<>").lower() == "user"


def keep_tree(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card to keep: texts that the persona says word for word are only marked, the name is there."""
    char = char_of(fields_of(tree))
    inner = tree.get("data")
    made = _keep_fields(tree, char)
    return {**made, "data": _keep_fields(inner, char)} if isinstance(inner, Mapping) else made


def _keep_fields(data: Mapping[str, Any], char: str) -> dict[str, Any]:
    shown = show(data, char)
    made = dict(data)
    for key, title in TITLES.items():
        if key in made:
            made[key] = remember(made[key], shown.character.sections[title])
    if "first_mes" in made:
        made["first_mes"] = remember(made["first_mes"], shown.character.greeting)
    if "character_book" in made:
        made["character_book"] = lorebook.keep_book(made["character_book"], shown.rows)
    return made


def text_of(data: Mapping[str, Any], key: str) -> str:
    """Return a field that should be a text; empty when it is none."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def list_of(data: Mapping[str, Any], key: str) -> list[Any]:
    """Return a field that should be a list; empty when it is none."""
    value = data.get(key)
    return value if isinstance(value, list) else []
