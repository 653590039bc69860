import hashlib
import hmac
from base64 import b64encode

from hypothesis import given
from hypothesis import strategies as st

from connectors.signature import is_signed, sign


def test_the_signature_is_base64_of_hmac_sha256_over_the_raw_bytes():
    expected = b64encode(hmac.new(b"secret", b'{"a":"\\/"}', hashlib.sha256).digest()).decode()

    assert sign(b'{"a":"\\/"}', "secret") == expected


def test_any_of_the_secrets_may_have_signed():
    signature = sign(b"body", "new")

    assert is_signed(b"body", signature, ["old", "new"])
    assert is_signed(b"body", f" {signature}\n", ["new", "old"])


def test_another_secret_or_another_body_is_not_signed():
    assert not is_signed(b"body", sign(b"body", "wrong"), ["right"])
    assert not is_signed(b"body ", sign(b"body", "right"), ["right"])


def test_s01_an_empty_secret_signs_nothing_though_some_platforms_use_one():
    assert not is_signed(b"body", sign(b"body", ""), ["", "right"])
    assert not is_signed(b"body", sign(b"body", "right"), [])


@given(body=st.binary(), signature=st.text(), secret=st.text(min_size=1).filter(str.isprintable))
def test_s01_hostile_text_is_just_a_wrong_signature(body, signature, secret):
    assert is_signed(body, signature, [secret]) == (signature.strip() == sign(body, secret))


def test_a_signature_with_a_lone_surrogate_is_wrong_not_an_error():
    assert not is_signed(b"body", "\udcff", ["right"])
