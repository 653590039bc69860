"""What a password must be. Length counts, odd signs do not (NIST SP 800-63B)."""

from __future__ import annotations

from flask_babel import gettext as _

SHORTEST = 12
#: Fewer different letters than this are a pattern, not a password.
_DIFFERENT = 5


def password_problems(password: str, email: str) -> list[str]:
    """What is wrong with a new password, in the reader's language; nothing when it will do."""
    found = []
    if len(password) < SHORTEST:
        found.append(_("Use at least %(count)s characters; several words do well.", count=SHORTEST))
    elif len(set(password)) < _DIFFERENT:
        found.append(_("Use more different characters: this one is too easy to guess."))
    name = email.partition("@")[0].casefold()
    if len(name) > 2 and name in password.casefold():
        found.append(_("Leave your own name out of the password."))
    return found
