"""What Mautic calls its mails, pages, forms and assets: the tables only know their ids."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import ValidationError

from .client import Client
from .row_schemas import Listed
from .tables import named, read_list

#: A kind of object and its id.
Key = tuple[str, str | None]

_LISTS = {"email": "emails", "page": "pages", "form": "forms", "asset": "assets"}
#: Without `minimal` each mail comes with all its HTML.
_LEAN = {"email": {"minimal": 1}}
_SECONDS_KEPT = 900.0
_LISTED = Listed()


class Catalogue:
    """Names, aliases and categories by kind and id; asked for when needed, and kept a while.

    What Mautic does not show, such as a deleted mail, is known by its id alone.
    """

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[Key, Mapping[str, Any]] = {}
        self._until = 0.0

    def named(self, keys: Iterable[Key]) -> Mapping[Key, Mapping[str, Any]]:
        """What is known of these objects; keys without an id are passed over.

        Raises ``AuthFailed`` when our role may not see them, ``Transient``, ``Refused``.
        """
        if self._clock() >= self._until:
            self._known, self._until = {}, self._clock() + _SECONDS_KEPT
        wanted = {(kind, id) for kind, id in keys if id is not None}
        missing: defaultdict[str, set[str]] = defaultdict(set)
        for kind, id in wanted - self._known.keys():
            missing[kind].add(id)
        for kind, ids in missing.items():
            self._known |= {(kind, id): {"id": id} for id in ids} | self._asked(kind, ids)
        return {key: self._known[key] for key in wanted}

    def _asked(self, kind: str, ids: set[str]) -> dict[Key, Mapping[str, Any]]:
        found: dict[Key, Mapping[str, Any]] = {}
        for condition, some in named("id", ids):
            path = f"/api/{_LISTS[kind]}"
            page = read_list(self._client, path, [condition], len(some), **_LEAN.get(kind, {}))
            for entry in filter(None, map(_read, page.rows)):
                found[kind, entry["id"]] = entry
        return found


def _read(row: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] = _LISTED.load(row)
    except ValidationError:  # an object that cannot be read stays one without a name
        return None
    name = entry.pop("title", None) or entry.get("name")
    return entry | {"name": name, "title": name}
