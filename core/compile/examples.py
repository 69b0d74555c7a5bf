"""The examples of a persona as training rows: words, pictures and recordings with the intent they belong to."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ..persona.schema import Persona
from ..persona.sources.knowledge import Question, read_examples
from ..turn import Passage

QUESTIONS = 256  # of the knowledge's own questions, so many are learnt from; all of them are searched
FEW = 10  # examples of an intent, up to which its name is learnt from too
KNOWLEDGE = ""  # the class of questions that the knowledge answers and no intent does


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one training example; `passage` is the position of the passage that answers it."""

    text: str
    intent: str | None = None
    emotion: str | None = None
    image: Path | None = None
    audio: Path | None = None
    video: Path | None = None
    passage: int | None = None
    background: bool = False
    name: bool = False  # not said by anybody: the words of an intent's name


def name_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the names of intents as words: of those that have few examples, where the name says something."""
    counts = Counter(row.intent for row in rows if row.intent)
    return [Row(words, name, name=True) for name, n in counts.items() if n <= FEW and (words := words_of(name))]


def words_of(name: str) -> str:
    """Return an intent's name as words; nothing where it says nothing: numbers, or one or two letters."""
    words = " ".join(name.replace("_", " ").replace("-", " ").replace("/", " ").split())
    letters = [character for character in words if character.isalpha()]
    return words if len(letters) > 2 or any(ord(character) > 0x2E7F for character in letters) else ""


def intent_rows(persona: Persona, root: Path) -> list[Row]:
    """Return the examples of all intents."""
    rows = []
    for intent in persona.intents:
        for example, _ in read_examples(intent, root):
            image = root / example.image if example.image else None
            audio = root / example.audio if example.audio else None
            video = root / example.video if example.video else None
            said = example.text or ""
            rows.append(Row(said, intent.name, example.emotion, image=image, audio=audio, video=video))
    return rows


def question_rows(questions: Sequence[Question], passages: Sequence[Passage], intents: Sequence[str]) -> list[Row]:
    """Return the knowledge's own questions: of their intent where they name one, else of the class KNOWLEDGE."""
    position = {passage.id: i for i, passage in enumerate(passages)}
    return [
        Row(text, intent if intent in intents else KNOWLEDGE, passage=position.get(passage))
        for text, passage, _, intent in questions
    ]


def sampled(rows: Sequence[Row], limit: int) -> list[Row]:
    """Return the rows in their order, of those of the class KNOWLEDGE at most `limit`.

    Which ones stay hangs on their words alone, so that a change in one of ten thousand seldom changes what is learnt.
    """
    known = [i for i, row in enumerate(rows) if row.intent == KNOWLEDGE]
    by_hash = sorted(known, key=lambda i: (hashlib.sha256(rows[i].text.encode("utf-8", "replace")).digest(), i))
    left_out = set(by_hash[limit:])
    return [row for i, row in enumerate(rows) if i not in left_out]


def emotion_rows(languages: Sequence[str]) -> list[Row]:
    """Return the sentences that ship with personac, each with its emotion; they belong to no persona's intents."""
    spoken = {language.split("-")[0] for language in languages}
    file = resources.files(__package__.rsplit(".", 1)[0] + ".mind").joinpath("emotion.csv")
    table = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    wanted = [row for row in table if row["language"] in spoken] or table
    return [Row(row["text"], emotion=row["emotion"], background=True) for row in wanted]
