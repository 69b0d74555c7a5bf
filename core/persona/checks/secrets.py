"""Find secrets that are written into a persona instead of being taken from the environment."""

from __future__ import annotations

import re

from ..findings import Findings
from ..nodes import Mapping, Node, Scalar, Sequence, part

_KEY = re.compile(r"(?i)(^|_)(api_?key|token|secret|passw(or)?d|credentials?|private_?key|authorization|cookie)($|_)")
_NOT_SECRET = re.compile(r"(?i)(max|min|num|count|limit).*token")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SHAPES = {
    "an API key": re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),
    "a Slack token": re.compile(r"\bx(ox[abeoprs]|app)-[A-Za-z0-9-]{10,}"),
    "a Slack webhook": re.compile(r"\bhooks\.slack(-gov)?\.com/(services|workflows|triggers)/[A-Za-z0-9/_-]{10,}"),
    "a Telegram token": re.compile(r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "a GitHub token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})"),
    "an AWS key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


def check_secrets(tree: Node, findings: Findings) -> None:
    """Report each text that is a secret by its key (under `model`, `connectors` and the like) or by its shape."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(tree, ())]
    while stack:
        node, path = stack.pop()
        if isinstance(node, Mapping):
            stack += [(value, (*path, key)) for key, value in node.entries.items()]
        elif isinstance(node, Sequence):
            stack += [(item, path) for item in node.items]
        elif node.value is not None and not isinstance(node.value, bool):
            _look(node, path, findings)


def names_secret(key: str) -> bool:
    """Tell whether a key is one that secrets stand under."""
    return bool(_KEY.search(key)) and not _NOT_SECRET.search(key)


def without_secrets(text: str, instead: str) -> str:
    """Return a text with `instead` in the place of each part that has the shape of a secret."""
    for shape in _SHAPES.values():
        text = shape.sub(lambda _: instead, text)
    return text


def _look(node: Scalar, path: tuple[str, ...], findings: Findings) -> None:
    name = _variable_name(path)
    advice = f"write ${{{name}}} here, and set it where the bot runs: export {name}=…"
    shaped = next(((what, match) for what, shape in _SHAPES.items() if (match := shape.search(node.written))), None)
    if shaped:
        what, match = shaped
        message = f"this looks like {what}; a persona is shared, so no secret may stand in it"
        remedy = advice if _is_secret(path) else "delete it"
        findings.error(
            "P0309", message, part(node, *match.span()), f"{remedy}; then make a new one: this one has been seen"
        )
    elif _is_secret(path) and not _VARIABLE.search(node.written):
        message = f"`{path[-1]}` is a secret, and must come from the environment"
        findings.error("P0309", message, node.span, advice)


def _is_secret(path: tuple[str, ...]) -> bool:
    if not path or path[0] not in ("model", "connectors", "alerts", "plugins"):
        return False
    return names_secret(path[-1].replace("-", "_"))


def _variable_name(path: tuple[str, ...]) -> str:
    words = path[1:] if path[:1] == ("connectors",) else path
    return re.sub(r"[^A-Z0-9]+", "_", "_".join(words[-2:] or ("secret",)).upper()).strip("_") or "SECRET"
