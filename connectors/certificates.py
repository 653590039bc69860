"""Whose certificates are believed: what the system and ``SSL_CERT_FILE`` say."""

from __future__ import annotations

from functools import lru_cache
from ssl import SSLContext

import httpx


@lru_cache(maxsize=1)
def trusted() -> SSLContext:
    """For every client alike, which must not change it: to read them takes 28 ms and 1 MB."""
    return httpx.create_ssl_context()
