"""What the documents must name, and that their examples are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import pytest
from marshmallow import Schema

from connectors.activity import Evidence
from plugin.cli import COMMANDS, main
from plugin.config import SETTINGS, Setting
from plugin.manifest import load_manifest
from plugin.scoring.decay import _SHAPES, decayed
from plugin.scoring.kinds import KINDS
from plugin.scoring.loading import load
from plugin.scoring.operators import OPERATORS
from plugin.scoring.schema import CardSchema, DimensionsSchema, EarnedRuleSchema, GroupSchema
from plugin.scoring.scorecard import MICRO
from plugin.web.metrics import Metrics

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SCORECARDS = [DOCS / "scorecard.md", DOCS / "scorecard.fr.md"]
FLOORS = [
    *("connectors", "connectors/mautic", "plugin", "plugin/scoring", "plugin/storage"),
    *("plugin/services", "plugin/web", "plugin/commands", "plugin/demo", "tests", "benchmarks"),
]
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
SKELETON = "name: X\ngroups:\n  - id: g\n    dimension: fit\n    rules:\n{}\nbands:\n  - id: low\n"


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


assert isinstance(main, click.Group)
ALL_COMMANDS = dict(commands(main, ("maturo",)))


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next one."""
    found = re.search(rf"(?m)^#+ {re.escape(heading)}\n((?:(?!^#)[\s\S])*)", page.read_text())
    assert found, f"{page.name} has no heading {heading}"
    return found[1]


def blocks(page: Path) -> list[str]:
    return re.findall(r"(?s)```yaml\n(.*?)```", page.read_text())


@pytest.mark.parametrize("path", ALL_COMMANDS)
def test_every_command_has_a_heading_that_names_its_options(path: str) -> None:
    told = section(DOCS / "commands.md", path)
    assert told.strip()
    for option in ALL_COMMANDS[path].params:
        if isinstance(option, click.Option):
            assert f"{option.opts[0]}" in told, f"{path} {option.opts[0]}"


def test_no_heading_names_a_command_that_is_not_there() -> None:
    headings = re.findall(r"(?m)^#+ (maturo .*)$", (DOCS / "commands.md").read_text())
    assert sorted(headings) == sorted(ALL_COMMANDS)
    assert {heading.split()[1] for heading in headings} == set(COMMANDS)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_every_setting_has_its_row_in_both_languages(setting: Setting) -> None:
    shown = f"`{setting.default}`" if setting.default != "" else ""
    row = f"| `{setting.name}` | `{setting.env}` | {shown} | {setting.help['en']} |"
    table = (DOCS / "settings.md").read_text().splitlines()
    assert f"{row} {setting.help['fr']} |" in table
    short = f"| `{setting.name}` | {shown} | {setting.help['en']} |".replace("|  |", "| |")
    assert short in (ROOT / "README.md").read_text().splitlines()


@pytest.mark.parametrize("page", SCORECARDS, ids=lambda page: page.name)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rule_has_a_heading_with_its_keys(page: Path, kind: str) -> None:
    told = section(page, f"Kind `{kind}`" if page.name == "scorecard.md" else f"Type `{kind}`")
    schema: Schema = KINDS[kind].schema()
    for name, field in schema.fields.items():
        key = field.data_key or name
        assert f"`{key}`" in told or f"{key}:" in told, key


@pytest.mark.parametrize("page", SCORECARDS, ids=lambda page: page.name)
def test_every_key_operator_and_word_is_there(page: Path) -> None:
    text = page.read_text()
    rows = re.findall(r"(?m)^\| `(\w+)` \|", text)
    assert set(OPERATORS) <= set(rows)
    schemas = [CardSchema, GroupSchema, EarnedRuleSchema, DimensionsSchema]
    for key in [key for schema in schemas for key in schema().fields]:
        assert re.search(rf"\b{key}\b", text), key
    for word in ("all", "any", "not", *Evidence, "ever", "day", "subject"):
        assert f"`{word}`" in text, word
    for activity in load_manifest().raw["activities"]:
        assert f"`{activity}`" in text, activity


@pytest.mark.parametrize("page", SCORECARDS, ids=lambda page: page.name)
def test_the_table_of_decay_is_complete_and_true(page: Path) -> None:
    rows = re.findall(r"(?m)^\| `(none|\{.*\})` \| ([\d., ]+) \|$", page.read_text())
    assert {re.sub(r"[{:].*", "", form.strip("{")) for form, _ in rows} == {"none", *_SHAPES}
    for form, told in rows:
        rule = (
            f"      - {{id: r, kind: activity, points: 10, activity: page_viewed, decay: {form}}}"
        )
        [compiled] = load(SKELETON.format(rule), "doc").rules
        days = [timedelta(days=days) for days in (0, 15, 30, 60, 90)]
        points = [decayed(10 * MICRO, compiled.decay, age) / MICRO for age in days]
        assert [float(one) for one in told.split(", ")] == [round(one, 2) for one in points], form


@pytest.mark.parametrize("page", SCORECARDS, ids=lambda page: page.name)
def test_every_example_loads(page: Path) -> None:
    examples = blocks(page)
    assert len(examples) == 3
    for text in examples:
        whole = text.startswith("name:")
        indented = "".join(f"      {line}\n" for line in text.splitlines())
        assert load(text if whole else SKELETON.format(indented), page.name).rules


def test_both_languages_say_as_much() -> None:
    for english in ("scorecard.md", "mautic.md"):
        french = DOCS / english.replace(".md", ".fr.md")
        count = {
            page: [len(mark) for mark in re.findall(r"(?m)^(#+) ", page.read_text())]
            for page in (DOCS / english, french)
        }
        assert count[DOCS / english] == count[french]


@pytest.mark.parametrize("connector", load_manifest().connector_ids)
def test_every_connector_has_a_page_in_both_languages(connector: str) -> None:
    manifest = load_manifest().connector(connector).manifest
    for page in (DOCS / f"{connector}.md", DOCS / f"{connector}.fr.md"):
        assert manifest["name"]["en"] in page.read_text().splitlines()[0]
    options = section(DOCS / "commands.md", f"maturo connect {connector}")
    assert "`--client-secret`" in options


def test_every_metric_has_a_row() -> None:
    told = section(DOCS / "operation.md", "Metrics")
    for metric in Metrics().registry.collect():
        assert f"| `{metric.name}` |" in told, metric.name


def test_the_readme_names_targets_that_are_there() -> None:
    readme, makefile = ((ROOT / name).read_text() for name in ("README.md", "Makefile"))
    for target in ("demo", "test", "install"):
        assert f"make {target}" in readme
        assert re.search(rf"(?m)^{target}:.*## ", makefile)


@pytest.mark.parametrize("floor", FLOORS)
def test_every_floor_has_a_short_readme(floor: str) -> None:
    lines = (ROOT / floor / "README.md").read_text().splitlines()
    assert 2 < len(lines) <= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_changelog_begins_with_this_version() -> None:
    [newest, *_] = re.findall(r"(?m)^## \[(.*)\]", (ROOT / "CHANGELOG.md").read_text())
    assert newest == load_manifest().version
