"""What went wrong at a platform, as types that say what the caller should do.

ConnectorError
├── Rejected      an inbound body is not authentic: answer 401, keep nothing
├── Transient     try again later, not before ``retry_after`` seconds
├── AuthFailed    stop and ask a human to authenticate again
├── Refused       this command will never succeed: show it, do not retry
│   └── Missing   … because the contact (or object) is not there
└── Unsupported   this connector cannot do that at all
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Root of everything a connector raises. The message is safe to log: no secret, no body."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Rejected(ConnectorError):
    """The inbound request is not authentic or not a delivery of this platform."""


class Transient(ConnectorError):
    """The platform could not do it now. ``retry_after`` is in seconds, if the platform said so."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class AuthFailed(ConnectorError):
    """The platform does not accept our credentials or gives them too few rights."""


class Refused(ConnectorError):
    """The platform understood and said no; the same command will be refused again."""


class Missing(Refused):
    """The platform does not know this contact or object."""


class Unsupported(ConnectorError):
    """The connector has no such capability."""

    def __init__(self, capability: str) -> None:
        super().__init__(f"this connector does not support {capability}")
        self.capability = capability
