"""Who may deliver, and what deliveries say: nothing forged comes in, nothing hostile breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson

from ..activity import KINDS, Activity, CompanyChange, Origin, Reading
from ..errors import Rejected
from .example import Example
from .recorded import said

_OTHER = "YW5vdGhlciBzZWNyZXQsIGFzIGxvbmcgYXMgdGhlIGZpcnN0"
_HOSTILE = ["", "\x00", "x" * 100_000, "é\udcff", "v1,", "Bearer", "Basic !!!", "=" * 44, "sha256="]
_BODIES = (
    *(b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe", b'{"a":"\\ud800"}', b"[" * 100_000),
    *(b"[1]", b'{"a":1e999}', b'{"data":[null,[],{}]}', b'{"data":{"email":{}}}', b"{}" * 3),
)
_VALUES: Sequence[Any] = (None, True, -1, 1e300, "", "x" * 5_000, [], [None], {}, {"a": [{}]})


def every_delivery_says_what_was_recorded(example: Example) -> None:
    """The samples parse to their recorded activities and changes."""
    kept, again = example.recorded, "look at it and keep it with conformance.record(EXAMPLE)"
    assert kept is not None and kept.exists(), f"nothing is recorded yet ({kept}): {again}"
    recorded = orjson.loads(kept.read_bytes())
    for name, headers, body in example.samples():
        found = said(example, headers, body)
        assert not found["broken"], f"{name}: could not be read: {found['broken']}"
        assert found["items"] or found["ignored"], f"{name}: says nothing, not even what it ignores"
        assert found == recorded.get(name), f"{name} reads otherwise than recorded; {again}"


def a_delivery_read_twice_is_the_same(example: Example) -> None:
    """Two deliveries of one thing must be one activity: same ids, no clock, no chance."""
    for name, headers, body in example.samples():
        first, second = _read(example, headers, body), _read(example, headers, body)
        assert first == second, f"{name}: read twice it differs; ids and moments come from the body"


def every_item_is_sound(example: Example) -> None:
    """Kinds that exist, moments that are aware, declared events, contacts that are named."""
    told = {one for event in example.connector.manifest["events"].values() for one in event}
    for name, headers, body in example.samples():
        for item in _read(example, headers, body).items:
            if not isinstance(item, CompanyChange):
                assert item.contact, f"{name}: a {type(item).__name__} names no contact"
            if isinstance(item, Activity):
                _sound(name, item, told)
            else:
                assert item.at.utcoffset() == timedelta(0), f"{name}: a moment that is not in UTC"


def _sound(name: str, activity: Activity, told: set[str]) -> None:
    kind = activity.kind
    assert kind in KINDS or kind.startswith("custom."), f"{name}: no such kind of activity: {kind}"
    assert f"activity:{kind}" in told, f'{name}: "events" of the manifest does not tell {kind}'
    assert activity.id, f"{name}: an activity without an id"
    assert activity.occurred_at.utcoffset() == timedelta(0), f"{name}: a moment that is not in UTC"
    assert activity.origin is Origin.WEBHOOK, f"{name}: what a webhook told is of origin WEBHOOK"


def a_hostile_body_breaks_nothing(example: Example) -> None:
    """Whatever authentic bytes hold, reading answers: with items, or with what was wrong."""
    for body in (*_BODIES, *_spoilt(example)):
        try:
            found = _read(example, {}, body)
        except Exception as error:
            raise AssertionError(
                f"read_webhook raised {type(error).__name__} ({error}) for {body[:80]!r}: put what "
                "cannot be read into Reading.broken, with its reason"
            ) from error
        assert isinstance(found, Reading), f"read_webhook answered {type(found).__name__}"


def _spoilt(example: Example) -> Iterator[bytes]:
    """Some twenty samples, with one value after another replaced, three levels deep."""
    samples = list(example.samples())
    for _, _, body in samples[:: max(1, len(samples) // 20)]:
        root = orjson.loads(body)
        for place, key in _places(root):
            kept = place[key]
            for value in _VALUES:
                place[key] = value
                yield orjson.dumps(root)
            place[key] = kept


def _places(root: Any, depth: int = 3) -> Iterator[tuple[Any, Any]]:
    keys: Sequence[Any] = (
        list(root)
        if isinstance(root, dict)
        else [*range(min(len(root), 1))]
        if isinstance(root, list)
        else []
    )
    for key in keys:
        yield root, key
        if depth > 1:
            yield from _places(root[key], depth - 1)


def an_unknown_event_is_counted(example: Example) -> None:
    """What the connector does not know is neither lost without a word nor an error."""
    if example.unknown is None:
        return
    found = _read(example, {}, example.unknown)
    assert not found.broken and not found.items, "an unknown event is no item and not broken"
    assert sum(found.ignored.values()) > 0, "an unknown event is counted in Reading.ignored"


def a_true_delivery_is_accepted(example: Example) -> None:
    """What the platform vouches for passes, in whatever case its headers' names are."""
    headers = example.sign(_BODY, example.secret, example.now)
    for form in (str, str.lower, str.upper):
        given = {form(name): value for name, value in headers.items()}
        assert _accepted(example, given, _BODY), f"a true delivery is refused ({sorted(given)})"


def a_forged_delivery_is_rejected(example: Example) -> None:
    """Without headers, with hostile ones, with another's secret, or with none set."""
    true = example.sign(_BODY, example.secret, example.now)
    _refused(example, {}, "a delivery without any header")
    for name in true:
        _refused(example, {k: v for k, v in true.items() if k != name}, f"one without {name}")
        for hostile in _HOSTILE:
            _refused(example, {**true, name: hostile}, f"{name}: {hostile[:20]!r}")
    _refused(example, example.sign(_BODY, _OTHER, example.now), "one with another's secret")
    for secrets in ([], [""]):
        empty = example.sign(_BODY, "", example.now)
        assert not _accepted(example, empty, _BODY, secrets), "a delivery passes an empty secret"


def a_changed_body_is_rejected(example: Example) -> None:
    """Where the platform signs bodies, another body needs another signature."""
    true = example.sign(_BODY, example.secret, example.now)
    if true != example.sign(_BODY + b" ", example.secret, example.now):
        assert not _accepted(example, true, _BODY + b" "), "a changed body passes"


def a_stale_delivery_is_rejected(example: Example) -> None:
    """Where the platform signs the moment, an old delivery is a replayed one."""
    true = example.sign(_BODY, example.secret, example.now)
    for hours in (-1, 1):
        then = example.sign(_BODY, example.secret, example.now + timedelta(hours=hours))
        if true != then:
            assert not _accepted(example, then, _BODY), f"a delivery {hours:+} h away passes"


def a_secret_can_be_changed(example: Example) -> None:
    """During a change the old and the new one count."""
    for secret in (example.secret, _OTHER):
        headers = example.sign(_BODY, secret, example.now)
        both = [example.secret, _OTHER]
        assert _accepted(example, headers, _BODY, both), "of two secrets each one must count"


_BODY = b'{"event":"none"}'


def _read(example: Example, headers: Mapping[str, str], body: bytes) -> Reading:
    return example.connector.read_webhook(headers, body, example.usual)


def _accepted(
    example: Example, headers: Mapping[str, str], body: bytes, secrets: Sequence[str] | None = None
) -> bool:
    given = [example.secret] if secrets is None else secrets
    try:
        example.connector.verify(headers, body, given, example.open_settings(), example.now)
    except Rejected as error:
        assert not any(one in str(error) for one in example.secrets()), "a refusal tells a secret"
        return False
    except Exception as error:
        raise AssertionError(
            f"verify raised {type(error).__name__} for {dict(headers)!r:.200}: whatever is in the "
            "headers, the only error is Rejected"
        ) from error
    return True


def _refused(example: Example, headers: Mapping[str, str], what: str) -> None:
    assert not _accepted(example, headers, _BODY), f"{what} passes: verify must raise Rejected"


CHECKS: Sequence[Callable[[Example], None]] = (
    every_delivery_says_what_was_recorded,
    a_delivery_read_twice_is_the_same,
    every_item_is_sound,
    a_hostile_body_breaks_nothing,
    an_unknown_event_is_counted,
    a_true_delivery_is_accepted,
    a_forged_delivery_is_rejected,
    a_changed_body_is_rejected,
    a_stale_delivery_is_rejected,
    a_secret_can_be_changed,
)
