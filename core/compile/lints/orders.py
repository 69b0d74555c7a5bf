"""Lint on knowledge: orders to a language model that stand in it. They are never followed, but whose are they?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...diagnostics import Diagnostic
from ...mind.risk.judge import shipped
from ...mind.risk.orders import orders
from ...turn import Vector
from .material import Material, quoted
from .similarity import Encode, Sentences


def lint_orders(material: Material, encode: Encode) -> Iterator[Diagnostic]:
    """Report sentences of passages that tell a language model what to do."""

    def vectors(batch: Sequence[tuple[str, str]]) -> list[dict[str, Vector]]:
        made = Sentences.of([text for text, _ in batch], [language for _, language in batch], encode)
        return [
            {name: matrix[at] for name, matrix in made.vectors.items() if made.covered[name][at]}
            for at in range(len(batch))
        ]

    for passage in material.knowledge.passages:
        for order in orders(f"{passage.title}\n{passage.text}", passage.language, shipped(), vectors):
            yield Diagnostic(
                "P0412",
                "warning",
                f"this reads as an order to a language model: {quoted(order)}",
                material.place(passage),
                "the persona does not follow it and its model does not see it; delete it, or say who put it there",
            )
