"""Files that are not what they say, through the whole persona: told kindly, in the language of the conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from personac.core.runtime import Runtime

from ..hostile import files
from .conftest import PROFILE, Connect
from .fake import FakeSlack, words

# of a picture that is none by its first bytes, and of one that was called a sound
ENGLISH = ("not this kind of file", "I can see your picture")
CHINESE = ("这种文件", "看到了您的图片")


async def test_files_that_are_not_what_they_say_are_told_kindly(
    guide: Runtime, connect: Connect, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    mei = await connect(guide.answer, replace(PROFILE, has_voice=False))
    await mei.says("U2", "D2", "故宫几点开门？")
    wrong: dict[str, list[str]] = {}
    for number, (name, file) in enumerate(files().items(), 1):
        await mei.says("U1", "D1", "", files=[slack.add_file(file.data, file.mime)])
        await mei.says("U2", "D2", "", files=[slack.add_file(file.data, file.mime)])
        english, chinese = (
            words((await mei.answers("D1", number))[-1]),
            words((await mei.answers("D2", number + 1))[-1]),
        )
        if not any(said in english for said in (file.english, *ENGLISH)) or not any(
            said in chinese for said in (file.chinese, *CHINESE)
        ):
            wrong[name] = [english, chinese]
    assert not wrong
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
