"""rasa-sdk's knowledge base action: what it lists in one turn is what a mention means in the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from personac.core.testing.skills import SkillClient
from personac.plugins.rasa import Rasa

from .conftest import COMMON, PACKAGES, action_server

pytestmark = pytest.mark.filterwarnings("default")  # rasa-sdk's own, where it runs in this process
QUERY = "action_query_knowledge_base"


@pytest.fixture(params=["here", "grpc"])  # rasa-sdk 3.21.1 cannot serve such an action over HTTP: it does not pickle
async def client(request: pytest.FixtureRequest, rasa_python: Path) -> AsyncIterator[SkillClient]:
    settings = {**COMMON, "forms": {}, "reminders": {}}
    if request.param == "here":
        request.getfixturevalue("rasa_path")
        async with SkillClient(Rasa, **settings, actions="guide", path=str(PACKAGES)) as made:
            yield made
        return
    with action_server(rasa_python, "--grpc", package="guide") as port:
        async with SkillClient(Rasa, **settings, url=f"grpc://127.0.0.1:{port}") as made:
            yield made


def listed(text: str) -> dict[str, str]:
    """Return what was listed, name by number; rasa-sdk lists in any order."""
    return dict(reversed(line.split(": ")) for line in text.split("\n\n")[1:])


async def test_a_mention_means_what_was_listed(client: SkillClient) -> None:
    first = await client.call(QUERY, "list some restaurants", object_type="restaurant")
    assert first is not None
    numbers = listed(first.text)
    assert set(numbers) == {"Donath", "Berlin Burrito", "I due forni"}
    asked = await client.call(QUERY, "what cuisine has it?", mention=numbers["Berlin Burrito"], attribute="cuisine")
    assert asked is not None
    assert asked.text == "'Berlin Burrito' has the value 'Mexican' for attribute 'cuisine'."
    again = await client.call(QUERY, "does it have wifi?", mention="it", attribute="wifi")
    assert again is not None
    assert again.text == "'Berlin Burrito' has the value 'True' for attribute 'wifi'."


async def test_an_attribute_narrows_the_list(client: SkillClient) -> None:
    found = await client.call(QUERY, "Italian restaurants", object_type="restaurant", cuisine="Italian")
    assert found is not None
    assert set(listed(found.text)) == {"Donath", "I due forni"}
