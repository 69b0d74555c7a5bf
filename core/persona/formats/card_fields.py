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
from .character import Character, as_part
from .kept import remember
from .said import Speaker, language_of, of_the_user, one_line, said

PARTS = ("system_prompt", "description", "personality", "scenario", "mes_example", "post_history_instructions")
"""The fields that are parts of the instructions, in their order."""
ON_PAGE = ("description", "personality", "scenario")
_TITLES = {
    "en": ("", "Description", "Personality", "Scenario", "Examples", "Always keep in mind"),
    "zh": ("", "简介", "性格", "场景", "对话示例", "始终记住"),
}
_WORLD = {"en": "World", "zh": "世界"}
_START = re.compile(r"<START>", re.IGNORECASE)


@dataclass(slots=True)
class Shown:
    """Hold what the fields of a card become: a character, and the rows of its lorebook."""

    character: Character
    rows: lorebook.Rows
    saying: Speaker
    telling: Speaker

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


def language_of_card(data: Mapping[str, Any]) -> str:
    """Return the language of a card, by its script."""
    return language_of("\n".join([text_of(data, "first_mes"), text_of(data, "description")]))


def titles(language: str) -> dict[str, str]:
    """Return the title of each part of the instructions by its field; the first part has none."""
    return dict(zip(PARTS, _TITLES.get(language, _TITLES["en"])))


def world_title(language: str, number: int) -> str:
    """Return the title of the part of an entry of the lorebook that is always true."""
    return f"{_WORLD.get(language, _WORLD['en'])} {number + 1}"


def show(data: Mapping[str, Any], char: str, language: str) -> Shown:
    """Return what the fields of a card become, with {{char}} as `char`.

    Greetings and answers speak to the user, all that is told of the character or its world speaks of the user.
    """
    saying = Speaker(char, None, language)
    telling = Speaker(char, of_the_user(language), language, saying.unknown)
    naming = Speaker(char, "User", language, saying.unknown)
    title = titles(language)
    parts = {key: as_part(said(text_of(data, key), naming if key == "mes_example" else telling)) for key in PARTS}
    character = Character(
        name=one_line(said(text_of(data, "name"), telling)),
        greeting=said(text_of(data, "first_mes"), saying),
        greetings=[said(text, saying) for text in list_of(data, "alternate_greetings") if isinstance(text, str)],
        about={title[key]: parts[key] for key in ON_PAGE},
        dialogue=dialogue_of(text_of(data, "mes_example"), saying),
    )
    rows = lorebook.read_book(data.get("character_book"), telling, character.languages())
    world = {world_title(language, number): as_part(text) for number, text in rows.always.items()}
    *first, last = PARTS
    character.sections = {**{title[key]: parts[key] for key in first}, **world, title[last]: parts[last]}
    return Shown(character, rows, saying, telling)


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


def keep_tree(tree: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a card to keep: texts that the persona says word for word are only marked, the name is there."""
    char = char_of(fields_of(tree))
    inner = tree.get("data")
    made = _keep_fields(tree, char, language)
    return {**made, "data": _keep_fields(inner, char, language)} if isinstance(inner, Mapping) else made


def _keep_fields(data: Mapping[str, Any], char: str, language: str) -> dict[str, Any]:
    shown = show(data, char, language)
    made = dict(data)
    for key, title in titles(language).items():
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
