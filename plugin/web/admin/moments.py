"""Moments that readers choose, in their own time zone."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, request

from .formats import formats


def asked_moment(name: str) -> datetime | None:
    """The moment chosen in a field of the address; ``None`` if none is. Another text is 400."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        abort(400)
    return (given if given.tzinfo else given.replace(tzinfo=formats().zone)).astimezone(UTC)


def for_field(moment: datetime | None) -> str:
    """A moment as a field of a form shows it."""
    if moment is None:
        return ""
    return moment.astimezone(formats().zone).strftime("%Y-%m-%dT%H:%M")
