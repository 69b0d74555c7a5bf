"""Each broken persona has the findings that stand beside it.

After a change on purpose: PERSONAC_WRITE_SNAPSHOTS=1 pytest tests/core/persona, and read every line that changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from personac.core.diagnostics import CODES, render
from personac.core.persona.check import check

BROKEN = Path(__file__).parent / "broken"
INSTALLED = {
    "plugins": {"tourism", "medical"},
    "skills": {"tourism.opening_hours", "tourism.ticket_price"},
    "connectors": {"web", "slack", "telegram"},
}


@pytest.mark.parametrize("name", sorted(path.stem for path in BROKEN.glob("*.yaml")))
def test_a_broken_persona_is_explained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    loaded = check(Path(f"{name}.yaml"), **INSTALLED)
    shown = render(loaded.diagnostics) + "\n"
    expected = BROKEN / f"{name}.txt"
    if os.environ.get("PERSONAC_WRITE_SNAPSHOTS"):
        expected.write_text(shown, encoding="utf-8")
    assert loaded.diagnostics
    assert all(diagnostic.code in CODES for diagnostic in loaded.diagnostics)
    assert shown == expected.read_text(encoding="utf-8")


def test_every_snapshot_has_its_persona() -> None:
    assert {path.stem for path in BROKEN.glob("*.txt")} == {path.stem for path in BROKEN.glob("*.yaml")}


def test_every_code_is_shown_by_a_snapshot() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in BROKEN.glob("*.txt"))
    elsewhere = {"P0101", "P0102", "P0103", "P0111"}  # these need files that cannot stand here: see test_source.py
    assert {code for code in CODES if f"[{code}]" not in shown} == elsewhere
