"""``maturo recalculate``: bring every score to the scorecard in force."""

from __future__ import annotations

import click

from plugin.runtime import Runtime
from plugin.services.recalculate import recalculate_batch, to_recalculate
from plugin.services.rehearse import plan
from plugin.storage import ranking
from plugin.storage.engine import for_reading

from .common import existing, option
from .progress import counted, progress

_BATCH = 256


@click.command()
@option("--apply", is_flag=True, help="Do it; without this it is only told what would change.")
@click.pass_context
def command(context: click.Context, apply: bool) -> None:
    """Say what a recalculation would change, or do it. It can be stopped and goes on later.

    The worker does it by itself after a publication. It is silent: no mail, no call, no task.
    """
    with existing(context) as runtime:
        if apply:
            _apply(runtime)
        else:
            _tell(runtime)


def _apply(runtime: Runtime) -> None:
    done = 0
    with progress(to_recalculate(runtime.engine)) as advance:
        while count := recalculate_batch(runtime.engine, _BATCH, runtime.clock()):
            done += count
            advance(count)
    click.echo(f"{done} contacts were scored by the scorecard in force")


def _tell(runtime: Runtime) -> None:
    older = to_recalculate(runtime.engine)
    with for_reading(runtime.engine).begin() as connection:
        contacts = ranking.count(connection)
    scores = bands = 0
    with progress(contacts) as advance:
        for one in counted(plan(runtime.engine, runtime.clock()), advance):
            scores += one.stored.score != one.draft.score
            bands += one.stored.band != one.draft.band
    click.echo(f"{older} of {contacts} contacts have the score of an older scorecard")
    click.echo(
        f"{_share(scores, contacts)} would change their score, {_share(bands, contacts)} their band"
    )
    click.echo("nothing was changed; `maturo recalculate --apply` does it")


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "0"
