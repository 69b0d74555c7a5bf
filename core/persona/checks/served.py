"""Check that something in the persona is in each language that it promises.

Languages of one script cannot be told apart here: a text in Latin letters counts for English and for French.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..findings import Findings
from ..language import script_of, script_of_language
from ..nodes import Mapping, Node, get, items, text
from ..schema import base


def check_served(
    tree: Node, languages: Sequence[str], said: Iterable[tuple[str, str | None]], findings: Findings
) -> None:
    """Report those of some promised languages that no example, response or piece of knowledge is in.

    `said` are pairs of a text and its language, None when it is not known.
    """
    coded: set[str] = set()
    scripts: set[str] = set()
    for words, language in said:
        if language is None:
            scripts.add(script_of(words))
        else:
            coded.add(base(language))
    for intent in items(get(tree, "intents")):
        responses = get(intent, "responses")
        coded |= {base(code) for code in responses.entries} if isinstance(responses, Mapping) else set()
        if responses is not None and not isinstance(responses, Mapping):
            coded.add(base(text(next(iter(items(get(tree, "languages"))), None)) or "en"))
    for node in items(get(tree, "languages")):
        code = text(node)
        if code and code in languages and base(code) not in coded and script_of_language(code) not in scripts:
            message = f"`{code}` is promised, and nothing is in it: no example, no response, no knowledge"
            findings.warning("P0323", message, node.span, f"add some, or take `{code}` out of `languages`")
