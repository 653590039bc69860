"""An open conversation with one Mautic."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from ..activity import Reading
from ..commands import Command, Outcome, UpdateContact
from ..contract import Check, Choice, HistoryPage, PlatformRules, Probe, Resolution, Session
from ..errors import Missing
from ..outbound import way_out
from . import (
    actions,
    choices,
    history,
    hook_health,
    hooks,
    onboarding,
    people,
    score_fields,
    traces,
    writeback,
)
from .auth import auth_for
from .catalogue import Catalogue
from .client import Client
from .edits import contact_number, number
from .forms import optional_answers
from .mirror import mirror_scores
from .points import read_points
from .readers import Platform


def _now() -> datetime:
    return datetime.now(UTC)


class MauticSession(Session):
    """An open conversation with one Mautic; may be shared by threads."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = _now,
    ) -> None:
        auth = auth_for(settings, clock)
        transport = transport or (way_out() if settings.get("public_only") else None)
        self._client = Client(settings["base_url"], auth, transport=transport, pace=pace)
        self._prefix: str = settings["field_prefix"]
        self._mirrors: bool = settings.get("mirror_points", False)
        self._basic = "user" in settings
        self._sleep = sleep
        self._now = now
        self._platform = Platform(self._client, Catalogue(self._client, clock))

    def probe(self) -> Probe:
        """See ``onboarding.probe``."""
        return onboarding.probe(self._client, basic=self._basic)

    def prepare_fields(self) -> tuple[Check, ...]:
        """See ``score_fields.prepare_fields``."""
        return score_fields.prepare_fields(self._client, self._prefix, self._sleep)

    def install_webhook(self, url: str, secret: str) -> Check:
        """See ``hooks.install_webhook``."""
        return hooks.install_webhook(self._client, url, secret)

    def other_webhooks(self, url: str) -> tuple[str, ...]:
        """See ``hooks.other_webhooks``."""
        return hooks.other_webhooks(self._client, url)

    def why_silent(self, url: str) -> str:
        """See ``hooks.why_silent``."""
        return hooks.why_silent(self._client, url)

    def remove_webhook(self, url: str) -> Check:
        """See ``hooks.remove_webhook``."""
        return hooks.remove_webhook(self._client, url)

    def remove_fields(self) -> tuple[Check, ...]:
        """See ``score_fields.remove_fields``."""
        return score_fields.remove_fields(self._client, self._prefix)

    def check_webhook(self, url: str) -> Check:
        """See ``hook_health.check_webhook``."""
        return hook_health.check_webhook(self._client, url)

    def publish_webhook(self, url: str) -> Check:
        """See ``hook_health.publish_webhook``."""
        return hook_health.publish_webhook(self._client, url)

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        """See ``history.read_history``."""
        return history.read_history(self._platform, cursors, limit, self._now())

    def present_cursors(self) -> Mapping[str, str]:
        """See ``history.present_cursors``."""
        return history.present_cursors(self._platform)

    def profiles(self, contacts: Sequence[str]) -> Reading:
        """See ``history.read_profiles``."""
        return history.read_profiles(self._platform, contacts)

    def gone(self, contacts: Sequence[str]) -> frozenset[str]:
        """See ``people.gone``."""
        return people.gone(self._client, contacts)

    def apply(self, commands: Sequence[Command]) -> list[Outcome]:
        """Updates first, together, so that an e-mail shows them; then the actions, one by one.

        See ``writeback.apply``, ``mirror.mirror_scores`` and ``actions.perform``.
        """
        updates = [one for one in commands if isinstance(one, UpdateContact)]
        others = [one for one in commands if not isinstance(one, UpdateContact)]
        outcomes = writeback.apply(self._client, self._prefix, updates)
        if self._mirrors:
            outcomes = mirror_scores(self._client, outcomes)
        written = iter(outcomes)
        acted = iter(actions.perform(self._client, others))
        return [next(written if isinstance(one, UpdateContact) else acted) for one in commands]

    def was_done(self, command: Command, since: datetime) -> bool | None:
        """See ``traces.was_done``."""
        return traces.was_done(self._client, command, since)

    def resolve(self, contact: str) -> Resolution:
        """The id that now stands for this contact: after a merge Mautic answers the winner."""
        path = f"/api/contacts/{contact_number(contact)}"
        try:
            answer = self._client.call("GET", path, params={"minimal": 1})
        except Missing:
            return Resolution(None)
        return Resolution(str(writeback.contact_in(answer, path)["id"]))

    def present_rules(self) -> PlatformRules:
        """Mautic's point actions and triggers; needs the right to see them."""
        limit = {"limit": 1000}
        actions = self._client.call("GET", "/api/points", params=limit)
        triggers = self._client.call("GET", "/api/points/triggers", params=limit)
        return read_points(actions, triggers)

    def optional_answers(self, form: str) -> tuple[str, ...]:
        """See ``forms.optional_answers``; needs the right to see forms."""
        path = f"/api/forms/{number('form', form)}"
        return optional_answers(self._client.call("GET", path))

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """See ``choices.choices``; needs the right to see them."""
        return choices.choices(self._client, kind)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()
