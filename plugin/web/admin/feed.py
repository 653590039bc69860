"""The live feed: activities as they arrive, by server-sent events or else by asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from flask import (
    Blueprint,
    Flask,
    Response,
    copy_current_request_context,
    current_app,
    render_template,
    request,
)

from plugin.runtime import Runtime
from plugin.services.explain import UnknownContact
from plugin.services.feed import (
    Arrived,
    Wanted,
    card_in_force,
    connection_names,
    newest_activities,
    newest_id,
)

from .access import needs
from .activities import KINDS
from .bands import rule_names
from .running import running

#: Each stream holds a thread, of which platforms need the most.
_STREAMS = 4
#: Seconds after which a stream ends and the browser asks for a new one, and between two looks.
_LONGEST, _PAUSE = 50.0, 1.0
#: Shown at first, and at most at once.
_SHOWN = 30
_ROOM = "maturo_streams"


blueprint = Blueprint("feed", __name__, url_prefix="/admin/feed")


def init_feed(app: Flask, threads: int) -> None:
    """Make room for streams: of a receiver's ``threads`` they hold one each."""
    app.extensions[_ROOM] = threading.BoundedSemaphore(max(1, min(_STREAMS, threads // 4)))


@blueprint.get("")
@needs("viewer")
def show() -> str:
    here = running()
    wanted, unknown = _wanted(), False
    last = newest_id(here.engine)
    try:
        found = _newest(here, wanted, 0)
    except UnknownContact:
        found, unknown = [], True
    return render_template(
        "feed/show.html",
        found=found,
        last=last,
        wanted=wanted,
        unknown=unknown,
        kinds=KINDS,
        connections=connection_names(here.engine),
        rules=rule_names(card_in_force(here.engine)),
    )


@blueprint.get("/rows")
@needs("viewer")
def rows() -> Response:
    found = _newest(running(), _wanted(), _after())
    answer = Response(_drawn(running(), found) if found else "")
    answer.headers["X-Last"] = str(found[0].arrival.id if found else _after())
    return answer


@blueprint.get("/stream")
@needs("viewer")
def stream() -> Response:
    wanted, after = _wanted(), int(request.headers.get("Last-Event-ID") or _after())
    room: threading.BoundedSemaphore = current_app.extensions[_ROOM]
    if not room.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "30"})

    # For each look of its own: streams of one thread would else leave in the wrong order.
    draw = copy_current_request_context(_drawn)
    events = _events(running(), wanted, after, draw)
    answer = Response(events, mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(room.release)
    return answer


def _events(
    runtime: Runtime, wanted: Wanted, after: int, draw: Callable[[Runtime, list[Arrived]], str]
) -> Iterator[str]:
    last, ends = after, time.monotonic() + _LONGEST
    yield "retry: 1000\n\n"
    while time.monotonic() < ends:
        found = _newest(runtime, wanted, last)
        if found:
            last = found[0].arrival.id
            yield _event(last, draw(runtime, found))
        else:
            # Who has gone is noticed by this only.
            yield ": still here\n\n"
        time.sleep(_PAUSE)


def _newest(runtime: Runtime, wanted: Wanted, after: int) -> list[Arrived]:
    return newest_activities(runtime.engine, runtime.vault, wanted, after, _SHOWN)


def _wanted() -> Wanted:
    given = (request.args.get(name, "").strip() for name in ("connection", "kind", "contact"))
    return Wanted(*given)


def _after() -> int:
    return request.args.get("after", 0, int)


def _drawn(runtime: Runtime, found: list[Arrived]) -> str:
    rules = rule_names(card_in_force(runtime.engine))
    return render_template("feed/rows.html", found=found, rules=rules)


def _event(number: int, html: str) -> str:
    data = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"id: {number}\nevent: arrived\n{data}\n"
