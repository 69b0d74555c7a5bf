"""How well rights over one's own data are recognised in words, and how often by mistake.

rights.py [FILE…]

The sentences of rights_held_out.csv were written for this and are learnt from by nothing. The other files, tables with
a column `text`, hold questions of which none is about the user's data as the persona keeps it: what is caught there is
a false alarm. Measured for the encoders of an English persona, and for those of one that speaks English and Chinese.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import show
from personac.core.compile.rights import learn
from personac.core.compile.vectors import TextVectors, covers, encoder_names
from personac.core.mind.rights import Asked, RightsReader

HELD_OUT = Path(__file__).with_name("rights_held_out.csv")


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress."""


def read(vectors: TextVectors, reader: RightsReader, texts: Sequence[str], language: str) -> list[Asked | None]:
    """Return what each text asks for."""
    encoders = [encoder for encoder in vectors.encoders if covers(encoder, language)]
    made = {encoder.name: vectors.of(encoder, texts, "read", quiet) for encoder in encoders}
    return [reader.asked({name: rows[i] for name, rows in made.items()}) for i in range(len(texts))]


def measure(languages: Sequence[str], files: Sequence[Path]) -> dict[str, Any]:
    """Return the shares for a persona of these languages."""
    vectors = TextVectors.named(encoder_names(("auto",), languages), quiet)

    def encode(encoder: Any, texts: Sequence[str]) -> Any:
        return vectors.of(encoder, texts, "rights", quiet)

    readers, report = learn(vectors.encoders, languages, encode)
    reader = RightsReader(readers)
    rows = list(csv.DictReader(HELD_OUT.read_text("utf-8").splitlines()))
    results: dict[str, Any] = {"learnt": report}
    for language in languages:
        own = [row for row in rows if row["language"] == language]
        asked = read(vectors, reader, [row["text"] for row in own], language)
        claims = [(row["right"], got) for row, got in zip(own, asked) if row["right"]]
        others = [got for row, got in zip(own, asked) if not row["right"]]
        caught = [(right, got) for right, got in claims if got is not None]
        results[f"held out, {language}"] = {
            "sentences": len(claims),
            "caught": round(len(caught) / len(claims), 3),
            "as the right that was meant": round(sum(got.right == right for right, got in caught) / len(claims), 3),
            "of what sounds alike": f"{sum(got is not None for got in others)} of {len(others)}",
        }
    for file in files:
        texts = [row["text"] for row in csv.DictReader(file.read_text("utf-8").splitlines())]
        asked = read(vectors, reader, texts, "en")
        wrong = [text for text, got in zip(texts, asked) if got is not None]
        name = f"{file.parent.name}/{file.name}"
        results[name] = {
            "questions": len(texts),
            "caught": len(wrong),
            "share": len(wrong) / len(texts),
            "which": wrong,
        }
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="Tables of questions that are about something else.")
    files = parser.parse_args().files
    show("rights", {"en": measure(("en",), files), "en, zh": measure(("en", "zh"), files)})


if __name__ == "__main__":
    main()
