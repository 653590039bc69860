"""Packs what the API of a real Mautic 6.0.3 tells of the recorded month.

    python tests/payloads/pack_tables.py RECORDING tests/payloads/mautic/story/tables.json.xz

RECORDING is the folder with `stats.json` (rows of the statistics), the lists of mails, assets and
forms, and `story.json` with the fields of every contact at the end. What polling does not read is
left out.
"""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path
from typing import Any

_TABLES = (
    "page_hits",
    "form_submissions",
    "email_stats",
    "email_stats_devices",
    "asset_downloads",
    "lead_donotcontact",
)


def main(recording: Path, target: Path) -> None:
    def read(name: str) -> Any:
        return json.loads((recording / f"{name}.json").read_text(encoding="utf-8"))

    stats = read("stats")
    packed = {
        "stats": {table: stats[table] for table in _TABLES},
        "emails": [_without_html(mail) for mail in read("emails")["emails"].values()],
        "assets": read("assets")["assets"],
        "forms": [read("form_1")["form"]],
        "contacts": {str(one["id"]): one for one in read("story")["contacts"].values()},
    }
    text = json.dumps(packed, ensure_ascii=False)
    target.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _without_html(mail: dict[str, Any]) -> dict[str, Any]:
    return {key: mail[key] for key in ("id", "name", "subject", "category")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
