"""Each broken persona has the findings that stand beside it.

After a change on purpose: PERSONAC_WRITE_SNAPSHOTS=1 pytest tests/core/persona, and read every line that changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from personac.core.diagnostics import CODES, render
from personac.core.persona.check import check
from personac.core.persona.plugin_facts import PluginFacts
from personac.core.persona.plugin_use import PluginUse
from personac.core.registry import connector_faults, plugin_facts


def facts(use: PluginUse) -> PluginFacts:
    """Return the facts of what is installed here; medical, which is not, stands for a plugin that does not fit."""
    if use.name != "medical":
        return plugin_facts(use)
    fault = "the plugin 'medical' is made for version 2 of the contract, and this personac has version 1"
    return PluginFacts(True, fault=fault)


BROKEN = Path(__file__).parent / "broken"
INSTALLED = {
    "plugins": {"tourism", "medical"},
    "facts": facts,
    "connectors": {"web", "slack", "telegram"},
    "voices": {"espeak"},
    "settings": connector_faults,
}
NAMES = sorted(
    {path.stem for path in BROKEN.glob("*.yaml")} | {path.parent.name for path in BROKEN.glob("*/persona.yaml")}
)


def findings(name: str) -> Path:
    """Return the file with what a persona's findings look like: beside a file, in a folder."""
    return BROKEN / name / "findings.txt" if (BROKEN / name).is_dir() else BROKEN / f"{name}.txt"


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_persona_is_explained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    loaded = check(Path(name) if Path(name).is_dir() else Path(f"{name}.yaml"), **INSTALLED)
    shown = render(loaded.diagnostics) + "\n"
    expected = findings(name)
    if os.environ.get("PERSONAC_WRITE_SNAPSHOTS"):
        expected.write_text(shown, encoding="utf-8")
    assert loaded.diagnostics
    assert all(diagnostic.code in CODES for diagnostic in loaded.diagnostics)
    assert shown == expected.read_text(encoding="utf-8")


def test_every_snapshot_has_its_persona() -> None:
    snapshots = {*BROKEN.glob("*.txt"), *BROKEN.glob("*/findings.txt")}
    assert snapshots == {findings(name) for name in NAMES}
    assert len(NAMES) >= 120


def test_every_code_is_shown_by_a_snapshot() -> None:
    shown = "".join(findings(name).read_text(encoding="utf-8") for name in NAMES)
    elsewhere = {"P0101", "P0102", "P0111"}  # these need files that cannot stand here: see test_source.py
    unseen = {code for code in CODES if f"[{code}]" not in shown}
    assert {code for code in unseen if not code.startswith("P04")} == elsewhere  # P04: see test_explain.py
