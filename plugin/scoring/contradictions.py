"""What keys that are each right by themselves say against one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from .document import Path


def contradictions(data: Any) -> Iterator[tuple[Path, str]]:
    """The path and wording of every contradiction in a scorecard's data, valid or not."""
    if not isinstance(data, Mapping):
        return
    groups = _items(data, "groups", ())
    bands = _items(data, "bands", ())
    rules = [rule for path, group in groups for rule in _items(group, "rules", path)]
    yield from _doubles("id", groups)
    yield from _doubles("id", rules)
    yield from _doubles("id", bands)
    yield from _doubles("tag", bands)
    yield from _unordered(bands)
    yield from _never_done(bands)
    yield from _tags_of_bands(rules, bands)


def _items(data: Mapping[str, Any], key: str, path: Path) -> list[tuple[Path, Mapping[str, Any]]]:
    items = data.get(key)
    if not isinstance(items, list):
        return []
    return [
        ((*path, key, index), item) for index, item in enumerate(items) if isinstance(item, Mapping)
    ]


def _doubles(key: str, items: list[tuple[Path, Mapping[str, Any]]]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for path, item in items:
        if key in item and str(item[key]) in seen:
            yield (*path, key), f'"{item[key]}" is here twice'
        seen.add(str(item.get(key)))


def _unordered(bands: list[tuple[Path, Mapping[str, Any]]]) -> Iterator[tuple[Path, str]]:
    for path, band in bands[:1]:
        for key in ("enter", "leave"):
            if key in band:
                yield (*path, key), "is not for the first band, which is where everyone begins"
    last: int | Decimal | None = None
    for path, band in bands[1:]:
        enter = band.get("enter")
        if "enter" not in band:
            yield (*path, "enter"), "is missing; only the first band has none"
        elif isinstance(enter, int | Decimal):
            if last is not None and enter <= last:
                yield (*path, "enter"), f"must be above that of the band before, {last}"
            last = enter


def _never_done(bands: list[tuple[Path, Mapping[str, Any]]]) -> Iterator[tuple[Path, str]]:
    for path, band in bands[:1]:
        if "on_rise" in band:
            yield (*path, "on_rise"), "is not for the first band, which nobody rises into"
    for path, band in bands[-1:]:
        if "on_fall" in band:
            yield (*path, "on_fall"), "is not for the last band, which nobody falls into"


def _tags_of_bands(
    rules: list[tuple[Path, Mapping[str, Any]]], bands: list[tuple[Path, Mapping[str, Any]]]
) -> Iterator[tuple[Path, str]]:
    """Actions that fight with the writing of the score, which alone gives and takes these tags."""
    own = {str(band["tag"]): band.get("id") for _, band in bands if "tag" in band}
    for path, action in _actions(rules + bands):
        for name in ("add_tag", "remove_tag"):
            if (tag := str(action.get(name))) in own:
                yield (*path, name), f'must not be "{tag}", the own tag of the band "{own[tag]}"'


def _actions(
    items: list[tuple[Path, Mapping[str, Any]]],
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, item in items:
        for key in ("actions", "on_rise", "on_fall"):
            if isinstance(item.get(key), Mapping):
                yield (*path, key), item[key]
            yield from _items(item, key, path)
