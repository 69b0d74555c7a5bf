"""The finder of personal data measured on texts whose personal data is marked.

Knows the finder of `mind/privacy` and the names that other collections have for its types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..mind.privacy import PII_TYPES, find
from .metrics import Counts, Span, span_scores
from .tables import Table, read_table

ALIASES = {
    "email": "email email_address e_mail mail 邮箱",
    "phone": "phone phone_number telephone telephone_number tel mobile mobile_number cell 电话 手机号",
    "id_card": "id_card cn_id_card chinese_id id_number national_id identity_card zh_id 身份证",
    "bank_card": "bank_card credit_card credit_card_number card card_number payment_card debit_card 银行卡",
    "iban": "iban iban_code",
    "ip": "ip ip_address ipv4 ip_v4",
}
"""What a type of the finder is called elsewhere, in small letters with underscores."""


def evaluate_privacy(spans: Path) -> dict[str, Any]:
    """Return precision, recall and f1 of the spans found, in all and by type.

    The rows are {text, spans: [{start, end, type}]}, end exclusive. A span counts when type and borders are right;
    `overlapping` has the figures when sharing a character is enough, and `supported` those of the types that the finder
    knows; others count as misses in all and are named in `unsupported`. Raise BadInput for a span outside its text.
    """
    table = read_table(spans, ("text", "spans"))
    texts = table.texts("text")
    truth = [_spans(table, number, text) for number, text in enumerate(texts)]
    found = [find(text) for text in texts]
    exact, overlapping = span_scores(truth, found), span_scores(truth, found, touching=True)
    known = set(PII_TYPES)
    return {
        **_whole(exact),
        "texts": len(texts),
        "supported_types": list(PII_TYPES),
        "unsupported": [kind for kind in exact if kind not in known],
        "supported": _whole({kind: counts for kind, counts in exact.items() if kind in known}),
        "overlapping": _whole(overlapping),
        "by_type": {kind: counts.as_dict() for kind, counts in exact.items()},
    }


def known_type(name: str) -> str:
    """Return the finder's name of a type that others name differently; the name itself when it knows no such type."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next((kind for kind, names in ALIASES.items() if plain in names.split()), plain)


def _whole(counts: dict[str, Counts]) -> dict[str, float]:
    return sum(counts.values(), Counts()).as_dict()


def _spans(table: Table, number: int, text: str) -> list[Span]:
    given = table.rows[number]["spans"]
    if not isinstance(given, list):
        raise table.fault(number, "spans should be a list of {start, end, type}")
    found = []
    for span in given:
        if not isinstance(span, dict) or not {"start", "end", "type"} <= span.keys():
            raise table.fault(number, f"a span should have start, end and type, not {span!r}")
        start, end, kind = span["start"], span["end"], span["type"]
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
            raise table.fault(number, f"a span from {start!r} to {end!r} does not lie in its text of {len(text)}")
        found.append((start, end, known_type(str(kind))))
    return found
