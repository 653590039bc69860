"""What the stand-in platform remembers. Guarded by one lock; nothing here speaks HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from threading import RLock
from typing import Any, NamedTuple

from .author import Author
from .faults import Faults
from .fields import Field, standard
from .kept import Kind, Mail, Membership, Note, PointAction, PointTrigger, library
from .losses import Losses
from .quirks import has
from .tables import Tables

#: Fields that make an anonymous visitor an identified contact.
IDENTIFYING = ("email", "firstname", "lastname", "company")
#: Fields that are columns of their own and not kept among the values of a contact.
OWN_COLUMNS = frozenset({"points", "last_active"})


class Event(NamedTuple):
    """Something that fires webhooks: the key without ``mautic.`` and the item as it was then."""

    key: str
    item: dict[str, Any]


@dataclass
class Contact:
    """One contact; ``values`` by field alias, points apart. ``fresh`` until first answered."""

    id: int
    added: str
    values: dict[str, Any] = field(default_factory=dict)
    points: int = 0
    tags: list[str] = field(default_factory=list)
    created_by: Author | None = None
    modified_by: Author | None = None
    modified: str | None = None
    identified: str | None = None
    last_active: str | None = None
    picture: str | None = None
    owner: dict[str, Any] | None = None
    stage: dict[str, Any] | None = None
    do_not_contact: list[dict[str, Any]] = field(default_factory=list)
    fresh: bool = False

    @property
    def anonymous(self) -> bool:
        """Whether nothing tells who this visitor is."""
        return not any(self.values.get(alias) for alias in IDENTIFYING)

    def value(self, alias: str) -> Any:
        """A field, wherever it is kept."""
        if alias == "last_active":
            return stored(self.last_active)
        return self.points if alias == "points" else self.values.get(alias)


def stored(moment: str | None) -> str | None:
    """A moment as the database writes it, and as fields and conditions show it."""
    return None if moment is None else moment[:19].replace("T", " ")


@dataclass
class Hook:
    """A registered webhook."""

    id: int
    name: str
    url: str
    secret: str = field(repr=False)
    triggers: list[str]
    author: Author
    modified_by: Author
    added: str
    description: str | None = None
    order: str | None = None
    published: bool = True
    modified: str | None = None
    rests_until: str | None = None


class Call(NamedTuple):
    """A request the stand-in got, for tests: ``json`` is the decoded body, if it was JSON."""

    method: str
    path: str
    json: Any


class Sent(NamedTuple):
    """A delivery the stand-in made; ``status`` is ``None`` when nobody answered."""

    hook: int
    body: bytes
    status: int | None


@dataclass(eq=False)
class StandIn:
    """A Mautic of this ``version``, in memory. Settings first, then state; ``clock`` gives aware
    UTC moments.

    ``denied`` holds rights the role lacks, such as ``contacts:edit`` or ``hooks:view``;
    ``library`` names what there is, and ``details`` says more of it for the lists.
    """

    version: str = "6.0.3"
    site_url: str = "http://127.0.0.1:8088"
    client_id: str = "example-client-id"
    client_secret: str = field(default_factory=lambda: token_hex(16), repr=False)
    client_name: str = "maturo [1]"
    user: str = "admin"
    password: str = field(default_factory=lambda: token_hex(16), repr=False)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    api_enabled: bool = True
    basic_enabled: bool = True
    denied: set[str] = field(default_factory=set)
    rate_limit: int | None = None
    queued: bool = False
    fields_in_background: bool = False
    losses: Losses | None = None
    allowed_private: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)

    lock: RLock = field(default_factory=RLock, repr=False)
    contacts: dict[int, Contact] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    fields: list[Field] = field(default_factory=lambda: list(standard("contact")))
    tags: dict[str, int] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)
    library: dict[Kind, dict[int, str]] = field(default_factory=library)
    details: dict[tuple[Kind, int], dict[str, Any]] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables, repr=False)
    point_actions: list[PointAction] = field(default_factory=list)
    point_triggers: list[PointTrigger] = field(default_factory=list)
    submissions: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    mails: list[Mail] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    memberships: dict[Membership, str] = field(default_factory=dict)
    hooks: dict[int, Hook] = field(default_factory=dict)
    forms: dict[int, dict[str, Any]] = field(default_factory=dict)
    queue: list[tuple[int, Event]] = field(default_factory=list, repr=False)
    sent: list[Sent] = field(default_factory=list, repr=False)
    requests: list[Call] = field(default_factory=list, repr=False)
    tokens: dict[str, datetime] = field(default_factory=dict, repr=False)
    counters: dict[str, int] = field(default_factory=dict)

    def has(self, quirk: str) -> bool:
        """Whether this version does what ``quirks.QUIRKS`` says under that name."""
        return has(self.version, quirk)

    def now(self) -> str:
        """The moment as Mautic writes it: UTC, whole seconds."""
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def moment(self) -> str:
        """The moment as the database writes it."""
        return self.now()[:19].replace("T", " ")

    def next_id(self, kind: str) -> int:
        """The next number of an autoincrement column."""
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def expire_tokens(self) -> None:
        """Every access token given so far is from now on an expired one."""
        with self.lock:
            self.tokens = dict.fromkeys(self.tokens, self.clock())

    def create(self, author: Author | None = None, *, contact_id: int | None = None) -> Contact:
        """A new, anonymous contact; a given id lifts the counter, as an explicit insert does."""
        number = contact_id or self.next_id("contact")
        self.counters["contact"] = max(self.counters.get("contact", 0), number)
        now = self.now()
        modified = now if author else None
        contact = Contact(number, now, created_by=author, modified_by=author, modified=modified)
        self.contacts[number] = contact
        return contact

    def find(self, contact_id: int) -> Contact | None:
        """The contact of that id, or the one it was merged into, however often."""
        while contact_id in self.merged:
            contact_id = self.merged[contact_id]
        return self.contacts.get(contact_id)

    def by_email(self, email: str | None) -> Contact | None:
        """The contact with this e-mail, whatever the case."""
        wanted = (email or "").casefold()
        known = ((str(c.values.get("email") or ""), c) for c in self.contacts.values())
        return next((c for email, c in known if wanted and email.casefold() == wanted), None)

    def remove(self, contact_id: int) -> None:
        """Delete for good, with all that is known of its doings."""
        self.contacts.pop(contact_id, None)
        self.tables.forget(contact_id)
        self.mails = [mail for mail in self.mails if mail.contact != contact_id]
        self.deleted.add(contact_id)

    def merge(self, loser: int, winner: Contact) -> None:
        """Forget the loser; its id leads to the winner from now on, with all that was its."""
        self.contacts.pop(loser, None)
        everything: list[Mail | Note] = [*self.mails, *self.notes]
        for kept in everything:
            kept.contact = winner.id if kept.contact == loser else kept.contact
        self.memberships = {
            one._replace(contact=winner.id) if one.contact == loser else one: since
            for one, since in self.memberships.items()
        }
        self.tables.hand_over(loser, winner.id)
        self.merged[loser] = winner.id

    def field(self, alias: str) -> Field | None:
        """The contact field of that alias."""
        return next((known for known in self.fields if known.alias == alias), None)

    def add_field(self, definition: Field) -> None:
        """Put a field after the other custom ones, before the standard ones, as Mautic orders."""
        self.fields.insert(len(self.fields) - len(standard("contact")), definition)

    def make_columns(self) -> None:
        """What the cron job does for fields made in the background."""
        self.fields = [replace(known, published=True) for known in self.fields]

    def next_field_id(self) -> int:
        """Contact and company fields share their numbers."""
        used = [*self.fields, *standard("company")]
        return max(known.id for known in used) + 1
