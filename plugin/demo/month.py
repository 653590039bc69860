"""The recorded month, through the front doors, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from plugin.scoring.explanation import Explanation
from plugin.scoring.scorecard import MICRO
from plugin.services.explain import explain_contact
from plugin.storage import dead_letters, scores, tallies
from plugin.storage.connections import find
from plugin.storage.engine import for_reading

from .stage import CONNECTION, Stage, wait_until_quiet
from .story import Delivery, Story

_VALUES = ("score", "fit", "engagement", "grade", "band")


@dataclass(frozen=True, slots=True)
class Played:
    """How the month went: deliveries by HTTP status, and seconds until the platform held all."""

    statuses: Mapping[int, int]
    seconds: float


def play_month(stage: Stage, story: Story, advance: Callable[[], object]) -> Played:
    """Send every delivery to the receiver, as fast as it takes them, and wait for the scores."""
    started = time.monotonic()
    platform = stage.runtime.manifest.standin(CONNECTION)
    with requests.Session() as session:
        # No proxy leads to this machine, and looking for one takes longer than a delivery.
        session.trust_env = False

        def post(body: bytes, headers: Mapping[str, str]) -> int:
            return session.post(stage.hook, data=body, headers=headers, timeout=30).status_code

        statuses = platform.play(
            stage.standin, _shown(story.deliveries(), advance), post, merged=story.merged
        )
    wait_until_quiet(stage)
    counted = {status: statuses.count(status) for status in sorted(set(statuses))}
    return Played(counted, time.monotonic() - started)


def report(stage: Stage, story: Story, played: Played, language: str = "en") -> dict[str, Any]:
    """Per contact: its score, the lines that make it, and what the stand-in now holds."""
    runtime = stage.runtime
    with for_reading(runtime.engine).begin() as connection:
        source = find(connection, runtime.vault, CONNECTION)
        if source is None:
            raise LookupError(f"the connection {CONNECTION} is gone")
        contacts = scores.scored_contacts(connection, source.id)
        stored = scores.read_scores(connection, list(contacts.values()))
        dead = dead_letters.count(connection)
        beside = {name: tally.seen for name, tally in tallies.read(connection, source.id).items()}
    told = [
        _contact(stage, platform_id, stored[contact_id].score, story, language)
        for platform_id, contact_id in contacts.items()
    ]
    return {
        "deliveries": played.statuses,
        "seconds": round(played.seconds, 2),
        "dead_letters": dead,
        "beside_items": beside,
        "contacts": sorted(told, key=lambda one: -one["score"]),
    }


def _contact(
    stage: Stage, platform_id: str, score: scores.Score, story: Story, language: str
) -> dict[str, Any]:
    runtime = stage.runtime
    told = explain_contact(
        runtime.engine,
        runtime.vault,
        f"{CONNECTION}/{platform_id}",
        score.computed_at,
        language,
    )
    return {
        "contact": platform_id,
        "truth": story.truth.get(platform_id),
        "identified": score.identified,
        "score": score.score / MICRO,
        "fit": score.fit / MICRO,
        "engagement": score.engagement / MICRO,
        "grade": score.grade,
        "band": score.band,
        "lines": list(_lines(told)),
        "platform": _held(stage, platform_id),
    }


def _lines(told: Explanation) -> Iterator[dict[str, Any]]:
    for reason in (*told.lines, *told.adjustments):
        yield {
            "rule": reason.rule,
            "points": reason.now / MICRO,
            "points_then": reason.then / MICRO,
            "text": reason.sentence,
        }


def _held(stage: Stage, platform_id: str) -> dict[str, Any]:
    answer = requests.get(
        f"{stage.platform_url}/api/contacts/{platform_id}",
        auth=(stage.standin.user, stage.standin.password),
        timeout=30,
    )
    answer.raise_for_status()
    contact = answer.json()["contact"]
    fields = contact["fields"]["all"]
    held = {name: fields.get(f"maturo_{name}") for name in _VALUES}
    return held | {"tags": sorted(tag["tag"] for tag in contact["tags"])}


def _shown(deliveries: Iterable[Delivery], advance: Callable[[], object]) -> Iterator[Delivery]:
    for delivery in deliveries:
        yield delivery
        advance()
