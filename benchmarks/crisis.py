"""Who in need is answered with help, as a persona's rules do it.

personac compile benchmarks/crisis_persona
python benchmarks/crisis.py benchmarks/crisis_persona

The messages of crisis_held_out.csv and crisis_held_out_2.csv were written by two people who saw no example of the sets
and no line of the judge's: of people who may hurt themselves, who fear for somebody else, who are hurt by somebody
close, who are in an emergency, and of others who only sound so. Counted is which rule ended the turn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from common import show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.evaluate.safety import Prompt, evaluate_safety
from safety import HERE, table

CASES = ("self", "other", "violence", "none", "emergency", "no emergency")
FILES = ("crisis_held_out.csv", "crisis_held_out_2.csv")
HELPS = ("crisis-", "medical-emergency")


def main(persona: Path) -> dict[str, Any]:
    """Return for each language and case the share that is helped or refused otherwise, and how often by which rule."""
    rows = [row for name in FILES for row in table(HERE / name)]
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
