"""What an intent's name and its authored responses are worth as examples, where the author gave few.

    ../.venv/bin/python intent_evidence.py [--draws 20]

For each sample persona 3 and 5 of each intent's own examples are drawn, with and without the name and the first
response of each language as further examples; a logistic regression on the Universal Sentence Encoder names the intents
of all examples that are left over.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from common import ROOT, SEED, show
from personac.core.compile.examples import intent_rows, words_of
from personac.core.models.text import load_text_encoder
from personac.core.persona.check import load
from sklearn.linear_model import LogisticRegression

PLANS = ((), ("names",), ("responses",), ("names", "responses"))


def accuracies(name: str, draws: int) -> dict[str, Any]:
    """Return the mean accuracy and its standard error for each number of shots and plan."""
    root = ROOT / "personas" / name
    persona = load(root).persona
    assert persona is not None
    encode = load_text_encoder("use-multilingual").encode
    place = {intent.name: at for at, intent in enumerate(persona.intents)}
    rows = [row for row in intent_rows(persona, root) if row.text and row.intent]
    labels = np.array([place[row.intent or ""] for row in rows])
    vectors = encode([row.text for row in rows])
    extra: dict[str, list[tuple[str, int]]] = {"names": [], "responses": []}
    for intent, at in place.items():
        extra["names"] += [(words, at)] if (words := words_of(intent)) else []
        said = persona.intents[at].responses or {}
        extra["responses"] += [(texts[0], at) for texts in said.values() if texts]
    more = {kind: (encode([text for text, _ in of]), np.array([at for _, at in of])) for kind, of in extra.items()}
    found: dict[str, Any] = {"intents": len(place), "examples": len(rows)}
    for shots in (3, 5):
        for plan in PLANS:
            right = []
            for draw in range(draws):
                chance = np.random.default_rng(SEED + draw)
                parts = [chance.permutation(np.flatnonzero(labels == at))[:shots] for at in range(len(place))]
                learnt = np.concatenate(parts)
                held = np.setdiff1d(np.arange(len(labels)), learnt)
                matrix = np.vstack([vectors[learnt], *(more[kind][0] for kind in plan)])
                of = np.concatenate([labels[learnt], *(more[kind][1] for kind in plan)])
                model = LogisticRegression(C=30, max_iter=500).fit(matrix, of)
                right.append(float((model.predict(vectors[held]) == labels[held]).mean()))
            error = float(np.std(right) / np.sqrt(draws))
            plan_name = " and ".join(("examples", *plan))
            found[f"{shots} shots, {plan_name}"] = [
                round(float(np.mean(right)), 4),
                round(error, 4),
            ]
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    show("intent_evidence", {name: accuracies(name, given.draws) for name in ("tour_guide", "bank_service")})
