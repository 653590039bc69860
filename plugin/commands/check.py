"""``maturo check``."""

from __future__ import annotations

import click

from plugin.check import check

from .common import as_json, existing, print_json, printable


@click.command()
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Say of every part whether it is sound, and what to do; exit code 1 if one is not."""
    with existing(context) as runtime:
        findings = check(runtime)
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            click.echo(
                f"{'ok    ' if finding.ok else 'FAILED'} {finding.id} {printable(finding.detail)}"
            )
            if finding.remedy:
                click.echo(f"            → {finding.remedy}")
    if not all(finding.ok for finding in findings):
        context.exit(1)
