"""The invented firm on its stage: its half year, and people who go on visiting its site."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import orjson

from plugin.runtime import utc_now
from plugin.services.reports import refresh_due
from plugin.storage.connections import find
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Receipt
from plugin.worker import rare_collections

from .entrance import way_in
from .past import play_past
from .people import PAST, SITE, Person, people
from .stage import CONNECTION, Stage, set_up

#: So many contacts, and seconds between two visits while the demo is up.
CONTACTS, _PAUSE = 240, 4.0


@contextmanager
def open_firm(folder: Path, advance: Callable[[], object]) -> Iterator[tuple[Stage, str]]:
    """The firm, ready to be looked at, and the address that signs in its administrator.

    ``advance`` is told after each of ``past.STEPS`` steps.
    """
    end, token = utc_now(), secrets.token_urlsafe(16)
    known = list(people(CONTACTS, end))

    def happen(stage: Stage) -> None:
        _introduce(stage, known)
        with rare_collections():
            _play(stage, known, end, advance)
        _deliver_unreadable(stage, end)
        refresh_due(stage.runtime.engine, end)

    with set_up(
        folder,
        utc_now,
        secrets.token_urlsafe(16),
        since=end - PAST,
        before_work=happen,
        web=("plugin.demo", token),
    ) as stage:
        yield stage, f"{stage.receiver_url}{way_in(token)}"


def go_on(stage: Stage, stop: threading.Event) -> None:
    """Let people visit the site until ``stop``, for who watches the live feed."""
    random = Random(1)  # noqa: S311 - a story, not a secret
    platform = stage.runtime.manifest.standin(CONNECTION)
    while not stop.wait(_PAUSE):
        contact, path = random.randint(1, CONTACTS), random.choice(("/tarifs", "/blog", "/demo"))
        with suppress(OSError):
            platform.visit(stage.standin, contact, SITE + path)


def _introduce(stage: Stage, known: list[Person]) -> None:
    """The platform knows them too, as it would."""
    for person in known:
        with stage.standin.lock:
            contact = stage.standin.create(contact_id=int(person.contact))
            contact.values.update(person.fields)
            contact.identified = contact.added


def _deliver_unreadable(stage: Stage, end: datetime) -> None:
    """What somebody's own form sends through the platform, with a day that is none."""
    for contact in range(1, 4):
        at = end - timedelta(minutes=9 * contact)
        form = {"id": 3, "name": "Atelier", "alias": "atelier"}
        told = {"id": contact, "lead": {"id": contact}, "form": form, "dateSubmitted": "Tuesday"}
        sent = {"timestamp": at.isoformat(timespec="seconds"), "submission": told}
        body = orjson.dumps({f"{CONNECTION}.form_on_submit": [sent]})
        stage.runtime.inbox.append(Receipt(CONNECTION, at, {}, body))


def _play(stage: Stage, known: list[Person], end: datetime, advance: Callable[[], object]) -> None:
    runtime = stage.runtime
    with for_reading(runtime.engine).begin() as connection:
        source = find(connection, runtime.vault, CONNECTION)
    if source is None:
        raise LookupError(f"the connection {CONNECTION} is gone")
    play_past(runtime, source, known, end, advance)
