from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
from jinja2 import Environment, FileSystemLoader
from marshmallow import fields, validate

from connectors.mautic import CONNECTOR
from plugin.scoring.schema import rule_schemas
from plugin.web.forms import PLACEHOLDER, Input, form_errors, inputs, masked, submitted

TEMPLATES = Path(__file__).parents[3] / "plugin" / "web" / "templates"


class Login(ma.Schema):
    user = fields.String(required=True)
    password = fields.String(metadata={"secret": True})


class Everything(ma.Schema):
    address = fields.Url(required=True)
    token = fields.String(metadata={"secret": True})
    size = fields.Integer(load_default=50, validate=validate.Range(1, 100))
    share = fields.Float()
    on = fields.Boolean(load_default=True)
    pace = fields.String(validate=validate.OneOf(["slow", "fast"]))
    events = fields.List(fields.String())
    mapping = fields.Dict()
    since = fields.Date()
    login = fields.Nested(Login)


STORED = {
    "address": "https://a.example",
    "token": "t0p-secret",
    "login": {"user": "ada", "password": "hidden-too"},
}


def shown(values: dict[str, Any], problems: dict[str, Any] | None = None) -> dict[str, Input]:
    words = {"address": {"name": "Address", "help": "Where it is"}}
    return {one.name: one for one in inputs(Everything(), words, values, problems)}


def html(found: Any) -> str:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    made = environment.from_string(
        '{% from "parts/forms.html" import inputs %}{{ inputs(fields) }}'
    )
    return made.render(fields=found)


def test_every_field_is_shown_as_what_it_is() -> None:
    kinds = {name: one.kind for name, one in shown({}).items()}
    assert kinds == {
        "address": "url",
        "token": "secret",
        "size": "number",
        "share": "number",
        "on": "checkbox",
        "pace": "select",
        "events": "list",
        "mapping": "json",
        "since": "date",
        "login": "group",
    }


def test_label_help_defaults_bounds_and_choices_are_there() -> None:
    found = shown({})
    assert (found["address"].label, found["address"].help) == ("Address", "Where it is")
    assert (found["size"].value, found["size"].low, found["size"].high) == ("50", "1", "100")
    assert found["on"].value is True
    assert [value for value, _ in found["pace"].choices] == ["", "slow", "fast"]
    assert [part.name for part in found["login"].parts] == ["login.user", "login.password"]


def test_no_secret_reaches_the_page() -> None:
    page = html(inputs(Everything(), {}, STORED))
    assert "t0p-secret" not in page
    assert "hidden-too" not in page
    assert page.count(PLACEHOLDER) == 2
    assert "ada" in page


def test_what_was_shown_and_sent_back_unchanged_loads_to_the_same() -> None:
    posted = {
        "address": "https://a.example",
        "token": PLACEHOLDER,
        "login.user": "ada",
        "login.password": PLACEHOLDER,
    }
    assert submitted(Everything(), posted, STORED) == STORED | {"on": False}


def test_a_new_secret_replaces_and_an_emptied_one_is_gone() -> None:
    posted = {"address": "https://a.example", "token": "new"}
    assert submitted(Everything(), posted, STORED)["token"] == "new"
    assert "token" not in submitted(Everything(), {"token": " "}, STORED)


def test_the_placeholder_alone_is_never_taken_for_a_secret() -> None:
    assert "token" not in submitted(Everything(), {"token": PLACEHOLDER})


def test_numbers_lists_and_json_come_back_as_the_schema_reads_them() -> None:
    posted = {"size": "7", "share": "0.5", "events": "a\n\n b ", "mapping": '{"a": [1]}', "on": "1"}
    data = submitted(Everything(), posted)
    assert data == {
        "size": 7,
        "share": 0.5,
        "events": ["a", "b"],
        "mapping": {"a": [1]},
        "on": True,
    }
    again = {one.name: one.value for one in inputs(Everything(), {}, data)}
    assert again["events"] == "a\nb"
    assert again["on"] is True


def test_what_cannot_be_read_is_told_at_the_field_with_what_was_typed() -> None:
    data = submitted(Everything(), {"address": "nowhere", "size": "many", "mapping": "{"})
    with pytest.raises(ma.ValidationError) as error:
        Everything().load(data)
    found = shown(data, error.value.messages_dict)
    assert found["size"].errors == ("Not a valid integer.",)
    assert (found["size"].value, found["mapping"].value) == ("many", "{")
    assert found["address"].errors == ("Not a valid URL.",)


def test_what_is_wrong_inside_a_group_is_told_there() -> None:
    with pytest.raises(ma.ValidationError) as error:
        Everything().load({"address": "https://a.example", "login": {"password": "x"}})
    group = shown({}, error.value.messages_dict)["login"]
    assert group.errors == ()
    assert group.parts[0].errors == ("Missing data for required field.",)


def test_what_is_wrong_with_the_whole_is_told_in_the_readers_language() -> None:
    with pytest.raises(ma.ValidationError) as error:
        CONNECTOR.settings_schema().load({"base_url": "https://a.example"})
    assert form_errors(error.value.messages_dict, str.upper)[0].startswith("GIVE EITHER CLIENT_ID")


def test_masking_hides_secrets_at_every_depth() -> None:
    assert masked(Everything(), STORED) == {
        "address": "https://a.example",
        "token": PLACEHOLDER,
        "login": {"user": "ada", "password": PLACEHOLDER},
    }


@pytest.mark.parametrize("kind", list(rule_schemas()))
def test_the_rules_of_every_kind_can_be_drawn(kind: str) -> None:
    page = html(inputs(rule_schemas()[kind], {}, {}))
    assert 'name="points"' in page


def test_fields_that_few_need_are_folded_away_unless_they_are_wrong() -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    made = environment.from_string(
        '{% from "parts/forms.html" import rare_inputs %}{{ rare_inputs(fields, "More") }}'
    )
    schema = CONNECTOR.settings_schema()
    assert 'name="field_prefix"' not in html(inputs(schema, {}, {}))
    page = made.render(fields=inputs(schema, {}, {}))
    assert 'name="field_prefix"' in page
    assert "<details" in page
    assert " open" not in page
    assert " open" in made.render(fields=inputs(schema, {}, {}, {"field_prefix": ["wrong"]}))


def test_every_field_has_its_label_and_what_describes_it() -> None:
    found = inputs(Everything(), {"address": {"help": "Where"}}, {}, {"address": ["Wrong <b>."]})
    page = html(found)
    for target in re.findall(r'for="([^"]+)"', page):
        assert f'id="{target}"' in page
    assert 'aria-describedby="field-address-help field-address-error"' in page
    assert "Wrong &lt;b&gt;." in page
