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
from personac.core.mind.rights import RightsReader
from personac.core.mind.rights_polarity import meant, pieces
from personac.core.mind.rights_words import Wish

HELD_OUT = Path(__file__).with_name("rights_held_out.csv")
ADDED = ("agree", "negated")  # kinds of held-out sentences that were added later, measured apart
OPPOSITE = {
    ("agree", "withdraw"), ("agree", "forget"), ("withdraw", "agree"), ("privacy", "forget"), ("privacy", "withdraw"),
    ("privacy", "agree"), ("", "forget"),
}  # fmt: skip


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress."""


def read(vectors: TextVectors, reader: RightsReader, texts: Sequence[str], language: str) -> list[Wish | None]:
    """Return what each text asks for, or else the first of its parts that asks for any."""
    whole = read_whole(vectors, reader, texts, language)
    parts = [(i, part) for i, text in enumerate(texts) if whole[i] is None for part in pieces(text)]
    for (i, _), wish in zip(parts, read_whole(vectors, reader, [part for _, part in parts], language)):
        whole[i] = whole[i] or ("privacy" if wish == "agree" else wish)
    return whole


def read_whole(vectors: TextVectors, reader: RightsReader, texts: Sequence[str], language: str) -> list[Wish | None]:
    """Return what each text asks for, with its opposite told from it."""
    encoders = [encoder for encoder in vectors.encoders if covers(encoder, language)]
    made = {encoder.name: vectors.of(encoder, texts, "read", quiet) for encoder in encoders}
    asked = [reader.asked({name: rows[i] for name, rows in made.items()}) for i in range(len(texts))]
    return [None if one is None else meant(one.right, text) for one, text in zip(asked, texts)]


def measure(languages: Sequence[str], files: Sequence[Path]) -> dict[str, Any]:
    """Return the shares for a persona of these languages."""
    vectors = TextVectors.named(encoder_names(("auto",), languages), quiet)

    def encode(encoder: Any, texts: Sequence[str]) -> Any:
        return vectors.of(encoder, texts, "rights", quiet)

    readers, report = learn(vectors.encoders, languages, encode)
    reader = RightsReader(readers)
    rows = list(csv.DictReader(HELD_OUT.read_text("utf-8").splitlines(), restval=""))
    results: dict[str, Any] = {"learnt": report}
    for language in languages:
        for added in ("", *ADDED):
            own = [row for row in rows if row["language"] == language and row["added"] == added]
            asked = read(vectors, reader, [row["text"] for row in own], language)
            told = list(zip(own, asked))
            claims = [(row["right"], got) for row, got in told if row["right"]]
            others = [got for row, got in told if not row["right"]]
            right = sum(got == wanted for wanted, got in claims)
            results[f"held out, {language}{added and ', '}{added}"] = {
                "sentences": len(claims),
                "caught": round(sum(got is not None for _, got in claims) / max(1, len(claims)), 3),
                "as the right that was meant": round(right / max(1, len(claims)), 3),
                "of what sounds alike": f"{sum(got is not None for got in others)} of {len(others)}",
                "taken for the opposite": [row["text"] for row, got in told if (row["right"], got) in OPPOSITE],
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
