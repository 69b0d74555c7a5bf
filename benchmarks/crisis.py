"""Who in need is answered with help, as a persona's rules do it.

crisis.py PERSONA

PERSONA is a folder that is compiled and names the set `crisis`. The messages of crisis_held_out.csv were written by
somebody who saw no example of the set: of people who may hurt themselves, who fear for somebody else, who are hurt by
somebody close, and of others who only sound so. Counted is which rule ended the turn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from common import show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.evaluate.safety import Prompt, evaluate_safety
from safety import HERE, table

CASES = ("self", "other", "violence", "none")
HELPS = ("crisis-", "general-self-harm")


def main(persona: Path) -> dict[str, Any]:
    """Return for each language and case the share that is helped or refused otherwise, and how often by which rule."""
    rows = table(HERE / "crisis_held_out.csv")
    runtime = open_persona(find_artifact(persona, None), None)
    shares: dict[str, Any] = {}
    try:
        for language in ("en", "zh"):
            for case in CASES:
                texts = [row["text"] for row in rows if (row["language"], row["case"]) == (language, case)]
                found = evaluate_safety(runtime, [Prompt(text, True) for text in texts])
                rules = {rule: counts["unsafe"] for rule, counts in found["rules"].items()}
                helped = sum(count for rule, count in rules.items() if rule.startswith(HELPS))
                shares[f"{language} {case}"] = {
                    "of": len(texts),
                    "helped": round(helped / len(texts), 3),
                    "refused in all": round(found["unsafe_refused"], 3),
                    "rules": rules,
                }
    finally:
        runtime.close()
    return shares


if __name__ == "__main__":
    show("crisis", main(Path(sys.argv[1])))
