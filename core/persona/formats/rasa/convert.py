"""Make a persona of a Rasa project.

The project's own files are kept beside the persona (`extensions/rasa`), so that nothing is lost and an export can
change them only where the persona was changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....errors import BadInput
from ...checks.examples import same_form
from ...language import guess_language, script_of
from ...schema import LANGUAGE_PATTERN, base
from ...writing import dump
from ..portable import Portable
from ..said import clean, harmless, one_line
from .domain import FALLBACK_INTENTS, Domain, read_domain
from .entities import Entities
from .faq import Row, as_table, groups, rows_of
from .flows import Answer, Flow, Flows, best, read_flows
from .names import Names
from .nlu import Example, Nlu, read_nlu
from .project import KEPT, Project
from .responses import Variant, is_plain, variants
from .shapes import a_text
from .stories import conversations

LISTED = 60
"""How many examples stand in the persona itself; more go to a file."""
TESTS = "tests/conversations.yaml"
_CODES = {"han": "zh", "kana": "ja", "hangul": "ko", "cyrillic": "ru", "arabic": "ar", "latin": "en"}
_GREETING_INTENTS = ("greet", "greeting", "hello", "hi", "welcome", "问候", "打招呼", "招呼", "你好")
_GREETINGS = ("utter_greet", "utter_greeting", "utter_welcome", "utter_hello")
_FALLBACKS = ("utter_default", "utter_fallback", "utter_please_rephrase", "utter_out_of_scope")
_ASK = {"en": "Could you tell me the {}?", "zh": "请告诉我{}。"}
_PLACE = re.compile(r"\{([^{}\s]+)\}")
_OWN_ACTIONS = ("action_listen", "action_restart", "action_back", "action_default_fallback", "action_deactivate_loop",
                "action_session_start", "action_revert_fallback_events", "action_unlikely_intent",
                "action_default_ask_affirmation", "action_default_ask_rephrase", "action_two_stage_fallback",
                "action_extract_slots")  # fmt: skip


@dataclass(slots=True)
class Converted:
    """Hold a persona with where each of its texts comes from, by intent: Rasa's name and the responses said."""

    portable: Portable
    originals: dict[str, str] = field(default_factory=dict)
    utterances: dict[str, tuple[str, ...]] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    questions: dict[tuple[str, str], str] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    greeting: str = ""
    fallback: str = ""


def convert(project: Project) -> Converted:
    """Return the persona of a project; raise BadInput when it has nothing to answer."""
    return _Conversion(project).run()


def words(parts: Sequence[Sequence[Variant]]) -> dict[str, list[str]]:
    """Return what is said, by language, when several responses follow on each other: each variant at least once."""
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(variant.language for part in parts for variant in part):
        own = [[v.words for v in part if v.language == code] for part in parts]
        own = [texts for texts in own if texts]
        count = max(len(texts) for texts in own)
        joined = ["\n\n".join(texts[i % len(texts)] for texts in own) for i in range(count)]
        found[code] = list(dict.fromkeys(joined))
    return found


class _Conversion:
    """Convert one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.domain: Domain = read_domain(project)
        self.nlu: Nlu = read_nlu(project)
        self.flows: Flows = read_flows(project)
        self.answers: dict[str, list[Answer]] = self.flows.answers()
        self.languages = self._languages()
        self.groups = groups(self.nlu)
        self.intent_names, self.slot_names = Names("intent"), Names("slot")
        self.entities = Entities(self.domain, self.nlu, self.slot_names)
        self.notes: list[str] = []
        self.actions: dict[str, list[str]] = {}
        self.used: set[str] = set()
        self.said_by: dict[str, str] = {}
        self.several: list[str] = []
        self.empty: list[str] = []

    def run(self) -> Converted:
        converted = Converted(Portable({"personac": 1, "name": self._name(), "languages": self.languages}))
        persona, files = converted.portable.persona, converted.portable.files
        tone = self._tone(converted)
        if tone:
            persona["tone"] = tone
        sources = self._tables(converted)
        intents = [intent for name in self._intents() if (intent := self._intent(name, converted, files))]
        if not intents and not sources:
            raise BadInput("nothing_to_answer", "The project has no intents with examples: there is nothing to answer.")
        if sources := [*sources, *self.entities.files]:
            persona["knowledge"] = [{"path": path} for path in sources]
        if intents:
            persona["intents"] = intents
        converted.slots = dict(self.slot_names.originals)
        extension: dict[str, Any] = {"project": KEPT}
        originals = {**self.intent_names.originals, **self.slot_names.originals}
        if originals:
            extension["names"] = originals
        if self.actions:
            extension["actions"] = self.actions
        persona["extensions"] = {"rasa": extension}
        files |= self.entities.files
        known = {original: name for name, original in converted.originals.items()}
        tests, left = conversations(self.project, self.flows, self.nlu, known, self.domain)
        if tests:
            files[TESTS] = dump(tests).encode()
        files |= {f"{KEPT}/{path}": data for path, data in self.project.files.items()}
        self._tell(left)
        converted.portable.notes = [*self.project.notes, *self.notes]
        return converted

    def _name(self) -> str:
        config = self.project.config()
        told = a_text(config.value.get("assistant_id")) if config else ""
        told = "" if told == "placeholder_default" or re.fullmatch(r"\d{8}-\d{6}-.*", told) else told
        name = one_line(re.sub(r"[_-]+", " ", told or self.project.name)) or "Rasa bot"
        return name if name != name.lower() else name[:1].upper() + name[1:]

    def _languages(self) -> list[str]:
        """Return the languages: that of the configuration, unless the texts are in another script, and others."""
        config = self.project.config()
        told = a_text(config.value.get("language")) if config else ""
        told = told.replace("_", "-") if re.match(LANGUAGE_PATTERN, told.replace("_", "-")) else told[:2].lower()
        told = told if re.match(LANGUAGE_PATTERN, told) else "en"
        texts = [example.text for examples in self.nlu.intents.values() for example in examples]
        texts += [a_text(variant.get("text")) for each in self.domain.responses.values() for variant in each]
        counts: dict[str, int] = {}
        for text in texts:
            code = guess_language(text, [told, _CODES[script_of(text)]])
            counts[code] = counts.get(code, 0) + 1
        often = [code for code, count in counts.items() if count >= 3 and count >= 0.15 * len(texts)]
        often.sort(key=lambda code: -counts[code])
        if told in often or not often:
            often = [told, *(code for code in often if code != told)]
        return list({base(code): code for code in reversed(often)}.values())[::-1]

    def _tone(self, converted: Converted) -> dict[str, Any]:
        opening = next((flow for flow in self.flows.flows if flow.opens), None)
        opened = [name for step in opening.steps if step.kind == "action" for name in step.names] if opening else []
        greeted = [action for name in _GREETING_INTENTS for action in best(self.answers.get(name, []))[0]]
        answers = [answer for name in FALLBACK_INTENTS for answer in self.answers.get(name, [])]
        closing = [action for answer in answers for action in answer.actions]
        tone = {}
        for key, names in (("greeting", [*opened, *_GREETINGS, *greeted]), ("fallback", [*closing, *_FALLBACKS])):
            name = next((name for name in names if variants(self.domain, name, self.languages)), None)
            if name:
                by_language = words([variants(self.domain, name, self.languages)])
                tone[key] = self._local({code: texts[0] for code, texts in by_language.items()})
                setattr(converted, key, name)
                self.used.add(name)
        return tone

    def _intents(self) -> list[str]:
        """Return the intents that have examples, those of retrieval by their full names."""
        listed = {name for names in self.groups.values() for name in names}
        told = [name for name, examples in self.nlu.intents.items() if examples and name not in listed]
        return [name for name in told if name not in FALLBACK_INTENTS]

    def _tables(self, converted: Converted) -> list[str]:
        """Add the tables of questions, and return their paths."""
        for whole, names in self.groups.items():
            rows = rows_of(names, self.nlu, self.domain, self.languages)
            if rows:
                path = f"knowledge/{self.intent_names.give(whole)}.csv"
                converted.tables[path] = rows
                converted.portable.files[path] = as_table(rows, self.languages)
                self.used.update(f"utter_{name}" for name in names)
        return list(converted.tables)

    def _intent(self, name: str, converted: Converted, files: dict[str, bytes]) -> dict[str, Any] | None:
        examples = self._examples(name)
        if not examples:
            self.empty.append(name)
            return None
        given = self.intent_names.give(name)
        converted.originals[given] = name
        intent: dict[str, Any] = {"name": given}
        texts = [example.text for example in examples]
        if len(texts) > LISTED:
            path = f"examples/{given}.txt"
            files[path] = "".join(f"{text}\n" for text in texts).encode()
            intent["examples"] = path
        else:
            intent["examples"] = texts
        utterances, form = self._utterances(name, given)
        parts = [variants(self.domain, utterance, self.languages) for utterance in utterances]
        responses = words([part for part in parts if part])
        required = self.domain.forms.get(form, [])
        if not responses and form and required:
            self.notes.append(f"Nothing is said when the form `{form}` is complete; add `responses:` to `{given}`.")
        mentioned = [slot for said in responses.values() for text in said for slot in _PLACE.findall(text)]
        mentioned = [slot for slot in mentioned if slot in self.domain.slots or slot in self.entities.values]
        slots = {}
        for slot in self.entities.slots(self.nlu.intents[name], required, mentioned):
            slots[self.slot_names.give(slot)], question = self._slot(slot, slot in required, form)
            if question:
                converted.questions[given, self.slot_names.give(slot)] = question
        if responses:
            intent["responses"] = self._local({c: [self._renamed(t) for t in said] for c, said in responses.items()})
            converted.utterances[given] = tuple(utterances)
        if slots:
            intent["slots"] = slots
        return intent

    def _examples(self, name: str) -> list[Example]:
        """Return the examples of an intent that no other has said before."""
        found: list[Example] = []
        seen: set[str] = set()
        for example in self.nlu.intents[name]:
            text = harmless(clean(example.text)).strip()
            form = same_form(text)
            owner = self.said_by.setdefault(form, name) if form else name
            if text and owner == name and (form or text) not in seen:
                seen.add(form or text)
                found.append(Example(example.written, text, example.mentions))
            elif owner != name:
                self.several.append(f"`{text[:60]}` ({owner}, {name})")
        return found

    def _utterances(self, name: str, given: str) -> tuple[list[str], str]:
        """Return the responses that follow on an intent, and the form that it opens."""
        whole, _, part = name.partition("/")
        actions, ways = best(self.answers.get(name, []) or self.answers.get(whole, []))
        if ways > 1:
            said = ", ".join(action for action in actions if action) or "nothing"
            self.notes.append(
                f"What follows on `{name}` depends on the conversation ({ways} ways); the persona takes `{said}`."
            )
        form = next((action for action in actions if action in self.domain.forms), "")
        after = self.flows.after_form(form) if form else ()
        found = []
        for action in (*actions, *after):
            retrieval = f"{action}/{part}" if part and action == f"utter_{whole}" else action
            if variants(self.domain, retrieval, self.languages):
                found.append(retrieval)
            elif action not in _OWN_ACTIONS and action not in self.domain.forms and not action.startswith("utter_"):
                self.actions.setdefault(given, []).append(action)
        if part and not found and variants(self.domain, f"utter_{name}", self.languages):
            found = [f"utter_{name}"]
        if not actions and not found and variants(self.domain, f"utter_{name}", self.languages):
            found = [f"utter_{name}"]
        self.used.update(found)
        return list(dict.fromkeys(found)), form

    def _slot(self, name: str, required: bool, form: str) -> tuple[dict[str, Any], str | None]:
        """Return a slot, and the response that asks for it."""
        slot = self.entities.slot(name, required)
        if not required:
            return slot, None
        questions = (f"utter_ask_{form}_{name}", f"utter_ask_{name}")
        asked = next((ask for ask in questions if variants(self.domain, ask, self.languages)), None)
        slot["required"] = True
        if asked:
            self.used.add(asked)
            texts = words([variants(self.domain, asked, self.languages)])
            slot["ask"] = self._local({code: self._renamed(said[0]) for code, said in texts.items()})
        else:
            self.notes.append(f"There is no question for the slot `{name}` (utter_ask_{name}); write a better `ask:`.")
            slot["ask"] = self._local({c: _ASK.get(base(c), _ASK["en"]).format(name) for c in self.languages})
        return slot, asked

    def _renamed(self, text: str) -> str:
        return _PLACE.sub(lambda match: "{" + self.slot_names.give(match[1]) + "}", text) if "{" in text else text

    def _local(self, by_language: dict[str, Any]) -> Any:
        """Return a text by language, or alone where the persona speaks one language."""
        alone = len(self.languages) == 1 and list(by_language) == self.languages
        return by_language[self.languages[0]] if alone else by_language

    def _tell(self, stories_left: int) -> None:
        """Add the notes on what the persona language cannot hold."""
        notes = self.notes
        kept = f"kept in {KEPT}"
        told = [variant for name in self.used for variant in self.domain.responses.get(name, [])]
        counts = {
            "buttons": sum(1 for v in told if v.get("buttons") or v.get("quick_replies")),
            "pictures": sum(1 for v in told if v.get("image")),
            "channel": sum(1 for v in told if v.get("channel")),
            "condition": sum(1 for v in told if v.get("condition") and not is_plain(v, self.languages)),
            "custom": sum(1 for v in told if v.get("custom")),
        }
        many = {key: _count(count, "response", "responses") for key, count in counts.items()}
        if counts["buttons"]:
            notes.append(f"The buttons of {many['buttons']} are told as words.")
        if counts["pictures"]:
            notes.append(f"The pictures of {many['pictures']} are told by their addresses.")
        if counts["channel"]:
            notes.append(f"Not said where there is a general one: {many['channel']} for one channel; {kept}.")
        if counts["condition"]:
            notes.append(f"Not said where there is a general one: {many['condition']} under a condition; {kept}.")
        if counts["custom"]:
            notes.append(f"Not said: the payload for a channel (`custom`) of {many['custom']}; {kept}.")
        unused = [name for name in self.domain.responses if name not in self.used]
        if unused:
            notes.append(f"Responses that no intent leads to: {_listed(unused)}; {kept}.")
        if self.actions:
            actions = dict.fromkeys(action for each in self.actions.values() for action in each)
            notes.append(f"Actions in code do not run: {_listed(actions)}; see `extensions.rasa.actions`.")
        if self.several:
            notes.append(f"Examples of two intents stay with the first: {_listed(self.several, mark='')}.")
        if self.empty:
            notes.append(f"Intents without an example of their own were left out: {_listed(self.empty)}; {kept}.")
        if self.domain.parted_entities:
            notes.append(f"Roles and groups of entities are not told apart: {_listed(self.domain.parted_entities)}.")
        if self.nlu.patterns:
            listed = _listed(self.nlu.patterns)
            notes.append(f"Regular expressions are not used to find entities: {listed}; {kept}.")
        bound = sum(1 for flow in self.flows.flows if flow.rule and flow.bound and not self._completes(flow))
        if bound:
            what = _count(bound, "rule that holds", "rules that hold")
            notes.append(f"Not carried over: {what} only in some conversations (condition, slot_was_set); {kept}.")
        if stories_left:
            what = _count(stories_left, "story", "stories")
            notes.append(f"No tests were made of {what} with forms, slots, checkpoints or choices; {kept}.")
        missing = [name for name in self.domain.intents if not self.nlu.intents.get(name) and not self._retrieved(name)]
        missing = [name for name in missing if name not in FALLBACK_INTENTS]
        if missing:
            notes.append(f"Intents of the domain without examples were left out: {_listed(missing)}; {kept}.")
        if any(True for _ in self.project.sections("flows")):
            notes.append(f"Flows of Rasa Pro are not carried over; {kept}.")
        originals = {**self.intent_names.originals, **self.slot_names.originals}
        if originals:
            renamed = (f"`{original}` is `{name}`" for name, original in originals.items())
            notes.append(f"Names that are not allowed here were changed: {_listed(renamed, mark='')}.")

    def _completes(self, flow: Flow) -> bool:
        return any(name in self.domain.forms for step in flow.steps if step.kind == "action" for name in step.names)

    def _retrieved(self, name: str) -> bool:
        return any(intent.startswith(f"{name}/") for intent in self.nlu.intents)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _listed(names: Iterable[str], mark: str = "`", most: int = 8) -> str:
    found = list(dict.fromkeys(names))
    listed = ", ".join(f"{mark}{one_line(name, 120)}{mark}" for name in found[:most])
    return listed + (f" and {len(found) - most} more" if len(found) > most else "")
