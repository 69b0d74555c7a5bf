"""Lint on knowledge: orders to a language model that stand in it. They are never followed, but whose are they?"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ...mind.risk.judge import shipped
from ...mind.risk.orders import LEFT_OUT, orders
from ...senses import SharedEncoders
from .material import Material, quoted
from .similarity import Encode


def lint_orders(material: Material, encode: Encode) -> Iterator[Diagnostic]:
    """Report sentences of passages that tell a language model what to do: those that are left out at run time."""
    senses = SharedEncoders(encode.encoders)  # the judge reads more of an encoder than lints do
    try:
        for passage in material.knowledge.passages:
            text = f"{passage.title}\n{passage.text}"
            for order in orders(text, passage.language, shipped(), senses.encode_now):
                yield Diagnostic(
                    "P0412",
                    "warning",
                    f"this reads as an order to a language model: {quoted(order)}",
                    material.place(passage),
                    f"neither users nor a model get to read it: they read {LEFT_OUT} there; delete it, or reword it",
                )
    finally:
        senses.close()
