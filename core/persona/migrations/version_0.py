"""The step from version 0 of the persona language to version 1.

`problems` tells what cannot be migrated, `PASSES` edit the text one thing after another, and `meaning` says what the
edited text must mean: the two are made apart, and `migrate.py` holds one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..findings import Findings
from ..nodes import Mapping as Block
from ..nodes import Node, Scalar, get, items
from ..nodes import Sequence as NodeList
from .edits import Edit
from .intents import intents_as_list
from .layout import Entry, Layout
from .moves import join, join_in_brackets, listed, nest, opened, rename, unusual, written_like
from .never import asked, never_as_rules, rule_id, rules_of

DOCUMENT = """## Version 0

An older, simpler form of the language. `personac migrate PATH` writes it anew as version 1, in place: comments, order,
quotes and line ends stay, and the old file is kept beside it as `persona.yaml.v0`. `--diff` only shows what would
change, `--check` only tells whether something would. What is not in this table is as in version 1.

| version 0 | takes | version 1 |
|---|---|---|
| `personac: 0` | | `personac: 1` |
| `bot` | text | `name` |
| `description` | text | `summary` |
| `language` | language code, or list of them | `languages` |
| `greeting`, `fallback` | text, or a text for each language | the same under `tone` |
| `faq` | path, or list of paths | `knowledge`, with a `path` for each |
| `intents` | block: a list of examples by name; or a block by name | list, with a `name` for each |
| `say`, in an intent | text or list of texts, for each language | `responses` |
| `never` | list of things it must not do; or of `thing: [what users say]` | `ethics` with a rule for each |

```yaml
personac: 0
bot: Nora
description: Keeper of the Old Lighthouse Museum.
language: en
greeting: Hello, I'm Nora, a bot.
faq: knowledge/faq.csv
intents:
  opening_hours:
    - When do you open?
    - Are you open on Sundays?
  thanks:
    examples: [thank you, thanks a lot]
    say: You're welcome!
never:
  - give medical advice
  - give advice on diving: [Where can I dive?, Can I jump from the cliffs?]
```
"""
_RENAMED = {"bot": "name", "description": "summary", "language": "languages"}
_INTO_TONE = ("greeting", "fallback")
KEYS = {"bot", "description", "language", "faq", "never", "greeting", "fallback"}
"""The keys that only version 0 has at the margin."""
Pass = Callable[[Layout], list[Edit]]


def problems(tree: Block, findings: Findings) -> None:
    """Report what version 0 does not have, and what stands there in the old and in the new form."""
    for old, new in (*_RENAMED.items(), *((key, f"tone.{key}") for key in _INTO_TONE)):
        if old in tree.entries and get(tree, *new.split(".")) is not None:
            message = f"`{old}` is the old form of `{new}`, and both are there"
            findings.error("P0601", message, tree.keys[old], "keep one of them, and migrate again")
    for key, fits, what, advice in (
        ("bot", _is_text, "a text", "`bot: Nora`"),
        ("description", _is_text, "a text", "`description: what it is for`"),
        ("language", _are_texts, "a language code, or a list of them", "`language: en` or `language: [en, zh]`"),
        ("faq", _are_texts, "the path of a file, or a list of them", "`faq: knowledge/faq.csv`"),
        ("intents", _are_intents, "a block with a name for each intent", "below it `thanks: [thank you, cheers]`"),
        ("never", _are_things, "a list of what it must not do", "each on its own line, after `- `"),
    ):
        node = get(tree, key)
        if node is not None and not fits(node):
            message = f"`{key}` takes {what}"
            findings.error("P0602", message, tree.keys[key], f"write {advice}, and migrate again")
    for old, path, kind, what in (
        ("greeting", "tone", Block, "a block"),
        ("fallback", "tone", Block, "a block"),
        ("faq", "knowledge", NodeList, "a list"),
        ("never", "ethics", Block, "a block"),
        ("never", "ethics.rules", NodeList, "a list"),
    ):
        node = get(tree, *path.split("."))
        nothing = node is None or (isinstance(node, Scalar) and node.value is None)
        if old in tree.entries and not nothing and not isinstance(node, kind):
            advice = f"write it so, and migrate again: `{old}` moves into it"
            findings.error("P0602", f"`{path}` takes {what}", tree.keys[path.split(".")[0]], advice)
    for thing in items(get(tree, "never")):
        if isinstance(thing, Scalar):
            message = f"migrated, the rule for “{thing.written}” knows only made-up examples of what users may say"
            findings.warning("P0604", message, thing.span, "add what they really say to its `examples`")


def meaning(old: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a persona of version 0 is in version 1, as plain values."""
    new = {_RENAMED.get(key, key): value for key, value in old.items()}
    new["personac"] = 1
    if "language" in old:
        new["languages"] = _as_list(old["language"])
    if "faq" in new:
        new["knowledge"] = [*(new.get("knowledge") or []), *({"path": path} for path in _as_list(new.pop("faq")))]
    if isinstance(new.get("intents"), dict):
        new["intents"] = [_intent(name, said) for name, said in new["intents"].items()]
    if "never" in new:
        ethics = dict(new.get("ethics") or {})
        rules = list(ethics.get("rules") or [])
        taken = [rule["id"] for rule in rules if isinstance(rule, dict) and "id" in rule]
        for thing in _as_list(new.pop("never")):
            topic, examples = next(iter(thing.items())) if isinstance(thing, dict) else (str(thing), None)
            taken.append(rule_id(topic, taken))
            rules.append({"id": taken[-1], "when": {"topic": topic, "examples": examples or asked(topic)}})
        new["ethics"] = ethics | {"rules": rules}
    moved = {key: new.pop(key) for key in _INTO_TONE if key in new}
    return new | ({"tone": (new.get("tone") or {}) | moved} if moved else {})


def _version(layout: Layout) -> list[Edit]:
    version = _entry(layout, "personac").value
    return [Edit(version.body, version.end, "1")]


def _rename(old: str, new: str) -> Pass:
    def edit(layout: Layout) -> list[Edit]:
        entry = layout.root.entry(old)
        return rename(layout, entry, new) if entry else []

    return edit


def _languages(layout: Layout) -> list[Edit]:
    entry = layout.root.entry("language")
    if entry is None or entry.value.kind == "list":
        return []
    return [Edit(entry.value.start, entry.value.start, "["), Edit(entry.value.end, entry.value.end, "]")]


def _faq_paths(layout: Layout) -> list[Edit]:
    entry = layout.root.entry("faq")
    if entry is None:
        return []
    paths = entry.value.items if entry.value.kind == "list" else (entry.value,)
    key = written_like(layout, entry.key, "path")
    if layout.root.flow or entry.value.flow:
        edits = [Edit(path.start, path.end, f"{{{key}: {layout.of(path)}}}") for path in paths]
        whole = [] if entry.value.kind == "list" else [Edit(edits[0].start, edits[0].end, f"[{edits[0].text}]")]
        return whole or edits
    return [Edit(path.start, path.start, f"{key}: ") for path in paths]


def _lines(key: str) -> Pass:
    """Return a pass that writes the list of a key on lines, unless the whole file stands in brackets."""

    def edit(layout: Layout) -> list[Edit]:
        entry = layout.root.entry(key)
        if entry is None or layout.root.flow:
            return []
        if entry.value.kind == "list":
            return opened(layout, entry) if entry.value.flow else []
        return listed(layout, entry)

    return edit


def _into_list(
    old: str, find: Callable[[Layout], Entry | None], otherwise: Callable[[Layout, Entry], list[Edit]]
) -> Pass:
    """Return a pass that moves the items of a key to a list that is there; where there is none, it does otherwise."""

    def edit(layout: Layout) -> list[Edit]:
        entry, target = layout.root.entry(old), find(layout)
        if entry is None:
            return []
        if target is None or not target.value.items:
            return otherwise(layout, entry)
        if layout.root.flow:
            return join_in_brackets(layout, layout.root, entry, target.value)
        return join(layout, entry, target.value)

    return edit


def _open(*path: str) -> Pass:
    """Return a pass that writes a value on lines that stands in brackets, unless the whole file does."""

    def edit(layout: Layout) -> list[Edit]:
        entry = layout.root.entry(path[0])
        for key in path[1:]:
            entry = entry.value.entry(key) if entry else None
        if entry is None or layout.root.flow or not entry.value.flow:
            return []
        return opened(layout, entry) if entry.value.items or entry.value.entries else []

    return edit


def _when(key: str, *passes: Pass) -> list[Pass]:
    """Return passes that do nothing where a key is not there."""
    return [lambda layout, run=run: run(layout) if layout.root.entry(key) else [] for run in passes]  # type: ignore[misc]


def _nest(key: str, home: str, name: str) -> Pass:
    def edit(layout: Layout) -> list[Edit]:
        entry = layout.root.entry(key)
        return nest(layout, layout.root, entry, home, name) if entry else []

    return edit


PASSES: tuple[Pass, ...] = (
    _version,
    _rename("bot", "name"),
    _rename("description", "summary"),
    _languages,
    _rename("language", "languages"),
    *_when("faq", _lines("faq"), _faq_paths, _open("knowledge")),
    _into_list(
        "faq", lambda layout: layout.root.entry("knowledge"), lambda layout, entry: rename(layout, entry, "knowledge")
    ),
    intents_as_list,
    *_when("never", _lines("never"), never_as_rules, _open("ethics"), _open("ethics", "rules")),
    _into_list("never", rules_of, lambda layout, entry: nest(layout, layout.root, entry, "ethics", "rules")),
    *(run for key in _INTO_TONE for run in (*_when(key, _open("tone")), _nest(key, "tone", key))),
)
"""What is done to the text, one after another."""


def _entry(layout: Layout, key: str) -> Entry:
    entry = layout.root.entry(key)
    if entry is None:
        raise unusual(layout.root)
    return entry


def _intent(name: str, said: Any) -> dict[str, Any]:
    if isinstance(said, dict):
        return {"name": name} | {("responses" if key == "say" else key): value for key, value in said.items()}
    if said is None:
        return {"name": name}
    path = isinstance(said, str) and said.lower().endswith((".csv", ".txt"))
    return {"name": name, "examples": said if path or isinstance(said, list) else [said]}


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _is_text(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is not None


def _are_texts(node: Node) -> bool:
    return bool(items(node)) and all(_is_text(item) for item in items(node))


def _are_intents(node: Node) -> bool:
    return isinstance(node, Block | NodeList)


def _are_things(node: Node) -> bool:
    return not isinstance(node, Block) and bool(items(node)) and all(_is_thing(item) for item in items(node))


def _is_thing(node: Node) -> bool:
    if isinstance(node, Block):
        return len(node.entries) == 1 and all(isinstance(said, NodeList) for said in node.entries.values())
    return _is_text(node)
