"""Is this installation sound? Every check has an id, says what it saw, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions

from plugin.room import free_bytes, little_room
from plugin.runtime import Runtime
from plugin.services.drift import newest_drift
from plugin.services.platform_checks import LAG, POLLING, WEBHOOK, platform_checks
from plugin.services.rescore import live_scorecard
from plugin.storage import actions, connections, dead_letters, deliveries, fuses, inquiries, paces
from plugin.storage.engine import for_reading


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check. ``remedy`` is empty when all is well."""

    id: str
    ok: bool
    detail: str
    remedy: str = ""


def check(runtime: Runtime) -> list[Finding]:
    """Every check's answer. Opening the runtime has already proved schema, key and inbox."""
    return [finding for one in _CHECKS for finding in one(runtime)]


def _packages(_runtime: Runtime) -> Iterator[Finding]:
    # A distribution named "connectors" exists; installed in the same environment it overwrites
    # ours without a word.
    owners = packages_distributions()
    others = {*owners.get("plugin", ()), *owners.get("connectors", ())} - {"maturo"}
    yield Finding(
        "M001",
        not others,
        f"the packages plugin and connectors come from {', '.join(sorted(others)) or 'maturo'}",
        "install maturo anew, in an environment of its own" if others else "",
    )


def _scorecard(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        live = live_scorecard(connection)
    yield Finding("M002", True, f"scorecard version {live.id}, {len(live.card.rules)} rules")


def _connections(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        found = connections.all_connections(connection, runtime.vault)
        borne = paces.all_paces(connection)
    if not found:
        yield Finding("M003", False, "no platform is connected", "run `maturo connect`")
    for one in found:
        remedy = _TO_DO.get(one.state, "").format(one)
        yield Finding(
            "M004",
            not remedy,
            f"connection {one.name} ({one.connector} {one.version}): {one.state}",
            remedy,
        )
        if (pace := borne.get(one.name)) is not None and pace.open:
            yield Finding(
                "M013",
                False,
                f"the platform of connection {one.name} failed {pace.failures} times in a row and "
                f"is left alone but for a try a minute: {pace.last_error}",
                "see whether the platform is up; what waits is sent by itself when it is back",
            )


#: What to do about a connection in that state.
_TO_DO = {
    connections.NEEDS_AUTHENTICATION: "run `maturo connections reauthenticate {0.name}`",
    connections.SETTING_UP: "finish its set-up on the page Connections, or run `maturo connect "
    "{0.connector} --name {0.name}`",
}


def _backlog(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        waiting = runtime.inbox.waiting(connection, runtime.config.backlog_limit)
        counts = deliveries.counts(connection)
        named = deliveries.refused(connection, _NAMED + 1)
        asked = inquiries.count(connection)
    fits = waiting < runtime.config.backlog_limit / 2
    yield Finding(
        "M005",
        fits,
        f"{waiting} receipts wait, {counts[deliveries.PENDING]} write-backs and "
        f"{asked} questions to platforms are open",
        "" if fits else "start `maturo worker`, or look into its log",
    )
    refused = counts[deliveries.REFUSED]
    yield Finding(
        "M006",
        not refused,
        f"{refused} write-backs were refused by the platform{_some([*named])}",
        f"mend it in the platform; the first was: {next(iter(named.values()))}" if named else "",
    )


def _dead(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        count = dead_letters.count(connection)
    remedy = "`maturo dead list` shows why; `maturo dead replay` reads them again"
    yield Finding("M007", not count, f"{count} dead letters", remedy if count else "")


def _actions(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        counts = actions.counts(connection)
    refused, unclear = counts.get(actions.REFUSED, 0), counts.get(actions.UNCLEAR, 0)
    yield Finding(
        "M008",
        not refused + unclear,
        f"{refused} actions were refused, of {unclear} nobody knows whether they were done",
        "`maturo actions --state refused` and `--state unclear` show which and why"
        if refused + unclear
        else "",
    )


def _fuses(runtime: Runtime) -> Iterator[Finding]:
    with for_reading(runtime.engine).begin() as connection:
        resting = fuses.resting(connection, runtime.clock())
    yield Finding(
        "M009",
        not resting,
        f"{len(resting)} contacts rest because they were written {fuses.LIMIT} times within the "
        f"hour{_some(resting)}",
        "look in the platform for what changes them after each of our writes (an automation, "
        "another connection to this platform)"
        if resting
        else "",
    )


def _disk(runtime: Runtime) -> Iterator[Finding]:
    free, why = free_bytes(runtime.config), little_room(runtime.config)
    if free is not None:
        detail = why or f"{free / 1e9:.1f} GB free in the data folder"
        remedy = "make room, lower `retention_days`, or move the data folder to a larger disk"
        yield Finding("M014", why is None, detail, remedy if why else "")


def _moved(runtime: Runtime) -> Iterator[Finding]:
    found = newest_drift(runtime.engine)
    if found is None or not found.weeks:
        return
    last = found.weeks[-1]
    figures = " and ".join(
        [
            *([] if last.psi is None else [f"PSI {last.psi:.2f}"]),
            *([] if last.ratio is None else [f"{last.ratio:.2f} times the share won"]),
        ]
    )
    yield Finding(
        "M015",
        found.level == "steady",
        f"scores since {found.since}: {figures or 'too few contacts were active'}",
        "" if found.level == "steady" else "see `maturo learn drift`, then learn or rehearse anew",
    )


#: So many of a list are enough to find the cause.
_NAMED = 5


def _some(contacts: Sequence[str]) -> str:
    """The first of these contacts, to stand behind how many there are."""
    more = ", …" if len(contacts) > _NAMED else ""
    return f": {', '.join(contacts[:_NAMED])}{more}" if contacts else ""


#: Of what is between the platforms and us.
_IDS = {WEBHOOK: "M010", POLLING: "M011", LAG: "M012"}


def _platforms(runtime: Runtime) -> Iterator[Finding]:
    for one in platform_checks(runtime.engine, runtime.clock()):
        yield Finding(_IDS[one.name], one.ok, one.detail, one.remedy)


_CHECKS: tuple[Callable[[Runtime], Iterator[Finding]], ...] = (
    _packages,
    _scorecard,
    _connections,
    _backlog,
    _dead,
    _actions,
    _fuses,
    _platforms,
    _disk,
    _moved,
)
