"""Calls to addresses that people typed: only to where they may lead.

A name is looked up once, its addresses are checked, and the connection goes to the one that was
checked: a name that answers otherwise the second time gains nothing. Redirects are not followed,
and every call has a time-out.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from .errors import Refused, Transient

#: The addresses of a host by name, such as the system's.
Lookup = Callable[[str, int], Iterable[str]]

#: Seconds to connect, and to wait for each part of the answer.
TIMEOUT = (5.0, 30.0)
_PORTS = {"http": 80, "https": 443}
_THIS_HOST = ip_network("0.0.0.0/8")
_NAT64 = ip_network("64:ff9b::/96")


def _system_lookup(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def check_url(url: str, *, private: bool = False, lookup: Lookup = _system_lookup) -> str:
    """The address of ``url`` to connect to. ``private`` allows those of one's own network as well.

    Addresses where clouds keep their secrets (link-local) are never allowed. Raises ``Refused``,
    and ``Transient`` when the name is not known now.
    """
    host, port = _place(url)
    try:
        found = list(lookup(host, port))
    except OSError as error:
        raise Transient(f"{host}: the name is not known now ({error.strerror})") from error
    except UnicodeError as error:
        raise Refused(f"{host[:100]!r}: expected the name or the address of a host") from error
    for one in found:
        if not _allowed(one.partition("%")[0], private):
            raise Refused(f"{host} is at {one}: {_WHY}")
    if not found:
        raise Transient(f"{host}: the name has no address now")
    return found[0]


_WHY = (
    "calls to loopback, private and other special addresses are refused; allow private addresses "
    "in the settings if this one is meant"
)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: an address that was checked must not lead to one that was not."""


def guarded_session(*, private: bool = False, lookup: Lookup = _system_lookup) -> requests.Session:
    """A session of ``requests`` that checks every address; proxies of the environment count.

    A call raises ``Refused`` and ``Transient`` as ``check_url`` does, beside those of requests.
    """
    session = _Session()
    for scheme in _PORTS:
        session.mount(f"{scheme}://", _CheckedAdapter(private, lookup))
    # Otherwise requests takes passwords from the .netrc of whoever runs us.
    session.auth = lambda request: request
    return session


class _CheckedAdapter(HTTPAdapter):
    """Connects to the checked address, and speaks with the host that was named."""

    def __init__(self, private: bool, lookup: Lookup) -> None:
        super().__init__()
        self._private, self._lookup = private, lookup

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """As requests does, never without a time-out."""
        return super().send(request, stream, timeout or TIMEOUT, verify, cert, proxies)

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Behind a proxy it is the proxy that looks names up; what is no name is checked here."""
        url = str(request.url)
        if not select_proxy(url, proxies):
            request.headers["Host"] = urlsplit(url).netloc
        elif _is_address(_place(url)[0]):
            check_url(url, private=self._private, lookup=self._lookup)
        return super().get_connection_with_tls_context(request, verify, proxies, cert)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """The checked address as the host; the certificate must be of the named one."""
        place: Any
        tls: Any
        place, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if "Host" in request.headers:
            named = place["host"]
            place["host"] = check_url(request.url, private=self._private, lookup=self._lookup)
            if place["scheme"] == "https":
                tls.update({"server_hostname": named, "assert_hostname": named})
        return place, tls


def way_out(*, private: bool = False) -> httpx.BaseTransport | None:
    """httpx's way to an address that was typed, checked at every call.

    ``None`` where a proxy of the environment decides which addresses may be reached.
    """
    if getproxies().keys() & {*_PORTS, "all"}:
        return None
    return CheckedTransport(private=private)


class CheckedTransport(httpx.BaseTransport):
    """The same for httpx: put it under a ``Client`` that follows no redirects."""

    def __init__(
        self,
        *,
        private: bool = False,
        lookup: Lookup = _system_lookup,
        under: httpx.BaseTransport | None = None,
    ) -> None:
        self._private, self._lookup = private, lookup
        self._under = under or httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Connect to the checked address; the certificate must be of the named host."""
        address = check_url(str(request.url), private=self._private, lookup=self._lookup)
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=address)
        return self._under.handle_request(request)

    def close(self) -> None:
        """Give back connections."""
        self._under.close()


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if not host or parts.scheme not in _PORTS or "@" in parts.netloc:
        raise Refused("expected an address such as https://example.org/path, without a password")
    return host, port or _PORTS[parts.scheme]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def _allowed(address: str, private: bool) -> bool:
    found = _meant(ip_address(address))
    if found.is_loopback:
        return private
    if found.is_multicast or found.is_link_local or found.is_reserved or found.is_unspecified:
        return False
    return found.is_global or (private and found not in _THIS_HOST)


def _meant(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of the old Internet that one of the new stands for."""
    if isinstance(found, IPv4Address):
        return found
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1] or found
