from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from plugin.storage.vault import KEY_FILE, Vault, VaultError, open_vault


def test_text_comes_back_and_its_token_shows_nothing_of_it() -> None:
    vault = Vault(Fernet.generate_key().decode())
    token = vault.encrypt("mot de passe")
    assert vault.decrypt(token) == "mot de passe"
    assert "mot" not in token
    assert vault.encrypt("mot de passe") != token


def test_a_key_is_made_once_readable_only_by_its_owner(tmp_path: Path) -> None:
    token = open_vault("", tmp_path).encrypt("x")
    assert open_vault("", tmp_path).decrypt(token) == "x"
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_a_given_key_is_used_and_none_is_kept(tmp_path: Path) -> None:
    open_vault(Fernet.generate_key().decode(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_stored_secret_of_another_key_names_what_to_do() -> None:
    token = Vault(Fernet.generate_key().decode()).encrypt("x")
    with pytest.raises(VaultError, match=f"MATURO_KEY.*{KEY_FILE}"):
        Vault(Fernet.generate_key().decode()).decrypt(token)


@pytest.mark.parametrize("keys", ["short", ",", "ü" * 44, "x" * 44])
def test_what_is_no_key_is_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(VaultError, match="32 bytes") as caught:
        Vault(keys)
    assert keys == "," or keys not in str(caught.value)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("")
    with pytest.raises(VaultError):
        open_vault("", tmp_path)
