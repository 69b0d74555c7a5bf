"""The Matrix connector conforms, joins when invited, goes on where it stood, and the page that shows it is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from personac.connectors.matrix import MatrixConnector
from personac.core.errors import SettingsInvalid
from personac.testing import CHECKS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
async def test_it_conforms(check: Any, rig: Any) -> None:
    await check(rig)


def test_missing_settings_are_named() -> None:
    with pytest.raises(SettingsInvalid, match="access_token, user"):
        MatrixConnector().open(None, {"homeserver": "https://example.org"}, None)  # type: ignore[arg-type]


def test_the_page_about_connectors_shows_the_connector_as_it_is_and_in_under_80_lines() -> None:
    source = (ROOT / "connectors" / "matrix.py").read_text("utf-8")
    shown = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "connectors.md").read_text("utf-8"), re.S)
    assert source in shown
    assert len(source.splitlines()) < 80
