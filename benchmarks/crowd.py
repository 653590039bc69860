"""An installation with many contacts, each with a past: what the worker's benchmarks run on."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.publish import publish
from plugin.services.score import score_batch
from plugin.storage import connections
from plugin.storage.inbox import Receipt

NAME = "acme"
#: How many activities a contact did before.
PAST = 50
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
#: Contacts whose past is really scored; a larger crowd is made of copies of them.
_MODELS = 200
_PAGES = ("pricing", "demo", "product/a", "product/b", "careers", "contact", "blog/1", "blog/2", "")
_TABLES = (
    *("contacts", "identities", "activities", "histories", "entries", "open_entries", "scores"),
    "deliveries",
)
SCORECARD = Path(__file__).parent.parent / "plugin" / "scorecards" / "b2b.yaml"


def body(hits: Iterable[tuple[int, int, datetime]]) -> bytes:
    """Page views (number, contact, moment) in one body as Mautic tells them."""
    return json.dumps({"mautic.page_on_hit": [_hit(*one) for one in hits]}).encode()


def _hit(number: int, contact: int, at: datetime) -> dict[str, object]:
    moment = at.isoformat(timespec="seconds")
    values = {"email": f"c{contact}@example.org", "company": "Acme", "city": "Lyon"}
    core = {name: {"alias": name, "value": value} for name, value in values.items()}
    hit = {
        "id": number,
        "dateHit": moment,
        "url": f"https://www.shop.example/{_PAGES[number % len(_PAGES)]}",
        "urlTitle": "A page",
        "code": 200,
        "query": {},
        "trackingId": f"{contact:024x}",
        "lead": {"id": contact, "fields": {"core": core}},
    }
    return {"hit": hit, "timestamp": moment}


@contextmanager
def crowd(folder: Path, contacts: int) -> Iterator[Runtime]:
    """That many contacts with 50 activities each, by the shipped b2b scorecard."""
    with open_runtime(load_config({}, {"data": str(folder)}), lambda: NOW) as runtime:
        new = connections.NewConnection(
            NAME, "mautic", {"field_prefix": "maturo_"}, {}, ("secret",), None, None
        )
        with runtime.engine.begin() as connection:
            connections.save(connection, runtime.vault, new, NOW)
        publish(runtime.engine, SCORECARD.read_text(), "b2b", NOW)
        models = min(contacts, _MODELS)
        receive(runtime, [_past(contact) for contact in range(1, models + 1)])
        score_all(runtime, 64)
        runtime.engine.dispose()
        with closing(sqlite3.connect(folder / "main.db", isolation_level=None)) as database:
            _multiply(database, models, contacts)
        yield runtime


def receive(runtime: Runtime, bodies: Sequence[bytes]) -> None:
    """Put bodies into the inbox as the receiver would, without its web server."""
    for one in bodies:
        runtime.inbox.append(Receipt(NAME, NOW, {}, one))


def present(chance: random.Random, first: int, count: int, contacts: int) -> list[bytes]:
    """Bodies of one page view each, numbered from ``first``, of contacts drawn at random."""
    at = NOW - timedelta(hours=1)
    return [body([(n, chance.randint(1, contacts), at)]) for n in range(first, first + count)]


def score_all(runtime: Runtime, batch: int) -> None:
    """Score until nothing waits."""
    while score_batch(
        runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector, batch, NOW
    ):
        pass


def _past(contact: int) -> bytes:
    start = NOW - timedelta(days=25)
    return body(
        (contact * PAST + step, contact, start + timedelta(hours=11 * step)) for step in range(PAST)
    )


def _multiply(database: sqlite3.Connection, models: int, contacts: int) -> None:
    """Copy the rows of the models, with other ids, until there are that many contacts."""
    database.execute("PRAGMA foreign_keys=OFF")
    database.execute("PRAGMA synchronous=OFF")
    for more in range(models, contacts, models):
        database.execute("BEGIN")
        for table in _TABLES:
            columns = [f'"{row[1]}"' for row in database.execute(f"PRAGMA table_info({table})")]
            changed = {
                '"contact_id"': f"contact_id + {more}",
                '"platform_id"': f"CAST(id + {more} AS TEXT)",
                '"activity_id"': f"activity_id || '/{more}'",
                '"id"': f"id + {more}",
            }
            own = "id" if table == "contacts" else "contact_id"
            copied = ", ".join(changed.get(column, column) for column in columns)
            database.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"SELECT {copied} FROM {table} WHERE {own} <= {min(models, contacts - more)}"
            )
        database.execute("COMMIT")
