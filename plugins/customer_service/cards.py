"""Cards of a customer who has proven who they are: how they stand, by the last four digits; blocked after a yes."""

from __future__ import annotations

from ...core.plugin import SkillResult
from .office import Card
from .reading import agreed, numbers
from .turn import Turn


def look_up(turn: Turn, customer: str) -> SkillResult:
    """Tell how a customer's cards stand."""
    words, cards = turn.words, turn.desk.cards(customer)
    if not cards:
        return turn.tell(words.say("no_cards"), note="no cards")
    named = [card for card in cards if _is_named(card, turn)] or cards
    told = []
    for card in named:
        key = "card_sent_by" if card.status == "sent" and card.expected else f"card_{card.status}"
        day = words.date(card.expected) if card.expected else ""
        told.append(words.say(key, card=words.card(card), date=day) if words.has(key) else words.card(card))
    return turn.tell(*told, note=", ".join(f"{card.last4} is {card.status}" for card in named) + ", told")


def block(turn: Turn, customer: str) -> SkillResult:
    """Block a card, after a yes; once is enough."""
    words, cards = turn.words, turn.desk.cards(customer)
    asked = turn.kept("agree")
    if asked and (said := turn.answer_to("agreed")):
        yes = agreed(said)
        if yes is None:
            return turn.ask_yes(words.say("yes_or_no"), agree=asked)
        card = next((card for card in cards if card.id == asked), None)
        if not yes or card is None:
            return turn.tell(words.say("left"), note="not wanted after all")
        done = turn.desk.block(customer, card.id)
        told = words.say("block_done" if done else "block_before", card=words.card(card))
        return turn.tell(told, note=f"{card.last4} is blocked now")
    if not cards:
        return turn.tell(words.say("no_cards"), note="no cards")
    usable = [card for card in cards if card.status != "blocked"]
    named = [card for card in cards if _is_named(card, turn)] or usable or cards
    if len(named) > 1:
        return turn.ask("card", words.say("which_card"), choices=[words.card(card) for card in named])
    (card,) = named
    if card.status == "blocked":
        return turn.tell(words.say("block_before", card=words.card(card)), note=f"{card.last4} was blocked before")
    return turn.ask_yes(words.say("block_sure", card=words.card(card)), agree=card.id)


def _is_named(card: Card, turn: Turn) -> bool:
    """Tell whether a message, or the one that a question came from, names a card by its digits or its kind."""
    said = str(turn.context.slots.get("card") or "")
    return card.last4 in [*turn.said_numbers(), *numbers(said)] or card.kind in turn.said_kinds()


__all__ = ["block", "look_up"]
