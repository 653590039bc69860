"""Machines are told from humans by signatures, each with its proof."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.evidence import Verdict, judge, settles_at
from plugin.scoring.fold import fold
from plugin.scoring.history import history
from tests.builders import activity, card, contact, form, moment, rule, visit

START = moment(2, 9)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def mail(kind: str, seconds: float, number: str = "5", **given: Any) -> Activity:
    return activity(kind, Subject("email", number, f"Mail {number}"), after(seconds), **given)


def sent(seconds: float = 0, number: str = "5") -> Activity:
    return mail("email_sent", seconds, number)


def opened(seconds: float, number: str = "5", **given: Any) -> Activity:
    return mail("email_opened", seconds, number, **given)


def clicked(path: str, seconds: float, number: str = "5", **given: Any) -> Activity:
    told = {"id": f"click:{path}@{seconds}", "url": f"https://example.org{path}", **given}
    return mail("email_clicked", seconds, number, **told)


def left(seconds: float, **given: Any) -> Activity:
    return activity("unsubscribed", Subject("channel", "email"), after(seconds), **given)


def fetched(seconds: float, id: str | None = "5", **given: Any) -> Activity:
    origin = {"email_id": id} if id else {}
    asset = Subject("asset", "3", "case-study")
    return activity("asset_downloaded", asset, after(seconds), **origin, **given)


def seen(path: str, seconds: float, **given: Any) -> Activity:
    page = Subject("page", url=f"https://example.org{path}")
    return activity("page_viewed", page, after(seconds), **given)


def verdicts(*told: Activity, traps: tuple[str, ...] = ()) -> dict[str, Verdict]:
    return dict(judge(history(told, []).activities, traps).verdicts)


def proofs(*told: Activity, traps: tuple[str, ...] = ()) -> dict[str, str]:
    return {
        id: verdict.proof
        for id, verdict in verdicts(*told, traps=traps).items()
        if verdict.evidence is Evidence.MACHINE
    }


def test_four_links_of_one_mail_in_ten_seconds_are_a_sweep_with_its_figures() -> None:
    clicks = [clicked(f"/{number}", 100 + 3.3 * number) for number in range(4)]
    found = verdicts(sent(), *clicks)
    assert set(found) == {click.id for click in clicks}
    assert all(verdict.evidence is Evidence.MACHINE for verdict in found.values())
    assert found[clicks[0].id] == Verdict(Evidence.MACHINE, "sweep", {"links": 4, "seconds": 10})


def test_four_links_in_more_than_ten_seconds_are_no_sweep() -> None:
    assert not proofs(sent(), *(clicked(f"/{number}", 100 + 3.5 * number) for number in range(4)))


def test_four_clicks_on_one_link_are_no_sweep() -> None:
    assert not proofs(sent(), *(clicked("/a", 100 + second) for second in range(4)))


def test_two_links_of_one_mail_three_seconds_apart_are_a_pair() -> None:
    assert set(proofs(clicked("/a", 100), clicked("/b", 103)).values()) == {"pair"}
    assert not proofs(clicked("/a", 100), clicked("/b", 104))


def test_a_link_in_each_of_two_mails_is_no_pair() -> None:
    assert not proofs(clicked("/a", 100, "5"), clicked("/b", 101, "6"))


@pytest.mark.parametrize("address", ["ip", "tracking"])
def test_three_addresses_in_thirty_seconds_are_a_farm(address: str) -> None:
    def hits(step: float, addresses: int) -> list[Activity]:
        return [
            clicked("/a", 100 + step * number, id=str(number), **{address: f"{number % addresses}"})
            for number in range(3)
        ]

    assert set(proofs(*hits(15, 3)).values()) == {"farm"}
    assert not proofs(*hits(15.5, 3))
    assert not proofs(*hits(1, 2))


def test_leaving_and_a_link_of_the_body_from_two_addresses_are_a_machine() -> None:
    leaving = left(100, ip="192.0.2.1")
    assert proofs(leaving, clicked("/a", 160, ip="192.0.2.2"))[leaving.id] == "parting"
    link = clicked("", 100, url="https://example.org/email/Unsubscribe/x", ip="192.0.2.1")
    assert proofs(link, clicked("/a", 100 - 60, ip="192.0.2.2"))[link.id] == "parting"


@pytest.mark.parametrize(("seconds", "address"), [(61, "192.0.2.2"), (10, "192.0.2.1"), (10, None)])
def test_a_human_may_read_and_then_leave(seconds: int, address: str | None) -> None:
    body = clicked("/a", 100 - seconds, ip=address)
    assert not proofs(left(100, ip="192.0.2.1"), body)


def test_a_click_within_two_seconds_of_the_send_is_a_machine() -> None:
    hasty = clicked("/a", 1)
    assert proofs(sent(), hasty) == {hasty.id: "hasty"}
    assert not proofs(sent(), clicked("/a", 2))
    assert not proofs(sent(10), clicked("/a", 9))


def test_each_send_of_a_mail_is_told_by_its_own_mark() -> None:
    first, second = (mail("email_sent", at, id=f"send:{at}", stat=f"s{at}") for at in (0, 100))
    late = clicked("/a", 101, stat="s0")
    assert not proofs(first, second, late)
    assert proofs(first, second, clicked("/a", 101, stat="s100"))


def test_a_send_without_a_mark_is_that_of_its_mail_only() -> None:
    assert not proofs(sent(0, "5"), sent(100, "6"), clicked("/a", 101, "5"))
    assert proofs(sent(0, "5"), sent(100, "6"), clicked("/a", 101, "6"))


@pytest.mark.parametrize("sent_at", ["soon", "2026-03-02T09:00:00", 7, [], ""])
def test_a_send_that_cannot_be_read_is_not_known(sent_at: Any) -> None:
    assert not proofs(opened(3, sent_at=sent_at))
    assert proofs(sent(), opened(3, sent_at=sent_at))


@pytest.mark.parametrize("odd", [["192.0.2.1"], {"v4": "192.0.2.1"}, 0, True, ""])
def test_attributes_of_any_shape_are_no_obstacle(odd: Any) -> None:
    told = [clicked("/a", at, ip=odd, tracking=odd, user_agent=odd) for at in (100, 110, 120)]
    assert not proofs(*told, left(130, ip=odd))


def test_nothing_but_prompt_openings_is_a_mail_proxy() -> None:
    opens = [opened(14, "5"), opened(90_014, "6")]
    found = proofs(sent(0, "5"), sent(90_000, "6"), *opens)
    assert found == {one.id: "prompt" for one in opens}


def test_a_lone_opening_is_a_proxy_only_if_faster_than_a_mail_travels() -> None:
    assert list(proofs(sent(), opened(5)).values()) == ["prompt"]
    assert not proofs(sent(), opened(6))


@pytest.mark.parametrize(
    "deed", [opened(400, "6"), clicked("/a", 400, "6"), seen("/a", 400, email_id="6")]
)
def test_whoever_also_does_anything_slower_is_no_proxy(deed: Activity) -> None:
    assert not proofs(sent(0, "5"), sent(0, "6"), opened(3, "5"), deed)


def test_the_send_an_opening_tells_is_enough() -> None:
    assert proofs(opened(3, sent_at=START.isoformat()))
    assert not proofs(opened(3))


@pytest.mark.parametrize(
    "asked", [{"method": "HEAD"}, {"purpose": "Prefetch"}, {"purpose": "preview"}, {"prefetch": 1}]
)
def test_what_nobody_asked_to_see_is_a_machine(asked: dict[str, Any]) -> None:
    assert list(proofs(clicked("/a", 500, **asked)).values()) == ["prefetch"]
    assert not proofs(clicked("/a", 500, method="GET", purpose=""))


@pytest.mark.parametrize(
    "given",
    [
        {"proxy_open": True},
        {"user_agent": "Mozilla/5.0"},
        {"user_agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"},
    ],
)
def test_a_known_proxy_opens_for_nobody(given: dict[str, Any]) -> None:
    assert list(proofs(opened(500, **given)).values()) == ["proxy"]
    assert not proofs(clicked("/a", 500, **given))
    assert not proofs(opened(500, user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"))


def test_a_trap_catches_who_follows_it() -> None:
    told = [clicked("/invisible?x=1", 500), clicked("/a", 900)]
    assert proofs(*told, traps=("*/invisible*",)) == {told[0].id: "trap"}
    assert not proofs(*told)


def test_what_comes_with_a_machines_hit_is_the_machines() -> None:
    hits = [clicked("/a", 100), clicked("/b", 101)]
    beside = [opened(98), fetched(101), left(150), seen("/b", 101, email_id="5")]
    apart = [opened(98, "6"), opened(300), seen("/b", 101, id="own")]
    found = proofs(*hits, *beside, *apart)
    assert {found[one.id] for one in beside} == {"companion"}
    assert not found.keys() & {one.id for one in apart}


def test_a_picture_loaded_by_a_proxy_says_nothing_of_who_clicks() -> None:
    picture, click = opened(500, proxy_open=True), clicked("/a", 520)
    assert proofs(picture, click) == {picture.id: "proxy"}


def test_a_human_reading_while_the_scanner_works_stays_human() -> None:
    told = [clicked("/a", 100, tracking="m"), clicked("/b", 101, tracking="m")]
    own = clicked("/a", 110, tracking="h", id="own")
    found = verdicts(*told, own, seen("/c", 140, tracking="h"))
    assert found["own"] == Verdict(Evidence.HUMAN, "reading")
    assert found[told[0].id].evidence is Evidence.MACHINE


def test_a_form_is_human_and_so_is_what_led_to_it() -> None:
    told = [opened(100), form("Demo", day=2, hour=9)]
    assert verdicts(*told)[told[1].id] == Verdict(Evidence.HUMAN, "typed")
    assert told[0].id not in verdicts(*told)
    later = form("Demo", day=2, hour=9, id="4")
    assert verdicts(opened(-100), later)[opened(-100).id] == Verdict(Evidence.HUMAN, "typed")


@pytest.mark.parametrize(("pause", "human"), [(4, False), (5, True), (1800, True), (1801, False)])
def test_reading_on_in_the_same_session_is_human(pause: int, human: bool) -> None:
    click = clicked("/a", 100)
    assert (click.id in verdicts(click, seen("/b", 100 + pause))) is human


def test_reading_on_another_device_proves_nothing() -> None:
    click = clicked("/a", 100, tracking="x")
    assert click.id not in verdicts(click, seen("/b", 110, tracking="y"))


def test_what_a_mail_opened_itself_proves_nothing() -> None:
    click = clicked("/a", 100)
    assert click.id not in verdicts(click, seen("/b", 110, email_id="5"))


def test_a_device_that_comes_back_on_another_day_is_human() -> None:
    click = clicked("/a", 100, tracking="x")
    days = [visit("/", day=day, tracking="x") for day in (4, 6)]
    assert verdicts(click, *days)[click.id] == Verdict(Evidence.HUMAN, "return")
    assert click.id not in verdicts(click, days[0])


def test_a_device_caught_once_proves_nothing_ever() -> None:
    pair = [clicked("/a", 100, tracking="x"), clicked("/b", 101, tracking="x")]
    other = clicked("/a", 9_000, "6", tracking="x")
    days = [visit("/", day=day, tracking="x") for day in (4, 6)]
    assert other.id not in verdicts(*pair, other, *days)


def test_whoever_follows_a_link_has_opened_the_mail() -> None:
    told = [opened(50), fetched(100), opened(50, "6"), fetched(900, id="late")]
    click = clicked("/a", 100, tracking="x")
    found = verdicts(*told, click, visit("/", 4, tracking="x"), visit("/", 6, tracking="x"))
    assert found[told[0].id] == found[told[1].id] == Verdict(Evidence.HUMAN, "hit")
    assert not found.keys() & {told[2].id, told[3].id}


def test_what_the_connector_knows_is_kept() -> None:
    told = [
        clicked("/a", 100, evidence=Evidence.HUMAN),
        clicked("/b", 101, evidence=Evidence.MACHINE),
        opened(101),
    ]
    judged = judge(history(told, []).activities)
    assert {one.id: one.evidence for one in judged.activities} == {
        told[0].id: Evidence.HUMAN,
        told[1].id: Evidence.MACHINE,
        told[2].id: Evidence.MACHINE,
    }
    assert list(judged.verdicts) == [told[2].id]


def test_judged_activities_carry_evidence_and_proof_and_nothing_else_changes() -> None:
    told = history([clicked("/a", 100), clicked("/b", 101), visit("/")], []).activities
    judged = judge(told).activities
    assert [(one.evidence, one.proof) for one in judged if one.kind == "email_clicked"] == [
        (Evidence.MACHINE, "pair")
    ] * 2
    assert [one.id for one in judged] == [one.id for one in told]


def test_what_a_mail_caused_is_provisional_until_it_settles_or_a_human_is_proven() -> None:
    settle = timedelta(minutes=2)
    assert settles_at(opened(0), settle) == after(120)
    assert settles_at(fetched(0), settle) == after(120)
    assert settles_at(fetched(0, None), settle) is None
    assert settles_at(opened(0, evidence=Evidence.HUMAN), settle) is None


CLICKS = rule(3, activity="email_clicked", id="clicks")


def test_machine_hits_earn_nothing_and_the_proof_is_told() -> None:
    folding = fold(card(CLICKS), contact(clicked("/a", 100), clicked("/b", 101)))
    assert folding.lines == ()
    assert {one.reason for one in folding.skipped} == {"machine.pair"}
    assert folding.skipped[0].params["seconds"] == 1


def test_a_late_arrival_takes_back_what_was_earned() -> None:
    first = clicked("/a", 100)
    assert len(fold(card(CLICKS), contact(first)).lines) == 1
    assert fold(card(CLICKS), contact(clicked("/b", 101), first)).lines == ()


def test_points_for_humans_wait_for_their_proof() -> None:
    asks = card(rule(3, activity="email_clicked", evidence=("human",)))
    click = clicked("/a", 100)
    assert [one.reason for one in fold(asks, contact(click)).skipped] == ["unproven"]
    assert len(fold(asks, contact(click, seen("/b", 110))).lines) == 1


DEEDS = st.one_of(
    st.builds(
        lambda path, at, id, device, address: clicked(
            path, at, id, tracking=device, ip=address, id=f"{path}{at}{id}{device}{address}"
        ),
        st.sampled_from(["/a", "/b", "/c", "/d", "/unsubscribe"]),
        st.integers(0, 60),
        st.sampled_from("56"),
        st.sampled_from([None, "x", "y"]),
        st.sampled_from([None, "1", "2", "3"]),
    ),
    st.builds(opened, st.integers(0, 200), st.sampled_from("56")),
    st.builds(
        lambda at, device: seen("/", at, tracking=device),
        st.integers(0, 200_000),
        st.sampled_from([None, "x", "y"]),
    ),
    st.builds(left, st.integers(0, 200)),
    st.builds(fetched, st.integers(0, 200)),
    st.builds(sent, st.integers(0, 50), st.sampled_from("56")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(DEEDS, max_size=12), st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_arrival_and_are_of_machines_or_of_humans(
    told: list[Activity], random: Any
) -> None:
    shuffled = [*told, *told[:3]]
    random.shuffle(shuffled)
    straight = judge(history(told, []).activities)
    assert judge(history(shuffled, []).activities) == straight
    assert {one.evidence for one in straight.machines.values()} <= {Evidence.MACHINE}
    assert {one.evidence for one in straight.humans.values()} <= {Evidence.HUMAN}


def test_a_mail_without_id_or_addresses_convicts_nobody() -> None:
    mail = Subject("email", name="Nameless")
    sent = activity("email_sent", mail, moment(1), id="sent")
    clicked = activity("email_clicked", mail, moment(1, 14), id="click", url="https://e.org/")
    left = activity("unsubscribed", mail, moment(1, 14), id="left")
    known = Subject("email", "5", "Named")
    opened = activity("email_opened", known, moment(1, 15), id="open", stat="s1")
    assert {one.evidence for one in judge((sent, clicked, left, opened)).activities} <= {
        Evidence.UNKNOWN,
        Evidence.HUMAN,
    }


def test_an_address_and_a_device_cannot_be_told_apart() -> None:
    told = verdicts(sent(), left(60, ip="192.0.2.1"), clicked("/a", 70, tracking="device-1"))
    assert "parting" not in {verdict.proof for verdict in told.values()}


def test_the_sending_of_a_nameless_mail_is_not_that_of_another() -> None:
    nameless = activity("email_sent", Subject("email", name="Nameless"), after(0))
    assert verdicts(nameless, clicked("/a", 1), clicked("/b", 400)) == {}
    assert "prompt" not in {one.proof for one in verdicts(nameless, opened(1)).values()}
