"""The back office: a database by URL, made and filled where it is empty; every value is a bound parameter.

Knows tables, and neither words nor conversations. All of it blocks; skills call it on threads of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from ...core.errors import SettingsInvalid
from .numbers import plain
from .seed import read_seed
from .tables import CARDS, CUSTOMERS, FIRST_TICKET, ORDERS, RATINGS, REFUNDS, TICKETS, metadata

MAKING = 3  # times that tables are tried to be made


@dataclass(frozen=True, slots=True)
class Customer:
    """Hold who somebody is, and what only they should know."""

    number: str
    name: str
    birth: date | None
    postcode: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """Hold one order of a customer; `refunded` is when it was paid back."""

    number: str
    kind: str
    about: str
    cents: int
    placed: date
    status: str
    expected: date | None
    delivered: date | None
    refunded: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """Hold one card: never more of its number than the last four digits."""

    id: str
    kind: str
    last4: str
    status: str
    expected: date | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """Hold what is to be done for a customer."""

    number: int
    kind: str
    about: str
    status: str
    opened: float


class Office:
    """Open the database when it is first needed."""

    def __init__(self, url: str, seed: Path | None, seconds: int) -> None:
        """Read the file that fills it; raise SettingsInvalid where that, the URL or its driver will not do."""
        try:
            self._url = make_url(url)
            self._url.get_dialect().import_dbapi()
        except (ArgumentError, NoSuchModuleError) as error:
            shown = "sqlite:////srv/office.sqlite or postgresql+psycopg://user@host/name"
            raise SettingsInvalid(f"`database` of customer_service is no URL of a database; write {shown}") from error
        except ImportError as error:
            raise SettingsInvalid(f"`database` of customer_service needs a driver: pip install {error.name}") from error
        self._rows, self._seconds = read_seed(seed) if seed else {}, seconds
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @contextmanager
    def open(self) -> Iterator[Desk]:
        """Yield the desk of one transaction, which is kept when nothing is raised."""
        with self._made().begin() as connection:
            yield Desk(connection)

    def close(self) -> None:
        """Let go of all connections."""
        if self._engine is not None:
            self._engine.dispose()

    def _made(self) -> Engine:
        with self._lock:
            if self._engine is None:
                engine = self._connected()
                try:
                    _make_tables(engine)
                    _fill(engine, self._rows)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _connected(self) -> Engine:
        seconds = self._seconds
        if self._url.get_backend_name() == "sqlite":
            if self._url.database and self._url.database != ":memory:":
                Path(self._url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            engine = create_engine(self._url, connect_args={"timeout": seconds}, pool_timeout=seconds)
            event.listen(engine, "connect", _own_transactions)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            return engine
        limits = _limits(self._url.get_driver_name(), seconds)
        return create_engine(self._url, connect_args=limits, pool_timeout=seconds, pool_pre_ping=True)


class Desk:
    """Do one transaction's work; what belongs to a customer is only found with their number."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def customer(self, number: str) -> Customer | None:
        """Return who has a number, however its letters and hyphens were written."""
        bare = func.upper(func.replace(CUSTOMERS.c.number, "-", ""))
        row = self.connection.execute(select(CUSTOMERS).where(bare == plain(number))).mappings().first()
        return Customer(**row) if row else None

    def orders(self, customer: str) -> list[Order]:
        """Return a customer's orders, the newest first."""
        columns = [column for column in ORDERS.c if column.name != "customer"]
        paid = ORDERS.outerjoin(REFUNDS, REFUNDS.c.order_number == ORDERS.c.number)
        found = select(*columns, REFUNDS.c.at.label("refunded")).select_from(paid).where(ORDERS.c.customer == customer)
        rows = self.connection.execute(found.order_by(ORDERS.c.placed.desc(), ORDERS.c.number)).mappings()
        return [Order(**row) for row in rows]

    def cards(self, customer: str) -> list[Card]:
        """Return a customer's cards."""
        columns = [column for column in CARDS.c if column.name != "customer"]
        found = select(*columns).where(CARDS.c.customer == customer).order_by(CARDS.c.id)
        return [Card(**row) for row in self.connection.execute(found).mappings()]

    def block(self, customer: str, card: str) -> bool:
        """Block a card; false when it was blocked before."""
        own = (CARDS.c.id == card) & (CARDS.c.customer == customer) & (CARDS.c.status != "blocked")
        return self.connection.execute(update(CARDS).where(own).values(status="blocked")).rowcount > 0

    def refund(self, customer: str, order: str, cents: int, at: float) -> bool:
        """Pay an order back; false when that was done before, also at the same moment by another process."""
        values = {"order_number": order, "customer": customer, "cents": cents, "at": at}
        try:
            with self.connection.begin_nested():
                self.connection.execute(insert(REFUNDS).values(values))
        except IntegrityError:
            return False
        return True

    def ticket(self, kind: str, customer: str | None, about: str, at: float) -> int:
        """Open a ticket and return its number; the same one, when it is open already."""
        same = (TICKETS.c.customer == customer) & (TICKETS.c.about == about) & (TICKETS.c.status != "closed")
        known = self.connection.scalar(select(TICKETS.c.number).where(same)) if customer else None
        if known is not None:
            return int(known)
        values = {"kind": kind, "customer": customer, "about": about, "status": "open", "opened": at}
        if self.connection.dialect.name == "sqlite":  # which knows no first number; nobody else writes meanwhile
            last = self.connection.scalar(select(func.max(TICKETS.c.number)))
            values["number"] = max(last or 0, FIRST_TICKET - 1) + 1
        made = self.connection.execute(insert(TICKETS).values(values)).inserted_primary_key
        return int(made[0]) if made else 0

    def add(self, ticket: int, about: str) -> None:
        """Put a newer text into a ticket."""
        self.connection.execute(update(TICKETS).where(TICKETS.c.number == ticket).values(about=about))

    def tickets(self, customer: str) -> list[Ticket]:
        """Return a customer's tickets, the newest first."""
        columns = [column for column in TICKETS.c if column.name != "customer"]
        found = select(*columns).where(TICKETS.c.customer == customer).order_by(TICKETS.c.number.desc())
        return [Ticket(**row) for row in self.connection.execute(found).mappings()]

    def rate(self, visit: str, score: int, at: float) -> None:
        """Keep how satisfied somebody was, once for a visit."""
        try:
            with self.connection.begin_nested():
                self.connection.execute(insert(RATINGS).values(visit=visit, score=score, at=at))
        except IntegrityError:
            self.connection.execute(update(RATINGS).where(RATINGS.c.visit == visit).values(score=score, at=at))


def _make_tables(engine: Engine) -> None:
    """Make the tables that are missing; another process may be making them at the same moment."""
    for left in reversed(range(MAKING)):
        try:
            return metadata.create_all(engine)
        except DBAPIError:
            if not left:
                raise
            time.sleep(0.2)


def _limits(driver: str, seconds: int) -> dict[str, Any]:
    """Return how a driver is told how long it may take; of one that is not known here, the skill's own time ends it."""
    if driver in ("psycopg", "psycopg2"):
        return {"connect_timeout": seconds, "options": f"-c statement_timeout={seconds * 1000}"}
    if driver in ("pymysql", "mysqldb"):
        return {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds}
    return {"timeout": seconds} if driver == "pg8000" else {}


def _own_transactions(connection: Any, _: Any) -> None:
    """Let SQLAlchemy begin transactions, not the driver, so that a reader that goes on to write waits its turn."""
    connection.isolation_level = None


def _fill(engine: Engine, rows: Mapping[Table, list[dict[str, Any]]]) -> None:
    """Fill an empty office; where another process has just done so, there is nothing to do."""
    try:
        with engine.begin() as connection:
            if connection.scalar(select(func.count()).select_from(CUSTOMERS)) == 0:
                for table, values in rows.items():
                    if values:
                        connection.execute(insert(table), values)
    except IntegrityError as error:
        with engine.connect() as connection:
            if connection.scalar(select(func.count()).select_from(CUSTOMERS)) == 0:
                raise SettingsInvalid(f"the file of the office has two rows with one number: {error.orig}") from error


__all__ = ["Card", "Customer", "Desk", "Office", "Order", "Ticket"]
