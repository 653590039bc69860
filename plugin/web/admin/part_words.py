"""How the keys of a scorecard are called on its forms, and what is said to help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def kind_names() -> dict[str, tuple[str, str]]:
    """Each kind of rule: its name, and when to take it."""
    return {
        "activity": (_("Activity"), _("Something a contact does: a page, a form, a click.")),
        "repeat": (_("Repetition"), _("Something done several times, or on several days.")),
        "series": (_("Whole series"), _("All of several things, such as every mail of a series.")),
        "duration": (_("Time spent"), _("A page or a visit that lasts.")),
        "field": (_("Field"), _("What is known of a contact or company, with any field.")),
        "completeness": (_("Details given"), _("Each optional detail a contact gives.")),
        "rate": (_("Share of e-mails"), _("How many of its e-mails a contact opens or clicks.")),
        "absence": (_("Absence"), _("Silence, or nothing known but an e-mail address.")),
    }


def operator_names() -> dict[str, str]:
    """How a condition compares, as people read it."""
    return {
        "equals": _("is"),
        "not_equals": _("is not"),
        "in": _("is one of"),
        "contains": _("contains"),
        "matches": _("is like (* stands for any text)"),
        "between": _("is between"),
        "at_least": _("is at least"),
        "at_most": _("is at most"),
        "before": _("is before the day"),
        "after": _("is after the day"),
        "valid": _("is a valid (email, phone)"),
        "free_mail": _("is of a free mail service (true, false)"),
        "level": _("says a level (executive, director, manager)"),
        "present": _("is known (true, false)"),
        "age": _("gives an age between"),
    }


def part_words() -> Mapping[str, Mapping[str, Any]]:
    """Label, help and choices of each key, in the language of the reader."""
    texts = _("One a line; * stands for any text.")
    named = {key: {"name": name, "help": texts} for key, name in _selections().items()}
    return {**_shared(), **named, **_of_kinds(), **_of_groups_and_bands(), **_of_the_card()}


def _shared() -> dict[str, dict[str, Any]]:
    return {
        "id": {
            "name": _("Short name"),
            "help": _("Small letters, digits and dashes. The ledger keeps it: do not reuse it."),
        },
        "label": {"name": _("Label"), "help": _("What people read in explanations.")},
        "points": {"name": _("Points"), "help": _("Below zero they are taken away.")},
        "on": {"name": _("The rule is on")},
        "decay": {"name": _("How the points fade")},
        "evidence": {
            "name": _("Who must have done it"),
            "help": _("Scanners open and click mails: what machines did usually does not count."),
            "choices": {
                "human": _("A human for sure"),
                "unknown": _("Nobody knows for sure"),
                "machine": _("A machine"),
            },
        },
        "valid_from": {"name": _("Counts from")},
        "valid_to": {"name": _("Counts until")},
        "actions": {"name": _("Actions when it earns"), "help": _action_help()},
        "interest": {
            "name": _("Interest"),
            "help": _("What it says a contact is interested in, such as a product."),
        },
        "sensitive": {
            "name": _("Uses sensitive data"),
            "help": _("Sex, income, family and the like: the law asks for a reason."),
        },
        "limit": {"name": _("How often at most")},
        "limit.times": {"name": _("Times")},
        "limit.per": {
            "name": _("Per"),
            "help": _("day, subject (the same page or file), ever, or a time such as 30d"),
        },
    }


def _action_help() -> str:
    return str(_("One a line, such as “send_email:5”, “add_tag:hot” or “call:1d”."))


def _selections() -> dict[str, str]:
    return {
        "url": _("Only these addresses"),
        "form": _("Only these forms"),
        "email": _("Only these e-mails"),
        "asset": _("Only these files"),
        "category": _("Only these categories"),
        "campaign": _("Only these campaigns"),
    }


def _of_kinds() -> dict[str, dict[str, Any]]:
    return {
        "activity": {"name": _("What the contact does")},
        "attributes": {
            "name": _("Only with these attributes"),
            "help": _("One a line, such as “utm_source:google”; * stands for any text."),
        },
        "nth": {"name": _("Once, at this number"), "help": _("Or “Each time”, not both.")},
        "every": {"name": _("Each time this number is reached")},
        "by": {
            "name": _("What is counted"),
            "choices": {
                "": _("Each activity"),
                "activity": _("Each activity"),
                "session": _("Separate visits"),
                "day": _("Different days"),
                "subject": _("Different pages, files or e-mails"),
            },
        },
        "within": {"name": _("All within"), "help": _("Such as 30d (days) or 12h (hours).")},
        "all_of": {"name": _("All of these"), "help": _("Names or numbers, one a line.")},
        "seconds": {"name": _("Seconds at least")},
        "per": {
            "name": _("Measured on"),
            "choices": {
                "": _("One page"),
                "page": _("One page"),
                "session": _("The whole visit"),
            },
        },
        "of": {
            "name": _("Of what"),
            "choices": {"opens": _("E-mails opened"), "clicks": _("E-mails clicked")},
        },
        "sends": {"name": _("Judged from this many e-mails on")},
        "at_least": {"name": _("At least"), "help": _("Such as 60%.")},
        "at_most": {"name": _("At most"), "help": _("Such as 10%.")},
        "prior": {
            "name": _("Expected before anything is known"),
            "help": _("Leave it empty for what is usual."),
        },
        "prior.rate": {"name": _("Share")},
        "prior.sends": {"name": _("Worth this many e-mails")},
        "if": {"name": _("Condition")},
        "fields": {"name": _("These fields"), "help": _("One a line.")},
        "no": {"name": _("None of this happens")},
        "for": {"name": _("For how long"), "help": _("Such as 30d.")},
        "only": {"name": _("Only these fields are known"), "help": _("One a line.")},
    }


def _of_groups_and_bands() -> dict[str, dict[str, Any]]:
    return {
        "dimension": {
            "name": _("Counts for"),
            "choices": {"fit": _("Fit"), "engagement": _("Engagement")},
        },
        "cap": {"name": _("Cap"), "help": _("The most it can come to.")},
        "floor": {"name": _("Floor"), "help": _("The least it can come to.")},
        "enter": {"name": _("Entered at"), "help": _("Score from which on a contact is in it.")},
        "leave": {
            "name": _("Left below"),
            "help": _("A little lower than where it is entered, so that nobody flickers."),
        },
        "tag": {"name": _("Tag in the platform"), "help": _("Worn as long as in the band.")},
        "stay": {
            "name": _("Kept at least"),
            "help": _("Such as 7d: nobody falls out of it earlier."),
        },
        "rearm": {
            "name": _("Actions rest after it"),
            "help": _("Such as 30d: who comes back earlier causes no second action."),
        },
        "on_rise": {"name": _("Actions on the way up"), "help": _action_help()},
        "on_fall": {"name": _("Actions on the way down"), "help": _action_help()},
    }


def _of_the_card() -> dict[str, dict[str, Any]]:
    return {
        "name": {"name": _("Name of the scorecard")},
        "timezone": {"name": _("Time zone"), "help": _("Such as Europe/Paris.")},
        "score": {"name": _("Bounds of the score")},
        "score.cap": {"name": _("Cap")},
        "score.floor": {"name": _("Floor")},
        "handovers_per_week": {
            "name": _("Calls that sales can take a week"),
            "help": _("More are asked for only when there is room again."),
        },
        "tolerance": {
            "name": _("How far the platform may lag"),
            "help": _("So many points may fade before the platform is written again."),
        },
    }
