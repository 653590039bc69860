"""Answers of the API: the good ones, and every recorded way of saying no.

Answers from inside Mautic's API carry ``Mautic-Version`` and list ``code, message, details``;
those of the framework around it carry no version and list ``message, code, type``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app

from .php import encode

OFFLINE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n    <meta charset="utf-8">\n'
    "    <title>Site is offline</title>\n</head>\n<body>\n"
    "<h4>The site is currently offline due to encountering an error.</h4>\n</body>\n</html>\n"
)


class Refusal(Exception):
    """A call answered with ``status`` and ``body``; ``versioned`` tells whose answer it is."""

    def __init__(
        self,
        status: int,
        body: Any,
        *,
        versioned: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.body = body
        self.versioned = versioned
        self.headers = dict(headers or {})


def answer(
    body: Any,
    status: int = 200,
    *,
    versioned: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer in PHP's writing."""
    response = Response(encode(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-cache, private"
    if versioned:
        response.headers["Mautic-Version"] = current_app.extensions["standin"].version
    response.headers.update(headers or {})
    return response


def said_by_api(status: int, message: str, details: Any = None) -> Refusal:
    """A no from inside the API."""
    error = {"code": status, "message": message, "details": details or []}
    return Refusal(status, {"errors": [error]}, versioned=True)


def said_by_framework(status: int, message: str, kind: str | None = None) -> Refusal:
    """A no from the framework around the API: routing, authentication, uncaught exceptions."""
    return Refusal(status, {"errors": [{"message": message, "code": status, "type": kind}]})


def not_found(message: str = "Item was not found.") -> Refusal:
    """404 for a thing that is not there."""
    return said_by_api(404, message)


def invalid(alias: str, message: str) -> Refusal:
    """400 of one field; Mautic tells one at a time."""
    return said_by_api(400, f"{alias}: {message}", {alias: [message]})


def forbidden() -> Refusal:
    """403 because the role lacks a right."""
    return said_by_api(403, "You do not have access to the requested area/action.")


def crashed(status: int = 500) -> Refusal:
    """An uncaught exception, in production mode."""
    return said_by_framework(
        status,
        f"Looks like I encountered an error (error #{status}). If I do it again, "
        "please report me to the system administrator!",
    )


def too_many(limit: int) -> Refusal:
    """429 of the rate limiter: the API's form, but without its version header."""
    message = f"You exceeded the rate limit of {limit} API calls per hour."
    return Refusal(429, said_by_api(429, message).body)
