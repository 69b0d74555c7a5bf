"""Whole turns of a persona that uses tools of a real server: by its intents, and by its language model."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.core.cli.building import build, open_persona
from personac.core.registry import plugin_names
from personac.core.runtime import Runtime

from ...core.test_speaking import FarSide, far_side
from ...core.test_talking import answers

__all__ = ["far_side"]
pytest.importorskip("mcp", reason="the extra mcp is not installed")
pytestmark = pytest.mark.skipif("mcp" not in plugin_names(), reason="the plugin mcp is not installed: make setup")
Ask = Callable[..., Any]
PERSONA: dict[str, Any] = {
    "personac": 1,
    "name": "Weather Man",
    "languages": ["en", "zh"],
    "intents": [
        {
            "name": "alarm",
            "examples": ["set a wind alarm", "warn me of wind", "设置大风提醒", "有风的时候提醒我"],
            "skill": "mcp.weather_alarm",
        },
        {
            "name": "thanks",
            "examples": ["thank you", "thanks a lot", "谢谢", "多谢"],
            "responses": {"en": ["You are welcome."], "zh": ["不客气。"]},
        },
    ],
}


@pytest.fixture
def weather_man(tmp_path: Path, far_side: FarSide) -> Iterator[Runtime]:
    """Return that persona, running, with a server's tools."""
    ask = {"city": {"en": "Which city?", "zh": "哪个城市？"}, "loud": {"en": "A loud one?", "zh": "要响的吗？"}}
    server = {
        "command": sys.executable,
        "args": [str(Path(__file__).with_name("weather.py"))],
        "allow": ["forecast", "alarm"],
        "ask": {"alarm": ask},
        "start_seconds": 60,
        "seconds": 60,
    }
    model = {"name": "small", "base_url": far_side.url, "tools": ["mcp.weather_forecast"]}
    persona = {**PERSONA, "plugins": [{"mcp": {"servers": {"weather": server}}}], "model": model}
    folder = tmp_path / "weather_man"
    folder.mkdir()
    (folder / "persona.yaml").write_text(yaml.safe_dump(persona, allow_unicode=True), "utf-8")
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    yield runtime
    runtime.close()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (
            ["Please set a wind alarm", "Beijing", "storm", "yes", "Yes"],
            [
                "Which city?",
                "Could you tell me the wind?",
                "A loud one?",
                "Shall I use alarm of weather (city: Beijing, wind: storm, loud: yes)?",
                "weather (alarm) says:\nalarm for Beijing at storm, loud: True, note: none",
            ],
        ),
        (
            ["请设置大风提醒", "北京", "要storm的", "不是", "好的"],
            [
                "哪个城市？",
                "请告诉我wind。",
                "要响的吗？",
                "要使用 weather 的 alarm（city：北京，wind：storm，loud：不是）吗？",
                "weather（alarm）的结果：\nalarm for 北京 at storm, loud: False, note: none",
            ],
        ),
    ],
)
async def test_a_tool_is_a_form_that_asks_first(
    weather_man: Runtime, ask: Ask, said: list[str], heard: list[str]
) -> None:
    replies = [await ask(weather_man, text, conversation="w1") for text in said]
    assert [reply.text for reply in replies] == heard
    assert [source.source for source in replies[-1].sources] == ["MCP: weather/alarm"]


async def test_a_language_model_calls_the_tool(weather_man: Runtime, far_side: FarSide, ask: Ask) -> None:
    call = ("mcp__weather_forecast", json.dumps({"city": "Oslo", "days": 2, "unit": "kelvin"}))
    answers(far_side, [call], ["In Oslo it is 21 degrees kelvin for 2 days. Tomorrow it is 35 degrees."])
    reply = await ask(weather_man, "How warm is it in Oslo for two days, in kelvin?", conversation="w2")
    assert reply.text == "In Oslo it is 21 degrees kelvin for 2 days."
    assert [source.source for source in reply.sources] == ["MCP: weather/forecast"]
    (tool,) = far_side.asked[0]["tools"]
    assert tool["function"]["description"] == "Tell the weather of a city."
    assert tool["function"]["parameters"]["properties"]["unit"]["enum"] == ["celsius", "kelvin"]
