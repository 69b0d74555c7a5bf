"""The persona's block: what is missing is said at once, with where to get it."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest
from personac.connectors.slack import SlackConnector
from personac.connectors.slack.settings import read_settings
from personac.core.errors import ExtensionInvalid, SettingsInvalid

GOOD = {"bot_token": "xoxb-1", "signing_secret": "s"}


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({}, "`bot_token` is missing"),
        ({"bot_token": "xoxb-1"}, "`signing_secret` .HTTP. or `app_token` .Socket Mode. is missing"),
        ({"bot_token": "xoxp-1", "signing_secret": "s"}, "begins with xoxb-"),
        (GOOD | {"app_token": "1"}, "begins with xapp-"),
        (GOOD | {"people": "#help"}, "the id of a channel"),
        (GOOD | {"threads": "always"}, "`threads` is follow or mentioned"),
        (GOOD | {"feedback": "yes"}, "`feedback` is true or false"),
        (GOOD | {"signing_secrt": "s"}, "`signing_secrt` is not known .known are bot_token, signing_secret"),
        (GOOD | {"people": 7}, "`people` is a text"),
    ],
)
def test_a_block_that_does_not_fit_says_what_to_do(block: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        read_settings(block)


def test_a_block_needs_a_token_and_one_way_in() -> None:
    assert read_settings(GOOD).threads == "follow"
    assert read_settings({"bot_token": " xoxb-1 ", "app_token": "xapp-1"}).bot_token == "xoxb-1"


def test_a_missing_extra_names_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("slack_"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])
        return real(name, *args)

    for name in [name for name in sys.modules if name.startswith(("slack_", "personac.connectors.slack."))]:
        if name != "personac.connectors.slack.settings":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtensionInvalid, match=r"pip install 'personac\[slack\]'"):
        SlackConnector().open(None, GOOD, None)  # type: ignore[arg-type]
