"""Messages by mail, through a server of the firm's choice."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

from ..commands import Notify
from ..errors import AuthFailed, Refused, Transient
from ..outbound import check_url

_TIMEOUT = 30.0


class Mail:
    """A server and the addresses of those who are told. Every message opens its own connection."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def check(self) -> None:
        """Whether the server takes us; nothing is sent."""
        with self._connected():
            pass

    def send(self, message: Notify) -> None:
        """Send it. Raises ``Transient``, ``AuthFailed`` or ``Refused``."""
        made = written(message, self._settings)
        with self._connected() as server:
            server.send_message(made)

    def close(self) -> None:
        """Nothing is kept open."""

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        given = self._settings
        check_url(f"https://{given['host']}/", private=given["private_addresses"])
        try:
            server = self._opened()
            try:
                if given["security"] == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if "user" in given:
                    server.login(given["user"], given.get("password", ""))
                yield server
            finally:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPAuthenticationError as error:
            said = "the mail server does not accept this user and password"
            raise AuthFailed(f"{said} ({error.smtp_code})") from None
        except smtplib.SMTPNotSupportedError:
            raise Refused("the mail server offers no STARTTLS, or no login") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal([code for code, _ in error.recipients.values()]) from None
        except smtplib.SMTPResponseException as error:
            raise _refusal([error.smtp_code]) from None
        except ssl.SSLCertVerificationError:
            raise Refused("the certificate of the mail server is not trusted") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Transient(f"the mail server is not reached ({type(error).__name__})") from None

    def _opened(self) -> smtplib.SMTP:
        host, port = self._settings["host"], self._settings["port"]
        if self._settings["security"] == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
        return smtplib.SMTP(host, port, timeout=_TIMEOUT)


def written(message: Notify, settings: Mapping[str, Any]) -> EmailMessage:
    """The mail. Its id is that of the operation: sent once more, programs show it once."""
    made = EmailMessage()
    made["Subject"] = " ".join(message.title.split())[:200]
    made["From"] = settings["sender"]
    made["To"] = ", ".join(one.strip() for one in settings["recipients"].split(","))
    domain = str(settings["sender"]).rpartition("@")[2]
    made["Message-ID"] = f"<{message.operation.replace(':', '.')}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text)
    return made


def _refusal(codes: list[int]) -> Transient | Refused:
    """Codes from 400 on pass, such as a grey list; those from 500 on do not."""
    if any(400 <= code < 500 for code in codes):
        return Transient(f"the mail server asks to come again ({codes[0]})")
    return Refused(f"the mail server refuses the message ({codes[0] if codes else 'no code'})")
