"""Keep with a persona what its format says beyond it, so that an export can give all of it back.

What is kept is the tree of the original document. Where the persona itself says the same words, the tree has only
their mark. A tree that is short and plain stands in `extensions:` of the persona; a longer one in a file beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import yaml

from ...errors import BadInput
from ..checks.secrets import names_secret, without_secrets
from ..nodes import Mapping as Block
from ..nodes import plain
from ..source import parse
from ..writing import to_yaml
from .json_text import Layout, read_json, write_json
from .portable import Portable
from .secrecy import variable_name

_MARK = re.compile(r"=[0-9a-f]{16}")
SHORT = 4_000
FOLDER = "extensions"


def mask_secrets(tree: Any, notes: list[str], *, by_key: bool, also: Collection[str] = ()) -> Any:
    """Return a tree with ${VARIABLES} in the place of secrets, by their shape and, with `by_key`, by their key.

    What stands under the keys `also` is a secret too.
    """
    masked: list[str] = []
    tree = _masked(tree, (), (lambda key: key in also or names_secret(key)) if by_key else (lambda key: False), masked)
    if masked:
        listed = ", ".join(f"${{{variable}}}" for variable in masked)
        many = len(masked) > 1
        notes.append(
            f"{len(masked)} secret{'s are' if many else ' is'} not carried over; in {'their' if many else 'its'} "
            f"place stands {listed}."
        )
    return tree


def keep(portable: Portable, name: str, tree: Any, facts: Mapping[str, Any]) -> None:
    """Put the tree of a document and facts about it under `extensions.<name>`."""
    written = write_json(tree, Layout(indent=" ", colon=": ", after="\n"))
    place: Any = tree
    if len(written) > SHORT or not _is_plain(tree):
        place = f"{FOLDER}/{name}.json"
        portable.files[place] = written
    facts = {key: value for key, value in facts.items() if value not in ({}, [], None)}
    portable.persona.setdefault("extensions", {})[name] = {**facts, "original": place}


def kept(portable: Portable, name: str) -> tuple[Any, dict[str, Any]]:
    """Return what `keep` put there: the tree, None when there is none, and the facts."""
    extension = (portable.persona.get("extensions") or {}).get(name)
    if not isinstance(extension, Mapping) or "original" not in extension:
        return None, {}
    facts = {key: value for key, value in extension.items() if key != "original"}
    tree = extension["original"]
    if isinstance(tree, str):
        data = portable.files.get(tree)
        if data is None:
            raise BadInput("missing_file", f"The persona's `extensions` name the file {tree}, which is not there.")
        tree, _ = read_json(data, tree)
    return tree, facts


def mark(text: str) -> str:
    """Return what stands for a text that the persona says word for word."""
    return "=" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def is_mark(original: Any) -> bool:
    """Tell whether only the mark of a text was kept."""
    return isinstance(original, str) and _MARK.fullmatch(original) is not None


def remember(original: Any, shown: str) -> Any:
    """Return what to keep of a text: its mark where the persona says it word for word."""
    return mark(shown) if original and original == shown else original


def changed(original: Any, shown: str, now: str) -> bool:
    """Tell whether the persona no longer says what the import had made of the original, which was `shown`."""
    return mark(now) != original if is_mark(original) else now != shown


def put(original: Any, shown: str, now: str) -> Any:
    """Return a text for export: the original where the persona still says what was made of it, else what it says."""
    return now if is_mark(original) or now != shown else original


def _is_plain(tree: Any) -> bool:
    """Tell whether a tree comes back from YAML as it is."""
    try:
        node, findings = parse(to_yaml({"tree": tree}), "tree")
    except (yaml.YAMLError, UnicodeError):
        return False
    if findings or not isinstance(node, Block):
        return False
    return _same(plain(node)["tree"], tree)


def _same(a: Any, b: Any) -> bool:
    """Tell whether two trees are equal in types and in the order of keys too."""
    return json.dumps(a) == json.dumps(b)


def _masked(value: Any, path: tuple[str, ...], hides: Callable[[str], bool], masked: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _masked(v, (*path, str(k)), hides, masked) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, path, hides, masked) for item in value]
    if not isinstance(value, str) or not value or value.startswith("${"):
        return value
    variable = variable_name(path[-2:])
    hidden = f"${{{variable}}}"
    free = hidden if path and hides(path[-1]) else without_secrets(value, hidden)
    if free != value and variable not in masked:
        masked.append(variable)
    return free
