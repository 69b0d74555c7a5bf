"""Write the project of a new plugin: a package that installs, a skill that works, its tests, and a persona to try it.

Knows texts and file names; installs nothing.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from ..plugin import CONTRACT

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def name_fault(name: str) -> str | None:
    """Return why a plugin cannot be called so, None when it can."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        return f"`{name}` cannot be the name of a plugin: use small letters, digits and _, and begin with a letter"
    return None


def project_files(name: str) -> dict[str, str]:
    """Return the files of a plugin's project, by their paths in its folder."""
    title = "".join(part.capitalize() for part in name.split("_"))
    package = f"personac_{name}"
    fill = {"NAME": name, "TITLE": title, "PACKAGE": package, "CONTRACT": str(CONTRACT)}
    files = {
        "pyproject.toml": _PROJECT,
        f"{package}/__init__.py": _PLUGIN,
        f"tests/test_{name}.py": _TEST,
        "example/persona.yaml": _PERSONA,
        "README.md": _README,
        ".gitignore": "__pycache__/\n*.egg-info/\nbuild/\ndist/\n.venv/\n",
    }
    return {path: _filled(text, fill) for path, text in files.items()}


def write_project(name: str, folder: Path) -> list[Path]:
    """Write a project into a folder that is not there yet and return its files; raise FileExistsError."""
    folder.mkdir(parents=True)
    written = []
    for path, text in project_files(name).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        written.append(target)
    return written


def _filled(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


_PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "personac-@NAME@"
version = "0.1.0"
description = "A plugin for personac."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["personac"]

[project.optional-dependencies]
dev = ["pytest>=8", "pytest-asyncio>=0.25"]

[project.entry-points."personac.plugins"]
@NAME@ = "@PACKAGE@:@TITLE@"

[tool.setuptools]
packages = ["@PACKAGE@"]

[tool.pytest.ini_options]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
pythonpath = ["."]
testpaths = ["tests"]
"""
_PLUGIN = '''"""@TITLE@: what this plugin is for, in a sentence."""

from __future__ import annotations

from typing import Literal

from personac.core.plugin import Manifest, Plugin, Settings, SkillContext, SkillResult, skill
from pydantic import Field


class @TITLE@Settings(Settings):
    """What a persona may write under `plugins: [{@NAME@: …}]`; `personac check` holds it against this."""

    most: int = Field(8, ge=1, le=100, description="For how many people at most.")


class @TITLE@(Plugin):
    """Reserve a table."""

    manifest = Manifest(
        name="@NAME@",
        version="0.1.0",
        contract=@CONTRACT@,
        summary="Reserve a table.",
        reads=("slots",),
        settings=@TITLE@Settings,
    )
    settings: @TITLE@Settings

    @skill(
        ask={
            "people": {"en": "For how many people?", "zh": "一共几位？"},
            "room": {"en": "In the garden or inside?", "zh": "坐花园还是室内？"},
        },
        confirm={"en": "A table for {people}, {room}: shall I reserve it?", "zh": "{people}位，{room}，要订吗？"},
    )
    async def reserve(self, context: SkillContext, people: int, room: Literal["garden", "inside"]) -> SkillResult:
        """Reserve a table for some people."""
        if people > self.settings.most:
            said = {
                "en": f"Our largest table is for {self.settings.most}. For how many shall it be?",
                "zh": f"最大的桌子坐{self.settings.most}位。要订几位的？",
            }
            return SkillResult(said["zh" if context.language == "zh" else "en"], ask="people")
        if context.language == "zh":
            return SkillResult(f"订好了：{people}位。")
        return SkillResult(f"Done: a table for {people}, {room}.")
'''
_TEST = '''"""The skills of @NAME@, called as a persona does."""

from __future__ import annotations

import pytest
from personac.testing import SettingsInvalid, SkillClient

from @PACKAGE@ import @TITLE@


async def test_a_table_is_reserved() -> None:
    async with SkillClient(@TITLE@) as client:
        result = await client.call("reserve", people=4, room="garden")
        assert result is not None
        assert result.text == "Done: a table for 4, garden."


async def test_too_many_people_are_asked_about_again() -> None:
    async with SkillClient(@TITLE@, most=6) as client:
        result = await client.call("reserve", people=7, room="inside", language="zh")
        assert result is not None
        assert result.ask == "people"
        assert "6位" in result.text


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SettingsInvalid, match="most"):
        SkillClient(@TITLE@, most=0)
'''
_PERSONA = """personac: 1
name: Mo
languages: [en, zh]
intents:
  - name: reserve
    examples:
      - I would like to reserve a table
      - book a table for tonight, please
      - can we have a table for four
      - is there a table free in the garden
      - we want to come for dinner
      - 我想订一张桌子
      - 今晚还有位子吗
      - 帮我订个四人的位子
      - 我们想来吃晚饭
      - 可以订花园的桌子吗
    skill: @NAME@.reserve
  - name: thanks
    examples: [thank you, thanks a lot, that is kind of you, many thanks, 谢谢, 多谢, 谢谢你的帮助, 太感谢了]
    responses: {en: [You're welcome!], zh: [不客气！]}
plugins:
  - ..: {most: 8}      # the folder that the plugin is written in; once it is installed, `@NAME@`
"""
_README = """# personac-@NAME@

A plugin for [personac](https://github.com/personac/personac).

```sh
pip install -e '.[dev]'
pytest                          # its skills, without a model
personac dev example            # talk to a persona that uses it; it is loaded anew when you save
personac plugins list           # what it reads and may do
```

In a persona:

```yaml
plugins:
  - @NAME@: {most: 8}
```
"""
