"""Whether the receiver may listen where it is told to."""

from __future__ import annotations

import socket


class PortRefused(Exception):
    """Nothing can listen at that address and port; the message says why and what to do."""


def check_port(host: str, port: int) -> None:
    """Raise ``PortRefused`` where the receiver could not listen, or would not be alone."""
    # The server shares its port with whoever does alike: a second Maturo would begin without a
    # word, and each would get some of the deliveries.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise PortRefused(
            f"cannot listen on port {port} of {host}: {error.strerror}. Expected a free port at an "
            "address of this machine: end what listens there (perhaps a Maturo that still runs), "
            "or name another by --port or MATURO_PORT"
        ) from error
