"""What is wrong with a scorecard, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from plugin.scoring.catalogue import said
from plugin.scoring.problems import Problem
from plugin.web.said import sayer

from .languages import language


def say() -> Callable[[str], str]:
    """Puts what a schema says into the language of the reader."""
    return sayer(said(language()))


def told_problems(problems: Iterable[Problem]) -> list[str]:
    """Each with its line and the part it is in; its message begins with a key."""
    speak = say()
    told = []
    for problem in problems:
        whole = speak(problem.message)
        key, _space, rest = problem.message.partition(" ")
        message = whole if whole != problem.message else f"{key} {speak(rest)}"
        line, where = problem.line, problem.where
        told.append(
            _("Line %(line)s, %(where)s: %(message)s", line=line, where=where, message=message)
        )
    return told
