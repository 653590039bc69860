"""Brevo has no tags: a tag is a list of that name, made in a folder of ours when it is missing."""

from __future__ import annotations

from ..errors import Refused
from .client import Client

FOLDER = "Maturo"


class Lists:
    """The lists by name, asked for once and again when a name is missing."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: dict[str, int] = {}

    def find(self, name: str) -> int | None:
        """The list of that name, if there is one. Raises as ``Client.call``."""
        if name not in self._ids:
            rows = self._client.pages("/contacts/lists", "lists")
            self._ids = {str(row["name"]): int(row["id"]) for row in reversed(rows)}
        return self._ids.get(name)

    def need(self, name: str) -> int:
        """The list of that name, made if there is none."""
        found = self.find(name)
        if found is None:
            body = {"name": name, "folderId": self._folder()}
            found = _id(self._client.call("POST", "/contacts/lists", json=body))
            self._ids[name] = found
        return found

    def forget(self) -> None:
        """Ask again: a list may have been deleted."""
        self._ids = {}

    def _folder(self) -> int:
        for row in self._client.pages("/contacts/folders", "folders"):
            if row.get("name") == FOLDER:
                return _id(row)
        return _id(self._client.call("POST", "/contacts/folders", json={"name": FOLDER}))


def _id(row: dict[str, object]) -> int:
    found = row.get("id")
    if not isinstance(found, int):
        raise Refused("Brevo's answer names no id")
    return found
