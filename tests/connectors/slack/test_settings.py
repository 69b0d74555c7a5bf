"""The persona's block: what is missing is said at once, with where to get it."""

from __future__ import annotations

import builtins
import re
import sys
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.connectors.slack import SlackConnector
from personac.connectors.slack.settings import Settings, read_settings
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
        (GOOD | {"threads": "always"}, "`threads` is one of follow, mentioned"),
        (GOOD | {"feedback": "yes"}, "`feedback` is true or false"),
        (GOOD | {"signing_secrt": "s"}, "`signing_secrt` is not known; did you mean `signing_secret`"),
        (GOOD | {"people": 7}, "`people` is a text"),
    ],
)
def test_a_block_that_does_not_fit_says_what_to_do(block: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        read_settings(block)


def test_a_block_needs_a_token_and_one_way_in() -> None:
    assert read_settings(GOOD).threads == "follow"
    assert read_settings({"bot_token": " xoxb-1 ", "app_token": "xapp-1"}).bot_token == "xoxb-1"


def test_what_comes_from_the_environment_fits_and_is_judged_when_it_is_there() -> None:
    block = {"bot_token": "${TOKEN}", "signing_secret": "${SECRET}", "people": "${PEOPLE}", "threads": "follow"}
    assert SlackConnector().check(block) == {}
    assert list(SlackConnector().check(block | {"direct": "both", "thread": "follow"})) == ["direct", "thread"]
    assert "signing_secret" in SlackConnector().check({"bot_token": "${TOKEN}"})[""]
    with pytest.raises(SettingsInvalid, match="begins with xoxb-"):
        read_settings({"bot_token": "12", "signing_secret": "s"})


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


YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PAGE = (Path(__file__).parents[3] / "docs" / "slack.md").read_text("utf-8")


def test_the_page_names_every_setting() -> None:
    assert {field.name for field in fields(Settings)} == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.M))


def test_the_page_s_manifest_asks_for_what_is_used_and_no_more() -> None:
    (manifest,) = (yaml.safe_load(textwrap.dedent(text)) for text in YAML.findall(PAGE) if "scopes:" in text)
    read = {"channels:history", "groups:history", "im:history", "mpim:history", "app_mentions:read", "files:read"}
    written = {"chat:write", "commands", "files:write", "im:write"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == read | written
    events = {"message.channels", "message.groups", "message.im", "message.mpim", "app_mention", "app_home_opened"}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == events
    assert manifest["settings"]["interactivity"]["is_enabled"]
