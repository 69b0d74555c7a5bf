"""Customer service: orders, cards, refunds and tickets of customers who prove who they are, and people who take over.

Works over a back office in any SQL database (tables.py), by default a SQLite file that the persona fills. Who somebody
is lies in that database, never in slots.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...core.errors import SettingsInvalid
from ...core.plugin import Manifest, Place, Plugin, Skill, SkillContext, SkillResult, SlotSpec, hook
from .reading import FIGURE, agreed, score
from .settings import CustomerServiceSettings
from .words import WORDS, Words

log = logging.getLogger("personac.customer_service")
NEEDS = "the plugin customer_service needs SQLAlchemy: pip install 'personac[customer-service]'"
SKILLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "order": ("Tell how an order stands.", ("order",)),
    "refund": ("Pay an order back, where the rules allow it.", ("order", "agreed")),
    "card": ("Tell how cards stand.", ("card",)),
    "block_card": ("Block a card, after a yes.", ("card", "agreed")),
    "ticket": ("Open a ticket.", ("about",)),
    "ticket_status": ("Tell how tickets stand.", ()),
    "hand_over": ("Pass the conversation on to a person, with a summary.", ()),
    "finish": ("Say goodbye, and ask how satisfied somebody was.", ("score",)),
}
AGAIN = {  # what is said when the question for a slot comes up again
    "customer": "again_customer", "proof": "again_proof", "order": "which_order", "card": "which_card",
    "agreed": "yes_or_no", "about": "ask_about", "score": "score_unclear",
}  # fmt: skip
FITS: Mapping[str, Callable[[str], bool]] = {  # whether words can be an answer
    "customer": lambda said: bool(FIGURE.search(said)),
    "proof": lambda said: bool(FIGURE.search(said)),
    "agreed": lambda said: agreed(said) is not None,
    "score": lambda said: score(said) is not None,
}
OPEN_TO_ALL = ("hand_over", "finish")  # all others need a proof


class CustomerService(Plugin):
    """Serve customers."""

    manifest = Manifest(
        name="customer_service",
        version="1.0.0",
        contract=1,
        summary="Looks up orders and cards behind a proof of who it is, refunds by rules, opens tickets, hands over.",
        reads=("text", "slots", "history", "personal_data"),
        network=("*",),
        settings=CustomerServiceSettings,
    )

    def __init__(self, settings: CustomerServiceSettings) -> None:
        super().__init__(settings)
        self.now: Callable[[], float] = time.time

    @hook
    def open(self, place: Place) -> None:
        """Read what fills the office; connect to nothing yet."""
        try:
            from .office import Office
        except ImportError as error:
            raise SettingsInvalid(NEEDS) from error
        settings: CustomerServiceSettings = self.settings
        url = settings.database or f"sqlite:///{(place.data / 'office.sqlite').resolve()}"
        self._office = Office(url, place.files / settings.office if settings.office else None, settings.seconds)

    @hook
    def close(self) -> None:
        """Let go of the database."""
        if hasattr(self, "_office"):
            self._office.close()

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        made = {}
        for name, (summary, own) in SKILLS.items():
            slots = own if name in OPEN_TO_ALL else ("customer", "proof", *own)
            specs = {slot: SlotSpec(type="text", required=False, ask=WORDS[AGAIN[slot]]) for slot in slots}
            checks = {slot: partial(self._unfit, slot) for slot in slots if slot in FITS}
            made[name] = Skill(run=partial(self._run, name), summary=summary, slots=specs, checks=checks)
        return made

    def _unfit(self, slot: str, value: Any, language: str) -> str | None:
        """Return what is said to an answer that can be none; personal data in it may stand as [birth_date 1]."""
        if not isinstance(value, str) or not value.strip() or FITS[slot](value):
            return None
        return Words(language, self.settings).say(AGAIN[slot])

    def _run(self, name: str, context: SkillContext) -> SkillResult | None:
        """Run one skill in one transaction; what the database does not do is told, and nothing of it is kept."""
        from sqlalchemy.exc import DBAPIError, TimeoutError

        from .work import do

        try:
            return do(name, context, self.settings, self._office, self.now())
        except (DBAPIError, TimeoutError) as error:
            log.error("the back office failed in customer_service.%s: %s", name, type(error).__name__, exc_info=True)
            return SkillResult(Words(context.language, self.settings).say("down"))


__all__ = ["CustomerService", "CustomerServiceSettings"]
