"""The connector conforms: by long polling and by webhook, in private chats and in groups, in English and in Chinese."""

from __future__ import annotations

from typing import Any

import pytest
from personac.testing import CHECKS

from .rig import TelegramRig


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
@pytest.mark.parametrize(
    ("webhook", "groups", "code"),
    [(False, False, "en"), (True, True, "zh-hans")],
    ids=["polling, private, English", "webhook, groups, Chinese"],
)
async def test_it_conforms(check: Any, webhook: bool, groups: bool, code: str) -> None:
    await check(TelegramRig(webhook, groups, code))
