"""Consent as an input: what a contact did not agree to be used is as if it had never come.

A signal counts at a moment if it was agreed to when it happened and is agreed to at that moment.
So a contact's time falls into stretches of equal consent; each is folded by itself, and a line
holds in the stretches whose fold has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from connectors.activity import Activity

from .conditions import compile_condition
from .fields import Choice, Strict, Switch, Text, Worded
from .history import History, Snapshot
from .lines import Folding, Line, Skipped
from .scorecard import Allowed
from .text import plain

#: Which kinds of activity are which signal. All others need no consent.
_SIGNALS: Mapping[str, str] = {
    "email_opened": "opens",
    "email_clicked": "clicks",
    "page_viewed": "pages",
    "asset_downloaded": "downloads",
    "form_submitted": "forms",
    "survey_answered": "forms",
}
_PROFILE = "profile"
_MAILS = ("opens", "clicks")

_Answer: TypeAlias = Callable[[Mapping[str, Any]], bool | None]
_Fold: TypeAlias = Callable[[History], Folding]
_Refuse: TypeAlias = Callable[[Iterable[Activity]], Iterable[Skipped]]


class Agreement(Worded):
    """A condition on the profile, or ``{tag: …}``: the contact agrees if it wears the tag."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> _Answer:
        if isinstance(value, Mapping) and value.keys() == {"tag"}:
            return _wears(str(Text().deserialize(value["tag"])))
        agrees, refuses = compile_condition(value), compile_condition({"not": value})
        return lambda fields: (
            True if agrees.holds(fields) else False if refuses.holds(fields) else None
        )


class ConsentSchema(Strict):
    """What each kind of signal needs, and what an unknown answer means."""

    opens = Agreement()
    clicks = Agreement()
    pages = Agreement()
    downloads = Agreement()
    forms = Agreement()
    profile = Agreement()
    unless_known = Choice(("allow", "deny"), load_default="allow")
    do_not_contact = Switch(load_default=True)


def compile_consent(keys: Mapping[str, Any]) -> dict[str, Allowed]:
    """For each signal that needs consent, whether a profile gives it.

    With ``do_not_contact`` nobody who may not be mailed is judged by what they do with mails.
    """
    unknown = keys["unless_known"] == "allow"
    tests: dict[str, list[Allowed]] = {}
    for signal in (*dict.fromkeys(_SIGNALS.values()), _PROFILE):
        if signal in keys:
            tests.setdefault(signal, []).append(_allowed(keys[signal], unknown))
        if signal in _MAILS and keys["do_not_contact"]:
            tests.setdefault(signal, []).append(may_be_mailed)
    return {signal: _all(found) for signal, found in tests.items()}


def by_consent(consent: Mapping[str, Allowed], fold: _Fold, refuse: _Refuse) -> _Fold:
    """``fold`` under consent. ``refuse`` tells which rules wanted the activities that are left out.

    The profile is a state: it counts as soon as and as long as there is consent.
    """

    def folded(history: History) -> Folding:
        regimes = list(_regimes(consent, history.profile))
        heard = [one for one in history.activities if _agreed(one, _at(regimes, one))]
        foldings = {
            regime.granted: _under(regime.granted, history, heard, fold, refuse)
            for regime in regimes
        }
        if len(regimes) == 1:
            return foldings[regimes[0].granted]
        lines = [line for one in regimes for line in one.clip_lines(foldings[one.granted].lines)]
        skipped = [each for one in regimes for each in one.clip_told(foldings[one.granted].skipped)]
        return Folding(tuple(_joined(lines)), tuple(_joined(skipped)))

    return folded


def may_be_mailed(fields: Mapping[str, Any]) -> bool:
    """Whether the platform of this profile may send mails to the contact."""
    return "email" not in (fields.get("do_not_contact") or ())


@dataclass(frozen=True, slots=True)
class _Regime:
    """A stretch of time and the signals granted in it; ``None`` is without start or end."""

    start: datetime | None
    end: datetime | None
    granted: frozenset[str]

    def clip_lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            start, end = self._clip(line.valid_from, line.valid_to)
            if end is None or start < end:
                since = line.began if start > line.began else None
                yield line._replace(valid_from=start, valid_to=end, since=since)

    def clip_told(self, told: Iterable[Skipped]) -> Iterator[Skipped]:
        for each in told:
            start, end = self._clip(each.at, each.valid_to)
            if end is None or start < end:
                yield each._replace(valid_from=start, valid_to=end)

    def _clip(self, start: datetime, end: datetime | None) -> tuple[datetime, datetime | None]:
        ends = [moment for moment in (end, self.end) if moment is not None]
        return max(start, self.start or start), min(ends, default=None)


def _regimes(consent: Mapping[str, Allowed], profile: Sequence[Snapshot]) -> Iterator[_Regime]:
    """From the beginning of time, when nothing was known of the contact."""
    start, granted = None, _granted(consent, {})
    for snapshot in profile:
        now_granted = _granted(consent, snapshot.fields)
        if now_granted != granted:
            yield _Regime(start, snapshot.at, granted)
            start, granted = snapshot.at, now_granted
    yield _Regime(start, None, granted)


def _granted(consent: Mapping[str, Allowed], fields: Mapping[str, Any]) -> frozenset[str]:
    every = {*_SIGNALS.values(), _PROFILE}
    return frozenset(one for one in every if one not in consent or consent[one](fields))


def _at(regimes: Sequence[_Regime], activity: Activity) -> frozenset[str]:
    return next(one.granted for one in regimes if one.end is None or activity.occurred_at < one.end)


def _agreed(activity: Activity, granted: frozenset[str]) -> bool:
    return activity.kind not in _SIGNALS or _SIGNALS[activity.kind] in granted


def _under(
    granted: frozenset[str],
    history: History,
    heard: Sequence[Activity],
    fold: _Fold,
    refuse: _Refuse,
) -> Folding:
    counted = tuple(one for one in heard if _agreed(one, granted))
    known = {one.id for one in counted}
    refused = refuse(one for one in history.activities if one.id not in known)
    if _PROFILE in granted:
        folding = fold(History(counted, history.profile))
        return Folding(folding.lines, (*folding.skipped, *refused))
    folding = fold(History(counted, ()))
    held = _without_profile(folding, fold(History(counted, history.profile)))
    return Folding(folding.lines, (*folding.skipped, *refused, *held))


def _without_profile(folding: Folding, full: Folding) -> Iterator[Skipped]:
    kept = {(line.rule, line.valid_from) for line in folding.lines}
    for line in full.lines:
        if (line.rule, line.valid_from) not in kept:
            start, end = line.valid_from, line.valid_to
            yield Skipped(line.rule, "", start, "consent.profile", valid_to=end)


def _joined(pieces: Iterable[Any]) -> list[Any]:
    """The same line in stretches that meet is one line, and so is what is told."""
    joined: list[Any] = []
    ends: dict[tuple[Any, ...], int] = {}
    for piece in pieces:
        alike = repr(piece._replace(valid_from=None, valid_to=None, **_timeless(piece)))
        position = ends.get((alike, piece.valid_from))
        if position is None:
            position = len(joined)
            joined.append(piece)
        else:
            joined[position] = joined[position]._replace(valid_to=piece.valid_to)
        ends[alike, piece.valid_to] = position
    return joined


def _timeless(piece: Line | Skipped) -> dict[str, Any]:
    return {"since": piece.began} if isinstance(piece, Line) else {}


def _wears(tag: str) -> _Answer:
    def wears(fields: Mapping[str, Any]) -> bool | None:
        tags = fields.get("tags")
        return None if tags is None else plain(tag) in map(plain, tags)

    return wears


def _allowed(answer: _Answer, unknown: bool) -> Allowed:
    def allowed(fields: Mapping[str, Any]) -> bool:
        known = answer(fields)
        return unknown if known is None else known

    return allowed


def _all(tests: Sequence[Allowed]) -> Allowed:
    return lambda fields: all(test(fields) for test in tests)
