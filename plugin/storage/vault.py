"""Secrets at rest: encrypted with the newest key, readable with any of them."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_FILE = "secret.key"


class VaultError(Exception):
    """A stored secret cannot be read with the keys at hand, or the keys are no keys."""


class Vault:
    """Encrypts and decrypts text. Shows nothing of its keys."""

    def __init__(self, keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
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


def open_vault(keys: str, data: Path) -> Vault:
    """The vault of the given keys, or of the key kept in the data folder, made at first use."""
    return Vault(keys or _kept_key(data / KEY_FILE))


def _kept_key(path: Path) -> str:
    # O_EXCL: web and worker may start together; one makes the key, the other reads it.
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := Fernet.generate_key().decode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return key
