"""Tools of real servers, made with the SDK, as skills."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import SettingsInvalid
from personac.core.hosting.make import make
from personac.core.persona.check import check
from personac.core.persona.plugin_facts import PluginFacts
from personac.core.persona.plugin_use import PluginUse
from personac.core.plugin import SkillResult
from personac.plugins.mcp import Mcp, McpSettings
from personac.testing import SkillClient

pytest.importorskip("mcp", reason="the extra mcp is not installed")
ROOT = Path(__file__).parents[3]
WEATHER = Path(__file__).with_name("weather.py")
TOOLS = ["forecast", "day", "alarm", "map_of", "environment", "crash", "failing", "process", "curious"]


def weather(**settings: Any) -> SkillClient:
    own = {"command": sys.executable, "args": [str(WEATHER)], "allow": TOOLS, "seconds": 30, "start_seconds": 30}
    return SkillClient(Mcp, servers={"weather": {**own, **settings}})


async def call(client: SkillClient, skill: str, language: str = "en", **slots: Any) -> SkillResult:
    result = await client.call(skill, language=language, **slots)
    assert result is not None
    return result


async def test_a_tool_answers_with_its_source() -> None:
    async with weather() as client:
        result = await call(client, "weather_forecast", city="Beijing", days={"value": 3, "text": "three"})
        assert result.text == "weather (forecast) says:\nBeijing: 21 degrees celsius for 3 days"
        (passage,) = result.passages
        assert (passage.source, passage.text) == ("MCP: weather/forecast", "Beijing: 21 degrees celsius for 3 days")
        chinese = await call(client, "weather_forecast", "zh", city="北京", unit={"id": "kelvin", "name": "kelvin"})
        assert chinese.text == "weather（forecast）的结果：\n北京: 21 degrees kelvin for 1 days"


async def test_arguments_are_slots_of_their_types() -> None:
    async with weather(ask={"forecast": {"city": {"en": "Which city?", "zh": "哪个城市？"}}}) as client:
        skills = client._loaded.skills
        forecast, alarm = skills["weather_forecast"], skills["weather_alarm"]
        kinds = {name: (slot.type, slot.required, tuple(slot.values)) for name, slot in forecast.slots.items()}
        assert kinds == {
            "city": ("text", True, ()),
            "days": ("number", False, ()),
            "unit": ("entity", False, ("celsius", "kelvin")),
        }
        assert forecast.slots["city"].ask == {"en": "Which city?", "zh": "哪个城市？"}
        assert alarm.slots["wind"].values == ("calm", "storm")
        assert alarm.slots["loud"].ask == {"en": "loud: yes or no?", "zh": "loud：是，还是不是？"}
        assert forecast.summary == "Tell the weather of a city."


async def test_what_changes_something_is_asked_about_first_and_given_only_what_was_shown() -> None:
    async with weather() as client:
        skills = client._loaded.skills
        assert not skills["weather_forecast"].confirm
        assert skills["weather_alarm"].confirm["en"] == (
            "Shall I use alarm of weather (city: {city}, wind: {wind}, loud: {loud})?"
        )
        slots = {"city": "Beijing", "wind": {"id": "storm", "name": "storm"}, "loud": "是的，要响"}
        result = await call(client, "weather_alarm", **slots, note="never shown")
        assert "alarm for Beijing at storm, loud: True, note: none" in result.text
    async with weather(confirm=["forecast"]) as client:
        skills = client._loaded.skills
        assert skills["weather_forecast"].confirm
        assert not skills["weather_alarm"].confirm


async def test_structured_results_and_pictures() -> None:
    async with weather() as client:
        assert '"high": 21' in (await call(client, "weather_day", city="Beijing")).text
        result = await call(client, "weather_map_of", city="Beijing")
        assert [media.mime for media in result.media] == ["image/png"]  # and not what only calls itself one
        assert result.text == "weather (map_of) says:\na map"


@pytest.mark.parametrize(
    ("said", "loud"),
    [("yes please", True), ("No, thanks", False), ("是的", True), ("不要", False), ("不是", False), ("maybe", None)],
)
async def test_yes_and_no_in_both_languages(said: str, loud: bool | None) -> None:
    async with weather(confirm=[]) as client:
        slots = {"city": "Beijing", "wind": {"id": "storm", "name": "storm"}, "loud": said}
        result = await call(client, "weather_alarm", **slots)
        assert result.ask == ("loud" if loud is None else "")
        assert (f"loud: {loud}" in result.text) is (loud is not None)


async def test_what_nobody_says_is_no_argument(caplog: pytest.LogCaptureFixture) -> None:
    async with weather(allow=["at"]) as client:
        assert "its argument 'place' is of type object" in caplog.text
        assert "I cannot use at of weather" in (await call(client, "weather_at", place="here")).text


async def test_a_program_gets_no_environment_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAC_SECRET", "x")
    async with weather(env={"WEATHER_TOKEN": "t"}) as client:
        told = (await call(client, "weather_environment")).text
        assert "WEATHER_TOKEN" in told
        assert "PERSONAC_SECRET" not in told


async def test_a_session_is_kept_and_begun_anew_after_a_crash(caplog: pytest.LogCaptureFixture) -> None:
    async with weather() as client:
        first = (await call(client, "weather_process")).text
        assert (await call(client, "weather_process")).text == first
        assert "cannot be reached right now" in (await call(client, "weather_crash")).text
        assert "weather ended (3)" in caplog.text
        assert any(record.levelno == logging.ERROR and "ended (3)" in record.message for record in caplog.records)
        again = (await call(client, "weather_process")).text
        assert "says" in again
        assert again != first
    await gone(int(again.split()[-1]))


async def test_many_calls_at_once_share_the_next_session() -> None:
    async with weather() as client:
        await call(client, "weather_crash")
        results = await asyncio.gather(*(call(client, "weather_process") for _ in range(5)))
        assert len({result.text for result in results}) == 1
        assert "says" in results[0].text


async def gone(process: int) -> None:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the process {process} was left behind")


async def test_a_tool_that_fails_is_a_sentence_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with weather() as client:
        assert (await call(client, "weather_failing")).text.startswith("weather could not do that (failing).")
        assert "it says that it failed: 'Error executing tool failing'" in caplog.text


async def test_a_server_does_not_get_to_ask_the_user(caplog: pytest.LogCaptureFixture) -> None:
    async with weather() as client:
        text = (await call(client, "weather_curious")).text
        assert "password" not in text.lower()
        assert "I cannot use curious of weather" in text
        assert "it asks for more than its arguments" in caplog.text


async def test_values_that_do_not_fit_do_not_reach_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async with weather() as client:
        for slots in ({}, {"city": "Beijing", "unit": {"id": "'; DROP TABLE", "name": "x"}}, {"city": "x" * 5000}):
            assert "I cannot use forecast" in (await call(client, "weather_forecast", **slots)).text
        assert "none of the values that are allowed" in caplog.text


async def test_what_is_pinned_must_be_like_that(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with weather(allow=["forecast"]) as client:
        await call(client, "weather_forecast", city="Beijing")
    digest = caplog.text.split("pins: {forecast: ")[1][:16]
    async with weather(allow=["forecast"], pins={"forecast": digest}) as client:
        assert "21 degrees" in (await call(client, "weather_forecast", city="Beijing")).text
    async with weather(allow=["forecast"], pins={"forecast": "0" * 16}) as client:
        assert "it has changed" in (await call(client, "weather_forecast", city="Beijing")).text
        assert f"{digest} instead of 0000000000000000" in caplog.text


@pytest.fixture
def address() -> Iterator[str]:
    """Yield the address of the weather server over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(WEATHER), str(port)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1.0).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


async def test_servers_are_reached_over_http(address: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"url": address, "allow": TOOLS, "seconds": 30, "headers": {"Authorization": "Bearer x"}}
    async with SkillClient(Mcp, servers={"far": settings}) as client:
        assert "21 degrees" in (await call(client, "far_forecast", city="Beijing")).text
        assert '"high": 21' in (await call(client, "far_day", city="Beijing")).text


async def test_a_server_that_is_not_there_is_told_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    own = {"command": sys.executable, "args": [str(WEATHER)], "allow": ["forecast"], "seconds": 30}
    away = {"command": "/nowhere/at-all", "allow": ["forecast"]}
    far = {"url": "http://127.0.0.1:9/mcp", "allow": ["forecast"]}
    async with SkillClient(Mcp, servers={"weather": own, "away": away, "far": far}) as client:
        assert "21 degrees" in (await call(client, "weather_forecast", city="Beijing")).text
        for server in ("away", "far"):
            assert f"{server} cannot be reached" in (await call(client, f"{server}_forecast", city="Beijing")).text
            assert f"the MCP server {server}: it cannot be reached" in caplog.text


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ({"command": "x", "url": "http://x/", "allow": ["a"]}, "either a `command` to start or the `url`"),
        ({"command": "x"}, "allow: Field required"),
        ({"command": "x", "allow": []}, "allow"),
        ({"command": "x", "allow": ["a"], "confirm": ["b"]}, "`confirm` names the tool b"),
        ({"url": "ftp://x", "allow": ["a"]}, "begins with https://"),
        ({"command": "x", "allow": ["a"], "headers": {"x": "y"}}, "`headers` belong to a `url`"),
        ({"command": "x", "allow": ["a b"]}, "allow.0"),
        ({"command": "x", "allow": ["a.b", "a/b"]}, "are both the skill mcp.s_a_b"),
    ],
)
def test_settings_that_do_not_fit_are_told(server: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        make(Mcp, "mcp", {"servers": {"s": server}})
    assert told in str(raised.value)


def test_the_documented_persona_has_no_fault(tmp_path: Path) -> None:
    def known(use: PluginUse) -> PluginFacts:
        return PluginFacts(True, McpSettings, None)

    page = (ROOT / "docs/mcp.md").read_text("utf-8")
    written = page.split("```yaml\npersonac: 1", 1)[1].split("```")[0]
    (tmp_path / "persona.yaml").write_text("personac: 1" + written, "utf-8")
    assert not check(tmp_path / "persona.yaml", plugins=["mcp"], facts=known).diagnostics
    wrong = written.replace("allow: [forecast]", "allow: []").replace("confirm: [report]", "confirm: [all]")
    (tmp_path / "persona.yaml").write_text("personac: 1" + wrong, "utf-8")
    found = check(tmp_path / "persona.yaml", plugins=["mcp"], facts=known).diagnostics
    assert [finding.span.line for finding in found] == [11, 14]
    open_ = written.replace("${WEATHER_TOKEN}", "abc").replace("${STATIONS_TOKEN}", "abc")
    (tmp_path / "persona.yaml").write_text("personac: 1" + open_, "utf-8")
    found = check(tmp_path / "persona.yaml", plugins=["mcp"], facts=known).diagnostics
    assert [(finding.span.line, finding.code) for finding in found] == [(10, "P0309"), (16, "P0309")]


@pytest.mark.parametrize("personal", [False, True])
async def test_personal_data_is_given_only_where_the_persona_says_so(personal: bool) -> None:
    own = {"command": "/nowhere/at-all", "allow": ["forecast"]}
    async with SkillClient(Mcp, servers={"away": own}, personal_data=personal) as client:
        assert client._loaded.manifest.reads_personal_data is personal
