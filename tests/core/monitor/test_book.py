"""The book: counts that outlive the process and several processes, alerts that are sent once, nothing kept too long."""

from __future__ import annotations

from pathlib import Path

from personac.core.message import FiredRule, Reply
from personac.core.monitor.book import KEPT_SECONDS, OPEN_SECONDS, SLOT, Book, Escalation
from personac.core.monitor.signs import risks_of, signs
from personac.core.persona.schema import Rule

from .conftest import Clock


def test_counts_of_several_processes_add_up_and_outlive_them(path: Path, clock: Clock) -> None:
    for _ in range(2):
        first, second = Book(path, clock), Book(path, clock)
        first.count("turns", "refused")
        second.count("turns")
        first.close()
        second.close()
    again = Book(path, clock)
    assert again.counts(0) == {"turns": {int(clock.now): 4}, "refused": {int(clock.now): 2}}
    again.close()


def test_what_is_old_is_let_go(book: Book, clock: Clock) -> None:
    book.count("turns")
    book.promise("a", 60, {"email": {"kind": "escalation"}}, "ann")
    book.flush()
    clock.now += OPEN_SECONDS + SLOT
    book.prune()
    assert (book.due(), bool(book.counts(0))) == ([], True)
    clock.now += KEPT_SECONDS
    book.prune()
    assert book.counts(0) == {}


def test_an_alert_is_taken_by_one_process_and_again_when_that_one_ends(path: Path, book: Book, clock: Clock) -> None:
    other = Book(path, clock)
    assert book.promise("rule and conversation", 60, {"email": {"kind": "escalation"}})
    assert not other.promise("rule and conversation", 60, {"email": {"kind": "escalation"}})
    (due,) = other.due()
    assert book.due() == []
    clock.now += 61  # whoever took it is gone
    assert [again.id for again in book.due()] == [due.id]
    book.sent(due.id)
    clock.now += 3600
    assert (book.due(), book.waiting()) == ([], {"sent": 1})
    other.close()


def test_a_promise_is_made_again_after_its_quiet_time(book: Book, clock: Clock) -> None:
    assert book.promise("a", 60, {})
    clock.now += 59
    assert not book.promise("a", 60, {})
    clock.now += 2
    assert book.promise("a", 60, {})


def test_nothing_of_a_conversation_stays_on_the_disk_once_it_was_told(path: Path, clock: Clock) -> None:
    book = Book(path, clock)
    book.promise("danger\nweb\nconversation-4711", 60, {"email": {"conversation": "conversation-4711"}}, "ann-4711")
    book.promise("other", 60, {"email": {"conversation": "conversation-4712"}}, "bob-4712")
    first, _ = book.due()
    book.sent(first.id)
    book.forget("bob-4712")
    clock.now += 3600
    assert book.due() == []
    book.close()
    held = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"-4711" not in held
    assert b"4712" not in held


def test_a_reply_is_counted_by_its_rules_mood_and_scope() -> None:
    condition = {"any": [{"words": ["bomb"]}, {"not": {"words": ["bath bomb"]}}]}
    rules = [Rule.model_validate({"id": "danger", "when": condition})]
    assert risks_of(rules) == {"danger": frozenset()}
    fired = (FiredRule("danger", "refuse"), FiredRule("help", "escalate"))
    reply = Reply("No.", "en", out_of_scope=True, emotion="anger", rules=fired)
    found = signs(reply, {"danger": frozenset({"jailbreak"})})
    assert found == [
        "attacks", "escalated", "negative", "out_of_scope", "refused", "risk:jailbreak", "rule:danger", "rule:help",
        "turns",
    ]  # fmt: skip
    assert signs(Reply("Hello", "en"), {}) == ["turns"]


def test_escalations_are_listed_newest_first_and_go_with_their_user_and_their_time(book: Book, clock: Clock) -> None:
    for id, user in (("a", "ann"), ("b", "bob"), ("c", "ann")):
        clock.now += 1
        book.promise(id, 60, {}, user, Escalation(id, clock.now, "danger", "web", f"hash of {id}"))
    assert [one.id for one in book.escalations()] == ["c", "b", "a"]
    assert book.escalations(1)[0].place == "hash of c"
    book.forget("ann")
    assert [one.id for one in book.escalations()] == ["b"]
    assert book.escalation("a") is None
    clock.now += 31 * 86400
    book.prune()
    assert book.escalations() == []


def test_what_was_told_lately_is_not_listed_again(book: Book, clock: Clock) -> None:
    for id in ("a", "b"):
        book.promise("danger\nweb\nc1", 60, {}, "ann", Escalation(id, clock.now, "danger", "web", "p"))
    assert [one.id for one in book.escalations()] == ["a"]
