"""Make the files of a new persona.

Everything is a text by its path in the persona's folder; nothing is written here. Comments and texts are in the
author's language, the first of the persona's.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from ..json_schema import json_schema_text
from ..writing import SCHEMA_FILE
from .conversations import conversations_yaml
from .persona import TABLE, persona_yaml, summary_of
from .wishes import Wishes, folder_of, texts

TESTS = "tests/conversations.yaml"
_FACE = Path(__file__).with_name("face.svg")
_COLOURS = (
    ("#dcebf7", "#3f7fb5"), ("#e3f1dc", "#5b9a4c"), ("#fbe6d3", "#d07f3a"),
    ("#ece3f5", "#8565b5"), ("#fbe0e4", "#c8586c"), ("#d9f0ee", "#37918a"),
)  # fmt: skip


def starter_files(wishes: Wishes) -> dict[str, str]:
    """Return the files of a new persona by their paths."""
    background, coat = _COLOURS[zlib.crc32(wishes.name.encode()) % len(_COLOURS)]
    face = _FACE.read_text(encoding="utf-8").replace("#BACKGROUND", background).replace("#COAT", coat)
    readme = str(texts()["readme"][wishes.language])
    values = {"name": wishes.name, "folder": folder_of(wishes.name), "summary": summary_of(wishes)}
    return {
        "persona.yaml": persona_yaml(wishes),
        TABLE: _table(wishes.rows()),
        TESTS: conversations_yaml(wishes),
        "face.svg": face,
        SCHEMA_FILE: json_schema_text(),
        "README.md": readme.format(**values),
        ".gitignore": "build/\n",
    }


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("question", "answer", "language"))
    writer.writerows(rows)
    return file.getvalue()
