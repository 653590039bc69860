"""Who answers at an address, who we are there, and what our role may do: found out by asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..contract import Check, Probe
from ..errors import AuthFailed, Refused
from .answers import read_answer
from .client import Client


def probe(client: Client, *, basic: bool) -> Probe:
    """Version, our own name there and advice; refused credentials or rights are a failed check.

    Raises ``Transient`` or ``Refused`` when no Mautic answers at this address.
    """
    try:
        response = client.send("GET", "/api/contacts", params={"limit": 1, "minimal": 1})
        if "contacts" not in read_answer(response):
            raise Refused("GET /api/contacts: this address answers, but not as Mautic does")
        author = _author(client.call("GET", "/api/users/self"))
    except AuthFailed as error:
        return Probe("", None, (Check("credentials", False, str(error), _AUTH_REMEDY),))
    version = response.headers.get("Mautic-Version", "")
    address = Check("address", True, f"Mautic {version or 'of untold version'} answers")
    checks = (address, _credentials_check(basic), _author_check(author), *_rights(client))
    return Probe(version, author, checks)


_AUTH_REMEDY = "Correct what the message names, then test again."


def _author(user: Mapping[str, Any]) -> str | None:
    """As in ``modifiedByUser``: "Ada Roe" for a user, "name [id]" for client credentials."""
    names = (user.get("firstName") or "", user.get("lastName") or "")
    return " ".join(names).strip() or None


def _credentials_check(basic: bool) -> Check:
    if not basic:
        return Check("credentials", True, "OAuth2 client credentials accepted")
    return Check(
        "credentials",
        True,
        "user and password accepted",
        "OAuth2 client credentials are about eight times faster: Mautic computes a slow "
        "password hash for every call with Basic.",
    )


def _author_check(author: str | None) -> Check:
    if author:
        return Check("author", True, f'our own changes are signed "{author}"')
    return Check(
        "author",
        True,
        "Mautic does not tell our name",
        "Give the API user a first and last name, so that our own changes are recognised.",
    )


#: What is asked of Mautic only by some scorecards, or only when nothing else tells: where it can
#: be seen, the right, and for what.
_SOMETIMES = (
    ("/api/stats/email_stats", "API access to statistics", "to read what no webhook tells"),
    ("/api/pages", "Landing pages: view others", "to read what no webhook tells"),
    ("/api/assets", "Assets: view others", "to read what no webhook tells"),
    ("/api/forms", "Forms: view others", "for rules about optional answers"),
    ("/api/emails", "Emails: view others", "for actions that send one"),
    ("/api/segments", "Segments: view others", "for actions on segments"),
    ("/api/stages", "Stages: view", "for actions that set one"),
)


def _rights(client: Client) -> Iterator[Check]:
    """One check for each right that our role lacks; what they are for may not be wanted at all."""
    for path, right, why in _SOMETIMES:
        try:
            client.call("GET", path, params={"limit": 1})
        except AuthFailed:
            yield Check(f"right {right}", True, f"not there; needed only {why}", f"Or: {_ROLE}.")
        except Refused:
            continue


_ROLE = "give it to the role of our API user in Mautic: Settings, Roles"
