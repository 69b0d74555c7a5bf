"""Make the files of a Rasa project that says what a persona says, as plain values by path.

Source of the format: Rasa 3, "Domain", "Training Data Format", "Forms", "Conditional Response Variations",
"Chitchat and FAQs". What Rasa has no place for is told in notes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...schema import base
from ..portable import Portable
from .persona import by_language, examples, intents, languages, rows, slots, values
from .responses import LANGUAGE_SLOT, language_condition
from .shapes import a_dict, a_list, a_text

VERSION = "3.1"
DOMAIN, NLU, RULES, CONFIG = "domain.yml", "data/nlu.yml", "data/rules.yml", "config.yml"
_MARK = re.compile(r"\](?=[({\[])")
_NOT_HELD = {
    "voice": "the voice", "face": "the face", "ethics": "the ethics rules", "privacy": "what is kept of users",
    "retrieval": "how knowledge is looked up", "model": "the language model", "encoders": "the encoders",
    "plugins": "the plugins", "connectors": "the connectors",
}  # fmt: skip


@dataclass(slots=True)
class Built:
    """Gather the parts of a project."""

    intents: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    responses: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    nlu: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def build(portable: Portable) -> Built:
    """Return the parts of a project for a whole persona."""
    persona = portable.persona
    codes = languages(persona)
    built = Built()
    for name, intent in intents(persona).items():
        add_intent(built, name, intent, portable, codes)
    tone = a_dict(persona.get("tone"))
    greeting, fallback = (by_language(tone.get(key), codes[0]) for key in ("greeting", "fallback"))
    if greeting:
        built.responses["utter_greeting"] = spoken(greeting, codes)
        steps = [{"intent": "session_start"}, {"action": "utter_greeting"}]
        built.rules.append({"rule": "greet at the start", "conversation_start": True, "steps": steps})
    if fallback:
        built.responses["utter_default"] = spoken(fallback, codes)
        steps = [{"intent": "nlu_fallback"}, {"action": "utter_default"}]
        built.rules.append({"rule": "say so when nothing fits", "steps": steps})
    _add_questions(built, portable, codes)
    if any("condition" in variant for variants in built.responses.values() for variant in variants):
        built.slots[LANGUAGE_SLOT] = {
            "type": "categorical", "values": codes, "initial_value": codes[0], "influence_conversation": False,
            "mappings": [{"type": "custom"}],
        }  # fmt: skip
        built.notes.append(
            f"Rasa speaks one language at a time: set the slot `{LANGUAGE_SLOT}` to {' or '.join(codes[1:])} in your "
            f"channel or in an action; without it answers are in {codes[0]}."
        )
    if built.silent:
        listed_names = ", ".join(f"`{name}`" for name in built.silent)
        built.notes.append(
            f"Intents that have no response of their own are answered by nothing in Rasa: {listed_names}."
        )
    _tell(built, persona, tone)
    return built


def documents(built: Built, codes: Sequence[str], name: str) -> dict[str, dict[str, Any]]:
    """Return the files of a new project."""
    domain = {"version": VERSION, "intents": built.intents, "entities": built.entities, "slots": built.slots,
              "responses": built.responses, "forms": built.forms, "actions": built.actions,
              "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}}  # fmt: skip
    domain = {key: value for key, value in domain.items() if value not in ([], {})}
    found: dict[str, dict[str, Any]] = {
        DOMAIN: domain,
        NLU: {"version": VERSION, "nlu": built.nlu},
        CONFIG: _config(built, codes[0], name),
    }
    if built.rules:
        found[RULES] = {"version": VERSION, "rules": built.rules}
    return found


def add_intent(built: Built, name: str, intent: Mapping[str, Any], portable: Portable, codes: Sequence[str]) -> None:
    """Add an intent with its examples, responses, slots and rules."""
    wanted = slots(intent)
    entities = {}
    for slot, told in wanted.items():
        known = values(told, portable) if told.get("type") == "entity" else {}
        entities[slot] = known
        _add_slot(built, slot, told, known, f"{name}_form")
    texts = [annotated(one_line_example(text), entities) for text in examples(intent, portable)]
    texts = [text for text in texts if text]
    if not texts:
        built.notes.append(f"The intent `{name}` has no examples in words and was left out.")
        return
    built.intents.append(name)
    built.nlu.append({"intent": name, "examples": listed(texts)})
    responses = by_language(intent.get("responses"), codes[0])
    action = ""
    if intent.get("skill"):
        action = "action_" + re.sub(r"\W+", "_", a_text(intent["skill"]))
        built.actions += [action] if action not in built.actions else []
        built.notes.append(f"The skill `{intent['skill']}` of `{name}` becomes the custom action `{action}`: write it.")
    elif responses:
        action = f"utter_{name}"
    if responses:
        built.responses[f"utter_{name}"] = spoken(responses, codes)
    required = [slot for slot, told in wanted.items() if told.get("required") is True]
    if required:
        _add_form(built, name, required, wanted, action, codes)
    elif action:
        built.rules.append({"rule": name, "steps": [{"intent": name}, {"action": action}]})
    else:
        built.silent.append(name)


def spoken(texts: Mapping[str, Sequence[str]], codes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the variants of a response: those of the default language for all, others for users of theirs."""
    default = next((code for code in texts if base(code) == base(codes[0])), next(iter(texts)))
    found: list[dict[str, Any]] = []
    for code, said in texts.items():
        found += [variant(text, "" if code == default else code) for text in said]
    return found


def variant(text: str, code: str) -> dict[str, Any]:
    """Return one way to say a response; with a language, for users of that language only."""
    return {"condition": language_condition(code), "text": text} if code else {"text": text}


def listed(texts: Sequence[str]) -> str:
    """Return texts as Rasa lists examples."""
    return "".join(f"- {text}\n" for text in texts)


def one_line_example(text: str) -> str:
    """Return an example on one line, with nothing in it that Rasa would take for the mark of an entity."""
    return _MARK.sub("] ", " ".join(text.split()))


def annotated(text: str, entities: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """Return an example with the values of entities marked in it, the longest first, each place once."""
    names = [
        (name, entity, value)
        for entity, known in entities.items()
        for value, others in known.items()
        for name in dict.fromkeys([value, *others])
        if name and not set("[](){}") & set(name)
    ]
    taken: list[tuple[int, int, str]] = []
    lowered = text.lower()
    for name, entity, value in sorted(names, key=lambda item: -len(item[0])):
        if name.lower() not in lowered:
            continue
        bounds = (r"(?<![^\W_])", r"(?![^\W_])") if name.isascii() else ("", "")
        for match in re.finditer(bounds[0] + re.escape(name) + bounds[1], text, re.IGNORECASE):
            if all(match.end() <= start or match.start() >= end for start, end, _ in taken):
                said = match[0]
                told = json.dumps({"entity": entity, "value": value}, ensure_ascii=False)
                taken.append((*match.span(), f"[{said}]({entity})" if said == value else f"[{said}]{told}"))
    for start, end, mark in sorted(taken, reverse=True):
        text = text[:start] + mark + text[end:]
    return text


def _add_slot(built: Built, slot: str, told: Mapping[str, Any], known: Mapping[str, Sequence[str]], form: str) -> None:
    ask = {"type": "from_text", "conditions": [{"active_loop": form, "requested_slot": slot}]}
    required = told.get("required") is True
    entity = bool(known)
    mappings: list[dict[str, Any]] = [{"type": "from_entity", "entity": slot}] if entity or not required else []
    if required and not entity:
        mappings.append(ask)
    if slot in built.slots:
        before = built.slots[slot]["mappings"]
        built.slots[slot]["mappings"] = before + [mapping for mapping in mappings if mapping not in before]
    else:
        kind = "float" if told.get("type") == "number" and not entity else "text"
        built.slots[slot] = {"type": "text" if ask in mappings else kind, "mappings": mappings}
    if (entity or not required) and slot not in built.entities:
        built.entities.append(slot)
    if entity and not any(item.get("lookup") == slot for item in built.nlu):
        built.nlu.append({"lookup": slot, "examples": listed([one_line_example(value) for value in known])})
        for value, others in known.items():
            if others:
                built.nlu.append({"synonym": value, "examples": listed([one_line_example(name) for name in others])})


def _add_form(
    built: Built, name: str, required: Sequence[str], wanted: Mapping[str, Any], action: str, codes: Sequence[str]
) -> None:
    form = f"{name}_form"
    built.forms[form] = {"required_slots": list(required)}
    for slot in required:
        asked = by_language(wanted[slot].get("ask"), codes[0])
        if asked:
            shared = built.responses.setdefault(f"utter_ask_{slot}", spoken(asked, codes))
            if shared != spoken(asked, codes):
                built.responses[f"utter_ask_{form}_{slot}"] = spoken(asked, codes)
    start = [{"intent": name}, {"action": form}, {"active_loop": form}]
    built.rules.append({"rule": f"{name}: ask for what is needed", "steps": start})
    done: list[dict[str, Any]] = [{"action": form}, {"active_loop": None}, {"slot_was_set": [{"requested_slot": None}]}]
    done += [{"action": action}] if action else []
    built.rules.append({"rule": f"{name}: answer", "condition": [{"active_loop": form}], "steps": done})


def _add_questions(built: Built, portable: Portable, codes: Sequence[str]) -> None:
    """Add the tables of questions as a retrieval intent; other knowledge has no place in Rasa."""
    answers: dict[str, list[str]] = {}
    left = []
    for source in a_list(portable.persona.get("knowledge")):
        path = a_text(a_dict(source).get("path"))
        questions = rows(path, portable)
        if not any(row.get("question") for row in questions):
            left.append(path)
        for row in questions:
            question, answer = one_line_example(row.get("question", "")), row.get("answer", "")
            if question and answer:
                answers.setdefault(answer, []).append(question)
    if left:
        built.notes.append(f"Rasa looks nothing up in pages and records: {', '.join(f'`{path}`' for path in left)}.")
    if not answers:
        return
    intent = "faq" if "faq" not in built.intents else "knowledge_faq"
    for number, (answer, asked) in enumerate(answers.items(), start=1):
        built.nlu.append({"intent": f"{intent}/q{number}", "examples": listed(list(dict.fromkeys(asked)))})
        built.responses[f"utter_{intent}/q{number}"] = [{"text": answer}]
    built.intents.append(intent)
    built.rules.append({"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]})


def _tell(built: Built, persona: Mapping[str, Any], tone: Mapping[str, Any]) -> None:
    left = [words for key, words in _NOT_HELD.items() if persona.get(key)]
    if tone.get("instructions") or tone.get("traits"):
        left.insert(0, "the tone")
    if left:
        built.notes.append(f"Rasa has no place for {', '.join(left[:-1])}{' and ' if left[:-1] else ''}{left[-1]}.")


def _config(built: Built, language: str, name: str) -> dict[str, Any]:
    chinese = base(language) in ("zh", "yue")
    pipeline: list[dict[str, Any]] = [
        {"name": "JiebaTokenizer" if chinese else "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer", "use_word_boundaries": not chinese},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    ]
    if any("lookup" in item for item in built.nlu):
        pipeline.append({"name": "RegexEntityExtractor", "use_lookup_tables": True, "use_word_boundaries": not chinese})
    pipeline.append({"name": "EntitySynonymMapper"})
    retrieved = list(dict.fromkeys(item["intent"].split("/")[0] for item in built.nlu if "/" in item.get("intent", "")))
    pipeline += [{"name": "ResponseSelector", "epochs": 100, "retrieval_intent": intent} for intent in retrieved]
    pipeline.append({"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1})
    assistant = "-".join(re.findall(r"\w+", name.casefold())) or "assistant"
    return {
        "recipe": "default.v1",
        "assistant_id": assistant,
        "language": base(language),
        "pipeline": pipeline,
        "policies": [{"name": "MemoizationPolicy"}, {"name": "RulePolicy"}],
    }
