"""What tables share. Moments are microseconds since 1970 UTC, points micro-points."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData()

#: SQLite numbers its rows by itself only where the key is exactly INTEGER.
ID = BigInteger().with_variant(Integer(), "sqlite")


def key() -> Column[int]:
    """The number of a row."""
    return Column("id", ID, primary_key=True, autoincrement=True)


def contact(*, primary_key: bool = False) -> Column[int]:
    """The contact that a row is about."""
    return Column(
        "contact_id", ID, ForeignKey("contacts.id"), primary_key=primary_key, nullable=False
    )


def source(*, primary_key: bool = False) -> Column[int]:
    """The connection that a row belongs to."""
    return Column(
        "connection_id", ID, ForeignKey("connections.id"), primary_key=primary_key, nullable=False
    )
