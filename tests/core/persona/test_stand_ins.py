"""Topics that stand in for the judge of risks are left out where it reads what the persona's encoders make."""

from __future__ import annotations

import pytest
from personac.core.mind.risk.judge import shipped
from personac.core.persona.rule_sets import rules_of
from personac.core.persona.schema import Ethics

STAND_INS = {"general-violence", "general-crime", "general-hate", "general-sexual"}


@pytest.mark.parametrize(
    ("encoders", "languages", "read"),
    [
        (["use-multilingual", "all-MiniLM-L6-v2"], ["en", "zh-TW"], True),
        (["all-MiniLM-L6-v2"], ["en"], True),
        (["all-MiniLM-L6-v2"], ["en", "zh"], False),
        (["use-multilingual", "another"], ["zh"], True),
        (["another"], ["en"], False),
        (["use-multilingual"], ["de"], False),
    ],
)
def test_the_judge_tells_what_it_reads(encoders: list[str], languages: list[str], read: bool) -> None:
    assert shipped().reads(encoders, languages) is read


def test_topics_of_a_set_stand_in_for_the_judge_only() -> None:
    ethics = Ethics.model_validate({"sets": ["general", "crisis"]})
    left_out = {rule.id for rule in rules_of(ethics)} - {rule.id for rule in rules_of(ethics, judged=True)}
    assert left_out == STAND_INS
    own = {"id": "general-violence", "when": {"words": ["x"]}, "do": "refuse", "say": {"en": "No."}}
    ethics = Ethics.model_validate({"sets": ["general"], "rules": [own]})
    assert "general-violence" in {rule.id for rule in rules_of(ethics, judged=True)}, "the author's own stays"
