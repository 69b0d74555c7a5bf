"""What a skill gives back, held to the contract and to sizes before anything of it is used.

Knows results, not where they come from.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from ..message import Card, Media, MediaKind
from ..plugin import FollowUp, SkillResult
from ..turn import Passage

log = logging.getLogger("personac")
CHARACTERS = 8_000  # of an answer
PASSAGES = 50
CHOICES = 12
CHOICE_CHARACTERS = 80
SLOT_BYTES = 20_000  # of all slots, and of all facts, that a skill sets, as JSON
CARDS = 6
CARD_CHARACTERS = 1_000  # of each text on it
CARD_FACTS = 12
FOLLOW_UPS = 10  # of one answer
KEY_CHARACTERS = 200
DAYS = 400
MEDIA = 4
MEDIA_BYTES = 4 * 1024 * 1024  # of all of them
TOLD = 20  # words while it works
TOLD_CHARACTERS = 300


class Garbage(Exception):
    """Report a result that is none."""


def admit(name: str, result: Any, skills: Collection[str]) -> SkillResult | None:
    """Return a result as it may be used, cut to size; raise Garbage for what is no result.

    `skills` are those of its plugin, one of which a follow-up names.
    """
    if result is None:
        return None
    if not isinstance(result, SkillResult):
        raise Garbage(f"it returned a {type(result).__name__}; expected SkillResult or None")
    if not isinstance(result.text, str):
        raise Garbage(f"its text is a {type(result.text).__name__}")
    if not isinstance(result.passages, Sequence) or not all(isinstance(p, Passage) for p in result.passages):
        raise Garbage("its passages are no list of Passage")
    if not isinstance(result.choices, Sequence) or not all(isinstance(c, str) for c in result.choices):
        raise Garbage("its choices are no list of texts")
    if not isinstance(result.ask, str):
        raise Garbage(f"`ask` is a {type(result.ask).__name__}; expected the name of a slot")
    if not isinstance(result.hand_off, str):
        raise Garbage(f"`hand_off` is a {type(result.hand_off).__name__}; expected a summary")
    media = result.media
    if not isinstance(media, Sequence) or not all(isinstance(m, Media) and isinstance(m.data, bytes) for m in media):
        raise Garbage("its media are no list of Media")
    for one in media:
        _kind(one)
    if len(media) > MEDIA or sum(len(m.data) for m in media) > MEDIA_BYTES:
        raise Garbage(f"its media are more than {MEDIA}, or take more than {MEDIA_BYTES} bytes")
    text = result.text
    if len(text) > CHARACTERS:
        log.warning("the skill %s answered with %d characters; the first %d are said", name, len(text), CHARACTERS)
        text = text[: CHARACTERS - 1] + "…"
    return replace(
        result,
        text=text,
        passages=tuple(result.passages[:PASSAGES]),
        choices=tuple(choice[:CHOICE_CHARACTERS] for choice in result.choices[:CHOICES]),
        slots=_json("slots", result.slots),
        media=tuple(media),
        remember=_json("facts", result.remember),
        foreign=bool(result.foreign),
        hand_off=result.hand_off[:CHARACTERS],
        cards=_cards(result.cards),
        follow_ups=tuple(_planned(plan, skills) for plan in _listed(result.follow_ups)),
        keep=None if result.keep is None else _json("kept values", result.keep),
    )


def _cards(cards: Any) -> tuple[Card, ...]:
    if not isinstance(cards, Sequence) or not all(isinstance(card, Card) for card in cards):
        raise Garbage("its cards are no list of Card")
    made = tuple(
        Card(card.title, card.text, tuple((name, value) for name, value in card.facts), card.picture, card.link)
        for card in cards[:CARDS]
    )
    for card in made:
        if not all(isinstance(text, str) and len(text) <= CARD_CHARACTERS for text in card.texts()) or not card.title:
            raise Garbage(f"a card has no title, or something in it is no text of up to {CARD_CHARACTERS} characters")
        if len(card.facts) > CARD_FACTS or (card.link and not card.link.startswith("https://")):
            raise Garbage(f"the card {card.title!r} has more than {CARD_FACTS} facts, or a link that is not https")
        if card.picture is not None and not (isinstance(card.picture, Media) and isinstance(card.picture.data, bytes)):
            raise Garbage(f"the picture of the card {card.title!r} is no Media")
        if card.picture is not None:
            _kind(card.picture, ("image",))
    if sum(len(card.picture.data) for card in made if card.picture) > MEDIA_BYTES:
        raise Garbage(f"the pictures of its cards take more than {MEDIA_BYTES} bytes")
    return made


def _kind(media: Media, kinds: Sequence[str] = get_args(MediaKind)) -> None:
    """Raise Garbage for a sound or picture that no channel would show."""
    if media.kind not in kinds or not str(media.mime or media.kind).startswith(media.kind):
        expected = 'Media("image", data, "image/png")'
        raise Garbage(f"a picture or sound is {media.kind!r} of the type {media.mime!r}; expected such as {expected}")


def _listed(plans: Any) -> Sequence[FollowUp]:
    if not isinstance(plans, Sequence) or not all(isinstance(plan, FollowUp) for plan in plans):
        raise Garbage("its follow-ups are no list of FollowUp")
    if len(plans) > FOLLOW_UPS:
        raise Garbage(f"it asks for {len(plans)} follow-ups at once; {FOLLOW_UPS} are allowed")
    return plans


def _planned(plan: FollowUp, skills: Collection[str]) -> FollowUp:
    if not isinstance(plan.key, str) or not plan.key or len(plan.key) > KEY_CHARACTERS:
        raise Garbage(f"the key of a follow-up is no text of up to {KEY_CHARACTERS} characters")
    if plan.at is None:
        return FollowUp(plan.key, None, optional=bool(plan.optional))
    if not isinstance(plan.at, datetime) or plan.at.tzinfo is None:
        raise Garbage(f"`at` of the follow-up {plan.key!r} is no datetime with a time zone")
    if plan.at > datetime.now(UTC) + timedelta(days=DAYS):
        raise Garbage(f"the follow-up {plan.key!r} is more than {DAYS} days ahead")
    if not isinstance(plan.skill, str) or plan.skill not in skills:
        known = ", ".join(sorted(skills))
        raise Garbage(f"the follow-up {plan.key!r} names the skill {plan.skill!r}; the plugin's own are {known}")
    return FollowUp(plan.key, plan.at, plan.skill, _json("slots of a follow-up", plan.slots), bool(plan.optional))


def _json(what: str, slots: Any) -> Mapping[str, Any]:
    """Return slots or facts as plain JSON values, which is what a reply and the store hold."""
    if not slots:
        return {}
    if not isinstance(slots, Mapping) or not all(isinstance(name, str) for name in slots):
        raise Garbage(f"its {what} are no mapping of names")
    try:
        packed = json.dumps(dict(slots), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Garbage(f"its {what} are not JSON: {error}") from None
    if len(packed) > SLOT_BYTES:
        raise Garbage(f"its {what} take {len(packed)} bytes; {SLOT_BYTES} are allowed")
    made: dict[str, Any] = json.loads(packed)
    return made
