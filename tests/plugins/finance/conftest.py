"""A small stream of news that the tests of the plugin share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOPICS: dict[str, Any] = {
    "harbour": {"name": {"en": "Harbour Motors", "zh": "海港汽车"}, "words": ["HMX"]},
    "oil": {"name": {"en": "oil", "zh": "石油"}, "words": ["crude", "原油"]},
    "chips": {"name": {"en": "chips", "zh": "芯片"}},
}
NEWS = """\
# invented for the tests
date,title,text,source
2026-09-29,Harbour Motors recalls 12000 vans,,Demo Wire
2026-09-28,Harbour Motors profit fell by 30 %,Demand was weak.,Demo Wire
2026-09-28,Harbour Motors profit fell by 40 %,,Demo Wire
2026-09-27,海港汽车销量下滑，宣布裁员,,示例通讯
2026-09-27,Harbour Motors won an award,,Demo Wire
2026-09-26,Harbour Motors moves its head office,,Demo Wire
2026-09-22,Harbour Motors sales rose by 4 %,,Demo Wire
2026-09-21,Harbour Motors profit rose,,Demo Wire
2026-09-20,Harbour Motors has a new logo,,Demo Wire
2026-09-19,Strike at Harbour Motors,,Demo Wire
2026-09-19,Harbour Motors shows a van,,Demo Wire
2026-09-29,Crude output rose,,Demo Wire
"""


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that writes news to a file and returns settings that read it."""

    def write(news: str = NEWS, name: str = "stream.csv", **more: Any) -> dict[str, Any]:
        path = tmp_path / "news" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(news, "utf-8")
        return {"files": tmp_path, "topics": TOPICS, "news": [f"news/{name}"], "as_of": "2026-09-30", **more}

    return write
