"""Packs the recorded month of a real Mautic 6.0.3 into the file the demo replays.

    python tests/payloads/pack_story.py RECORDING plugin/demo/story.jsonl.xz

RECORDING is the folder with `story.json`, `deliveries.jsonl` and the configuration as the API
gave it. The first line of the result is a header, each further line one delivery, in order of
arrival, with its exact signed bytes as text.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

#: The throwaway secret of the recording's webhook.
SECRET = "capture-secret-123"


def main(recording: Path, target: Path) -> None:
    deliveries = [json.loads(line) for line in _read(recording, "deliveries.jsonl").splitlines()]
    lines = [_header(recording, deliveries), *map(_delivery, deliveries)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    target.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _read(recording: Path, name: str) -> str:
    return (recording / name).read_text(encoding="utf-8")


def _delivery(recorded: dict[str, Any]) -> dict[str, Any]:
    signature = recorded["headers"]["Webhook-Signature"]
    return {"seq": recorded["seq"], "body": recorded["body"], "signature": signature}


def _header(recording: Path, deliveries: list[dict[str, Any]]) -> dict[str, Any]:
    story = json.loads(_read(recording, "story.json"))
    form = json.loads(_read(recording, "form_1.json"))["form"]
    emails = json.loads(_read(recording, "emails.json"))["emails"].values()
    assets = json.loads(_read(recording, "assets.json"))["assets"]
    items = [(event, item) for event, item in _items(deliveries)]
    ids = _ids_by_email(story, items)
    return {
        "start": story["start"],
        "end": story["end"],
        "secret": SECRET,
        "truth": _truth(story, ids, items),
        "merged": _merged(story, items),
        "series": [str(email) for email in story["series"]],
        "promo": str(story["promo"]),
        "case_study": str(story["case_study_asset"]),
        "emails": {str(email["id"]): _named(email, "name") for email in emails},
        "assets": {str(asset["id"]): _named(asset, "title") for asset in assets},
        "forms": {str(form["id"]): _named(form, "name")},
    }


def _items(deliveries: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for delivery in deliveries:
        for event, items in json.loads(delivery["body"]).items():
            yield from ((event, item) for item in items)


def _named(row: dict[str, Any], name: str) -> dict[str, Any]:
    category = row["category"] or {}
    return {"name": row[name], "alias": row.get("alias"), "category": category.get("title")}


def _removed(items: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    for event, item in items:
        if event == "mautic.lead_post_delete":
            yield str(item["id"]), item["contact"]["fields"]["core"]["email"]["value"]


def _merged(story: dict[str, Any], items: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """A deleted contact whose e-mail somebody has at the end was merged into that one."""
    final = story["contacts"]
    return {old: str(final[email]["id"]) for old, email in _removed(items) if email in final}


def _ids_by_email(
    story: dict[str, Any], items: list[tuple[str, dict[str, Any]]]
) -> dict[str, set[str]]:
    ids = {email: {str(contact["id"])} for email, contact in story["contacts"].items()}
    for old, email in _removed(items):
        ids.setdefault(email, set()).add(old)
    return ids


def _truth(
    story: dict[str, Any], ids: dict[str, set[str]], items: list[tuple[str, dict[str, Any]]]
) -> dict[str, str]:
    truth = {}
    for deed in story["what_happened"]:
        for contact in ids.get(deed["who"]) or _visitor(deed, items):
            truth[contact] = deed["kind"]
    return dict(sorted(truth.items()))


def _visitor(deed: dict[str, Any], items: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Job seekers never leave an e-mail: their page views tell them, by address and second."""
    moment = datetime.fromisoformat(deed["t"]).replace(microsecond=0).isoformat()
    return {
        str(item["hit"]["lead"]["id"])
        for event, item in items
        if event == "mautic.page_on_hit"
        and item["hit"]["url"].endswith("/carrieres")
        and item["hit"]["dateHit"] == moment
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
