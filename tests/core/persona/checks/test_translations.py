"""The words of a rule are needed in the languages in which it can fire, and in no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from personac.core.persona.check import check

PERSONA = """\
personac: 1
name: Mei Lin
languages: [en, zh]
intents:
  - name: thanks
    examples: [thank you, 谢谢]
    responses: {en: Welcome!, zh: 不客气！}
ethics:
  rules:
    - id: a
      when: WHEN
      do: warn
      say: SAY
"""


@pytest.mark.parametrize(
    ("when", "say", "missing"),
    [
        ("{all: [{words: [coupon]}, {not: {language: zh}}]}", "{en: In the shop only.}", ""),
        ("{all: [{words: [coupon]}, {not: {language: zh}}]}", "In the shop only.", ""),
        ("{all: [{words: [coupon]}, {language: zh}]}", "{zh: 仅限店内。}", ""),
        ("{all: [{words: [coupon]}, {language: zh}]}", "{en: In the shop only.}", "`say` is missing in `zh`"),
        ("{any: [{words: [coupon]}, {language: zh}]}", "{zh: 仅限店内。}", "`say` is missing in `en`"),
        ("{words: [coupon]}", "{en: In the shop only.}", "`say` is missing in `zh`"),
    ],
)
def test_words_are_needed_where_a_rule_can_fire(
    write_persona: Callable[..., Path], when: str, say: str, missing: str
) -> None:
    found = check(write_persona(PERSONA.replace("WHEN", when).replace("SAY", say))).diagnostics
    assert [finding.message for finding in found if finding.code == "P0306"] == ([missing] if missing else [])
