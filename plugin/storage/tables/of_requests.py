"""What is to be brought to the platforms."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from .columns import contact, key, metadata, source

#: What is to be done once at a platform. ``occasion`` is a rule or a crossing, ``number`` which
#: of the rule's earnings or when it was crossed (microseconds), ``position`` the place among the
#: actions of the occasion: nothing is done twice for one. ``operation`` is how the platform can be
#: asked about it. ``state``: waiting, calling, done, refused, dropped (its reason went away before
#: it was done), silent (not to be done, by a recalculation), unclear (perhaps done; only a human
#: can tell).
actions = Table(
    "actions",
    metadata,
    key(),
    contact(),
    source(),
    Column("occasion", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("within_us", BigInteger, nullable=False),
    Column("operation", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("called_at", BigInteger),
    Column("last_error", Text),
    UniqueConstraint("contact_id", "occasion", "number", "position"),
    Index("actions_due", "connection_id", "state", "next_attempt_at"),
)

#: One pending write-back per contact; the newest absolute values win. ``state``: pending, refused.
deliveries = Table(
    "deliveries",
    metadata,
    contact(primary_key=True),
    source(),
    Column("version", BigInteger, nullable=False),
    Column("values", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("last_error", Text),
    # Of the oldest news it brings: when it happened, when we heard of it, when it was scored.
    Column("occurred_at", BigInteger),
    Column("received_at", BigInteger),
    Column("scored_at", BigInteger),
    Index("deliveries_due", "connection_id", "state", "next_attempt_at"),
)

#: How often a contact was written in the hour from ``since``; the index holds who was too often.
fuses = Table(
    "fuses",
    metadata,
    contact(primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("writes", Integer, nullable=False),
    Index(
        "fuses_blown",
        "since",
        sqlite_where=text("writes >= 60"),
        postgresql_where=text("writes >= 60"),
    ),
)
