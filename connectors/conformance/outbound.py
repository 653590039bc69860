"""The calls to the platform: what is declared works, and every failure is of the right type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..commands import ACTIONS, AddNote, Command, Notify, Outcome, UpdateContact
from ..contract import CAPABILITIES, PICKED, Probe, Session, can
from ..errors import AuthFailed, ConnectorError, Refused, Transient, Unsupported
from .example import Example, Platform
from .server import Switch, answering, logged, serving, watched

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_HOOK = "https://maturo.example/hooks/conformance"


def the_probe_accepts_the_example(example: Example) -> None:
    """Credentials and rights of the example suffice at its platform."""
    with _opened(example) as (session, _):
        probe = session.probe()
        assert isinstance(probe, Probe), f"probe() answered {type(probe).__name__}"
        failed = [check for check in probe.checks if not check.ok]
        assert not failed, f"probe() finds the example's platform at fault: {failed}"


def what_is_declared_works(example: Example) -> None:
    """Every call of every declared capability is answered, and can be repeated."""
    with _opened(example) as (session, _):
        for capability in CAPABILITIES:
            if capability not in example.connector.manifest["capabilities"]:
                continue
            for call in CAPABILITIES[capability]:
                for _ in range(2):
                    _answered(example, session, call)


def _answered(example: Example, session: Session, call: str) -> None:
    if call == "choices":
        found = [kind for kind in PICKED if _chosen(session, kind)]
        assert found, f'"choices" is declared, but there are none of {PICKED}'
        return
    try:
        getattr(session, call)(*_arguments(example).get(call, ()))
    except (ConnectorError, TypeError) as error:
        raise AssertionError(f"{call}() of the example's platform: {error!r}") from error


def _chosen(session: Session, kind: str) -> bool:
    try:
        return session.choices(kind) is not None
    except Unsupported:
        return False


def what_is_not_declared_is_unsupported(example: Example) -> None:
    """The rest raises ``Unsupported``, so that Maturo goes without it."""
    declared = example.connector.manifest["capabilities"]
    arguments = {"choices": ("form",), **_arguments(example)}
    with _opened(example) as (session, _):
        for capability in CAPABILITIES.keys() - set(declared):
            for call in CAPABILITIES[capability]:
                try:
                    getattr(session, call)(*arguments.get(call, ()))
                except Unsupported:
                    continue
                said = f'{call}() answers, but "{capability}" is not declared'
                raise AssertionError(f"{said}: declare it, or leave the call to Session")


def commands_it_cannot_do_are_unsupported(example: Example) -> None:
    """Each of them has ``Unsupported`` for its error, and costs the others nothing."""
    declared = example.connector.manifest["actions"]
    others = [name for name in ACTIONS if name not in declared]
    with _opened(example) as (session, _):
        for name in others:
            [outcome] = session.apply([_action(example, name)])
            assert isinstance(outcome.error, Unsupported), (
                f'"{name}" is not declared: its outcome must have Unsupported, has {outcome.error}'
            )


def nobody_is_followed_to_another_address(example: Example) -> None:
    """A redirect is an error: the address was checked, the next one was not."""
    elsewhere: list[str] = []

    def other(environ: Any, start_response: Any) -> list[bytes]:
        elsewhere.append(environ["PATH_INFO"])
        return list(answering(200)(environ, start_response))

    with serving(other) as away:
        failures = _failures(example, answering(307, Location=f"{away}/x"))
    assert not elsewhere, "a redirect was followed, with credentials and all"
    _each_is(failures, "a redirect", (Refused, Transient, AuthFailed))


def refused_credentials_are_told(example: Example) -> None:
    """401 stops the line until a human looks at it."""
    _each_is(_failures(example, answering(401)), "401", (AuthFailed,))


def what_will_never_succeed_is_refused(example: Example) -> None:
    """400 and 404 are not tried again; 403 is either."""
    for status, kinds in ((400, (Refused,)), (403, (Refused, AuthFailed)), (404, (Refused,))):
        _each_is(_failures(example, answering(status)), str(status), kinds)


def what_passes_is_tried_again(example: Example) -> None:
    """429, 5xx and a server that is gone are ``Transient``; a wish to wait is heard."""
    for status in (429, 500, 502, 503, 504):
        failures = _failures(example, answering(status, Retry_After="7"))
        for error in _each_is(failures, str(status), (Transient,)):
            asked = error.retry_after if isinstance(error, Transient) else None
            heard = status != 429 or asked == 7
            assert heard, f"Retry-After: 7 after {status} must be the error's retry_after"
    _each_is(_failures(example, None), "a server that is gone", (Transient,))


def no_call_waits_without_end(example: Example) -> None:
    """Every connection has a time-out."""
    waits: list[float | None] = []
    with watched(waits.append), _opened(example) as (session, _):
        if "update_contact" in example.connector.manifest["actions"]:
            session.apply([_update(example)])
    assert None not in waits, "a call waits without end: give every request a time-out"


def no_secret_is_told(example: Example) -> None:
    """Not in logs, nor in errors, nor in what is shown of objects."""
    with logged() as lines:
        with _opened(example) as (session, _):
            shown = [repr(session), repr(session.probe())]
        for status in (401, 400, 500):
            shown += [f"{error} {error!r}" for error in _failures(example, answering(status))]
    for text in (*lines, *shown, repr(example.connector)):
        for secret in example.secrets():
            assert secret not in text, f"a secret is told: {text.replace(secret, '***')[:300]}"


def applied_twice_is_applied_once(example: Example) -> None:
    """A write-back repeated after a lost answer changes nothing more."""
    commands = [_update(example), _update(example, add_tags=(), remove_tags=("conformance",))]
    with _opened(example) as (session, platform):
        before = platform.held()
        for command in commands:
            [first] = session.apply([command])
            assert first.error is None, f"a write-back to the example's contact: {first.error!r}"
            once = platform.held()
            [second] = session.apply([command])
            assert second.error is None, f"the same write-back again: {second.error!r}"
            assert platform.held() == once, "the same write-back again changed what is held"
            assert once != before, "a write-back changed nothing that your platform's held() shows"
            before = once


def every_command_has_its_outcome(example: Example) -> None:
    """In order, one each; one that cannot be done costs the others nothing."""
    sent: list[Command] = [_update(example), _action(example, "send_email"), _update(example)]
    with _opened(example) as (session, _):
        outcomes = session.apply(sent)
    assert [one.command for one in outcomes] == sent, "one outcome for each command, in order"
    assert outcomes[0].error is None and outcomes[2].error is None, (
        f"write-backs beside another command failed: {outcomes[0].error!r}, {outcomes[2].error!r}"
    )


@contextmanager
def _opened(example: Example) -> Iterator[tuple[Session, Platform]]:
    platform = example.platform()
    with serving(platform.app) as url:
        session = _connected(example, url)
        try:
            yield session, platform
        finally:
            session.close()


def _connected(example: Example, url: str) -> Session:
    """An open session after what connecting does: who are we there, and where do values go."""
    session = example.connector.open(example.loaded(url))
    session.probe()
    if can(example.connector, "fields"):
        session.prepare_fields()
    return session


def _arguments(example: Example) -> Mapping[str, tuple[Any, ...]]:
    return {
        "install_webhook": (_HOOK, example.secret),
        "check_webhook": (_HOOK,),
        "remove_webhook": (_HOOK,),
        "publish_webhook": (_HOOK,),
        "history": ({}, 10),
        "profiles": ([example.contact],),
        "gone": ([example.contact],),
        "resolve": (example.contact,),
        "optional_answers": (example.form,),
    }


def _update(example: Example, **given: Any) -> UpdateContact:
    values: dict[str, int | str] = {
        "score": 42,
        "fit": 12,
        "engagement": 30,
        "grade": "B",
        "band": "warm",
    }
    return UpdateContact(example.contact, values, **{"add_tags": ("conformance",), **given})


def _action(example: Example, name: str) -> Command:
    kind = ACTIONS[name]
    if kind is AddNote:
        due = example.now + timedelta(days=1) if name == "call" else None
        return AddNote(example.contact, "op-1", "Call back", _NOTES[name], due)
    if kind is Notify:
        return Notify(example.contact, "op-1", "Somebody", "Score 42")
    made: Command = kind(example.contact, "op-1", "1")
    return made


_NOTES: Mapping[str, Any] = {"call": "call", "note": "general"}


def _failures(example: Example, fault: WSGIApplication | None) -> list[ConnectorError]:
    """How the probe and a write-back fail when the platform answers so once we are in.

    ``None``: nobody answers any more.
    """
    calls: list[Callable[[Session], Any]] = [lambda session: session.probe()]
    if "update_contact" in example.connector.manifest["actions"]:
        calls.append(lambda session: session.apply([_update(example)]))
    return [error for call in calls if (error := _failure(example, fault, call)) is not None]


def _failure(
    example: Example, fault: WSGIApplication | None, call: Callable[[Session], Any]
) -> ConnectorError | None:
    switch = Switch(example.platform().app)
    with serving(switch) as url:
        session = _connected(example, url)
        switch.app = fault or switch.app
        if fault is not None:
            return _error(session, call)
    return _error(session, call)


def _error(session: Session, call: Callable[[Session], Any]) -> ConnectorError | None:
    try:
        found = call(session)
    except ConnectorError as error:
        return error
    finally:
        session.close()
    if isinstance(found, Probe):
        # A probe may answer with what is wrong and how it is mended, or ask nothing at all.
        return None
    [outcome] = found
    assert isinstance(outcome, Outcome)
    assert outcome.error is not None, "a write-back to a platform that refuses it had no error"
    return outcome.error


def _each_is(
    failures: list[ConnectorError], status: str, kinds: tuple[type[ConnectorError], ...]
) -> list[ConnectorError]:
    for error in failures:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        assert isinstance(error, kinds), f"{status}: expected {wanted}, got {error!r}"
    return failures


CHECKS: Sequence[Callable[[Example], None]] = (
    the_probe_accepts_the_example,
    what_is_declared_works,
    what_is_not_declared_is_unsupported,
    commands_it_cannot_do_are_unsupported,
    nobody_is_followed_to_another_address,
    refused_credentials_are_told,
    what_will_never_succeed_is_refused,
    what_passes_is_tried_again,
    no_call_waits_without_end,
    no_secret_is_told,
)
WRITING: Sequence[Callable[[Example], None]] = (
    applied_twice_is_applied_once,
    every_command_has_its_outcome,
)
