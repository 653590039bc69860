"""The ``maturo`` command.

Commands are imported when they are run, so that ``maturo --help`` answers at once.
"""

from __future__ import annotations

from importlib import import_module

import click

#: Command → one line of help; its code is ``plugin.commands.<name>.command``.
COMMANDS = {
    "demo": "Play a recorded month of a small firm, on a throwaway folder.",
    "serve": "Receive, score and write back: everything in one place.",
    "web": "Only the receiver.",
    "worker": "Only scoring, write-back and polling.",
    "connect": "Connect a platform.",
    "connections": "Show the connected platforms.",
    "backfill": "Read what a platform recorded before it was connected.",
    "reconcile": "Read what a platform's webhook did not tell, now.",
    "check": "Is everything sound?",
    "explain": "Why has a contact this score?",
    "contacts": "Whom to look at first, and why.",
    "accounts": "Which companies show interest.",
    "actions": "What was done at the platforms, and what waits.",
    "verdicts": "What sales accepted and rejected.",
    "scorecard": "Scorecards as text: validate, rehearse, publish, compare.",
    "learn": "Propose points from contacts that were won.",
    "recalculate": "Score everybody anew under the scorecard in force.",
    "dead": "Look at what could not be read, and read it again.",
    "export": "Everything that is known of a person, as JSON.",
    "forget": "Erase a person.",
    "backup": "Copy everything to a folder, while it runs.",
    "restore": "Put a backup in place.",
    "manifest": "Check and show the manifest.",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"plugin.commands.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy)
@click.option(
    "--data",
    metavar="DIRECTORY",
    help="Folder of the databases and the key  [default: maturo-data; env var: MATURO_DATA]",
)
@click.version_option(package_name="maturo", prog_name="maturo")
@click.pass_context
def main(context: click.Context, data: str | None) -> None:
    """Lead scoring beside your marketing-automation platform."""
    context.obj = {"data": data}
