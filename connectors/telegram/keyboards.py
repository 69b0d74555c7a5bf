"""Buttons below a message, and what a tap on one means.

A tap carries at most 64 bytes; the words of a choice are read from the button itself, so nothing has to be remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from .markdown import units
from .phrases import say

CHOICE, FEEDBACK, CONSENT, DONE = "choice", "feedback", "consent", "done"
ROW = 24  # units of text that stand well in one row on a phone
MOST = 12  # choices


def under_answer(choices: Sequence[str], asked: int | None) -> InlineKeyboardMarkup | None:
    """Return buttons for an answer: its choices, else 👍 and 👎 where `asked`, the user's message, is given."""
    if choices:
        buttons = [InlineKeyboardButton(text, callback_data=f"{CHOICE}:{n}") for n, text in enumerate(choices[:MOST])]
        return InlineKeyboardMarkup(_rows(buttons))
    if asked is None:
        return None
    up = InlineKeyboardButton("👍", callback_data=f"{FEEDBACK}:+:{asked}")
    down = InlineKeyboardButton("👎", callback_data=f"{FEEDBACK}:-:{asked}")
    return InlineKeyboardMarkup([[up, down]])


def _rows(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for button in buttons:
        width = units(button.text) + 4
        if rows and width <= room:
            rows[-1].append(button)
            room -= width
        else:
            rows.append([button])
            room = ROW - width
    return rows


def consent(language: str, choices: Sequence[str] = ()) -> InlineKeyboardMarkup:
    """Return the choices of an answer, and below them whether the conversation may be kept."""
    yes = InlineKeyboardButton(say("yes", language), callback_data=f"{CONSENT}:+")
    no = InlineKeyboardButton(say("no", language), callback_data=f"{CONSENT}:-")
    above = under_answer(choices, None)
    return InlineKeyboardMarkup([*(above.inline_keyboard if above else ()), [yes, no]])


def private_chat(language: str, username: str) -> InlineKeyboardMarkup:
    """Return a button that opens the private chat with the bot."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(say("open_private", language), url=f"https://t.me/{username}")]])


def chosen(label: str) -> InlineKeyboardMarkup:
    """Return what stays of the buttons once one was tapped."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {label}", callback_data=DONE)]])
