"""Commands as Mautic's edits of contacts. Pure: checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..commands import UpdateContact
from ..errors import Refused

#: Our values and the type of the Mautic field that holds each.
FIELD_TYPES = {
    "score": "number",
    "fit": "number",
    "engagement": "number",
    "grade": "text",
    "band": "text",
}
#: Half the time of 200 at no loss of throughput (40 contacts a second either way, recorded).
BATCH_SIZE = 50
_TEXT_LENGTH = 191


@dataclass(frozen=True, slots=True)
class Edit:
    """One command ready to be sent: contact number, values by field alias, tags as Mautic's."""

    position: int
    command: UpdateContact
    contact: int
    values: Mapping[str, int | str]
    tags: tuple[str, ...]

    def body(self) -> dict[str, Any]:
        """JSON for a single edit; also true for a batch, with the id added."""
        body: dict[str, Any] = dict(self.values)
        if self.tags:
            body["tags"] = list(self.tags)
        if "" in self.values.values():
            body["overwriteWithBlank"] = True
        return body

    def kept_zeros(self, contact: Mapping[str, Any]) -> list[str]:
        """Aliases that were to become 0 and still hold something else in Mautic's answer.

        Mautic 5 and 6 ignore a 0 in PATCH (issue 15030): a contact would stay hot for ever.
        """
        held = _held(contact)
        return [
            alias
            for alias, value in self.values.items()
            if value == 0 and not _same(0, held.get(alias))
        ]

    def shortfall(self, contact: Mapping[str, Any]) -> Refused | None:
        """What Mautic's answer does not hold of this edit; it ignores unknown fields silently."""
        held = _held(contact)
        if absent := sorted(self.values.keys() - held.keys()):
            return Refused(
                f"field {', '.join(absent)} does not exist in this Mautic; "
                "run `maturo connect` again to create it"
            )
        if other := [name for name, value in self.values.items() if not _same(value, held[name])]:
            return Refused(
                f"field {', '.join(other)} did not take our value; see its type, "
                "and whether it is published, in Mautic: Settings, Custom Fields"
            )
        return None


def edit_of(position: int, command: UpdateContact, prefix: str) -> Edit:
    """The edit for a command; raises ``Refused`` for what Mautic would misunderstand.

    Above all for a bad contact id: an item without one is applied to the *next* item's contact.
    """
    contact = contact_number(command.contact)
    for name, value in command.values.items():
        _check_value(name, value)
    added = [checked_tag(tag) for tag in command.add_tags]
    # A tag that Mautic cannot hold is worn by nobody: there is nothing to take off.
    removed = [f"-{tag}" for tag in command.remove_tags if _fits(tag)]
    values = {f"{prefix}{name}": value for name, value in command.values.items()}
    return Edit(position, command, contact, values, (*added, *removed))


def contact_number(contact: str) -> int:
    """Mautic's number of a contact; raises ``Refused`` unless it is positive and whole."""
    return number("contact", contact)


def number(what: str, text: str) -> int:
    """Mautic's number of a thing; raises ``Refused`` unless it is positive and whole."""
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise Refused(f"a {what} id of Mautic is a positive whole number")
    return int(text)


def chunks(edits: Iterable[Edit]) -> Iterator[list[Edit]]:
    """Batches in order, none longer than ``BATCH_SIZE`` and none naming a contact twice."""
    chunk: list[Edit] = []
    for edit in edits:
        if len(chunk) == BATCH_SIZE or any(edit.contact == other.contact for other in chunk):
            yield chunk
            chunk = []
        chunk.append(edit)
    if chunk:
        yield chunk


def _check_value(name: str, value: int | str) -> None:
    kind = FIELD_TYPES.get(name)
    if kind is None:
        raise Refused(f"no field for the value {name}; known: {', '.join(FIELD_TYPES)}")
    if kind == "number" and type(value) is not int:
        raise Refused(f"the value {name} must be a whole number")
    if kind == "text" and not (isinstance(value, str) and len(value) <= _TEXT_LENGTH):
        raise Refused(f"the value {name} must be text of at most {_TEXT_LENGTH} characters")


def _fits(tag: str) -> bool:
    """Mautic reads a leading - as "remove", splits at commas, trims, strips HTML."""
    short = 0 < len(tag) <= _TEXT_LENGTH and tag == tag.strip()
    return short and not re.search(r"\A-|[,<>]", tag)


def checked_tag(tag: str) -> str:
    """The tag; raises ``Refused`` for one that Mautic would split, trim or misread."""
    if not _fits(tag):
        raise Refused(
            f'tag "{tag[:40]}" cannot exist in Mautic: use 1 to {_TEXT_LENGTH} characters '
            "without comma, < or >, not starting with - nor with spaces at an end"
        )
    return tag


def _held(contact: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values by alias; PHP writes an empty map as a list."""
    fields = contact.get("fields")
    values = fields.get("all") if isinstance(fields, dict) else None
    return values if isinstance(values, dict) else {}


def _same(sent: int | str, held: Any) -> bool:
    """Whether Mautic holds what we sent: numbers may come as text or float, blank as null."""
    if sent in (0, "") and held in (None, ""):
        return True
    if isinstance(sent, str):
        return str(held) == sent
    try:
        return float(held) == sent
    except (TypeError, ValueError):
        return False
