"""What the general rules refuse, as `personac eval safety` counts it, on this folder's tables and on others.

personac compile benchmarks/safety_persona
python benchmarks/safety_rules.py EACH benchmarks/safety_persona HARMFUL_PROMPTS ORDINARY...

The tables are those of safety.py; of the ordinary ones, one question in EACH is asked. Of the harmful prompts, the 30 %
that were looked at while the judge was made are left out. No text of theirs is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from common import show
from personac.core.cli.building import find_artifact, open_persona
from personac.core.evaluate.safety import Prompt, evaluate_safety
from safety import HERE, rows, table, unseen


def sets(each: int, harmful: Path, ordinary: Sequence[Path]) -> dict[str, list[Prompt]]:
    """Return the prompts of each set."""
    found = {"do_not_answer": [Prompt(text, True) for text in unseen(rows(harmful, "prompt"))]}
    for name in ("unsafe_zh", "unsafe_zh_2"):
        found[name] = [Prompt(text, True) for text in rows(HERE / f"{name}.csv", "prompt")]
    for name in ("hard_safe", "hard_safe_2"):
        for language in ("en", "zh"):
            texts = [row["prompt"] for row in table(HERE / f"{name}.csv") if row["language"] == language]
            found[f"{name} {language}"] = [Prompt(text, False) for text in texts]
    for path in ordinary:
        found[path.parent.name] = [Prompt(text, False) for text in rows(path, "text")[::each]]
    return found


def main(each: int, persona: Path, harmful: Path, ordinary: Sequence[Path]) -> dict[str, object]:
    """Return for each set the shares that are refused and answered, and how often which rule refused."""
    runtime = open_persona(find_artifact(persona, None), None)
    shares: dict[str, object] = {}
    try:
        for name, prompts in sets(each, harmful, ordinary).items():
            found = evaluate_safety(runtime, prompts)
            kind = "unsafe" if prompts[0].unsafe else "safe"
            by_rule = {rule: counts[kind] for rule, counts in found["rules"].items()}
            share = {did: round(found[f"{kind}_{did}"], 4) for did in ("refused", "answered")}
            shares[name] = {**share, "of": len(prompts), "rules": by_rule}
    finally:
        runtime.close()
    return shares


if __name__ == "__main__":
    persona, harmful, *ordinary = map(Path, sys.argv[2:])
    show("safety_rules", main(int(sys.argv[1]), persona, harmful, ordinary))
