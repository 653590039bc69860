"""What commands share: options, an opened runtime, errors in plain words."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson
import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from connectors.contract import Check
from connectors.errors import ConnectorError
from plugin.config import PREFIX, SETTINGS, Config, ConfigError, load_config
from plugin.frames import frames
from plugin.manifest import ManifestError
from plugin.port import PortRefused
from plugin.runtime import Runtime, open_runtime
from plugin.scoring.confidence import Confidence
from plugin.scoring.problems import ScorecardError
from plugin.scoring.text import harmless
from plugin.services.backup import BackupError
from plugin.services.challenge import NoChallenger
from plugin.services.connect import SettingsError
from plugin.services.explain import UnknownContact
from plugin.services.priorities import UnknownBand, UnknownPlace
from plugin.services.publish import UnknownVersion
from plugin.services.rescore import NoScorecard
from plugin.services.score import InboxMismatch, UnknownConnector
from plugin.storage.connections import UnknownConnection
from plugin.storage.copies import Unsound
from plugin.storage.database import SchemaError
from plugin.storage.engine import DriverMissing
from plugin.storage.inbox import Broken, InboxFull
from plugin.storage.vault import VaultError

_EXPECTED = (
    BackupError,
    Broken,
    ConfigError,
    ConnectorError,
    DriverMissing,
    InboxFull,
    InboxMismatch,
    ManifestError,
    NoChallenger,
    NoScorecard,
    PortRefused,
    SchemaError,
    ScorecardError,
    SettingsError,
    UnknownBand,
    UnknownPlace,
    UnknownConnection,
    UnknownConnector,
    UnknownContact,
    UnknownVersion,
    Unsound,
    VaultError,
)


class Option(click.Option):
    """An option that is ``MATURO_<OPTION>`` in the environment as well, and says so in its help."""

    def __init__(self, declared: list[str], **given: Any) -> None:
        variable = PREFIX + declared[0].lstrip("-").replace("-", "_").upper()
        super().__init__(declared, envvar=variable, show_envvar=True, **given)


option = partial(click.option, cls=Option)
as_json = option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
lang = option("--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True)


def setting(name: str) -> Callable[[Any], Any]:
    """The option of a row of the settings table."""
    row = next(one for one in SETTINGS if one.name == name)
    # Its variable is left to load_config, which says where a wrong value came from.
    default = f"default: {row.default}; " if row.default != "" else ""
    help_text = f"{row.help['en']}  [{default}env var: {row.env}]"
    return click.option(f"--{name.replace('_', '-')}", metavar="VALUE", help=help_text)


def webhook_url(config: Config, name: str) -> str | None:
    """Where the platform delivers for a connection; ``None`` while ``public_url`` is not set."""
    base = config.public_url.rstrip("/")
    return f"{base}/hooks/{name}" if base else None


def show_check(check: Check) -> None:
    """Print one step of a connection test, and what to do."""
    click.echo(printable(f"{'ok    ' if check.ok else 'FAILED'} {check.name}: {check.detail}"))
    if check.remedy:
        click.echo(f"       → {printable(check.remedy)}")


def read_document(given: str) -> str:
    """The text itself, or that of the file which @FILE names."""
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{given[1:]} cannot be read: {error}") from error


def configure(context: click.Context, **options: Any) -> Config:
    """The settings of this call: file, environment, options. Wrong ones end the command."""
    with plain_errors():
        return load_config(os.environ, {**context.obj, **options})


@contextmanager
def opened(context: click.Context, **options: Any) -> Iterator[Runtime]:
    """The runtime of this call, its data folder made if need be."""
    config = configure(context, **options)
    with plain_errors(config), open_runtime(config) as runtime:
        yield runtime


@contextmanager
def existing(context: click.Context, **options: Any) -> Iterator[Runtime]:
    """The runtime of a data folder that is there: a mistyped one is not made by looking at it."""
    config = configure(context, **options)
    with plain_errors(config):
        found = bool(config.database_url) or config.main_path.exists()
    if not found:
        raise click.ClickException(
            f'nothing is installed in the data folder "{config.data}": name the right one by '
            "--data or MATURO_DATA, or make one by `maturo connect` or `maturo serve`"
        )
    with opened(context, **options) as runtime:
        yield runtime


@contextmanager
def plain_errors(config: Config | None = None) -> Iterator[None]:
    """Turn what a person can mend into a message and exit code 1, without a traceback."""
    try:
        yield
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except (OSError, DBAPIError) as error:
        if config is None:
            raise
        if config.database_url:
            raise click.ClickException(_server_problem(config, error)) from error
        # The driver's own words: SQLAlchemy's would quote the statement and what was in it.
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise click.ClickException(
            f'the data folder "{config.data}" cannot be used: {reason}. It must be a folder that '
            f"this user may write, with free space; its databases are {config.main_path.name} "
            f"and {config.inbox_path.name}"
        ) from error


def _server_problem(config: Config, error: Exception) -> str:
    place = make_url(config.database_url)
    reason = error.orig if isinstance(error, DBAPIError) else error
    # The first line alone: the others may quote a row.
    said = str(reason).partition("\n")[0]
    return (
        f'the PostgreSQL database "{place.database}" at {place.host or "the local socket"} cannot '
        f"be used: {said}. It must exist, and MATURO_DATABASE_URL name a user who owns it"
    )


def configure_logging(level: str) -> None:
    """One JSON line an event on standard error; libraries' own lines in the same stream."""
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(message)s")
    # httpx logs every URL it calls at info; ids of contacts are in there.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_traceback),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _traceback(exc_info: structlog.typing.ExcInfo) -> dict[str, Any]:
    # No message and no local variables: both may hold what a contact typed, or a secret.
    kind, error, _ = exc_info
    return {"kind": kind.__name__, "frames": frames(error)}


def print_json(value: Any) -> None:
    """Print for a machine: moments in ISO 8601, dataclasses as objects."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, option=options).decode())


def confidence_for_machines(found: Confidence) -> dict[str, Any]:
    """How much of what the fit asks is known, for ``print_json``."""
    share = None if found.share is None else float(found.share)
    return {"share": share, "known": found.known, "missing": found.missing}


def printable(text: str) -> str:
    """Text for a terminal: what strangers typed cannot move its cursor or change its title."""
    return "".join(one if harmless(one) else "\N{REPLACEMENT CHARACTER}" for one in text)
