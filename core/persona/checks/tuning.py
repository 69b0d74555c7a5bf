"""Check that there is a text encoder to tune, and something to tune it on.

Knows of models only which the language's `auto` takes, and that the Universal Sentence Encoder has frozen weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Findings
from ..nodes import Node, get, items, text
from ..schema import base

FROZEN = frozenset({"use", "use-multilingual"})


def check_tuning(tree: Node, languages: Sequence[str], findings: Findings) -> None:
    """Report `encoders.tune` where none of the text encoders can be tuned, or no intent has examples."""
    tune = get(get(tree, "encoders"), "tune")
    if tune is None or text(tune) not in ("lora", "full"):
        return
    node = get(get(tree, "encoders"), "text")
    named = [name for part in (items(node) or [node]) if (name := text(part))] or ["auto"]
    if named == ["auto"]:
        frozen = "en" not in {base(code) for code in languages}
        what = f"without English among its languages ({', '.join(languages)}) the persona reads with use-multilingual"
    else:
        frozen = FROZEN.issuperset(named)
        what = f"the persona reads with {', '.join(named)}"
    if frozen:
        advice = (
            "name a sentence-transformers model that knows the language in `encoders.text`, by a hub's name or a "
            "folder; or write `tune: none`"
        )
        findings.error("P0327", f"{what}, which can't be tuned", tune.span, advice)
    elif not items(get(tree, "intents")):
        findings.error("P0327", "there are no intents to tune on", tune.span, "add `intents`, or write `tune: none`")
