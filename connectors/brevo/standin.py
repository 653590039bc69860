"""A Brevo account in memory, as its documentation describes it, for tests and authors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

import orjson

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_Answer = tuple[int, Any]
_MISSING: _Answer = (404, {"code": "document_not_found", "message": "not found"})


class StandIn:
    """Contacts by address, attributes, lists, webhooks, notes and tasks; a WSGI application."""

    def __init__(self, api_key: str = "xkeysib-of-the-stand-in") -> None:
        self.api_key = api_key
        self.contacts: dict[str, dict[str, Any]] = {}
        self.attributes: dict[str, str] = {"FIRSTNAME": "text", "LASTNAME": "text"}
        self.lists: dict[int, str] = {}
        self.folders: dict[int, str] = {}
        self.webhooks: dict[int, dict[str, Any]] = {}
        self.notes: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self._routes: list[tuple[str, str, Callable[..., _Answer]]] = [
            ("GET", "/account", lambda body, asked: (200, {"email": "owner@example.org"})),
            ("GET", "/contacts/attributes", self._get_attributes),
            ("POST", "/contacts/attributes/normal/([^/]+)", self._make_attribute),
            ("DELETE", "/contacts/attributes/normal/([^/]+)", self._drop_attribute),
            ("GET", "/contacts/(lists|folders)", self._get_named),
            ("POST", "/contacts/(lists|folders)", self._make_named),
            ("GET", "/emailCampaigns", lambda body, asked: (200, {"campaigns": [], "count": 0})),
            ("GET", "/contacts/([^/]+)", self._get_contact),
            ("PUT", "/contacts/([^/]+)", self._save_contact),
            ("GET", "/webhooks", self._get_webhooks),
            ("POST", "/webhooks", self._make_webhook),
            ("PUT", "/webhooks/([0-9]+)", self._save_webhook),
            ("DELETE", "/webhooks/([0-9]+)", self._drop_webhook),
            ("GET", "/crm/tasktypes", lambda body, asked: (200, [{"id": "t1", "title": "Call"}])),
            ("GET", "/crm/(notes|tasks)", self._get_crm),
            ("POST", "/crm/(notes|tasks)", self._make_crm),
        ]

    def add(self, email: str, **attributes: Any) -> None:
        """A contact is there."""
        number = len(self.contacts) + 1
        self.contacts[email] = {"id": number, "attributes": attributes, "lists": set()}

    def held(self) -> str:
        """Attributes and lists of every contact."""
        shown = {
            email: [one["attributes"], sorted(self.lists[each] for each in one["lists"])]
            for email, one in self.contacts.items()
        }
        return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode()

    @property
    def app(self) -> StandIn:
        """Itself, as a WSGI application."""
        return self

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        path = environ["PATH_INFO"].encode("latin-1").decode()
        if environ.get("HTTP_API_KEY") == self.api_key:
            answer = self._answer(environ["REQUEST_METHOD"], path, sent, asked)
        else:
            answer = (401, {"code": "unauthorized", "message": "Key not found"})
        status, body = answer
        start_response(f"{status} Answer", [("Content-Type", "application/json")])
        return [b"" if body is None else orjson.dumps(body)]

    def _answer(self, method: str, path: str, sent: bytes, asked: Any) -> _Answer:
        body = orjson.loads(sent) if sent else {}
        for wanted, pattern, answer in self._routes:
            found = re.fullmatch(pattern, path)
            if method == wanted and found:
                return answer(*map(unquote, found.groups()), body, asked)
        return _MISSING

    def _get_attributes(self, body: Any, asked: Any) -> _Answer:
        shown = [
            {"name": name, "category": "normal", "type": kind}
            for name, kind in self.attributes.items()
        ]
        return 200, {"attributes": shown}

    def _make_attribute(self, name: str, body: Any, asked: Any) -> _Answer:
        if name in self.attributes:
            return 400, {"code": "invalid_parameter", "message": "Attribute name must be unique"}
        self.attributes[name] = body["type"]
        return 201, None

    def _drop_attribute(self, name: str, body: Any, asked: Any) -> _Answer:
        return (204, None) if self.attributes.pop(name, None) else _MISSING

    def _named(self, kind: str) -> dict[int, str]:
        return self.lists if kind == "lists" else self.folders

    def _get_named(self, kind: str, body: Any, asked: Any) -> _Answer:
        rows = [{"id": id, "name": name} for id, name in self._named(kind).items()]
        first = int(asked.get("offset", ["0"])[0])
        page = rows[first : first + int(asked.get("limit", ["10"])[0])]
        return 200, {kind: page, "count": len(rows)} if page else {"count": len(rows)}

    def _make_named(self, kind: str, body: Any, asked: Any) -> _Answer:
        if kind == "lists" and body.get("folderId") not in self.folders:
            return 400, {"code": "invalid_parameter", "message": "Folder does not exist"}
        named = self._named(kind)
        named[len(named) + 1] = body["name"]
        return 201, {"id": len(named)}

    def _get_contact(self, email: str, body: Any, asked: Any) -> _Answer:
        found = self.contacts.get(email)
        return _MISSING if found is None else (200, {**found, "lists": None, "email": email})

    def _save_contact(self, email: str, body: Any, asked: Any) -> _Answer:
        found = self.contacts.get(email)
        if found is None:
            return _MISSING
        if {*body.get("listIds", ()), *body.get("unlinkListIds", ())} - self.lists.keys():
            return 400, {"code": "invalid_parameter", "message": "List does not exist"}
        # Attributes that the account does not have are ignored, as Brevo does.
        given = body.get("attributes", {}).items()
        found["attributes"] |= {name: one for name, one in given if name in self.attributes}
        found["lists"] |= set(body.get("listIds", ()))
        found["lists"] -= set(body.get("unlinkListIds", ()))
        return 204, None

    def _get_webhooks(self, body: Any, asked: Any) -> _Answer:
        if not self.webhooks:
            return _MISSING
        shown = [
            {"id": id, "url": one["url"], "events": one["events"]}
            for id, one in self.webhooks.items()
        ]
        return 200, {"webhooks": shown}

    def _make_webhook(self, body: Any, asked: Any) -> _Answer:
        number = max(self.webhooks, default=0) + 1
        self.webhooks[number] = body
        return 201, {"id": number}

    def _save_webhook(self, number: str, body: Any, asked: Any) -> _Answer:
        if int(number) not in self.webhooks:
            return _MISSING
        self.webhooks[int(number)] |= body
        return 204, None

    def _drop_webhook(self, number: str, body: Any, asked: Any) -> _Answer:
        return (204, None) if self.webhooks.pop(int(number), None) else _MISSING

    def _crm(self, kind: str) -> list[dict[str, Any]]:
        return self.notes if kind == "notes" else self.tasks

    def _get_crm(self, kind: str, body: Any, asked: Any) -> _Answer:
        wanted = asked.get("entityIds") or asked.get("filter[contacts]") or [""]
        rows = [one for one in self._crm(kind) if int(wanted[0]) in self._contacts_of(one)]
        return 200, rows if kind == "notes" else {"items": rows}

    def _contacts_of(self, row: dict[str, Any]) -> list[int]:
        return list(row.get("contactIds") or row.get("contactsIds") or ())

    def _make_crm(self, kind: str, body: Any, asked: Any) -> _Answer:
        if kind == "tasks" and not {"name", "taskTypeId", "date"} <= body.keys():
            return 400, {"code": "invalid_parameter", "message": "missing"}
        self._crm(kind).append(body)
        return 200, {"id": str(len(self._crm(kind)))}
