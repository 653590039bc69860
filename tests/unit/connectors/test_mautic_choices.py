"""Pick lists, as the recorded 6.0.3 answers them."""

from __future__ import annotations

import pytest
from mautic_exchanges import body, recorded, session

from connectors.errors import Transient, Unsupported


@pytest.mark.parametrize(
    ("kind", "path", "case", "key", "name"),
    [
        ("form", "forms", "forms_list", "forms", "name"),
        ("email", "emails", "emails_list", "emails", "name"),
        ("page", "pages", "pages_list", "pages", "title"),
        ("asset", "assets", "assets_list", "assets", "title"),
        ("segment", "segments", "segments_list", "lists", "name"),
        ("campaign", "campaigns", "campaigns_list", "campaigns", "name"),
        ("stage", "stages", "stages_list", "stages", "name"),
    ],
)
def test_every_object_is_there_under_its_name(kind, path, case, key, name):
    opened, replay = session({("GET", f"/api/{path}"): recorded(case)})
    found = opened.choices(kind)
    listed = body(case)[key]
    rows = listed.values() if isinstance(listed, dict) else listed
    assert rows
    assert {(one.id, one.name) for one in found} == {(str(r["id"]), r[name]) for r in rows}
    assert [one.name.casefold() for one in found] == sorted(one.name.casefold() for one in found)
    [asked] = replay.asked("GET", f"/api/{path}")
    assert asked.url.params["limit"] == "1000"


def test_a_tag_is_named_by_its_text():
    opened, _ = session({("GET", "/api/tags"): recorded("tags_list")})
    assert ("Score: hot", "Score: hot") in opened.choices("tag")


def test_a_kind_of_which_mautic_keeps_no_list_is_not_supported():
    opened, _ = session({})
    with pytest.raises(Unsupported, match="choices of planet"):
        opened.choices("planet")


def test_an_answer_without_the_list_is_tried_again():
    opened, _ = session({("GET", "/api/forms"): recorded("forms_list", {"total": 3})})
    with pytest.raises(Transient, match="shows no forms"):
        opened.choices("form")
