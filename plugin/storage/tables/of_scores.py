"""What was computed of contacts: by which scorecard, the ledger, scores, crossings."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from .columns import ID, contact, key, metadata

scorecards = Table(
    "scorecards",
    metadata,
    key(),
    Column("source", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

#: The ledger. Append-only: a line that no longer holds is reversed by a later entry. Numbered
#: for each contact, so that what is written and read together lies together.
entries = Table(
    "entries",
    metadata,
    contact(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("scorecard_id", ID, ForeignKey("scorecards.id"), nullable=False),
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
    contact(primary_key=True),
    Column("last", Integer, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)

#: The newest score of each contact. ``leads`` says which of a person's contacts stands for it in
#: lists (of one contact: itself). ``written`` is what the platform acknowledged, ``challenged``
#: the challenger that has spoken of this very score, or 0.
scores = Table(
    "scores",
    metadata,
    contact(primary_key=True),
    Column("scorecard_id", ID, ForeignKey("scorecards.id"), nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("fit", BigInteger, nullable=False),
    Column("engagement", BigInteger, nullable=False),
    Column("grade", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("identified", Integer, nullable=False),
    Column("leads", Integer, nullable=False, default=1),
    Column("computed_at", BigInteger, nullable=False),
    Column("band_since", BigInteger, nullable=False),
    Column("next_look_at", BigInteger),
    # 0: never, as far as it is known. Not NULL, so that a place in the order can be compared.
    Column("last_active", BigInteger, nullable=False, default=0),
    Column("written", Text),
    Column("written_at", BigInteger),
    Column("challenged", BigInteger, nullable=False, default=0),
    Index("scores_of_scorecard", "scorecard_id"),
    Index("scores_to_look_at", "next_look_at"),
    Index("scores_to_challenge", "challenged"),
    Index(
        "scores_by_priority",
        "leads",
        "band",
        "score",
        "last_active",
        "contact_id",
        sqlite_where=text("identified = 1"),
        postgresql_where=text("identified = 1"),
    ),
)

#: Scorecards that are only recorded beside the one in force; one at a time has no end.
challengers = Table(
    "challengers",
    metadata,
    key(),
    Column("source", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

#: What the newest score would be by the challenger, at the very moment of ``scores``.
challenger_scores = Table(
    "challenger_scores",
    metadata,
    contact(primary_key=True),
    Column("challenger_id", ID, ForeignKey("challengers.id"), nullable=False),
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
    key(),
    contact(),
    Column("scorecard_id", ID, ForeignKey("scorecards.id"), nullable=False),
    Column("from_band", Text, nullable=False),
    Column("to_band", Text, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("crossings_of_contact", "contact_id"),
    Index("crossings_by_time", "at"),
)

#: What takes too long to be computed for a page: each report as JSON, made by the worker.
reports = Table(
    "reports",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", Text),
    Column("computed_at", BigInteger),
    Column("next_at", BigInteger, nullable=False),
)

#: The newest ranking of accounts: ``key`` as in ``identities.account``, ``roles`` as JSON.
accounts = Table(
    "accounts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("people", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("roles", Text, nullable=False),
    Index("accounts_by_score", "score", "key"),
)
