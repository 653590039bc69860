"""Mautic's own point actions and triggers, as the API lists them, in neutral words. Pure.

What the recorded month of 6.0.3 shows, gain by gain: an action without chosen forms, mails,
assets or pages counts all of them; one on an address counts nothing without an address; an
action that is not repeatable counts once for each contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..contract import PlatformRule, PlatformRules, PlatformThreshold
from ..errors import Refused

#: What a trigger does, by its type and the key of the objects it does it to.
_ACTIONS: Mapping[Any, Mapping[str, str]] = {
    "campaign.changecampaign": {
        "addTo": "add_to_campaign",
        "removeFrom": "remove_from_campaign",
    },
    "lead.changelists": {
        "addToLists": "add_to_segment",
        "removeFromLists": "remove_from_segment",
    },
    "email.send": {"email": "send_email"},
}
#: Keys of an action that narrow it in a way our rules cannot express.
_BEYOND = ("categories", "returns_within", "returns_after", "accumulative_time", "group")


@dataclass(frozen=True, slots=True)
class _Type:
    """``chosen`` is the key of the chosen objects, ``attribute`` where an activity has them."""

    activity: tuple[str, ...]
    chosen: str = ""
    subject: str | None = None
    attribute: str | None = None
    machines: bool = True


_TYPES = {
    "page.hit": _Type(("page_viewed",), "pages", attribute="page_id"),
    # The redirect of a clicked link is a hit on an address too.
    "url.hit": _Type(("page_viewed", "email_clicked")),
    "email.open": _Type(("email_opened",), "emails", "email"),
    "email.send": _Type(("email_sent",), "emails", "email"),
    "form.submit": _Type(("form_submitted",), "forms", "form"),
    # A scanner follows the link and leaves the file: only who fetches it is counted.
    "asset.download": _Type(("asset_downloaded",), "assets", "asset", machines=False),
}


def read_points(actions: Any, triggers: Any) -> PlatformRules:
    """The answers of ``/api/points`` and ``/api/points/triggers`` as rules and thresholds.

    What cannot be expressed is not dropped in silence: ``left_out`` names it. Raises ``Refused``
    when an answer has not the shape of Mautic's.
    """
    left_out: list[str] = []
    rules = [
        rule
        for action in _listed(actions, "points")
        for rule in _rule(action, f'point action "{action.get("name")}"', left_out)
    ]
    thresholds = [
        _threshold(trigger, left_out)
        for trigger in _listed(triggers, "triggers")
        if trigger.get("isPublished")
    ]
    return PlatformRules(tuple(rules), tuple(thresholds), tuple(left_out))


def _listed(answer: Any, key: str) -> Iterable[Mapping[str, Any]]:
    rows = answer.get(key) if isinstance(answer, Mapping) else None
    # Without entries PHP writes a list, with gaps in the numbers an object.
    rows = list(rows.values()) if isinstance(rows, Mapping) else rows
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Refused(f'expected an answer of Mautic with a list of "{key}"')
    return sorted(rows, key=lambda row: int(row.get("id") or 0))


def _rule(action: Mapping[str, Any], title: str, left_out: list[str]) -> Iterator[PlatformRule]:
    properties = _properties(action)
    problem = _problem(action, properties)
    if problem:
        left_out.append(f"{title}: {problem}")
        return
    type = _TYPES[action["type"]]
    chosen = _texts(properties.get(type.chosen))
    yield PlatformRule(
        id=str(action["id"]),
        name=str(action["name"]),
        points=int(action["delta"]),
        on=bool(action.get("isPublished")),
        activity=type.activity,
        subject=(type.subject, chosen) if type.subject and chosen else None,
        attributes=_attributes(type, chosen, properties),
        once=not action.get("repeatable") or bool(properties.get("first_time")),
        nth=int(properties.get("page_hits") or 0) or None,
        machines=type.machines,
        valid_from=_day(action.get("publishUp")),
        valid_to=_day(action.get("publishDown")),
    )


def _problem(action: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    if action.get("type") not in _TYPES:
        return f'actions of the type "{action.get("type")}" are not known'
    beyond = [key for key in _BEYOND if properties.get(key) or action.get(key)]
    if beyond:
        return f"it depends on {', '.join(beyond)}"
    if action["type"] == "url.hit" and not properties.get("page_url"):
        return "it names no address, so it never counted in Mautic either"
    return None


def _attributes(
    type: _Type, chosen: tuple[str, ...], properties: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    if type.attribute:
        return {type.attribute: chosen or ("*",)}
    address = str(properties.get("page_url") or "").strip()
    return {"url": (address,)} if address else {}


def _threshold(trigger: Mapping[str, Any], left_out: list[str]) -> PlatformThreshold:
    title = f'point trigger "{trigger.get("name")}"'
    tags: list[str] = []
    actions: list[tuple[str, str]] = []
    for event in trigger.get("events") or ():
        properties = _properties(event)
        # A tag that Mautic tells by its number has a name nowhere in this answer.
        added = [tag for tag in _texts(properties.get("add_tags")) if not tag.isdigit()]
        done = [
            (action, object)
            for key, action in _ACTIONS.get(event.get("type"), {}).items()
            for object in _texts(properties.get(key))
        ]
        if not added and not done:
            left_out.append(f'{title}: its action "{event.get("name")}" ({event.get("type")})')
        tags, actions = tags + added, actions + done
    left_out += [f'{title}: the tag "{tag}", a band wears one' for tag in tags[1:]]
    tag = tags[0] if tags else None
    id, name, points = str(trigger["id"]), str(trigger["name"]), int(trigger["points"])
    return PlatformThreshold(id, name, points, tag, tuple(actions))


def _properties(row: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = row.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _texts(values: Any) -> tuple[str, ...]:
    listed = values if isinstance(values, list) else [values] if values else []
    return tuple(str(value) for value in listed)


def _day(moment: Any) -> date | None:
    return datetime.fromisoformat(str(moment)).date() if moment else None
