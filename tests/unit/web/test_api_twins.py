"""Every page has its twin in the API, for the same role; or it is named here why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from plugin.web.admin.access import role_of
from tests.pages_kit import ROLES

#: By endpoint of the pages, the one of the API that calls the same service.
TWINS = {
    "accounts.index": "accounts_api.ranking",
    "accounts.show": "accounts_api.people",
    "actions.show": "actions_api.listed",
    "audit.index": "audit_api.listed",
    "connecting.choose": "connecting_api.offered",
    "connecting.credentials": "connecting_api.connect",
    "connecting.listen": "health_api.show",
    "connecting.past": "backfills_api.order",
    "connecting.setup": "connecting_api.connect",
    "connections.index": "connections_api.every",
    "connections.remove": "connections_api.remove",
    "connections.republish": "connections_api.republish",
    "connections.secret": "connections_api.rotate",
    "connections.settings": "connecting_api.connect",
    "connections.show": "connections_api.one",
    "connections.test": "connections_api.test",
    "contacts.export": "persons_api.export",
    "contacts.index": "contacts_api.ordered",
    "contacts.say": "contacts_api.say",
    "contacts.show": "explanations_api.explanation",
    "contacts.timeline": "contacts_api.activities",
    "dead.group": "dead_api.listed",
    "dead.index": "dead_api.groups",
    "dead.rehearse": "dead_api.rehearse",
    "dead.replay": "dead_api.replay",
    "drafts.create": "drafts_api.create",
    "drafts.discard": "drafts_api.discard",
    "drafts.do": "drafts_api.replace",
    "drafts.every": "drafts_api.every",
    "drafts.export": "drafts_api.one",
    "drafts.publish": "drafts_api.publish",
    "drafts.show": "drafts_api.one",
    "drafts.text": "drafts_api.replace",
    "feed.rows": "feed_api.newest",
    "feed.show": "feed_api.newest",
    "feed.stream": "feed_api.newest",
    "forgetting.ask": "persons_api.forget",
    "forgetting.show": "persons_api.progress",
    "forgetting.status": "persons_api.progress",
    "health_page.diagnostics": "health_api.diagnostics",
    "health_page.figures": "health_api.show",
    "health_page.show": "health_api.show",
    "keys.index": "keys_api.every",
    "keys.revoke": "keys_api.revoke",
    "learning.decide": "learning_api.decide",
    "learning.propose": "learning_api.propose",
    "learning.show": "learning_api.show",
    "learning.status": "learning_api.show",
    "learning.stop": "learning_api.stop",
    "overview.show": "status_api.show",
    "parts.card": "drafts_api.replace",
    "parts.new_part": "drafts_api.replace",
    "parts.new_rule": "drafts_api.replace",
    "parts.one": "drafts_api.replace",
    "people.index": "users_api.every",
    "preferences.index": "settings_api.show",
    "rehearsals.ask": "rehearsals_api.ask",
    "rehearsals.show": "rehearsals_api.show",
    "rehearsals.status": "rehearsals_api.show",
    "rehearsals.stop": "rehearsals_api.stop",
    "results.compute": "results_api.compute",
    "results.show": "results_api.show",
    "results.threshold": "results_api.show",
    "samples.read": "samples_api.read",
    "samples.show": "samples_api.read",
    "scorecard.compare": "scorecards_api.compare",
    "scorecard.export": "scorecards_api.one",
    "scorecard.one_version": "scorecards_api.one",
    "scorecard.progress": "scorecards_api.progress",
    "scorecard.restore": "scorecards_api.restore",
    "scorecard.show": "scorecards_api.every",
    "scorecard.versions": "scorecards_api.every",
    "simulator.run": "simulations_api.run",
    "simulator.show": "simulations_api.run",
}
#: What is only a part of a page and has an address of its own.
PARTS = {
    "backfills_api.progress",
    "contacts_api.score",
    "deliveries_api.listed",
    "drift_api.show",
}
#: Pages and whole nouns (with their dot) without a twin, and why.
ALONE = {
    "account.": "one's own name, language and sessions: a key has none",
    "dead.body": "what strangers sent, as they sent it: for the eyes of an administrator",
    "joining.": "becoming a user, by a link",
    "judging.": "the link in a call's note, for sales without an account; users have a twin",
    "keys.make": "a key that was stolen must not make others",
    "languages.": "the reader's language; programs say lang",
    "parts.preview": "a drawing beside a form",
    "people.active": "letting people in or out is a person's",
    "people.ask": "letting people in or out is a person's",
    "people.password": "letting people in or out is a person's",
    "people.role": "letting people in or out is a person's",
    "people.second_factor": "letting people in or out is a person's",
    "people.unask": "letting people in or out is a person's",
    "provider.": "signing in",
    "security.": "signing in",
}


def pages(app: Flask) -> Iterator[str]:
    """The endpoints of everything that people open or press."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/admin", "/verdict")) and "static" not in rule.endpoint:
            yield rule.endpoint


def test_every_page_has_its_twin_or_a_reason(app: Flask) -> None:
    found = set(pages(app))
    alone = {one for one in found if any(one.startswith(name) for name in ALONE)}
    assert found - alone == TWINS.keys()
    assert all(any(one.startswith(name) for one in found) for name in ALONE)


def test_the_api_has_nothing_that_is_nowhere_on_the_pages(app: Flask) -> None:
    told = {one for one in app.view_functions if one.partition(".")[0].endswith("_api")}
    more = told - {*TWINS.values()}
    assert more == PARTS


def test_a_twin_asks_for_no_other_role_than_its_page(app: Flask) -> None:
    for page, twin in TWINS.items():
        own, asked = (str(role_of(app, one)) for one in (page, twin))
        [rule] = app.url_map.iter_rules(twin)
        reads = not (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        # Who may do less than change something may see how it stands.
        assert asked == own or (reads and ROLES.index(asked) < ROLES.index(own)), page


@pytest.mark.parametrize("language", ["", ".fr"])
def test_every_address_is_on_the_page_of_the_api_in_both_languages(
    app: Flask, language: str
) -> None:
    told = (Path(__file__).parents[3] / "docs" / f"api{language}.md").read_text(encoding="utf-8")
    there = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    paths = {one.removeprefix("/api/v1") for one in there if one.startswith("/api/v1/")}
    listed = re.findall(r"(?m)^\| `(/\S+)` \|", told)
    assert sorted(listed) == sorted(paths - {"/openapi.json"})
