"""Contacts: who they are, what they did and were, and what became of their ids."""

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
    UniqueConstraint,
    text,
)

from .columns import ID, contact, key, metadata, source

#: ``state``: active, asked (the platform dropped it; we ask why), merged, erased.
contacts = Table(
    "contacts",
    metadata,
    key(),
    source(),
    Column("platform_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("merged_into", ID, ForeignKey("contacts.id")),
    UniqueConstraint("connection_id", "platform_id"),
)

#: Under which address a contact is known now, as a digest: who shares one is one person.
email_keys = Table(
    "email_keys",
    metadata,
    contact(primary_key=True),
    source(),
    Column("key", LargeBinary, nullable=False),
    Index("email_keys_sharing", "key", "connection_id", "contact_id"),
)

#: Which activities are known, and where in which history they are. No foreign key leads to the
#: contact: without an index by contact an erasure would read the whole table to check it.
activities = Table(
    "activities",
    metadata,
    source(primary_key=True),
    Column("activity_id", Text, primary_key=True),
    Column("contact_id", ID, nullable=False),
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
    contact(primary_key=True),
    Column("begin", BigInteger, primary_key=True),
    Column("page", LargeBinary, nullable=False),
)

company_facts = Table(
    "company_facts",
    metadata,
    source(primary_key=True),
    Column("company", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("order", Text, primary_key=True),
    Column("fields", Text, nullable=False),
    sqlite_with_rowid=False,
)

#: Which contacts ever belonged to a company: they are folded again when it changes.
company_members = Table(
    "company_members",
    metadata,
    source(primary_key=True),
    Column("company", Text, primary_key=True),
    contact(primary_key=True),
    sqlite_with_rowid=False,
)

#: Categories of mails, assets and forms, where a delivery told one; the latest told counts.
categories = Table(
    "categories",
    metadata,
    source(primary_key=True),
    Column("type", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("told_at", BigInteger, nullable=False),
)

#: Subjects of which something was learnt; contacts up to ``after`` know it (see ``news``).
news = Table(
    "news",
    metadata,
    source(primary_key=True),
    Column("type", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("after", BigInteger, nullable=False),
)

#: Forms of the platform that were submitted. ``optional`` lists answers that it does not require.
#: A submission notes only ``used_at``: how often we asked in vain is not forgotten by it.
forms = Table(
    "forms",
    metadata,
    source(primary_key=True),
    Column("form", Text, primary_key=True),
    Column("used_at", BigInteger, nullable=False),
    Column("asked_at", BigInteger),
    Column("optional", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", BigInteger, nullable=False, default=0),
)

#: Contact ids the platform dropped; we ask it whether they were merged or deleted.
inquiries = Table(
    "inquiries",
    metadata,
    contact(primary_key=True),
    source(),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
)

#: Who an identified contact is, for lists: their latest name, e-mail and company. ``account`` is
#: what tells accounts apart, ``role`` the level of their job, ``search`` all of it without accents.
identities = Table(
    "identities",
    metadata,
    contact(primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("account", Text),
    Column("role", Text),
    Column("search", Text, nullable=False),
    Index("identities_of_account", "account"),
)

#: The newest activities in the order in which we heard of them; old ones are soon dropped.
arrivals = Table(
    "arrivals",
    metadata,
    key(),
    contact(),
    Column("activity_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Index("arrivals_of_contact", "contact_id"),
)

#: What sales said of a contact through our own pages and links; through the platform it is a fact.
verdicts = Table(
    "verdicts",
    metadata,
    key(),
    contact(),
    Column("at", BigInteger, nullable=False),
    Column("word", Text, nullable=False),
    Column("reason", Text),
    Index("verdicts_of_contact", "contact_id"),
)

#: Proof that a contact was erased, from which the contact cannot be found again.
erasures = Table(
    "erasures",
    metadata,
    source(primary_key=True),
    Column("proof", LargeBinary, primary_key=True),
    Column("erased_at", BigInteger, nullable=False),
)
