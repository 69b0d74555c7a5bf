"""Take secrets out of what is imported: a key becomes `${NAME}`, to be set in the environment.

Knows no format. What counts as a secret is what `personac check` takes for one, and more: any value under a key that
sounds like one, and a password in an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..checks.secrets import names_secret, without_secrets

_KEY = re.compile(r"(?i)(access|secret|service)_?key|-token$|(^|[_-])(key|auth|verify|sid|pin)$")
_VARIABLE = re.compile(r"\s*\$\{[A-Za-z_][A-Za-z0-9_]*\}\s*")
_LOGIN = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")


def variable_name(path: Sequence[str]) -> str:
    """Return the name of an environment variable for a value that stands under these keys."""
    name = re.sub(r"[^A-Z0-9]+", "_", "_".join(path).upper()).strip("_")
    return f"_{name}" if name[:1].isdigit() else name or "SECRET"


def is_secret_key(key: str) -> bool:
    """Tell whether what stands under a key is a secret by the key's name."""
    return names_secret(re.sub(r"[-.]|(?<=[a-z])(?=[A-Z])", "_", key)) or bool(_KEY.search(key))


def is_secret(key: str, value: Any) -> bool:
    """Tell whether a value under a key is a secret that stands there in the open."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    said = str(value)
    if not said.strip() or _VARIABLE.fullmatch(said):
        return False
    return is_secret_key(key) or bool(_LOGIN.search(said)) or without_secrets(said, "") != said


def masked(value: Any, path: tuple[str, ...], found: list[str], everything: bool = False) -> Any:
    """Return a value without its secrets; the names of the variables that stand for them are added to `found`.

    With `everything`, each value counts as a secret, as in a block named `secrets`.
    """
    if isinstance(value, dict):
        return {
            key: masked(item, (*path, str(key)), found, everything or key == "secrets") for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item, path, found, everything) for item in value]
    key = path[-1] if path else ""
    said = isinstance(value, str) and bool(value.strip()) and not _VARIABLE.fullmatch(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_secret(key, value) and not (everything and (said or number)):
        return value
    told = everything or (len(path) > 1 and key.lower().startswith(path[-2].lower()))
    name = variable_name(path[-1:] if told else path[-2:])
    found.append(name)
    return f"${{{name}}}"


def masked_text(text: str, found: list[str]) -> str:
    """Return a text in which each part that has the shape of a key is `${SECRET}`."""
    clean = _LOGIN.sub("${SECRET}", without_secrets(text, "${SECRET}"))
    if clean != text:
        found.append("SECRET")
    return clean
