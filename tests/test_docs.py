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
from plugin.scoring.kinds.limits import _NAMED, LimitSchema
from plugin.scoring.loading import load
from plugin.scoring.operators import OPERATORS
from plugin.scoring.schema import (
    BandSchema,
    CardSchema,
    DimensionSchema,
    DimensionsSchema,
    EarnedRuleSchema,
    EvidenceSettingsSchema,
    GroupSchema,
)
from plugin.scoring.scorecard import MICRO
from plugin.web.metrics import Metrics
from plugin.web.platform_figures import PlatformFigures
from plugin.web.work_figures import WorkFigures

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LANGUAGES = ["", ".fr"]
SCORECARDS = [DOCS / f"scorecard{language}.md" for language in LANGUAGES]
FLOORS = [
    *(
        "connectors",
        "connectors/brevo",
        "connectors/messenger",
        "connectors/mautic",
        "connectors/conformance",
        "plugin",
        "plugin/scoring",
        "plugin/storage",
    ),
    "plugin/learning",
    *(
        "plugin/services",
        "plugin/web",
        "plugin/web/admin",
        "plugin/web/api",
        "plugin/commands",
        "plugin/demo",
        "tests",
        "benchmarks",
    ),
]
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
TRANSLATED = sorted(DOCS.rglob("*.fr.md"))
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


def words_of_code(text: str) -> set[str]:
    """Every word between single backticks: in ``{times: 3}`` both the key and the value."""
    return {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rule_has_a_page_with_its_keys(kind: str, language: str) -> None:
    page = DOCS / "kinds" / f"{kind}{language}.md"
    text = page.read_text()
    # What chooses activities is told once, on the page that the others point to.
    activity = f"activity{language}.md"
    if f"]({activity})" in text:
        text += (page.parent / activity).read_text()
    keys = {field.data_key or name for name, field in KINDS[kind].schema().fields.items()}
    assert keys - words_of_code(text) == set()
    assert text.startswith(f"# {kind}\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scorecards_page_lists_the_kinds_and_there_is_no_other_page(language: str) -> None:
    heading = "Types de règles" if language else "Kinds of rules"
    listed = re.findall(
        r"(?m)^\| \[`(\w+)`\]\(kinds/(\S+)\) \|", section(SCORECARDS[bool(language)], heading)
    )
    assert listed == [(kind, f"{kind}{language}.md") for kind, _ in listed]
    assert sorted(kind for kind, _ in listed) == sorted(KINDS)
    pages = {f"{kind}{each}.md" for kind in KINDS for each in LANGUAGES}
    assert {page.name for page in (DOCS / "kinds").iterdir()} == pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operator_has_its_row(language: str) -> None:
    page = (DOCS / "kinds" / f"field{language}.md").read_text()
    rows = re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \|", page)
    told = {word for row in rows for word in words_of_code(row)}
    assert told - {"if"} == {*OPERATORS, "age"}
    assert {"all", "any", "not", "field"} <= words_of_code(page)


@pytest.mark.parametrize("page", SCORECARDS, ids=lambda page: page.name)
def test_every_key_and_word_of_a_scorecard_is_there(page: Path) -> None:
    told = words_of_code(page.read_text())
    schemas: list[type[Schema]] = [CardSchema, GroupSchema, EarnedRuleSchema, BandSchema]
    schemas += [DimensionsSchema, DimensionSchema, EvidenceSettingsSchema]
    assert {key for schema in schemas for key in schema().fields} - told == set()
    assert {*Evidence} - told == set()
    assert set(load_manifest().raw["activities"]) - told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_evidence_is_told(language: str) -> None:
    told = words_of_code((DOCS / f"evidence{language}.md").read_text())
    assert set(EvidenceSettingsSchema().fields) - told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_limit_is_told(language: str) -> None:
    told = words_of_code((DOCS / "kinds" / f"activity{language}.md").read_text())
    assert {*_NAMED, *LimitSchema().fields} - told == set()


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
def test_the_example_of_a_whole_scorecard_loads(page: Path) -> None:
    [whole] = blocks(page)
    assert load(whole, page.name).rules


def test_no_page_has_an_example_that_no_test_loads() -> None:
    elsewhere = ("actions", "consent", "evidence", "rehearsal")
    tested = {f"{name}{each}.md" for name in elsewhere for each in LANGUAGES}
    pages = {page.name for page in DOCS.glob("*.md") if blocks(page)}
    assert pages == tested | {page.name for page in SCORECARDS}


@pytest.mark.parametrize("french", TRANSLATED, ids=lambda page: page.name)
def test_both_languages_say_as_much_and_point_to_each_other(french: Path) -> None:
    english = french.with_name(french.name.replace(".fr.md", ".md"))
    texts = {page: page.read_text() for page in (english, french)}
    for shape in (r"(?m)^(#+) ", r"(?m)^(\|)", r"(?m)^(```)\w"):
        marks = [[len(mark) for mark in re.findall(shape, text)] for text in texts.values()]
        assert marks[0] == marks[1], shape
    assert f"[Français]({french.name})" in texts[english]
    assert f"[English]({english.name})" in texts[french]


def test_what_marketers_read_is_there_in_french() -> None:
    only_english = {"commands.md", "settings.md"}
    translated = {page.name.replace(".fr.md", ".md") for page in TRANSLATED}
    assert {page.name for page in DOCS.rglob("*.md")} - translated == only_english | {
        page.name for page in TRANSLATED
    }


@pytest.mark.parametrize("connector", load_manifest().connector_ids)
def test_every_connector_has_a_page_in_both_languages(connector: str) -> None:
    manifest = load_manifest().connector(connector).manifest
    for page in (DOCS / f"{connector}.md", DOCS / f"{connector}.fr.md"):
        assert manifest["name"]["en"] in page.read_text().splitlines()[0]
    options = section(DOCS / "commands.md", f"maturo connect {connector}")
    for setting in load_manifest().connector(connector).settings_schema().fields.values():
        name = setting.metadata.get("option", setting.name)
        assert f"`--{name.replace('_', '-')}`" in options, name


def test_every_metric_has_a_row() -> None:
    told = section(DOCS / "operation.md", "Metrics")
    described = (*PlatformFigures.describe(), *WorkFigures.describe())
    for metric in (*Metrics().registry.collect(), *described):
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
