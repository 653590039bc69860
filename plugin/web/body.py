"""The raw body of a request, within its cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_content_length, get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def read_body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The bytes as they travelled. Raises ``RequestEntityTooLarge`` over ``limit`` bytes.

    Never holds more than ``limit`` + 1 bytes, whatever the length the client claimed, or claimed
    not to know (chunked). One read: each gives the interpreter's lock away.
    """
    claimed = get_content_length(environ)
    if claimed is not None and claimed > limit:
        raise RequestEntityTooLarge
    body: bytes = get_input_stream(environ).read(limit + 1 if claimed is None else claimed)
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body
