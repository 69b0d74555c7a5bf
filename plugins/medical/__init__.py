"""Medical: asks what a person feels, red flags first, and tells what it may be and how soon a doctor should look.

A persona brings the table: records with `ask` are symptoms, records with `symptoms` are conditions (table.py). Never
a dose, never a certainty, and a picture is described, not diagnosed.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from ...core.plugin import Manifest, Plugin, Settings, Skill, SkillContext, SkillResult, SlotSpec, hook
from ...core.turn import Passage
from . import talk
from .enquiry import Enquiry, finding, next_question
from .hearing import Ear, answer
from .table import Table

ASKED, KEPT = "answer", "enquiry"  # the slot that a question asks for, and what the conversation remembers


class MedicalSettings(Settings):
    """What a persona may set."""

    emergency: dict[str, str] = Field(
        {"en": "your emergency number", "zh": "急救电话"}, description="Whom to call in an emergency, by language."
    )


class Medical(Plugin):
    """Check symptoms in conversation."""

    manifest = Manifest(
        name="medical",
        version="1.0.0",
        contract=1,
        summary="Asks about symptoms, red flags first; tells what it may be and how soon to see a doctor.",
        reads=("text", "slots", "media"),
        settings=MedicalSettings,
    )

    def __init__(self, settings: MedicalSettings) -> None:
        super().__init__(settings)
        self._emergency = settings.emergency
        self._read: tuple[int, Table, Ear] | None = None

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        free = SlotSpec(type="text", required=False, description="What is answered to the question that was asked.")
        return {"check": Skill(run=self._check, summary="Ask about symptoms.", slots={ASKED: free})}

    async def _check(self, context: SkillContext) -> SkillResult | None:
        """Take in what was said, and ask on or say what it comes to."""
        table, ear = self._table(context)
        enquiry = Enquiry.of(context.slots.get(KEPT), table.symptoms)
        begun = bool(enquiry.answers or enquiry.asked)
        heard = dict(ear.symptoms(context.text))
        if enquiry.asking is not None:
            said = answer(context.text)
            if said in ("yes", "no"):
                heard.setdefault(enquiry.asking, said == "yes")
            elif said is None and not heard:
                return self._ask(table, enquiry, context, talk.say("unclear", context.language))
        enquiry = enquiry.heard(heard)
        if not enquiry.answers and not begun:
            return self._ask_what(context)
        question = next_question(table, enquiry)
        if question is None:
            return self._outcome(table, enquiry, context)
        noted = talk.noted(table, heard, context.language) if heard and not begun else ""
        begin = talk.say("begin", context.language) if not begun else ""
        return self._ask(table, enquiry.ask(question), context, talk.paragraphs([noted, begin]))

    def _ask(self, table: Table, enquiry: Enquiry, context: SkillContext, before: str) -> SkillResult:
        question = talk.local(table.symptoms[enquiry.asking or ""].ask, context.language)
        text = talk.paragraphs([before, question])
        return SkillResult(text, slots={KEPT: enquiry.as_dict()}, choices=talk.choices(context.language), ask=ASKED)

    def _ask_what(self, context: SkillContext) -> SkillResult:
        pictures = any(media.kind == "image" for media in context.media)
        seen = talk.say("picture", context.language) if pictures else ""
        return SkillResult(talk.paragraphs([seen, talk.say("what", context.language)]), slots={KEPT: {}}, ask=ASKED)

    def _outcome(self, table: Table, enquiry: Enquiry, context: SkillContext) -> SkillResult:
        found = finding(table, enquiry)
        emergency = talk.local(self._emergency, context.language)
        parts, passages = [talk.outcome(table, found, context.language, emergency)], list[Passage]()
        first = found.conditions[0][0] if found.conditions else found.grave
        fields = ("about", "see") if found.urgency == "emergency" else ("about", "care", "see")
        for field in fields if first else ():
            if (passage := context.passage_of(first or "", field)) is not None:
                parts.append(passage.text)
                passages.append(passage)
        for name, _ in found.conditions[1:]:
            passages += _some(context.passage_of(name, "about"))
        return SkillResult(talk.paragraphs(parts), passages, slots={KEPT: {}})

    def _table(self, context: SkillContext) -> tuple[Table, Ear]:
        if self._read is None or self._read[0] != id(context.records):
            table = Table.read(context.records)
            self._read = (id(context.records), table, Ear(table.symptoms.values()))
        return self._read[1], self._read[2]


def _some(passage: Passage | None) -> list[Passage]:
    return [] if passage is None else [passage]


__all__ = ["Medical", "MedicalSettings"]
