from __future__ import annotations

import pytest

from connectors.errors import ConnectorError
from plugin.services.connect import Connected, Request, SettingsError, connect
from plugin.storage import connections
from tests.installation import NAME, SECRET, Installation


def again(connected: Installation, secret: str | None, **settings: str) -> Connected:
    given = {
        "base_url": connected.url,
        "client_id": connected.standin.client_id,
        "client_secret": connected.standin.client_secret,
    } | settings
    request = Request(NAME, "mautic", given, secret, None)
    vault, connector = connected.runtime.vault, connected.connector
    return connect(connected.engine, vault, connector, request, connected.clock())


def test_connecting_again_keeps_the_secret_the_platform_signs_with(
    connected: Installation,
) -> None:
    assert again(connected, None).webhook_secret == SECRET
    assert connected.source.webhook_secrets == (SECRET,)


def test_a_new_secret_leaves_the_old_one_valid_for_what_is_on_its_way(
    connected: Installation,
) -> None:
    again(connected, "second")
    assert connected.source.webhook_secrets == ("second", SECRET)
    again(connected, "third")
    assert connected.source.webhook_secrets == ("third", "second")


def test_nothing_is_saved_when_the_platform_does_not_accept_us(connected: Installation) -> None:
    before = connected.source
    done = again(connected, "second", client_secret="wrong")
    assert not done.saved
    assert connected.source == before


@pytest.mark.parametrize("base_url", ["not an address", "ftp://x.example"])
def test_wrong_settings_are_named(connected: Installation, base_url: str) -> None:
    with pytest.raises(SettingsError, match="base_url"):
        again(connected, None, base_url=base_url)


def test_a_platform_that_does_not_answer_is_an_error(connected: Installation) -> None:
    with pytest.raises(ConnectorError):
        again(connected, None, base_url="http://127.0.0.1:9")
    assert connected.source.state == connections.READY
