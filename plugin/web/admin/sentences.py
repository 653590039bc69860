"""Sentences that services and schemas raise or store, so that they can be translated.

``plugin.web.said`` finds them again. They are written here exactly as they are said.
"""

from __future__ import annotations


def N_(sentence: str) -> str:
    """Marks a sentence for the catalogue."""
    return sentence


SENTENCES = (
    # marshmallow
    N_("Missing data for required field."),
    N_("Field may not be null."),
    N_("Unknown field."),
    N_("Not a valid URL."),
    N_("Not a valid string."),
    N_("Not a valid integer."),
    N_("Not a valid number."),
    N_("Not a valid boolean."),
    N_("Not a valid date."),
    N_("Not a valid list."),
    N_("Not a valid mapping type."),
    N_("Invalid input type."),
    N_("Invalid value."),
    N_("Must be one of: %(choices)s."),
    N_("Must be greater than or equal to %(low)s and less than or equal to %(high)s."),
    N_("Must be greater than or equal to %(low)s."),
    N_("Must be less than or equal to %(high)s."),
    N_("Shorter than minimum length %(low)s."),
    N_("Longer than maximum length %(high)s."),
    N_("String does not match expected pattern."),
    # connecting
    N_("Use at most 63 of a-z, 0-9, _ and -, such as crm-fr."),
    N_(
        'is connected already, under the name "%(name)s": connect under that name to change it, '
        "or remove it first."
    ),
    N_(
        '"%(name)s" is another platform: choose another name, so that their contacts are not '
        "mixed up; or say that it has moved, if only its address is new."
    ),
    N_("this connector hears of activities by %(ways)s only."),
    N_("connected once"),
    N_("another Maturo"),
    N_("former webhook"),
    N_("platform"),
    N_("this platform delivers to us already, to %(url)s"),
    N_("Connect under the name %(name)s, or remove that webhook in the platform first."),
    N_("this platform delivers to %(url)s as well"),
    N_(
        "If that one is in use, give one of them another field prefix: both would write the same "
        "fields."
    ),
    N_("Delete our webhook there by hand, and our fields if you wish."),
    N_("left as it is, by this connector's nature"),
    N_("Delete there what you entered for us: the webhook's address and its secret."),
    N_("See in the platform that it still delivers to %(url)s."),
    # outbound
    N_(
        "%(host)s is at %(address)s: calls to loopback, private and other special addresses are "
        "refused; allow private addresses in the settings if this one is meant"
    ),
    N_("%(host)s: the name is not known now (%(why)s)"),
    N_("%(host)s: the name has no address now"),
    N_("expected an address such as https://example.org/path, without a password"),
    N_("%(host)s: expected the name or the address of a host"),
    # asking a platform
    N_("this connector does not support %(what)s"),
    N_("choices of %(kind)s"),
    N_("the platform cannot tell"),
    N_("interrupted before it was done"),
    N_(
        "written %(times)s times within the hour: something seems to answer our writes by changes "
        "of its own; written again when the hour is over"
    ),
    N_(
        "%(missing)s of %(asked)s contacts are gone at once: was the platform restored from an old "
        "backup, or emptied? Nobody is erased. If they are to go, run maturo reconcile %(name)s"
    ),
    # dead letters
    N_("scoring failed: %(kind)s; this is a fault of Maturo, report it"),
)
