"""Secrets at rest: encrypted with the newest key, readable with any of them."""

from __future__ import annotations

import hmac
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_FILE = "secret.key"


class VaultError(Exception):
    """A stored secret cannot be read with the keys at hand, or the keys are no keys."""


class Vault:
    """Encrypts and decrypts text. Shows nothing of its keys."""

    def __init__(self, keys: str) -> None:
        self._keys = [key.strip() for key in keys.split(",")]
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            raise VaultError(
                "MATURO_KEY: expected keys of 32 bytes in URL-safe base64, separated by commas; "
                "remove it to let Maturo make one in the data folder"
            ) from None

    def encrypt(self, text: str) -> str:
        """Text that only these keys open."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """The text again; raises ``VaultError`` when no key fits."""
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise VaultError(
                "a stored secret does not open with this key: set MATURO_KEY to the key it was "
                f"saved with (or restore {KEY_FILE}), or connect the platform again"
            ) from None

    def derived(self, purpose: str) -> list[str]:
        """A secret for another purpose of each key, the newest first; nothing leads back to it."""
        return [hmac.digest(key.encode(), purpose.encode(), "sha256").hex() for key in self._keys]


def open_vault(keys: str, data: Path) -> Vault:
    """The vault of the given keys, or of the key kept in the data folder, made at first use."""
    return Vault(keys or _kept_key(data / KEY_FILE))


def _kept_key(path: Path) -> str:
    if not path.exists():
        _make_key(path)
    return path.read_text(encoding="ascii").strip()


def _make_key(path: Path) -> None:
    # Web and worker may start together. A link appears whole or not at all, and only once, so
    # nobody reads half a key and both end with the same one.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
        file.write(Fernet.generate_key().decode("ascii"))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
