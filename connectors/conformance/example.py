"""What the author of a connector gives so that it can be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from marshmallow import ValidationError

from ..contract import Connector

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Platform(Protocol):
    """A pretended platform: a WSGI application, and what it holds, to be compared."""

    @property
    def app(self) -> WSGIApplication:
        """Answers the connector's calls as the platform does."""
        ...

    def held(self) -> Any:
        """Everything that commands changed, such as fields and tags by contact."""
        ...


@dataclass(frozen=True, kw_only=True)
class Example:
    """A connector with what its platform sends and answers.

    ``settings`` are those a person types for a platform at that address; ``contact`` is in
    ``platform``, and so is ``form`` if the connector knows forms. For a connector that receives:
    ``deliveries`` is a folder of JSON files with ``headers`` and ``body`` (text), ``recorded`` the
    file that keeps what they say, ``sign`` makes the headers the platform vouches for a body by,
    ``unknown`` is a body of an event that the connector does not know, if there is such a thing.
    """

    connector: Connector
    settings: Callable[[str], Mapping[str, Any]]
    platform: Callable[[], Platform]
    contact: str = "1"
    form: str = "1"
    deliveries: Path | None = None
    recorded: Path | None = None
    sign: Callable[[bytes, str, datetime], Mapping[str, str]] = lambda body, secret, now: {}
    unknown: bytes | None = None
    secret: str = "c2l4dGVlbiBieXRlcyBvciBtb3JlIG9mIHNlY3JldA=="
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def loaded(self, url: str = "https://platform.example") -> dict[str, Any]:
        """The example's settings as the connector loads them."""
        try:
            loaded: dict[str, Any] = self.connector.settings_schema().load(self.settings(url))
        except ValidationError as error:
            said = f"the settings of your example are refused by your schema: {error.messages}"
            raise AssertionError(said) from None
        return loaded

    @cached_property
    def usual(self) -> Mapping[str, Any]:
        """The loaded settings where no platform is called."""
        return self.loaded()

    def open_settings(self) -> dict[str, Any]:
        """The settings that are no secret: all that ``verify`` is given."""
        return {name: one for name, one in self.usual.items() if name not in self.hidden}

    @property
    def hidden(self) -> set[str]:
        """The names of the secret settings."""
        fields = self.connector.settings_schema().fields
        return {name for name, one in fields.items() if one.metadata.get("secret")}

    def secrets(self) -> set[str]:
        """Every secret of the example."""
        usual = self.usual
        return {self.secret} | {str(usual[name]) for name in self.hidden if usual.get(name)}

    def samples(self) -> Iterator[tuple[str, Mapping[str, str], bytes]]:
        """Each delivery of the folder: its name, headers and body."""
        folder = self.deliveries
        assert folder is not None and folder.is_dir(), (
            f"no folder of deliveries at {folder}: give your example `deliveries`, a folder with a "
            'file for each kind of event: {"headers": {...}, "body": "the text as it travelled"}'
        )
        files = sorted(path for path in folder.glob("*.json") if path != self.recorded)
        assert files, f"{folder} holds no .json file: put one there for each kind of event"
        for path in files:
            kept = orjson.loads(path.read_bytes())
            yield path.stem, kept.get("headers", {}), kept["body"].encode()
