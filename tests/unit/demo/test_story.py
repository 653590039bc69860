from datetime import UTC, datetime
from importlib.resources import files

from connectors.mautic.webhook import verify
from connectors.signature import is_signed
from plugin.demo.story import story


def test_the_story_is_873_signed_deliveries_in_order():
    month = story()
    deliveries = list(month.deliveries())

    assert len(deliveries) == 873
    assert [one.seq for one in deliveries] == sorted({one.seq for one in deliveries})
    assert all(is_signed(one.body, one.signature, [month.secret]) for one in deliveries)
    verify({"Webhook-Signature": deliveries[0].signature}, deliveries[0].body, [month.secret])


def test_the_story_is_small_enough_to_ship():
    assert len((files("plugin.demo") / "story.jsonl.xz").read_bytes()) < 400_000


def test_the_header_says_when_who_and_what():
    month = story()

    assert month.start == datetime(2026, 9, 1, tzinfo=UTC)
    assert month.end == datetime(2026, 10, 2, tzinfo=UTC)
    assert month.merged == {"600": "602", "601": "622"}
    assert len(month.truth) == 28
    assert {contact for contact, kind in month.truth.items() if kind == "careers"} == {"607", "610"}
    assert {contact for contact, kind in month.truth.items() if kind == "scanner"} == {"604", "608"}
    assert month.truth["609"] == "gone"
    assert month.series == ("3", "4", "5", "6")
    assert month.emails[month.promo]["category"] == "Promo 11"
    assert month.assets[month.case_study]["category"] == "Case studies 11"
    assert month.forms["1"]["name"] == "Demo form"


def test_leaving_the_deliveries_early_leaves_no_file_open():
    first = next(iter(story().deliveries()))

    assert first.seq == 1936
