"""The tables of a back office. A bank that has its own puts views with these columns into its database.

The first three are the bank's and are only read, but for the state of a card; the others are written here. Amounts are
in hundredths, times in seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, Identity, Integer, MetaData, String, Table, Text

FIRST_TICKET = 1001
metadata = MetaData()
CUSTOMERS = Table(
    "customers",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("birth", Date),
    Column("postcode", String(16)),
    Column("phone", String(32)),
)
ORDERS = Table(
    "orders",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("customer", String(32), nullable=False, index=True),
    Column("kind", String(64), nullable=False),
    Column("about", String(200), nullable=False, default=""),
    Column("cents", Integer, nullable=False, default=0),
    Column("placed", Date, nullable=False),
    Column("status", String(16), nullable=False),  # processing, sent, delivered or cancelled
    Column("expected", Date),
    Column("delivered", Date),
)
CARDS = Table(
    "cards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("customer", String(32), nullable=False, index=True),
    Column("kind", String(64), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("status", String(16), nullable=False),  # active, sent or blocked
    Column("expected", Date),
)
REFUNDS = Table(
    "refunds",
    metadata,
    Column("order_number", String(32), primary_key=True),  # an order is paid back once
    Column("customer", String(32), nullable=False),
    Column("cents", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
TICKETS = Table(
    "tickets",
    metadata,
    Column("number", Integer, Identity(start=FIRST_TICKET), primary_key=True),
    Column("kind", String(16), nullable=False),  # ticket or handover
    Column("customer", String(32), index=True),
    Column("about", Text, nullable=False),
    Column("status", String(16), nullable=False),  # open, working or closed
    Column("opened", Float, nullable=False),
    mysql_auto_increment=str(FIRST_TICKET),
)
RATINGS = Table(
    "ratings",
    metadata,
    Column("visit", String(64), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
VISITS = Table(
    "visits",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("customer", String(32)),
    Column("until", Float, nullable=False),
    Column("waiting", Text, nullable=False),
    Column("done", Text, nullable=False),
    Column("handover", Integer),
    Column("rated", Boolean, nullable=False),
    Column("touched", Float, nullable=False, index=True),
)
WRONG = Table(
    "wrong_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Float, nullable=False),
)
