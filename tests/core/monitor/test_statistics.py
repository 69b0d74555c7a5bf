"""Statistics hide each user: bounded counts, noise that fits, names of rows that nobody said, a budget that ends."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.monitor.book import Book
from personac.core.monitor.statistics import BUDGET, BudgetSpent, NotServedYet, margin, noisy, release, scale_of
from personac.core.monitor.tallies import DAY_MOST, MONTH_MOST, Tallies, Visit

from .conftest import Clock

DAY = 86400


@pytest.fixture
def tallies(book: Book, clock: Clock) -> Tallies:
    clock.now = 1_796_083_200.0 + 20 * DAY  # 2026-12-21
    made = Tallies(book)
    made.promise(["tickets", "complaint"], ["en", "zh"])
    return made


def visits(user: str, count: int, at: float, intent: str = "tickets") -> list[Visit]:
    return [Visit(user, at, "turn", {"intents": intent, "languages": "en", "emotions": "joy"}) for _ in range(count)]


def test_a_user_counts_a_bounded_number_of_times(tallies: Tallies, clock: Clock) -> None:
    for day in range(20):
        tallies.add(visits("ann", 50, clock.now - day * DAY))
        tallies.add([Visit("ann", clock.now - day * DAY, "opinion", {"feedback": "bad"})] * 50)
    counts = tallies.counts("2026-12")
    assert {kind: sum(found.values()) for kind, found in counts.items()} == dict.fromkeys(counts, MONTH_MOST)
    assert max(counts["days"].values()) == DAY_MOST
    tallies.add(visits("bob", 1, clock.now))
    assert sum(tallies.counts("2026-12")["days"].values()) == MONTH_MOST + 1


def test_a_restart_does_not_let_a_user_count_again(tallies: Tallies, book: Book, clock: Clock) -> None:
    tallies.add(visits("wilhelmina", 2, clock.now))
    assert book.path is not None
    again = Book(book.path, clock)
    Tallies(again).add(visits("wilhelmina", 2, clock.now))
    assert Tallies(again).counts("2026-12")["intents"]["tickets"] == DAY_MOST
    again.close()
    assert b"wilhelmina" not in b"".join(file.read_bytes() for file in book.path.parent.iterdir())


def test_neighbouring_months_are_told_apart_no_better_than_epsilon_allows() -> None:
    epsilon, draws = 2.5, 40_000
    bound = math.exp(epsilon / 5)  # one table's share
    with_user, without = Counter(noisy([MONTH_MOST] * draws, epsilon)), Counter(noisy([0] * draws, epsilon))
    scale = scale_of(epsilon)
    for at in range(int(-2 * scale), int(2 * scale) + MONTH_MOST, 4):
        more = sum(n for value, n in with_user.items() if value >= at)
        less = sum(n for value, n in without.items() if value >= at)
        assert more <= bound * less + 5 * (math.sqrt(more) + bound * math.sqrt(less))
        fewer, others = draws - less, draws - more
        assert fewer <= bound * others + 5 * (math.sqrt(fewer) + bound * math.sqrt(others))
    half = sum(n for value, n in with_user.items() if value >= MONTH_MOST / 2) / draws
    assert half > 0.55, "the noise is not so large that nothing can be told"


def test_what_nobody_declared_and_what_is_rare_is_not_told(tallies: Tallies, clock: Clock) -> None:
    for number in range(400):
        tallies.add(visits(f"u{number}", 2, clock.now))
    tallies.add(visits("ann", 2, clock.now, "my-secret-illness"))
    tallies.add([Visit("ann", clock.now, "opinion", {"feedback": "bad"})])
    told = release(tallies, "2026-12", 4.0)
    assert "my-secret-illness" not in str(told)
    assert set(told["intents"]) >= {"tickets"}
    assert abs(told["intents"]["tickets"] - 800) < 200
    shown = [n for kind in ("days", "intents", "languages", "feedback") for n in told[kind].values()]
    assert min(shown) > told["within"]


@pytest.mark.parametrize("rows", [1, 62])
def test_the_margin_holds_for_all_rows_of_a_release(rows: int) -> None:
    draws, epsilon = 4000, 1.0
    within = margin(scale_of(epsilon), rows)
    noise = noisy([0] * rows * draws, epsilon)
    wrong = sum(max(map(abs, noise[i * rows : (i + 1) * rows])) > within for i in range(draws)) / draws
    assert 0.02 < wrong < 0.05 + 4 * math.sqrt(0.05 * 0.95 / draws), "no more than one of twenty, and not far fewer"


def test_months_and_days_before_the_first_start_tell_nothing_and_cost_nothing(path: Path, clock: Clock) -> None:
    clock.now = 1_796_083_200.0 + 20 * DAY  # 2026-12-21
    with closing(Book(path, clock)) as book:
        clock.now += 2 * DAY
        again = Tallies(Book(path, clock))  # a restart is no first start
        again.promise(["tickets"], ["en"])
        assert list(again.counts("2026-12")["days"]) == ["2026-12-21", "2026-12-22", "2026-12-23"]
        for month in ("1900-01", "2026-11"):
            with pytest.raises(NotServedYet, match=month):
                release(again, month, 1.0)
        with book.change() as database:
            assert database.execute("SELECT count(*) FROM releases").fetchone() == (0,)
        again.book.close()


def test_asking_again_tells_the_same_and_the_budget_ends(tallies: Tallies, clock: Clock) -> None:
    tallies.add(visits("ann", 2, clock.now))
    first = release(tallies, "2026-12", 1.0)
    assert first["spent"] == 1.0
    assert [release(tallies, "2026-12", 1.0) for _ in range(5)] == [first] * 5
    assert release(tallies, "2026-12", 0.5) == first
    clock.now += DAY  # the month goes on: a new release, from what is left
    assert release(tallies, "2026-12", 1.0)["spent"] == 2.0
    with pytest.raises(BudgetSpent, match="2 of its epsilon of 4 left"):
        release(tallies, "2026-12", 3.0)
    assert release(tallies, "2026-12", 2.0)["spent"] == BUDGET


def test_what_an_earlier_version_told_of_noise_is_told_no_more(tallies: Tallies, book: Book, clock: Clock) -> None:
    first = release(tallies, "2026-12", 1.0)
    tables = {"days": {"2026-12-02": 130, "2026-12-03": 400}, "intents": {"tickets": 195}}
    earlier = {key: value for key, value in first.items() if key != "rows"} | {"within": 120} | tables
    with book.change() as database:
        database.execute("UPDATE releases SET told = ?", (json.dumps(earlier),))
    again = release(tallies, "2026-12", 1.0)
    assert (again["within"], again["spent"]) == (first["within"], 1.0)
    assert (again["days"], again["intents"]) == ({"2026-12-03": 400}, {})


def test_hashes_of_users_go_with_their_month(tallies: Tallies, book: Book, clock: Clock) -> None:
    tallies.add(visits("ann", 2, clock.now))
    clock.now += 20 * DAY
    tallies.prune()
    with book.change() as database:
        assert database.execute("SELECT count(*) FROM visits").fetchone() == (0,)
    assert tallies.counts("2026-12")["intents"]["tickets"] == 2


def test_the_command_tells_what_is_wrong_with_what_it_is_given() -> None:
    for given, said in ((["--epsilon", "99"], "goes from"), (["--epsilon", "1", "--month", "3000-01"], "not begun")):
        result = CliRunner().invoke(cli, ["data", "statistics", *given])
        assert result.exit_code == 2
        assert said in result.output


def test_an_export_of_statistics_stands_in_the_audit_log(path: Path) -> None:
    book = Book(path)
    Tallies(book).promise(["tickets"], ["en"])
    book.close()
    for _ in range(2):
        result = CliRunner().invoke(cli, ["data", "statistics", "--epsilon", "1", "--store", str(path.parent)])
        assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(cli, ["audit", "show", "--json", "--store", str(path.parent)])
    entries = [json.loads(line) for line in shown.output.splitlines()]
    assert [(entry["event"], entry["persona"], entry["epsilon"]) for entry in entries] == [
        ("statistics", "parrot", 1.0)
    ] * 2
    assert CliRunner().invoke(cli, ["audit", "verify", "--store", str(path.parent)]).exit_code == 0


def statistics(folder: Path, *given: str) -> Result:
    return CliRunner().invoke(cli, ["data", "statistics", "--store", str(folder), *given])


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Return a folder with three personas, of which the second has spent its budget."""
    for slug in ("ada", "bob", "eve"):
        with closing(Book(tmp_path / f"{slug}.monitor")) as book:
            Tallies(book).promise(["tickets"], ["en"])
            if slug == "bob":
                release(Tallies(book), time.strftime("%Y-%m", time.gmtime()), 3.5)
    return tmp_path


@pytest.mark.parametrize("as_json", [False, True])
def test_a_spent_budget_holds_up_no_other_persona_and_is_named(served: Path, as_json: bool) -> None:
    result = statistics(served, "--epsilon", "3.6", *(["--json"] if as_json else []))
    assert result.exit_code == 1
    assert "error: bob: " in result.stderr
    assert "has 0.5 of its epsilon of 4 left" in result.stderr
    if as_json:
        assert list(json.loads(result.stdout)) == ["ada", "eve"]
    else:
        assert [line.split(",")[0] for line in result.stdout.splitlines() if line[0] != " "] == ["ada", "eve"]


def test_personas_are_chosen_by_name(served: Path) -> None:
    result = statistics(served, "--epsilon", "1", "--json", "--persona", "eve", "--persona", "ada")
    assert (result.exit_code, list(json.loads(result.stdout))) == (0, ["ada", "eve"])
    assert list(json.loads(statistics(served, "--epsilon", "4", "--json", "--persona", "bob").stdout or "{}")) == []
    wrong = statistics(served, "--epsilon", "1", "--persona", "adam")
    assert wrong.exit_code == 2
    assert "there are: ada, bob, eve" in wrong.output


def test_a_month_before_the_first_start_is_no_error(served: Path) -> None:
    result = statistics(served, "--epsilon", "1", "--month", "1999-12")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.count("it was first served after 1999-12, so nothing is told and nothing spent") == 3
