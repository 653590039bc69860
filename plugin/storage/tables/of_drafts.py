"""What people work on before it is in force: drafts of scorecards, and long work done for them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from .columns import ID, key, metadata

#: ``revision`` is the newest of ``draft_revisions``; ``based_on`` the version it began with.
drafts = Table(
    "drafts",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("based_on", ID, ForeignKey("scorecards.id")),
)

#: Every text that a draft had: who comes second sees what the first has changed.
draft_revisions = Table(
    "draft_revisions",
    metadata,
    Column("draft_id", ID, ForeignKey("drafts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: Long work that a worker does for a person who watches: ``asked`` and ``result`` are JSON,
#: ``about`` what it is of. ``state``: waiting, running, done, failed or stopped.
runs = Table(
    "runs",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", Text),
    Column("error", Text),
    Column("asked_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("runs_of", "kind", "about"),
)
