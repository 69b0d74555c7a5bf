"""Responses as words, choices and pictures: texts of the domain with slots filled in, as data and nothing else.

Knows domains and what a skill may give back; fetches nothing.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .domain import Domain

log = logging.getLogger("personac.rasa")
_PLACE = re.compile(r"\{([^\n{}]+)\}")
_OWN = frozenset(
    {"text", "image", "template", "response", "buttons", "elements", "custom", "attachment", "channel", "metadata"}
)


@dataclass(slots=True)
class Said:
    """Gather what actions say in one turn; `buttons` are payloads by title, `images` addresses."""

    texts: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all words."""
        return "\n\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class Sayer:
    """Say responses for one conversation."""

    domain: Domain
    language: str
    channel: str

    def say(self, said: Said, response: Mapping[str, Any], slots: Mapping[str, Any]) -> dict[str, Any] | None:
        """Add a response to what is said and return it as an event of the tracker, None when it says nothing."""
        name = response.get("response") or response.get("template")
        whole = {key: value for key, value in response.items() if value not in (None, "", [], {})}
        if name:
            drawn = self._drawn(str(name), {**slots, **{k: v for k, v in whole.items() if k not in _OWN}})
            if drawn is None:
                log.warning("the domain has no response %r for this channel; nothing is said for it", name)
            buttons = [*(drawn or {}).get("buttons", []), *whole.get("buttons", [])]
            whole = {**(drawn or {}), **whole, "buttons": buttons}
        text = str(whole.get("text", "")).strip()
        self._take(said, whole, text)
        data = {key: whole[key] for key in ("buttons", "elements", "image", "attachment", "custom") if whole.get(key)}
        if not text and not data:
            return None
        metadata = {"utter_action": name} if name else {}
        return {"event": "bot", "text": text or None, "data": data, "metadata": metadata}

    def question(self, form: str, slot: str, slots: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the response that asks for a slot of a form."""
        for name in (f"utter_ask_{form}_{slot}", f"utter_ask_{slot}"):
            if self.domain.variations(name):
                return {"response": name}
        words = slot.replace("_", " ")
        return {"text": f"请告诉我：{words}。" if self.language == "zh" else f"Please tell me: {words}."}

    def _drawn(self, name: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return one of the ways in which the domain says a response, its places filled."""
        fits = [one for one in self.domain.variations(name) if self._fits(one, values)]
        own = [one for one in fits if one.get("channel") == self.channel]
        general = [one for one in fits if not one.get("channel")]
        if not own and not general:
            return None
        drawn = dict(random.choice(own or general))
        translated = drawn.get("translation")
        if isinstance(translated, Mapping) and isinstance(translated.get(self.language), str | Mapping):
            more = translated[self.language]
            drawn |= {"text": more} if isinstance(more, str) else more
        filled: dict[str, Any] = _filled(drawn, values)
        return filled

    @staticmethod
    def _fits(variation: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
        conditions = variation.get("condition")
        if not isinstance(conditions, list):
            return True
        return all(
            isinstance(one, Mapping)
            and one.get("type") == "slot"
            and slots.get(str(one.get("name"))) == one.get("value")
            for one in conditions
        )

    def _take(self, said: Said, whole: Mapping[str, Any], text: str) -> None:
        if text:
            said.texts.append(text)
        for button in whole.get("buttons") or ():
            title = str(button.get("title") or "").strip()
            if title:
                said.buttons[title] = str(button.get("payload") or title)
        if whole.get("image"):
            said.images.append(str(whole["image"]))
        attachment = whole.get("attachment")
        if isinstance(attachment, str) and attachment.startswith(("https://", "http://")):
            said.texts.append(attachment)
        ignored = [name for name in ("custom", "elements") if whole.get(name)]
        if attachment and not isinstance(attachment, str):
            ignored.append("attachment")
        if ignored:
            log.warning("what an action sent as %s is not shown: no channel of personac knows it", ", ".join(ignored))


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a text with {slot} replaced by what the slot holds, also in lists and mappings; others stay."""
    if isinstance(value, str):
        return _PLACE.sub(lambda match: _shown(values.get(match[1]), match[0]), value)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, Mapping):
        return {key: _filled(item, values) for key, item in value.items()}
    return value


def _shown(value: Any, place: str) -> str:
    if value is None:
        return place
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
