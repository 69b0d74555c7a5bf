"""What people do: tickets, handing over with a summary, and how satisfied a customer was."""

from __future__ import annotations

from ...core.plugin import SkillResult
from .numbers import plain
from .reading import score
from .turn import Turn

OPEN_TICKETS = 10
ABOUT = 1000  # characters of what a ticket is about
QUESTIONS = 6  # of a customer, the latest, that a summary tells


def open_ticket(turn: Turn, customer: str) -> SkillResult:
    """Ask what it is about, and open a ticket."""
    words, about = turn.words, turn.answer_to("about")
    if not about:
        return turn.ask("about", words.say("ask_about"))
    open_ones = [ticket for ticket in turn.desk.tickets(customer) if ticket.status != "closed"]
    if len(open_ones) >= OPEN_TICKETS:
        return turn.tell(words.say("ticket_full", count=len(open_ones)), note="too many open tickets")
    number = turn.desk.ticket("ticket", customer, about[:ABOUT], turn.now)
    return turn.tell(words.say("ticket_done", number=number), note=f"{number} opened")


def ticket_status(turn: Turn, customer: str) -> SkillResult:
    """Tell how a customer's tickets stand: the one that was named, else the latest three."""
    words, tickets = turn.words, turn.desk.tickets(customer)
    own = [ticket for ticket in tickets if ticket.kind == "ticket"]
    if not own:
        return turn.tell(words.say("no_tickets"), note="no tickets")
    said = [plain(number) for number in turn.said_numbers()]
    named = [ticket for ticket in own if str(ticket.number) in said] or own[:3]
    told = []
    for ticket in named:
        key = f"ticket_{ticket.status}"
        status = words.say(key) if words.has(key) else ticket.status
        about = ticket.about if len(ticket.about) <= 200 else ticket.about[:199] + "…"
        told.append(words.say("ticket", number=ticket.number, date=turn.day(ticket.opened), status=status, about=about))
    return turn.tell(*told, note=", ".join(str(ticket.number) for ticket in named) + " told")


def hand_over(turn: Turn) -> SkillResult:
    """Pass a conversation on to a person, once, with a summary that grows with it."""
    visit, summary = turn.visit, _summary(turn)
    if visit.handover is None:
        visit.handover = turn.desk.ticket("handover", visit.proven(turn.now), summary, turn.now)
    else:
        turn.desk.add(visit.handover, summary)
    told = turn.words.say("handover", number=visit.handover)
    return turn.tell(told, note=f"asked for a person, {visit.handover}", hand_off=summary)


def finish(turn: Turn) -> SkillResult:
    """Say goodbye; where something was done, ask once how satisfied they were."""
    words, visit = turn.words, turn.visit
    if said := turn.answer_to("score"):
        given = score(said)
        if given is None:
            return turn.ask("score", words.say("score_unclear"), choices=tuple("12345"))
        turn.desk.rate(visit.key, given, turn.now)
        visit.rated = True
        return turn.tell(words.say("score_good" if given >= 4 else "score_bad"), note=f"satisfaction {given} of 5")
    if visit.done and not visit.rated:
        return turn.ask("score", words.say("goodbye"), words.say("ask_score"), choices=tuple("12345"))
    return turn.tell(words.say("goodbye"))


def _summary(turn: Turn) -> str:
    """Return what the person who takes over should know: who it is, what was asked, what was done about it."""
    visit, words, proven = turn.visit, turn.words, turn.visit.proven(turn.now)
    customer = turn.desk.customer(proven) if proven else None
    who = words.say("summary_unknown")
    if customer is not None:
        who = words.say("summary_known", name=customer.name, number=customer.number)
    asked = [text for role, text, _ in turn.context.history if role == "user"][-QUESTIONS:]
    asked = [*asked, turn.context.text] if turn.context.text not in asked else asked
    return "\n".join(
        [
            who,
            words.say("summary_asked"),
            *(f"- {text[:300]}" for text in asked),
            words.say("summary_done"),
            *(f"- {line}" for line in visit.done or ["-"]),
        ]
    )


__all__ = ["finish", "hand_over", "open_ticket", "ticket_status"]
