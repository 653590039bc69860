"""Random rules of every kind, and activities and profiles that concern them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.history import ProfileFact
from plugin.scoring.kinds import KINDS
from plugin.scoring.scorecard import Rule
from tests.builders import activity, moment, rule

SEEN = ("page_viewed", "email_clicked", "email_opened", "form_submitted")
PATHS = ("/pricing", "/blog", "/")
DECAYS = ("none", "half_life:36h", "linear:90h", "steps:30h,35%,10%", "expires:48h")
PERS = ("ever", "day", "subject", "24h", "2d")
#: What is known for good: a later activity may judge the unknown, of which other tests speak.
DECIDED = (Evidence.HUMAN, Evidence.MACHINE)
FIELDS = ("x", "y", "birthday")
WINDOWS = ("20m", "4h", "36h", "5d")

# A few round hours, so that moments coincide with one another and with the ends of windows;
# some minutes more or less, so that there are sessions.
moments = st.builds(
    lambda hours, minutes: moment(1, 2 * hours, minutes),
    st.integers(0, 60),
    st.sampled_from([0, 0, 10, 40]),
)
limits = st.fixed_dictionaries({"times": st.integers(1, 3), "per": st.sampled_from(PERS)})
halves = st.integers(-40, 40).map(lambda half: half / 2)
birthdays = st.sampled_from([None, "", "1996-03-03", "1996-02-29", "2006-03-02", "soon"])
values = st.sampled_from([None, "", "0", "1", "2"])


@st.composite
def _condition(draw: st.DrawFn) -> dict[str, Any]:
    name, value = draw(st.sampled_from("xy")), draw(st.integers(0, 2))
    low = draw(st.integers(18, 30))
    plain = {"field": name, draw(st.sampled_from(["equals", "at_least"])): value}
    present = {"field": "y", "present": draw(st.booleans())}
    aged = {"field": "birthday", "age": [low, low + draw(st.integers(0, 3))]}
    return draw(
        st.sampled_from(
            [plain, present, {"not": plain}, aged, {"not": aged}, {"any": [aged, plain]}]
        )
    )


def _earned(**own: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "group": st.sampled_from(["pages", "forms"]),
            "decay": st.sampled_from(DECAYS),
            "evidence": st.sampled_from([("human",), ("human", "unknown")]),
            "activity": st.sampled_from(SEEN),
            **own,
        },
        optional={"url": st.sampled_from(["*/pricing*", "*"])},
    )


_one_number = st.one_of(
    st.fixed_dictionaries({"nth": st.integers(1, 4)}),
    st.fixed_dictionaries({"every": st.integers(1, 4)}),
)
_more = st.fixed_dictionaries({}, optional={"limit": limits})
_within = st.fixed_dictionaries({}, optional={"within": st.sampled_from(WINDOWS)})
_capped = st.fixed_dictionaries({}, optional={"cap": st.integers(1, 20)})


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda drawn: {k: v for part in drawn for k, v in part.items()})


KEYS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "activity": _merged(_earned(), _more),
    "repeat": _merged(
        _earned(by=st.sampled_from(["activity", "session", "day", "subject"])), _one_number, _within
    ),
    "series": _earned(
        all_of=st.lists(st.sampled_from(["*/pricing", "*/blog", "1", "2"]), min_size=1, max_size=3)
    ),
    "duration": _merged(
        _earned(seconds=st.integers(1, 90), per=st.sampled_from(["page", "session"])), _more
    ),
    "field": st.fixed_dictionaries({"when": _condition()}),
    "completeness": _merged(
        st.sampled_from([{"fields": ["x", "y"]}, {"form": "*"}, {"form": "1"}]), _capped
    ),
    "rate": st.fixed_dictionaries(
        {"of": st.sampled_from(["opens", "clicks"]), "sends": st.integers(1, 3)},
    ).flatmap(
        lambda keys: st.sampled_from(
            [keys | {"at_least": "40%"}, keys | {"at_least": "20%", "at_most": "50%"}]
        )
    ),
    "absence": st.one_of(
        st.fixed_dictionaries({"only": st.just("x"), "of": st.just(["y", "birthday"])}),
        st.fixed_dictionaries(
            {"no": st.sampled_from([*SEEN, {"activity": SEEN[0], "url": "*/blog"}])}
            | {"for": st.sampled_from(WINDOWS)}
        ),
    ),
}
assert KEYS.keys() == KINDS.keys()


@st.composite
def rules(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KEYS)) -> Rule:
    kind = draw(st.sampled_from(kinds))
    keys = draw(KEYS[kind])
    keys["on"] = draw(st.sampled_from([True, True, True, False]))
    if draw(st.integers(0, 3)) == 0:
        keys["valid_from"] = draw(moments)
    if draw(st.integers(0, 5)) == 0:
        keys["valid_to"] = draw(moments)
    return rule(draw(halves), kind=kind, **keys)


def renamed(given: Rule, **changed: Any) -> Rule:
    return Rule(**{name: getattr(given, name) for name in Rule.__slots__} | changed)


@st.composite
def activities(
    draw: st.DrawFn, id: str = "0", evidence: tuple[Evidence, ...] = tuple(Evidence)
) -> Activity:
    kind = draw(st.sampled_from([*SEEN, "email_sent"]))
    more: dict[str, Any] = {}
    if kind.startswith("email"):
        subject = Subject("email", draw(st.sampled_from("123")))
        if draw(st.booleans()):
            more["stat"] = draw(st.sampled_from(["s1", "s2"]))
    elif kind == "form_submitted":
        subject = Subject("form", draw(st.sampled_from("12")))
        more["answers"] = {name: draw(values) for name in "xyz"}
        more["optional"] = draw(st.sampled_from([None, [], ["x"], ["x", "y", "z"]]))
    else:
        subject = Subject("page", url=f"https://example.org{draw(st.sampled_from(PATHS))}")
        more["seconds"] = draw(st.sampled_from([None, 0, 20, 60.5, "long"]))
    judged = draw(st.sampled_from(evidence))
    return activity(kind, subject, draw(moments), id=id, evidence=judged, **more)


@st.composite
def facts(draw: st.DrawFn, order: str = "0") -> ProfileFact:
    name = draw(st.sampled_from(FIELDS))
    return ProfileFact(
        draw(moments), order, {name: draw(birthdays if name == "birthday" else values)}
    )


@st.composite
def told(
    draw: st.DrawFn, evidence: tuple[Evidence, ...] = tuple(Evidence)
) -> tuple[list[Activity], list[ProfileFact]]:
    seen = [draw(activities(str(index), evidence)) for index in range(draw(st.integers(0, 12)))]
    known = [draw(facts(str(index))) for index in range(draw(st.integers(0, 6)))]
    return seen, known
