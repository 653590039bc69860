"""Signatures of one hit: how it was asked for, by what, and for which link."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from connectors.activity import Activity

from ..text import glob, plain
from .mail import Traffic, link_of
from .verdict import Verdict, machine

#: Parts of user agents of programs that load a mail's pictures for its reader.
_PROXIES = ("googleimageproxy", "yahoomailproxy", "yahoo pipes", "duckduckgo-favicons-bot")
#: Apple's Mail Privacy Protection says no more of itself than this.
_BARE_AGENT = "mozilla/5.0"
_PREFETCH = frozenset({"prefetch", "preview"})


def prefetch(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """Asked for with HEAD, or to have it before anybody wants it."""
    for touch in seen.touches:
        given = touch.attributes
        told = "method" in given or "purpose" in given or "prefetch" in given
        if told and _is_prefetch(given):
            yield touch, machine("prefetch")


def proxy(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """An opening by a program that loads pictures for its reader."""
    for touch in seen.touches:
        opened = touch.kind == "email_opened"
        if opened and (touch.attributes.get("proxy_open") or _is_proxy(touch)):
            yield touch, machine("proxy")


def trap(links: Collection[str]) -> Callable[[Traffic], Iterator[tuple[Activity, Verdict]]]:
    """The signature of following a link that no reader can see; ``*`` stands for any text."""
    tests = [glob(link) for link in links]

    def trapped(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
        for touch in seen.touches:
            link = link_of(touch)
            if link and any(matches(plain(link)) for matches in tests):
                yield touch, machine("trap")

    return trapped


def _is_prefetch(given: Mapping[str, Any]) -> bool:
    by_head = plain(given.get("method", "")) == "head"
    return by_head or plain(given.get("purpose", "")) in _PREFETCH or bool(given.get("prefetch"))


def _is_proxy(touch: Activity) -> bool:
    told = touch.attributes.get("user_agent")
    if not told:
        return False
    agent = plain(told)
    return agent == _BARE_AGENT or any(name in agent for name in _PROXIES)
