"""Settings: one table, read from a file, then the environment, then options; the last one wins."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

PREFIX = "MATURO_"
#: Read from the working directory unless ``MATURO_CONFIG`` names another file.
FILE_NAME = "maturo.toml"
_SERVERS = ("postgresql+psycopg://", "postgresql://")


class ConfigError(Exception):
    """A setting is wrong; the message says which, where it was found, and what fits."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table."""

    name: str
    default: Any
    field: fields.Field[Any]
    help: Mapping[str, str]
    secret: bool = False

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


class _Whole(fields.Integer):
    """A whole number, as text too; 80.5 is refused instead of cut."""

    def _validated(self, value: Any) -> int:
        return super()._validated(str(value) if isinstance(value, float) else value)


def _number(low: int, high: int) -> fields.Integer:
    return _Whole(validate=validate.Range(low, high))


def _address(text: str) -> None:
    if text:
        validate.URL(schemes={"http", "https"}, require_tld=False)(text)


def _server(text: str) -> None:
    if text and not text.startswith(_SERVERS):
        raise ValidationError(f"give an address such as {_SERVERS[0]}user@host/maturo")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "data",
        "maturo-data",
        fields.String(validate=validate.Length(1)),
        {
            "en": "Folder of the databases and the key",
            "fr": "Dossier des bases de données et de la clé",
        },
    ),
    Setting(
        "database_url",
        "",
        fields.String(validate=_server),
        {
            "en": "PostgreSQL shared by several machines; empty: databases in the data folder",
            "fr": "PostgreSQL partagé par plusieurs machines ; "
            "vide : bases dans le dossier de données",
        },
        secret=True,
    ),
    Setting(
        "host",
        "127.0.0.1",
        fields.String(validate=validate.Length(1)),
        {"en": "Address to listen on", "fr": "Adresse d'écoute"},
    ),
    Setting("port", 8080, _number(1, 65535), {"en": "Port to listen on", "fr": "Port d'écoute"}),
    Setting(
        "public_url",
        "",
        fields.String(validate=_address),
        {
            "en": "Address under which the platform reaches us",
            "fr": "Adresse par laquelle la plateforme nous joint",
        },
    ),
    Setting(
        "private_platforms",
        False,
        fields.Boolean(),
        {
            "en": "Whether the pages may connect platforms at private addresses, such as 10.0.0.7",
            "fr": "Si les pages peuvent connecter des plateformes à des adresses privées, "
            "comme 10.0.0.7",
        },
    ),
    Setting(
        "key",
        "",
        fields.String(),
        {
            "en": "Encryption keys, newest first, separated by commas; "
            "empty: kept in the data folder",
            "fr": "Clés de chiffrement, la plus récente d'abord, séparées par des virgules ; "
            "vide : gardées dans le dossier de données",
        },
        secret=True,
    ),
    Setting(
        "oidc_issuer",
        "",
        fields.String(validate=_address),
        {
            "en": "Identity provider (OpenID Connect) by which people sign in; empty: by password",
            "fr": "Fournisseur d'identité (OpenID Connect) par lequel on se connecte ; "
            "vide : par mot de passe",
        },
    ),
    Setting(
        "oidc_client_id",
        "",
        fields.String(),
        {
            "en": "What the identity provider calls us",
            "fr": "Nom sous lequel le fournisseur d'identité nous connaît",
        },
    ),
    Setting(
        "oidc_client_secret",
        "",
        fields.String(),
        {
            "en": "Our secret at the identity provider",
            "fr": "Notre secret chez le fournisseur d'identité",
        },
        secret=True,
    ),
    Setting(
        "threads",
        16,
        _number(1, 256),
        {"en": "Threads of the receiver", "fr": "Fils d'exécution du récepteur"},
    ),
    Setting(
        "body_limit",
        8_000_000,
        _number(1_000, 1_000_000_000),
        {
            "en": "Largest webhook body accepted, in bytes",
            "fr": "Taille maximale d'un corps de webhook, en octets",
        },
    ),
    Setting(
        "backlog_limit",
        1_000_000,
        _number(1, 1_000_000_000),
        {
            "en": "Receipts waiting to be scored before the receiver answers 503",
            "fr": "Réceptions en attente avant que le récepteur ne réponde 503",
        },
    ),
    Setting(
        "retention_days",
        30,
        _number(1, 3650),
        {
            "en": "Days after which scored receipts and dead letters are deleted",
            "fr": "Jours après lesquels réceptions traitées et lettres mortes sont supprimées",
        },
    ),
    Setting(
        "batch",
        256,
        _number(1, 10_000),
        {"en": "Receipts scored in one transaction", "fr": "Réceptions traitées par transaction"},
    ),
    Setting(
        "language",
        "en",
        fields.String(validate=validate.OneOf(["en", "fr"])),
        {
            "en": "Language of what is written to the platform for people",
            "fr": "Langue de ce qui est écrit dans la plateforme pour des personnes",
        },
    ),
    Setting(
        "log_level",
        "info",
        fields.String(validate=validate.OneOf(["debug", "info", "warning", "error"])),
        {"en": "Least severe log lines shown", "fr": "Niveau de journal affiché"},
    ),
)

_SCHEMA: Schema = Schema.from_dict({setting.name: setting.field for setting in SETTINGS})()


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, checked. Times are in seconds, sizes in bytes."""

    data: Path
    database_url: str
    host: str
    port: int
    public_url: str
    private_platforms: bool
    key: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    threads: int
    body_limit: int
    backlog_limit: int
    retention_days: int
    batch: int
    language: str
    log_level: str

    def __repr__(self) -> str:
        return f"Config(data={str(self.data)!r}, host={self.host!r}, port={self.port})"

    def environ(self, others: Mapping[str, str]) -> dict[str, str]:
        """``others`` and, over them, what gives another process of ours these very settings."""
        ours = {setting.env: str(getattr(self, setting.name)) for setting in SETTINGS}
        return {**others, **ours}

    @property
    def inbox_path(self) -> Path:
        """The receiver's own database."""
        return self.data / "inbox.db"

    @property
    def main_path(self) -> Path:
        """The database of everything else."""
        return self.data / "main.db"


def load_config(environ: Mapping[str, str], options: Mapping[str, Any] | None = None) -> Config:
    """File < environment < options. Raises ``ConfigError`` naming every wrong setting."""
    path, from_file = _read_file(environ.get(PREFIX + "CONFIG"))
    from_env = {s.name: environ[s.env] for s in SETTINGS if s.env in environ}
    given = {name: value for name, value in (options or {}).items() if value is not None}
    defaults = {s.name: s.default for s in SETTINGS}
    try:
        loaded: dict[str, Any] = _SCHEMA.load(defaults | from_file | from_env | given)
    except ValidationError as error:
        problems = sorted(error.messages_dict.items())
        text = [
            f"{_origin(name, path, from_env, given)}: {_wrong(name, said)}"
            for name, said in problems
        ]
        raise ConfigError("\n".join(text)) from None
    if loaded["database_url"] and not loaded["key"]:
        raise ConfigError(
            f"{PREFIX}KEY: every machine that shares a database needs the same key; make one and "
            "give it to all of them: docs/settings.md says how"
        )
    _check_provider(loaded)
    return Config(**{**loaded, "data": Path(loaded["data"])})


def _check_provider(loaded: Mapping[str, Any]) -> None:
    issuer, client = loaded["oidc_issuer"], loaded["oidc_client_id"]
    if bool(issuer) != bool(client):
        given, missing = ("ISSUER", "CLIENT_ID") if issuer else ("CLIENT_ID", "ISSUER")
        raise ConfigError(
            f"{PREFIX}OIDC_{missing}: missing beside {PREFIX}OIDC_{given}; the provider tells both "
            "where our application is registered there"
        )
    if issuer.lower().startswith("http:") and not loaded["private_platforms"]:
        raise ConfigError(
            f"{PREFIX}OIDC_ISSUER: use https, or anybody on the way can sign in as anybody; http "
            f"only within your own network, with {PREFIX}PRIVATE_PLATFORMS"
        )


def _read_file(named: str | None) -> tuple[Path, dict[str, Any]]:
    path = Path(named or FILE_NAME)
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if named:
            raise ConfigError(f"environment variable {PREFIX}CONFIG: no file {path}") from error
        return path, {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from None


def _wrong(name: str, said: Sequence[str]) -> str:
    known = [setting.name for setting in SETTINGS]
    return " ".join(said) if name in known else f"no such setting; known: {', '.join(known)}"


def _origin(name: str, path: Path, from_env: Mapping[str, str], given: Mapping[str, Any]) -> str:
    if name in given:
        return f"option --{name.replace('_', '-')}"
    if name in from_env:
        return f"environment variable {PREFIX}{name.upper()}"
    return f'{path}: setting "{name}"'
