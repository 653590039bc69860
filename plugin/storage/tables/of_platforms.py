"""What is known of the platforms, and of how we speak with them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint

from .columns import key, metadata, source

#: Small facts about the installation: the inbox cursor and epoch, the salt of erasure proofs.
progress = Table(
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    key(),
    Column("name", Text, nullable=False, unique=True),
    Column("connector", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("secrets", Text, nullable=False),
    Column("webhook_secrets", Text, nullable=False),
    Column("author", Text),
    Column("version", Text),
    Column("mode", Text, nullable=False),
    Column("webhook_url", Text),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

#: How a platform bears our calls, since one failed (see ``paces``).
paces = Table(
    "paces",
    metadata,
    source(primary_key=True),
    Column("share_permille", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("rests_until", BigInteger),
    Column("last_error", Text, nullable=False),
)

#: Which processes speak with a platform now, each until it says so again (see ``speakers``).
speakers = Table(
    "speakers",
    metadata,
    source(primary_key=True),
    Column("name", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

#: What became of our webhook at the platform. ``unheard`` counts, since ``unheard_since``, what it
#: should have told and only polling did; a receipt ends that. ``ok`` is of the last look.
webhooks = Table(
    "webhooks",
    metadata,
    source(primary_key=True),
    Column("heard_at", BigInteger),
    Column("unheard", BigInteger, nullable=False, default=0),
    Column("unheard_since", BigInteger),
    Column("ok", Integer),
    Column("detail", Text, nullable=False, default=""),
    Column("remedy", Text, nullable=False, default=""),
    Column("checked_at", BigInteger),
    Column("next_check_at", BigInteger, nullable=False, default=0),
)

#: How far a platform's own records were read, for each purpose: reconcile, backfill, removals.
#: ``cursors`` belong to who reads. ``next_at`` is when it is due; who takes it moves it on. Of what
#: happened before ``since`` nothing is kept.
positions = Table(
    "positions",
    metadata,
    source(primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("cursors", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("remaining", BigInteger),
    Column("began_at", BigInteger, nullable=False),
    Column("caught_up_at", BigInteger),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("since", BigInteger),
)

#: How long news took to reach the platform's fields, as a histogram for each day and stage.
#: ``bucket`` counts the bounds of ``storage.lags`` that were passed.
lags = Table(
    "lags",
    metadata,
    source(primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("total_us", BigInteger, nullable=False),
)

#: What a connection's deliveries held beside items: events without meaning, echoes, tests.
tallies = Table(
    "tallies",
    metadata,
    source(primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    key(),
    source(),
    Column("receipt_id", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    UniqueConstraint("receipt_id", "event", "item"),
)
