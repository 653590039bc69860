"""Who may use the pages and the API, and what they changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from .columns import ID, key, metadata

#: ``uniquifier`` stands for the user in sessions: a new one ends them all. The second factor
#: (``totp``) and its ``recovery_codes`` are encrypted, ``totp_counter`` was the last code taken.
#: ``subject`` is the user's name at the identity provider.
users = Table(
    "users",
    metadata,
    key(),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password", Text),
    Column("role", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("uniquifier", Text, nullable=False, unique=True),
    Column("language", Text),
    Column("timezone", Text),
    Column("totp", Text),
    Column("totp_counter", BigInteger),
    Column("recovery_codes", Text),
    Column("subject", Text, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("last_login_at", BigInteger),
)

#: Links by which people become users; of the token only the digest is kept. Without an address it
#: is the link to the first admin.
invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("email", Text),
    Column("role", Text, nullable=False),
    Column("invited_by", ID, ForeignKey("users.id")),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

#: Only ever appended to. ``who`` and ``object`` are text, so that a line outlives what it names.
audit = Table(
    "audit",
    metadata,
    key(),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index("audit_by_what", "what", "id"),
    Index("audit_by_who", "who", "id"),
)

#: How programs come in. Of the key only the digest is kept, and its first signs to tell it by.
api_keys = Table(
    "api_keys",
    metadata,
    key(),
    Column("digest", Text, nullable=False, unique=True),
    Column("start", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
)

#: How often something that can be guessed was tried, until ``ends_at``. What it was, and by whom,
#: is a digest.
tries = Table(
    "tries",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("tries_by_end", "ends_at"),
)
