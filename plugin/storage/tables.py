"""The tables of the main database. Moments are microseconds since 1970 UTC, points micro-points."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

#: SQLite numbers its rows by itself only where the key is exactly INTEGER.
_ID = BigInteger().with_variant(Integer(), "sqlite")


def _key() -> Column[int]:
    return Column("id", _ID, primary_key=True, autoincrement=True)


def _contact(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "contact_id", _ID, ForeignKey("contacts.id"), primary_key=primary_key, nullable=False
    )


def _connection() -> Column[int]:
    return Column("connection_id", _ID, ForeignKey("connections.id"), nullable=False)


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
    _key(),
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

#: How far a platform's own records were read, for each purpose: reconcile, backfill. ``cursors``
#: belong to the connector. ``next_at`` is when the next page is due; who takes it moves it on.
positions = Table(
    "positions",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("cursors", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("remaining", BigInteger),
    Column("began_at", BigInteger, nullable=False),
    Column("caught_up_at", BigInteger),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
)

#: What a connection's deliveries held beside items: events without meaning, echoes, tests.
tallies = Table(
    "tallies",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

#: ``state``: active, asked (the platform dropped it; we ask why), merged, erased.
contacts = Table(
    "contacts",
    metadata,
    _key(),
    _connection(),
    Column("platform_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("merged_into", _ID, ForeignKey("contacts.id")),
    UniqueConstraint("connection_id", "platform_id"),
)

#: Which activities are known, and where in which history they are. No foreign key leads to the
#: contact: without an index by contact an erasure would read the whole table to check it.
activities = Table(
    "activities",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("activity_id", Text, primary_key=True),
    Column("contact_id", _ID, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text),
    Index(
        "activities_about",
        "connection_id",
        "subject",
        "type",
        sqlite_where=text("subject IS NOT NULL"),
        postgresql_where=text("subject IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

#: What contacts did and were, packed (see ``pages``): each page holds from ``begin`` to the next.
histories = Table(
    "histories",
    metadata,
    _contact(primary_key=True),
    Column("begin", BigInteger, primary_key=True),
    Column("page", LargeBinary, nullable=False),
)

company_facts = Table(
    "company_facts",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("company", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("order", Text, primary_key=True),
    Column("fields", Text, nullable=False),
    sqlite_with_rowid=False,
)

#: Categories of mails, assets and forms, where a delivery told one; the latest told counts.
categories = Table(
    "categories",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("type", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("told_at", BigInteger, nullable=False),
)

#: Forms of the platform that were submitted. ``optional`` lists answers that it does not require.
#: A submission notes only ``used_at``: how often we asked in vain is not forgotten by it.
forms = Table(
    "forms",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("used_at", BigInteger, nullable=False),
    Column("asked_at", BigInteger),
    Column("optional", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", BigInteger, nullable=False, default=0),
)

#: Which contacts ever belonged to a company: they are folded again when it changes.
company_members = Table(
    "company_members",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("company", Text, primary_key=True),
    _contact(primary_key=True),
    sqlite_with_rowid=False,
)

scorecards = Table(
    "scorecards",
    metadata,
    _key(),
    Column("source", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

#: The ledger. Append-only: a line that no longer holds is reversed by a later entry. Numbered
#: for each contact, so that what is written and read together lies together.
entries = Table(
    "entries",
    metadata,
    _contact(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("scorecard_id", _ID, ForeignKey("scorecards.id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("decay", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("activities", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("since", BigInteger),
    Column("recorded_at", BigInteger, nullable=False),
    Column("reverses", Integer),
    Index(
        "entries_reversed",
        "contact_id",
        "reverses",
        unique=True,
        sqlite_where=text("reverses IS NOT NULL"),
        postgresql_where=text("reverses IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

#: Which entries of a contact no later one reverses: digests and numbers (see ``ledger``), and the
#: last number given. What a fold came to is compared with it without reading the ledger.
open_entries = Table(
    "open_entries",
    metadata,
    _contact(primary_key=True),
    Column("last", Integer, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)

#: The newest score of each contact. ``written`` is what the platform acknowledged.
scores = Table(
    "scores",
    metadata,
    _contact(primary_key=True),
    Column("scorecard_id", _ID, ForeignKey("scorecards.id"), nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("fit", BigInteger, nullable=False),
    Column("engagement", BigInteger, nullable=False),
    Column("grade", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("identified", Integer, nullable=False),
    Column("computed_at", BigInteger, nullable=False),
    Column("band_since", BigInteger, nullable=False),
    Column("next_look_at", BigInteger),
    Column("last_active", BigInteger),
    Column("written", Text),
    Column("written_at", BigInteger),
    Index("scores_of_scorecard", "scorecard_id"),
    Index("scores_to_look_at", "next_look_at"),
)

#: Scorecards that are only recorded beside the one in force; one at a time has no end.
challengers = Table(
    "challengers",
    metadata,
    _key(),
    Column("source", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

#: What the newest score would be by the challenger, at the very moment of ``scores``.
challenger_scores = Table(
    "challenger_scores",
    metadata,
    _contact(primary_key=True),
    Column("challenger_id", _ID, ForeignKey("challengers.id"), nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("fit", BigInteger, nullable=False),
    Column("engagement", BigInteger, nullable=False),
    Column("grade", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("computed_at", BigInteger, nullable=False),
    Column("band_since", BigInteger, nullable=False),
)

crossings = Table(
    "crossings",
    metadata,
    _key(),
    _contact(),
    Column("scorecard_id", _ID, ForeignKey("scorecards.id"), nullable=False),
    Column("from_band", Text, nullable=False),
    Column("to_band", Text, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

#: What is to be done once at a platform. ``occasion`` is a rule or a crossing, ``number`` which
#: of the rule's earnings or when it was crossed (microseconds), ``position`` the place among the
#: actions of the occasion: nothing is done twice for one. ``operation`` is how the platform can be
#: asked about it. ``state``: waiting, calling, done, refused, dropped (its reason went away before
#: it was done), silent (not to be done, by a recalculation), unclear (perhaps done; only a human
#: can tell).
actions = Table(
    "actions",
    metadata,
    _key(),
    _contact(),
    _connection(),
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
    _contact(primary_key=True),
    _connection(),
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

#: How often a contact was written in the hour from ``since``.
fuses = Table(
    "fuses",
    metadata,
    _contact(primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("writes", Integer, nullable=False),
)

#: What became of our webhook at the platform. ``unheard`` counts, since ``unheard_since``, what it
#: should have told and only polling did; a receipt ends that. ``ok`` is of the last look.
webhooks = Table(
    "webhooks",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("heard_at", BigInteger),
    Column("unheard", BigInteger, nullable=False, default=0),
    Column("unheard_since", BigInteger),
    Column("ok", Integer),
    Column("detail", Text, nullable=False, default=""),
    Column("remedy", Text, nullable=False, default=""),
    Column("checked_at", BigInteger),
    Column("next_check_at", BigInteger, nullable=False, default=0),
)

#: How a platform bears our calls, since one failed (see ``paces``).
paces = Table(
    "paces",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("share_permille", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("rests_until", BigInteger),
    Column("last_error", Text, nullable=False),
)

#: How long news took to reach the platform's fields, as a histogram for each day and stage.
#: ``bucket`` counts the bounds of ``storage.lags`` that were passed.
lags = Table(
    "lags",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("total_us", BigInteger, nullable=False),
)

#: Contact ids the platform dropped; we ask it whether they were merged or deleted.
inquiries = Table(
    "inquiries",
    metadata,
    _contact(primary_key=True),
    _connection(),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
)

#: Proof that a contact was erased, from which the contact cannot be found again.
erasures = Table(
    "erasures",
    metadata,
    Column("connection_id", _ID, ForeignKey("connections.id"), primary_key=True),
    Column("proof", LargeBinary, primary_key=True),
    Column("erased_at", BigInteger, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _key(),
    _connection(),
    Column("receipt_id", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("item", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    UniqueConstraint("receipt_id", "event", "item"),
)
