"""The API of the recorded month: a real Mautic's tables and lists, answered as it answers.

Contacts, companies and answers of forms are as the last delivery of each showed them, contacts with
the fields that the recording held at its end.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from connectors.mautic.session import MauticSession
from connectors.mautic.settings import Settings
from plugin.demo.story import story

_FILE = Path(__file__).parent / "payloads" / "mautic" / "story" / "tables.json.xz"
_SETTINGS = {"base_url": "https://mautic.example.test", "user": "ada", "password": "hidden"}

Row = Mapping[str, Any]


class RecordedApi(httpx.BaseTransport):
    """Answers the reading part of the API from the recorded month.

    ``tables`` and ``lists`` may be changed, as the platform's own are while it is being read.
    ``asked`` are the paths that were asked for.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tables: dict[str, list[dict[str, str]]] = json.loads(json.dumps(_packed()["stats"]))
        self.lists: dict[str, list[dict[str, Any]]] = {
            "contacts": list(_contacts().values()),
            "companies": list(_companies().values()),
            "emails": _packed()["emails"],
            "assets": _packed()["assets"],
            "forms": _packed()["forms"],
            "pages": [],
            "submissions": _submissions(),
        }
        self.tables["companies_leads"] = _links()
        self.asked: list[str] = []

    def session(self) -> MauticSession:
        """A session that speaks with this API."""
        loaded = Settings().load(_SETTINGS)
        return MauticSession(loaded, transport=self, now=lambda: self.now)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        words = request.url.path.removeprefix("/api/").split("/")
        self.asked.append("/".join(words))
        params = dict(request.url.params)
        if words[0] == "stats":
            body = self._table(words[1], params)
        elif words[0] == "forms" and len(words) > 1:
            body = self._answered(words, params)
        else:
            body = _answer(words[0], self.lists[words[0]], params)
            body[words[0]] = {str(row["id"]): row for row in body[words[0]]}
        return httpx.Response(200, json=body, headers={"Date": format_datetime(self.now)})

    def _table(self, name: str, params: Mapping[str, str]) -> dict[str, Any]:
        if name not in self.tables:
            return {"availableTables": sorted(self.tables), "tableColumns": {}}
        return _answer("stats", self.tables[name], params)

    def _answered(self, words: Sequence[str], params: Mapping[str, str]) -> dict[str, Any]:
        rows = [row for row in self.lists["submissions"] if str(row["form"]["id"]) == words[1]]
        if "contact" in words:
            rows = [row for row in rows if str(row["lead"]["id"]) == words[-1]]
        return _answer("submissions", rows, params)


def _answer(key: str, rows: Sequence[Row], params: Mapping[str, str]) -> dict[str, Any]:
    found = [row for row in rows if all(meets(row) for meets in _conditions(params))]
    newest = "desc" in (params.get("order[0][dir]"), params.get("orderByDir"))
    found.sort(key=lambda row: int(row.get("id", row.get("lead_id", 0))), reverse=newest)
    return {"total": str(len(found)), key: found[: int(params["limit"])]}


def _conditions(params: Mapping[str, str]) -> Iterator[Callable[[Row], bool]]:
    index = 0
    while f"where[{index}][col]" in params:
        column, expression, value = (params[f"where[{index}][{x}]"] for x in ("col", "expr", "val"))
        yield _condition(column, expression, value)
        index += 1


def _condition(column: str, expression: str, value: str) -> Callable[[Row], bool]:
    def meets(row: Row) -> bool:
        held = row.get(column)
        if held is None:
            return False
        if expression in ("eq", "in"):
            return str(held) in value.split(",")
        one, other = (int(held), int(value)) if value.isdecimal() else (str(held), value)
        return one > other if expression == "gt" else one < other

    return meets


@cache
def _packed() -> dict[str, Any]:
    packed: dict[str, Any] = json.loads(lzma.decompress(_FILE.read_bytes()))
    return packed


@cache
def _items() -> list[tuple[str, dict[str, Any]]]:
    return [
        (event.removeprefix("mautic."), item)
        for delivery in story().deliveries()
        for event, items in json.loads(delivery.body).items()
        for item in items
    ]


def _contacts() -> dict[str, dict[str, Any]]:
    saved = {
        str(item["contact"]["id"]): item["contact"] for event, item in _items() if _is_saved(event)
    }
    return {id: _at_the_end(saved[id], state) for id, state in _packed()["contacts"].items()}


def _is_saved(event: str) -> bool:
    return event in ("lead_post_save_new", "lead_post_save_update", "lead_points_change")


def _at_the_end(saved: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    contact = json.loads(json.dumps(saved))
    for group in filter(None, contact["fields"].values()):
        for alias, entry in group.items():
            entry["value"] = state["fields"].get(alias)
    contact["fields"]["all"] = state["fields"]
    tags = [{"id": index, "tag": tag} for index, tag in enumerate(state["tags"], start=1)]
    refusals = _packed()["stats"]["lead_donotcontact"]
    barred = [row for row in refusals if row["lead_id"] == str(contact["id"])]
    return contact | {"tags": tags, "stage": state["stage"], "doNotContact": barred}


def _companies() -> dict[str, dict[str, Any]]:
    saved = [item["company"] for event, item in _items() if event == "company_post_save"]
    return {str(one["id"]): one for one in saved}


def _links() -> list[dict[str, str]]:
    linked = {
        str(item["contact"]["id"]): str(item["company"]["id"])
        for event, item in _items()
        if event == "lead_company_change" and item["added"]
    }
    return [
        {"lead_id": one, "company_id": company, "is_primary": "1"}
        for one, company in linked.items()
    ]


def _submissions() -> list[dict[str, Any]]:
    """Saved answers: numbers as text, and null for what was left empty."""
    sent = [item["submission"] for event, item in _items() if event == "form_on_submit"]
    owners = {row["id"]: int(row["lead_id"]) for row in _packed()["stats"]["form_submissions"]}
    return [
        one | {"lead": {"id": owners[str(one["id"])]}, "results": _saved(one["results"])}
        for one in sent
        if str(one["id"]) in owners
    ]


def _saved(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {alias: None if given == "" else str(given) for alias, given in answers.items()}
