"""Newtool as it would send and answer: what the checks of the contract need.

`python tests/example_of_newtool.py` records what the deliveries say.
"""

from pathlib import Path
from typing import Any

from maturo_newtool import CONNECTOR

from connectors.conformance import Example, record

HERE = Path(__file__).parent


class Newtool:
    """A pretended Newtool: answers as its API does, and shows what it holds."""

    def __init__(self) -> None:
        self.people: dict[str, Any] = {}

    def app(self, environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    def held(self):
        return repr(self.people)


def signed(body, secret, now):
    """The headers by which Newtool vouches for a body."""
    return {}


EXAMPLE = Example(
    connector=CONNECTOR,
    settings=lambda url: {"base_url": url, "token": "a-hidden-token"},
    platform=Newtool,
    contact="1",
    deliveries=HERE / "deliveries",
    recorded=HERE / "recorded.json",
    sign=signed,
    unknown=b'{"event":"something new"}',
)

if __name__ == "__main__":
    record(EXAMPLE)
