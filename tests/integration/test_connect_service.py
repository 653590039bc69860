from __future__ import annotations

import pytest

from connectors.errors import ConnectorError
from connectors.mautic.standin.visitors import submit_form
from plugin.sender import Sender
from plugin.services.connect import Connected, Request, SettingsError, connect, try_out
from plugin.storage import connections
from tests.installation import NAME, SECRET, Installation, unpaced


def again(
    connected: Installation,
    secret: str | None,
    name: str = NAME,
    hook: str | None = None,
    moved: bool = False,
    mode: str = connections.BOTH,
    **settings: str,
) -> Connected:
    given = {
        "base_url": connected.url,
        "client_id": connected.standin.client_id,
        "client_secret": connected.standin.client_secret,
    } | settings
    request = Request(name, "mautic", given, secret, hook, moved, mode)
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
        again(connected, None, base_url="http://127.0.0.1:9", moved=True)
    assert connected.source.state == connections.READY


def test_the_same_platform_under_a_second_name_is_refused_with_the_first(
    connected: Installation,
) -> None:
    with pytest.raises(
        SettingsError, match='base_url: is connected already, under the name "acme"'
    ):
        again(connected, None, name="second")
    with pytest.raises(SettingsError, match="connected already"):
        again(connected, None, name="second", base_url=f"{connected.url.upper()}/")


def test_the_same_platform_by_another_address_is_known_by_its_webhook(
    connected: Installation,
) -> None:
    by_name = connected.url.replace("127.0.0.1", "localhost")
    done = again(connected, None, "second", "https://maturo.example/hooks/second", base_url=by_name)
    assert not done.saved
    [failed] = [check for check in done.checks if not check.ok]
    assert failed.detail.endswith("to https://maturo.example/hooks/acme")
    assert "under the name acme" in failed.remedy
    assert len(connected.standin.hooks) == 1


def test_another_maturo_at_the_same_platform_is_told_and_stops_nothing(
    connected: Installation,
) -> None:
    [hook] = connected.standin.hooks.values()
    hook.url = "https://other.example/hooks/acme"
    done = again(connected, None, hook="https://maturo.example/hooks/acme")
    [told] = [check for check in done.checks if check.name == "another Maturo"]
    assert (done.saved, told.ok) == (True, True)
    assert "field prefix" in told.remedy


def test_who_goes_over_to_polling_leaves_no_webhook_behind(connected: Installation) -> None:
    assert connected.standin.hooks
    connected.connect(mode=connections.POLL)
    assert connected.standin.hooks == {}
    assert (connected.source.mode, connected.source.webhook_url) == (connections.POLL, None)
    connected.connect()
    assert len(connected.standin.hooks) == 1


def test_at_a_new_address_of_ours_the_former_webhook_is_deleted(connected: Installation) -> None:
    done = again(connected, None, hook="https://new.example/hooks/acme")
    told = [check for check in done.checks if "webhook" in check.name or "Maturo" in check.name]
    assert [(check.name, check.ok) for check in told] == [
        ("former webhook", True),
        ("webhook", True),
    ]
    [hook] = connected.standin.hooks.values()
    assert hook.url == "https://new.example/hooks/acme"


def test_a_former_webhook_that_may_not_be_deleted_is_told_and_stops_nothing(
    connected: Installation,
) -> None:
    connected.standin.denied.add("hooks:delete")
    done = again(connected, None, mode=connections.POLL)
    [failed] = [check for check in done.checks if not check.ok]
    assert (done.saved, failed.name) == (True, "former webhook")
    assert "Delete the webhook to https://maturo.example/hooks/acme" in failed.remedy


def test_another_platform_does_not_take_the_place_of_one_unless_it_only_moved(
    connected: Installation,
) -> None:
    by_name = connected.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SettingsError, match="another platform"):
        again(connected, None, base_url=by_name)
    assert connected.source.settings["base_url"] == connected.url
    assert again(connected, None, base_url=by_name, moved=True).saved
    assert connected.source.settings["base_url"] == by_name


def test_new_credentials_end_the_wait_for_a_human_and_what_waited_goes_out(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    connected.standin.client_secret = "another-one"
    connected.standin.expire_tokens()
    assert connected.deliver() == 0
    assert connected.source.state == connections.NEEDS_AUTHENTICATION
    asked = len(connected.standin.requests)
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    assert sender.send_some() == 0
    assert len(connected.standin.requests) == asked, "no retry until a human came"
    assert again(connected, None).saved
    assert sender.send_some() > 0
    sender.close()
    assert connected.held(ada)["score"] == 20


def tried(installation: Installation, name: str = NAME, **settings: str) -> Connected:
    given = {
        "base_url": installation.url,
        "client_id": installation.standin.client_id,
        "client_secret": installation.standin.client_secret,
    } | settings
    request = Request(name, "mautic", given, None, None)
    vault, connector = installation.runtime.vault, installation.connector
    return try_out(installation.engine, vault, connector, request, installation.clock())


def test_trying_out_only_asks_and_keeps_what_was_accepted(installation: Installation) -> None:
    done = tried(installation)
    assert done.saved
    assert installation.source.state == connections.SETTING_UP
    assert {call.method for call in installation.standin.requests} <= {"GET", "POST"}
    assert installation.standin.hooks == {}
    assert "maturo_score" not in installation.standin.fields


def test_nothing_is_kept_of_what_the_platform_does_not_accept(installation: Installation) -> None:
    assert not tried(installation, client_secret="wrong").saved
    assert installation.rows("connections") == []


def test_the_set_up_goes_on_from_what_was_tried_out(installation: Installation) -> None:
    secret = tried(installation).webhook_secret
    source = installation.source
    request = Request(NAME, "mautic", source.settings, None, "https://maturo.example/hooks/acme")
    vault, connector = installation.runtime.vault, installation.connector
    done = connect(installation.engine, vault, connector, request, installation.clock())
    assert all(check.ok for check in done.checks)
    assert done.webhook_secret == secret
    assert installation.source.state == connections.READY


def test_a_platform_that_is_set_up_is_not_written_to_or_polled(installation: Installation) -> None:
    tried(installation)
    asked = len(installation.standin.requests)
    sender = Sender(installation.runtime, lambda: 0.0)
    assert sender.send_some() == 0
    sender.close()
    assert len(installation.standin.requests) == asked


def test_trying_out_new_settings_of_a_connection_leaves_it_at_work(connected: Installation) -> None:
    assert tried(connected).saved
    assert connected.source.state == connections.READY
    with pytest.raises(SettingsError, match="connected already"):
        tried(connected, "second")
