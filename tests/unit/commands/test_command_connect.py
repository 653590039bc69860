"""``maturo connect mautic`` against the stand-in, over HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_kit import done, refused, run, runtime_of

from connectors.mautic.standin import Running, StandIn, serve
from plugin.storage.connections import StoredConnection, all_connections

PUBLIC = ("--public-url", "http://127.0.0.1:9")


@pytest.fixture
def platform() -> Iterator[Running]:
    with serve(StandIn()) as running:
        yield running


def basic(platform: Running, *more: str) -> tuple[str, ...]:
    standin = platform.standin
    credentials = ("--user", standin.user, "--password", standin.password)
    return ("connect", "mautic", "--url", platform.url, *credentials, *more)


def stored(data: Path) -> list[StoredConnection]:
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        return all_connections(connection, runtime.vault)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_connecting_tests_saves_and_installs_the_webhook(tmp_path: Path, platform: Running) -> None:
    told = done("--data", tmp_path, *basic(platform, "--name", "acme", *PUBLIC))
    assert "FAILED" not in told
    assert "Connection acme is saved.\n`maturo backfill acme` reads" in told
    [one] = stored(tmp_path)
    assert (one.name, one.connector, one.version, one.state) == ("acme", "mautic", "6.0.3", "ready")
    [hook] = platform.standin.hooks.values()
    assert hook.url == "http://127.0.0.1:9/hooks/acme"
    assert (hook.secret,) == one.webhook_secrets
    assert platform.standin.field("maturo_score") is not None


def test_credentials_may_come_from_the_environment(tmp_path: Path, platform: Running) -> None:
    standin = platform.standin
    environ = {
        "MATURO_URL": platform.url,
        "MATURO_CLIENT_ID": standin.client_id,
        "MATURO_CLIENT_SECRET": standin.client_secret,
        "MATURO_PUBLIC_URL": "http://127.0.0.1:9/",
        "MATURO_NAME": "from-env",
        "MATURO_WEBHOOK_SECRET": "a-secret-of-ours",
    }
    told = done("--data", tmp_path, "connect", "mautic", **environ)
    assert "OAuth2 client credentials accepted" in told
    [one] = stored(tmp_path)
    assert (one.name, one.webhook_secrets) == ("from-env", ("a-secret-of-ours",))
    [hook] = platform.standin.hooks.values()
    assert hook.url == "http://127.0.0.1:9/hooks/from-env"
    assert standin.client_secret not in told
    assert "a-secret-of-ours" not in told


def test_without_installing_the_webhook_is_told_with_its_secret(
    tmp_path: Path, platform: Running
) -> None:
    told = done("--data", tmp_path, *basic(platform, "--no-install", *PUBLIC))
    [one] = stored(tmp_path)
    assert platform.standin.hooks == {}
    assert "  URL     http://127.0.0.1:9/hooks/mautic\n" in told
    assert f"  secret  {one.webhook_secrets[0]}\n" in told
    assert "  events  mautic.form_on_submit, mautic.page_on_hit, " in told
    assert "lead_points_change" not in told
    assert platform.standin.password not in told


def test_without_an_address_the_webhook_names_a_place_for_it(
    tmp_path: Path, platform: Running
) -> None:
    told = done("--data", tmp_path, *basic(platform, "--no-install"))
    assert "  URL     https://YOUR.HOST/hooks/mautic\n" in told


@pytest.mark.parametrize("by_hand", [True, False])
def test_json_tells_the_same_and_the_secret_only_where_it_is_needed(
    tmp_path: Path, platform: Running, by_hand: bool
) -> None:
    how = ("--no-install",) if by_hand else ()
    told = json.loads(done("--data", tmp_path, *basic(platform, "--json", *how, *PUBLIC)))
    [one] = stored(tmp_path)
    assert told["saved"]
    assert told["webhook"] == "http://127.0.0.1:9/hooks/mautic"
    assert all(check["ok"] for check in told["checks"])
    assert told.get("webhook_secret") == (one.webhook_secrets[0] if by_hand else None)


def test_nobody_told_where_to_deliver(tmp_path: Path, platform: Running) -> None:
    words = refused("--data", tmp_path, *basic(platform), code=2)
    assert words == (
        "the platform must know where to deliver: give --public-url https://your.host, "
        "or --no-install to enter the webhook there yourself, or --mode poll to do without one"
    )
    assert stored(tmp_path) == []


def test_connecting_again_under_the_same_name_replaces(tmp_path: Path, platform: Running) -> None:
    done("--data", tmp_path, *basic(platform, *PUBLIC))
    done("--data", tmp_path, *basic(platform, "--webhook-secret", "second", *PUBLIC))
    [one] = stored(tmp_path)
    assert one.webhook_secrets[0] == "second"
    [hook] = platform.standin.hooks.values()
    assert hook.secret == "second"


def test_two_platforms_are_two_connections(tmp_path: Path, platform: Running) -> None:
    with serve(StandIn()) as other:
        done("--data", tmp_path, *basic(platform, "--name", "one", *PUBLIC))
        done("--data", tmp_path, *basic(other, "--name", "two", *PUBLIC))
        hooks = [hook for one in (platform, other) for hook in one.standin.hooks.values()]
    assert [one.name for one in stored(tmp_path)] == ["one", "two"]
    assert [hook.url for hook in hooks] == [
        "http://127.0.0.1:9/hooks/one",
        "http://127.0.0.1:9/hooks/two",
    ]


def test_one_platform_under_two_names_is_refused(tmp_path: Path, platform: Running) -> None:
    done("--data", tmp_path, *basic(platform, "--name", "one", *PUBLIC))
    words = refused("--data", tmp_path, *basic(platform, "--name", "two", *PUBLIC), code=2)
    assert words.startswith('--url: is connected already, under the name "one"')
    assert len(stored(tmp_path)) == 1


def test_refused_credentials_save_nothing_and_show_nothing(
    tmp_path: Path, platform: Running
) -> None:
    arguments = ("--url", platform.url, "--user", "ada", "--password", "wrong-password")
    result = run("--data", tmp_path, "connect", "mautic", *arguments, *PUBLIC)
    assert result.exit_code == 1
    assert "FAILED credentials: " in result.stdout
    assert "       → " in result.stdout
    assert result.stdout.endswith(
        "Connection mautic is NOT saved; correct what FAILED and connect again.\n"
    )
    assert "wrong-password" not in result.output
    assert stored(tmp_path) == []
    assert platform.standin.hooks == {}


def test_a_role_with_too_few_rights_is_told_what_failed(tmp_path: Path, platform: Running) -> None:
    platform.standin.denied |= {"fields:create", "hooks:create"}
    result = run("--data", tmp_path, *basic(platform, *PUBLIC))
    assert result.exit_code == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    assert len(failed) == 6  # five fields and the webhook
    assert result.stdout.count("       → ") >= len(failed)
    assert "Mend what FAILED and connect again" in result.stdout
    platform.standin.denied.clear()
    assert "FAILED" not in done("--data", tmp_path, *basic(platform, *PUBLIC))


@pytest.mark.parametrize("version", ["6.0.3", "7.0.0"])
def test_a_private_address_of_ours_is_warned_of_where_it_is_refused(
    tmp_path: Path, platform: Running, version: str
) -> None:
    platform.standin.version = version
    private = ("--public-url", "http://10.0.0.5:8080")
    told = done("--data", tmp_path, *basic(platform, *private))
    assert ("webhook_allowed_private_addresses" in told) == (version == "7.0.0")


def test_a_platform_that_does_not_answer_saves_nothing(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    arguments = ("--url", url, "--user", "a", "--password", "hidden-password")
    words = refused("--data", tmp_path, "connect", "mautic", *arguments, *PUBLIC)
    assert "cannot connect" in words
    assert "See that --url is right and answers this machine, then connect again" in words
    assert "hidden-password" not in words
    assert stored(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--url", "acme"), "--url: Not a valid URL."),
        (("--url", "http://u:p@acme.test"), "--url: Give only the address, without name"),
        (("--url", "http://acme.test", "--password", ""), "Give either client_id and client_sec"),
        (("--url", "http://acme.test", "--field-prefix", "9"), "--field-prefix: Use at most 15"),
    ],
)
def test_settings_that_do_not_fit_are_named_as_they_are_typed(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    given = ("--user", "a", "--password", "hidden-password", *arguments, *PUBLIC)
    words = refused("--data", tmp_path, "connect", "mautic", *given, code=2)
    assert words.startswith(said)
    assert "hidden-password" not in words
    assert stored(tmp_path) == []


@pytest.mark.parametrize("name", ["", "a/b", "Ä", "A", "-x", "x" * 64, "a b", ".."])
def test_a_name_that_is_no_part_of_an_address_is_refused(tmp_path: Path, name: str) -> None:
    arguments = ("connect", "mautic", "--url", "http://127.0.0.1:9", "--name", name)
    words = refused("--data", tmp_path, *arguments, code=2)
    assert "use at most 63 of a-z, 0-9, _ and -, such as crm-fr" in words


def test_an_address_of_ours_that_is_none_is_refused(tmp_path: Path, platform: Running) -> None:
    words = refused("--data", tmp_path, *basic(platform, "--public-url", "your.host"))
    assert words == "option --public-url: Not a valid URL."


def test_an_unknown_connector_is_refused_naming_the_known_ones() -> None:
    words = refused("connect", "hubspot", code=2)
    assert words.startswith('no connector "hubspot"; ')
    assert words.endswith("Shipped with maturo: brevo, generic, mautic, messenger.")


def test_the_options_are_the_connectors_settings_with_their_help() -> None:
    told = done("connect", "mautic", "--help", COLUMNS="300")
    for option in ("url", "client-id", "client-secret", "user", "password", "field-prefix"):
        assert f"  --{option} " in told
    assert "Address of Mautic, with its folder if it has one" in told
    assert "--base-url" not in told


def test_without_a_public_address_a_platform_is_connected_by_polling_alone(
    tmp_path: Path, platform: Running
) -> None:
    assert "--mode poll" in refused("--data", tmp_path, *basic(platform), code=2)
    told = done("--data", tmp_path, *basic(platform, "--mode", "poll"))
    assert "webhook" not in told
    [one] = stored(tmp_path)
    assert (one.mode, one.webhook_url) == ("poll", None)
    assert platform.standin.hooks == {}


def test_the_webhook_that_was_installed_is_watched_until_it_is_given_up(
    tmp_path: Path, platform: Running
) -> None:
    done("--data", tmp_path, *basic(platform, *PUBLIC))
    assert stored(tmp_path)[0].webhook_url == "http://127.0.0.1:9/hooks/mautic"
    done("--data", tmp_path, *basic(platform, "--no-install"))
    assert stored(tmp_path)[0].webhook_url == "http://127.0.0.1:9/hooks/mautic"
    done("--data", tmp_path, *basic(platform, "--mode", "poll"))
    assert stored(tmp_path)[0].webhook_url is None
