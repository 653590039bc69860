"""One platform under two names would be scored and written twice; two under one be mixed up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.contract import Check
from plugin.storage.connections import REMOVED, KnownConnection


def mixed_up(
    known: Iterable[KnownConnection],
    name: str,
    connector: str,
    identity: Mapping[str, Any],
    moved: bool,
) -> str | None:
    """Why a platform must not be connected under this name, for people; ``None``: it may.

    ``identity`` are the settings that tell one platform from another. ``moved``: the platform of
    that name has another address now.
    """
    for one in known:
        held = {setting: one.settings.get(setting) for setting in identity}
        same = one.connector == connector and held == identity
        # A connector without such settings has as many connections as people like.
        if same and identity and one.name != name and one.state != REMOVED:
            return (
                f'is connected already, under the name "{one.name}": connect under that name to '
                "change it, or remove it first."
            )
        if one.name == name and not (same or moved):
            return (
                f'"{name}" is another platform: choose another name, so that their contacts are '
                "not mixed up; or say that it has moved, if only its address is new."
            )
    return None


def other_webhooks(found: Iterable[str], url: str) -> Iterator[Check]:
    """What it means that the platform delivers to these addresses beside ``url``."""
    receiver = url.rpartition("/")[0] + "/"
    for other in found:
        if other.startswith(receiver):
            yield Check(
                "connected once",
                False,
                f"this platform delivers to us already, to {other}",
                f"Connect under the name {other.removeprefix(receiver)}, or remove that webhook "
                "in the platform first.",
            )
        else:
            yield Check(
                "another Maturo",
                True,
                f"this platform delivers to {other} as well",
                "If that one is in use, give one of them another field prefix: both would write "
                "the same fields.",
            )
