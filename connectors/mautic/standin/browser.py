"""With what somebody looks at pages and mails: a person's browser, or a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Browser:
    """``cookies`` are what tells Mautic when the page before was left."""

    agent: str
    address: str
    cookies: bool = True


_CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0"
_SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"

PERSON = Browser(f"{_CHROME} Safari/537.36", "203.0.113.10")
#: A mail gateway: it calls itself a browser, comes from one address after the other, and forgets.
GATEWAYS = tuple(
    Browser(f"{_CHROME} Safari/537.36", f"203.0.113.{20 + n}", cookies=False) for n in range(5)
)
#: A mail program's proxy, which loads every picture as soon as the mail is there.
PROXY = Browser(f"{_SAFARI} Version/17.5 Safari/605.1.15", "203.0.113.200", cookies=False)
