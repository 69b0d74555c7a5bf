"""Bring the changes of an author, made to an imported persona, back into its Rasa project.

The project that an import kept is imported again; where the persona says something else now, the project is changed
there, and nowhere else. What was brought back is told apart from what could not be by importing the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ....errors import BadInput
from ...checks.examples import same_form
from ..portable import Portable
from ..rewrite import rewrite
from .build import DOMAIN, NLU, RULES, VERSION, Built, add_intent, annotated, listed, one_line_example, variant
from .convert import Converted, convert
from .domain import read_domain
from .faq import Changes, Row, changes
from .nlu import items, lines, read_example
from .persona import by_language, examples, intents, languages, slots, values
from .persona import rows as table_rows
from .project import Document, Project, of_files
from .responses import shown, variants
from .shapes import a_dict, a_list, a_text, named


def update(portable: Portable, kept: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of the kept project with the persona's changes, and notes on what could not be changed."""
    name = a_text(portable.persona.get("name")) or "project"
    project = of_files(kept, name)
    before = convert(project)
    return _Update(project, before, portable).run()


class _Update:
    """Change one project."""

    def __init__(self, project: Project, before: Converted, portable: Portable) -> None:
        self.project, self.before, self.after = project, before, portable
        self.codes = languages(before.portable.persona)
        self.notes: list[str] = []
        self.domain = read_domain(project)
        self.changed: set[str] = set()

    def run(self) -> tuple[dict[str, bytes], list[str]]:
        old, new = self.before.portable.persona, self.after.persona
        if languages(new)[0] != self.codes[0]:
            self._document("config.yml", "language").value["language"] = languages(new)[0]
        self._tone(a_dict(old.get("tone")), a_dict(new.get("tone")))
        self._intents(intents(old), intents(new))
        for path, rows in self.before.tables.items():
            if self.before.portable.files[path] != self.after.files.get(path, b""):
                self._table(changes(rows, table_rows(path, self.after)), rows)
        files, whole = self._files()
        for path in whole:
            self.notes.append(f"{path} was written anew; its comments are gone.")
        self._tell(files)
        return files, self.notes

    def _files(self) -> tuple[dict[str, bytes], list[str]]:
        files = dict(self.project.files)
        whole = []
        for path, document in self.project.documents.items():
            if path in files:
                content, same = rewrite(document.content, document.value)
                if content != document.content:
                    files[path] = content.encode()
                    whole += [] if same else [path]
            else:
                files[path] = rewrite("", document.value)[0].encode()
        return files, whole

    def _tell(self, files: Mapping[str, bytes]) -> None:
        """Note what the project, imported again, does not say as the persona does."""
        try:
            again = convert(of_files(files, self.project.name)).portable
        except BadInput as error:
            self.notes.append(f"The changed project cannot be read again: {error}")
            return
        was, now = intents(again.persona), intents(self.after.persona)
        for name in [name for name in now if name not in was]:
            self.notes.append(f"The intent `{name}` has no place in the project.")
        for name, intent in now.items():
            for key in ("examples", "responses", "slots", "skill", "description"):
                if name in was and self._told(key, was[name], again) != self._told(key, intent, self.after):
                    self.notes.append(f"`{key}` of the intent `{name}` could not be brought into the project whole.")
        tones = [a_dict(persona.get("tone")) for persona in (again.persona, self.after.persona)]
        for key in dict.fromkeys([*tones[0], *tones[1]]):
            codes = (languages(again.persona)[0], languages(self.after.persona)[0])
            if by_language(tones[0].get(key), codes[0]) != by_language(tones[1].get(key), codes[1]):
                self.notes.append(f"Rasa has no place for what `tone.{key}` says.")
        first = self.before.portable.persona
        given = [key for key, value in self.after.persona.items() if value != first.get(key)]
        known = ("personac", "name", "languages", "tone", "intents", "extensions", "lints")
        if left := [key for key in given if key not in known]:
            self.notes.append(f"Rasa has no place for {', '.join(f'`{key}`' for key in left)}.")

    def _told(self, key: str, intent: Mapping[str, Any], portable: Portable) -> Any:
        code = languages(portable.persona)[0]
        if key == "examples":
            return sorted({same_form(text) or text for text in examples(intent, portable)})
        if key == "responses":
            return {code: sorted(texts) for code, texts in by_language(intent.get(key), code).items()}
        if key != "slots":
            return intent.get(key)
        return {
            name: (
                slot.get("required", False),
                by_language(slot.get("ask"), code),
                {value: sorted(others) for value, others in sorted(values(slot, portable).items())},
            )
            for name, slot in slots(intent).items()
        }

    def _tone(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        for key, name, other in (
            ("greeting", self.before.greeting, "utter_greet"),
            ("fallback", self.before.fallback, "utter_default"),
        ):
            was, now = (by_language(tone.get(key), self.codes[0]) for tone in (old, new))
            if was == now or not now:
                continue
            if key == "greeting" and any(name in said for said in self.before.utterances.values()):
                self._greet(now)
                continue
            for code, texts in now.items():
                if texts != was.get(code):
                    self._say(name or other, code, was.get(code, []), texts)

    def _greet(self, texts: dict[str, list[str]]) -> None:
        """Give the start of a conversation a response of its own: an intent says the one that it had."""
        for code, said in texts.items():
            self._say("utter_greeting", code, [], said)
        document = self._document(RULES, "rules")
        steps = [{"intent": "session_start"}, {"action": "utter_greeting"}]
        rule = {"rule": "greet at the start", "conversation_start": True, "steps": steps}
        document.value["rules"] = [*a_list(document.value.get("rules")), rule]

    def _intents(self, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> None:
        for name in [name for name in old if name not in new]:
            self._remove(self.before.originals[name])
        added = [name for name in new if name not in old]
        if added:
            self._add(added, new)
        for name in [name for name in new if name in old]:
            self._examples(name, old[name], new[name])
            self._responses(name, old[name], new[name])
            self._slots(name, old[name], new[name])

    def _remove(self, intent: str) -> None:
        """Take an intent out of the domain, the training data, and the rules and stories that need it."""
        for document, section in self.project.sections("intents"):
            document.value["intents"] = [item for item in a_list(section) if named(item)[0] != intent]
        for document, section in self.project.sections("nlu"):
            document.value["nlu"] = [item for item in a_list(section) if a_dict(item).get("intent") != intent]
        gone = []
        for key in ("rules", "stories"):
            for tests in (False, True):
                for document, section in self.project.sections(key, tests):
                    flows = a_list(section)
                    left = [flow for flow in flows if intent not in _intents_of(flow)]
                    gone += [a_text(a_dict(f).get("rule") or a_dict(f).get("story")) for f in flows if f not in left]
                    document.value[key] = left
        told = f" with {len(gone)} rules and stories that begin with it or need it" if gone else ""
        self.notes.append(f"The intent `{intent}` was taken out of the project{told}.")

    def _add(self, names: list[str], new: dict[str, dict[str, Any]]) -> None:
        built = Built()
        for name in names:
            add_intent(built, name, new[name], self.after, self.codes)
        for key in ("intents", "entities", "actions"):
            document = self._document(DOMAIN, key)
            known = [named(item)[0] for item in a_list(document.value.get(key))]
            if fresh := [item for item in getattr(built, key) if item not in known]:
                document.value[key] = [*a_list(document.value.get(key)), *fresh]
        for key in ("slots", "responses", "forms"):
            if fresh := getattr(built, key):
                document = self._document(DOMAIN, key)
                document.value[key] = {**a_dict(document.value.get(key)), **fresh}
        for path, key, more in ((NLU, "nlu", built.nlu), (RULES, "rules", built.rules)):
            if more:
                document = self._document(path, key)
                document.value[key] = [*a_list(document.value.get(key)), *more]
        self.notes += built.notes

    def _document(self, path: str, key: str) -> Document:
        """Return the file that has a key, else the one at a path, which is made when it is not there."""
        found = next((document for document, _ in self.project.sections(key)), None)
        if found is None:
            found = self.project.documents.get(path)
        if found is None:
            found = Document(path, "", {"version": VERSION} if path != "config.yml" else {})
            self.project.documents[path] = found
        return found

    def _examples(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        was, now = examples(old, self.before.portable), examples(new, self.after)
        gone = {same_form(text) or text for text in was} - {same_form(text) or text for text in now}
        known = {same_form(text) or text for text in was}
        fresh = [text for text in now if (same_form(text) or text) not in known]
        if not gone and not fresh:
            return
        original = self.before.originals[name]
        entities = {slot: values(told, self.after) for slot, told in slots(new).items() if told.get("type") == "entity"}
        marked = {self._entity(slot): known for slot, known in entities.items()}
        more = [annotated(one_line_example(text), marked) for text in fresh]
        found = [item for _, item in items(self.project) if item.get("intent") == original]
        for item in found:
            last = item is found[-1]
            _drop(item, gone)
            if last and more and isinstance(item.get("examples"), list):
                item["examples"] += [{"text": text} for text in more]
            elif last and more:
                item["examples"] += listed(more)

    def _entity(self, slot: str) -> str:
        """Return the entity that fills a slot."""
        original = self.before.slots.get(slot, slot)
        told = self.domain.slots.get(original)
        mappings = told.mappings if told else []
        return next((a_text(m["entity"]) for m in mappings if m.get("entity")), original)

    def _responses(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        was, now = by_language(old.get("responses"), self.codes[0]), by_language(new.get("responses"), self.codes[0])
        if was == now:
            return
        utterances = self.before.utterances.get(name, ())
        original = self.before.originals[name]
        if not utterances:
            self._new_answer(original, now)
            return
        for code in dict.fromkeys([*was, *now]):
            if was.get(code) == now.get(code):
                continue
            spoken = [
                utterance
                for utterance in utterances
                if any(v.language == code for v in variants(self.domain, utterance, self.codes))
            ] or list(utterances[:1])
            parts = [text.split("\n\n", len(spoken) - 1) for text in now.get(code, [])]
            if any(len(part) != len(spoken) for part in parts):
                self.notes.append(
                    f"`{name}` is answered by {len(spoken)} responses in Rasa; write each text of it in as many parts, "
                    "with an empty line between them, and they can be told apart."
                )
                continue
            for index, utterance in enumerate(spoken):
                texts = list(dict.fromkeys(part[index] for part in parts))
                before = [v.words for v in variants(self.domain, utterance, self.codes) if v.language == code]
                if texts != before:
                    self._say(self._own(utterance, name, original), code, before, texts)

    def _own(self, utterance: str, name: str, original: str) -> str:
        """Return a response that is only this intent's: a copy of one that others say too."""
        others = [intent for intent, said in self.before.utterances.items() if utterance in said and intent != name]
        if not others:
            return utterance
        document = next(d for d, section in self.project.sections("responses") if utterance in a_dict(section))
        fresh = f"{utterance}_{name}"
        known = a_dict(document.value["responses"])
        known[fresh] = [dict(item) for item in a_list(known[utterance]) if isinstance(item, dict)]
        for key in ("rules", "stories"):
            for _, section in self.project.sections(key):
                for flow in a_list(section):
                    _exchange(a_list(a_dict(flow).get("steps")), original, utterance, fresh)
        return fresh

    def _new_answer(self, original: str, texts: dict[str, list[str]]) -> None:
        response = f"utter_{original}"
        for code, said in texts.items():
            self._say(response, code, [], said)
        for _, section in self.project.sections("rules"):
            for flow in a_list(section):
                steps = a_list(a_dict(flow).get("steps"))
                if (
                    _intents_of(flow) == {original}
                    and not a_dict(flow).get("condition")
                    and "action" in a_dict(steps[-1])
                ):
                    steps.append({"action": response})
                    return
        document = self._document(RULES, "rules")
        rule = {"rule": f"answer {original}", "steps": [{"intent": original}, {"action": response}]}
        document.value["rules"] = [*a_list(document.value.get("rules")), rule]

    def _say(self, response: str, code: str, was: list[str], now: list[str]) -> None:
        """Change what a response says in one language; what goes with an unchanged text stays with it."""
        document = next((d for d, s in self.project.sections("responses") if response in a_dict(s)), None)
        document = document or self._document(DOMAIN, "responses")
        section = document.value["responses"] = a_dict(document.value.get("responses"))
        told = [v if isinstance(v, dict) else {"text": a_text(v)} for v in a_list(section.get(response))]
        places = {shown(item)[0]: i for i, item in enumerate(told) if self._speaks(item, code)}
        was, now = ([self._original(text) for text in texts] for texts in (was, now))
        gone: set[int] = set()
        more: list[str] = []
        for what, i, j, k, m in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if what == "equal":
                continue
            paired = min(j - i, m - k)
            for words, text in zip(was[i : i + paired], now[k : k + paired]):
                place = places.get(words)
                if place is None:
                    more.append(text)
                    continue
                ending = shown(told[place])[1]
                text = text.removesuffix(ending).rstrip("\n") if ending else text
                told[place] = {**told[place], "text": text}
            gone |= {places[words] for words in was[i + paired : j] if words in places}
            more += now[k + paired : m]
        left = [item for index, item in enumerate(told) if index not in gone]
        section[response] = left + [variant(text, "" if code == self.codes[0] else code) for text in more]

    def _speaks(self, told: dict[str, Any], code: str) -> bool:
        return not told.get("channel") and (not told.get("condition") or code != self.codes[0])

    def _original(self, text: str) -> str:
        for name, original in self.before.slots.items():
            text = text.replace("{" + name + "}", "{" + original + "}")
        return text

    def _slots(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        was, now = slots(old), slots(new)
        for slot in [slot for slot in now if slot in was]:
            asked = by_language(now[slot].get("ask"), self.codes[0])
            before = by_language(was[slot].get("ask"), self.codes[0])
            original = self.before.slots.get(slot, slot)
            response = self.before.questions.get((name, slot), f"utter_ask_{original}")
            for code, texts in asked.items():
                if texts != before.get(code):
                    self._say(response, code, before.get(code, []), texts)
            self._values(slot, values(was[slot], self.before.portable), values(now[slot], self.after))

    def _table(self, told: Changes, rows: Sequence[Row]) -> None:
        """Bring the changes of a table of questions into its retrieval intent."""
        for row, answer in told.answers:
            self._say(f"utter_{row.intent}", row.language, [row.answer], [answer])
        for row in told.gone:
            self._forget(row)
        known = {row.answer: row.intent for row in rows}
        whole = rows[0].intent.partition("/")[0]
        taken = {a_text(item.get("intent")) for _, item in items(self.project)}
        for question, answer in told.added:
            intent = known.get(answer)
            if intent is None:
                numbers = (f"{whole}/q{number}" for number in range(1, len(taken) + 2))
                intent = known[answer] = next(name for name in numbers if name not in taken)
                taken.add(intent)
                self._say(f"utter_{intent}", self.codes[0], [], [answer])
                document = self._document(NLU, "nlu")
                fresh = {"intent": intent, "examples": listed([one_line_example(question)])}
                document.value["nlu"] = [*a_list(document.value.get("nlu")), fresh]
            else:
                item = next(item for _, item in items(self.project) if item.get("intent") == intent)
                if isinstance(item.get("examples"), list):
                    item["examples"].append({"text": one_line_example(question)})
                else:
                    item["examples"] = a_text(item.get("examples")) + "\n" + listed([one_line_example(question)])

    def _forget(self, row: Row) -> None:
        """Take a question out of its intent, and an intent without questions out of the project with its answer."""
        gone = {same_form(row.question) or row.question}
        for _, item in items(self.project):
            if item.get("intent") == row.intent:
                _drop(item, gone)
        if any(lines(item.get("examples")) for _, item in items(self.project) if item.get("intent") == row.intent):
            return
        for document, section in self.project.sections("nlu"):
            document.value["nlu"] = [item for item in a_list(section) if a_dict(item).get("intent") != row.intent]
        for _, section in self.project.sections("responses"):
            a_dict(section).pop(f"utter_{row.intent}", None)

    def _values(self, slot: str, was: dict[str, list[str]], now: dict[str, list[str]]) -> None:
        """Bring the values of a slot into lookup tables and synonyms."""
        entity = self._entity(slot)
        if was == now or entity in self.changed:
            return
        self.changed.add(entity)
        kept = [a_dict(item) for _, item in items(self.project)]
        more = [one_line_example(value) for value in now if value not in was]
        gone = {value.casefold() for value in was if value not in now}
        tables = [item for item in kept if item.get("lookup") == entity]
        for item in tables:
            left = [line for line in lines(item.get("examples")) if line.casefold() not in gone]
            item["examples"] = listed(left + (more if item is tables[-1] else []))
        section = self._document(NLU, "nlu")
        fresh: list[dict[str, Any]] = []
        if more and not tables:
            fresh.append({"lookup": entity, "examples": listed(more)})
        for value, others in now.items():
            added = [name for name in others if name not in was.get(value, [])]
            same = next((item for item in kept if item.get("synonym") == value), None)
            if added and same is not None:
                same["examples"] = listed([*lines(same.get("examples")), *added])
            elif added:
                fresh.append({"synonym": value, "examples": listed(added)})
        if fresh:
            section.value["nlu"] = [*a_list(section.value.get("nlu")), *fresh]


def _drop(item: dict[str, Any], gone: set[str]) -> None:
    """Take examples out of an item of the training data."""

    def stays(written: str) -> bool:
        text = read_example(written).text
        return (same_form(text) or text) not in gone

    if isinstance(item.get("examples"), list):
        item["examples"] = [
            e for e in item["examples"] if stays(a_text(a_dict(e).get("text") if isinstance(e, dict) else e))
        ]
    else:
        left = [line for line in a_text(item.get("examples")).splitlines() if stays(line.strip()[1:].strip())]
        item["examples"] = "".join(f"{line}\n" for line in left if line.strip())


def _intents_of(flow: Any) -> set[str]:
    """Return the intents that a rule or story cannot do without."""
    steps = [step for step in a_list(a_dict(flow).get("steps")) if isinstance(step, dict)]
    options = [option for step in steps for option in a_list(step.get("or")) if isinstance(option, dict)]
    return {a_text(step.get("intent")) for step in [*steps, *options] if step.get("intent")}


def _exchange(steps: list[Any], intent: str, action: str, fresh: str) -> None:
    """Put one action in the place of another where it follows on an intent."""
    heard = False
    for step in steps:
        if not isinstance(step, dict):
            continue
        if "intent" in step or "or" in step:
            heard = intent in _intents_of({"steps": [step]})
        elif heard and step.get("action") == action:
            step["action"] = fresh
