from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugin.config import SETTINGS, ConfigError, load_config

WRONG = {
    "port": ["abc", "80.5", "0", "65536", ""],
    "threads": ["0", "257"],
    "body_limit": ["999"],
    "backlog_limit": ["0"],
    "batch": ["-1"],
    "host": [""],
    "data": [""],
    "log_level": ["INFO", "loud"],
    "public_url": ["example.org", "ftp://example.org"],
    "oidc_issuer": ["sso.example", "ftp://sso.example"],
}


def from_file(tmp_path: Path, text: str) -> dict[str, str]:
    """An environment that names a settings file with this text."""
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return {"MATURO_CONFIG": str(path)}


def test_without_anything_given_the_defaults_hold() -> None:
    config = load_config({"MATURO_CONFIG": os.devnull})
    for setting in SETTINGS:
        given = getattr(config, setting.name)
        assert str(given) == str(setting.default), setting.name


def test_the_file_beats_the_default_the_environment_the_file_and_the_option_both(
    tmp_path: Path,
) -> None:
    environ = from_file(tmp_path, "port = 1\nthreads = 2\nbatch = 3\n")
    config = load_config(environ | {"MATURO_THREADS": "20", "MATURO_BATCH": "30"}, {"batch": 300})
    assert (config.port, config.threads, config.batch) == (1, 20, 300)


def test_an_option_that_was_not_given_hides_nothing() -> None:
    environ = {"MATURO_CONFIG": os.devnull, "MATURO_PORT": "99"}
    assert load_config(environ, {"port": None}).port == 99


def test_the_file_of_the_working_directory_is_read_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config({}).port == 8080
    (tmp_path / "maturo.toml").write_text("port = 4\n")
    assert load_config({}).port == 4


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_a_wrong_value_is_refused_naming_its_environment_variable(name: str, value: str) -> None:
    variable = f"MATURO_{name.upper()}"
    with pytest.raises(ConfigError, match=f"^environment variable {variable}: "):
        load_config({"MATURO_CONFIG": os.devnull, variable: value})


def test_a_wrong_option_is_named_as_it_is_typed() -> None:
    with pytest.raises(ConfigError, match=r"^option --body-limit: Not a valid integer\.$"):
        load_config({"MATURO_CONFIG": os.devnull}, {"body_limit": "much"})


@pytest.mark.parametrize("value", ["80.5", "true", '"abc"', "[1]"])
def test_a_wrong_value_in_the_file_is_refused_naming_the_file(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r'settings\.toml: setting "port": '):
        load_config(from_file(tmp_path, f"port = {value}"))


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    environ = from_file(tmp_path, "batch = 0\n") | {"MATURO_PORT": "x"}
    with pytest.raises(ConfigError) as refused:
        load_config(environ, {"threads": 0})
    lines = str(refused.value).splitlines()
    assert [line.rpartition(": ")[0].rpartition("/")[2] for line in lines] == [
        'settings.toml: setting "batch"',
        "environment variable MATURO_PORT",
        "option --threads",
    ]


def test_an_unknown_setting_in_the_file_is_refused_listing_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='"prot": no such setting; known: data, database_url, h'):
        load_config(from_file(tmp_path, "prot = 1\n"))


@pytest.mark.parametrize("text", ["port =", "port = [\nhost = 1"])
def test_a_file_that_is_not_toml_is_refused_with_the_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.toml: cannot be read as TOML: .* \(at "):
        load_config(from_file(tmp_path, text))


def test_a_file_that_is_named_but_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^environment variable MATURO_CONFIG: no file .*nope"):
        load_config({"MATURO_CONFIG": str(tmp_path / "nope.toml")})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://sso.example"}, "^MATURO_OIDC_CLIENT_ID: missing beside"),
        ({"oidc_client_id": "us"}, "^MATURO_OIDC_ISSUER: missing beside"),
        ({"oidc_issuer": "http://sso.example", "oidc_client_id": "us"}, "ISSUER: use https"),
    ],
)
def test_an_identity_provider_that_is_half_set_or_unsafe_is_refused(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config({"MATURO_CONFIG": os.devnull}, given)


def test_no_message_and_no_repr_shows_the_key() -> None:
    environ = {"MATURO_CONFIG": os.devnull, "MATURO_KEY": "do-not-show"}
    config = load_config(environ)
    assert config.key == "do-not-show"
    assert "do-not-show" not in repr(config) + str(config)
    with pytest.raises(ConfigError) as refused:
        load_config(environ | {"MATURO_PORT": "x"})
    assert "do-not-show" not in str(refused.value)


def test_the_environment_for_another_process_gives_it_the_same_settings() -> None:
    config = load_config({"MATURO_CONFIG": os.devnull, "MATURO_KEY": "k"}, {"port": 5, "batch": 6})
    handed = config.environ({"MATURO_CONFIG": os.devnull, "MATURO_PORT": "7", "PATH": "/bin"})
    assert load_config(handed) == config
    assert handed["PATH"] == "/bin"


def test_the_table_is_complete_and_bilingual() -> None:
    for setting in SETTINGS:
        assert set(setting.help) == {"en", "fr"}
        assert all(setting.help.values())
    assert [setting.name for setting in SETTINGS if setting.secret] == [
        *("database_url", "key", "oidc_client_secret"),
    ]
