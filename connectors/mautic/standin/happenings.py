"""What happened, written into the tables of the statistics, with all that no webhook tells.

When a page was left, from which address and with what program: only these rows know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .browser import Browser
from .kept import Mail, Open
from .state import StandIn, stored
from .tables import Row

_DEVICE = {
    "client_info": {"type": "browser", "name": "Chrome", "version": "128.0"},
    "device": "desktop",
    "device_os_name": "GNU/Linux",
    "device_os_shortname": "LIN",
    "device_os_version": "",
    "device_os_platform": "x64",
    "device_brand": "",
    "device_model": "",
}
_NOT_SAID = dict.fromkeys(("country", "region", "city", "isp", "organization"), "")


def note_hit(standin: StandIn, seen: Mapping[str, Any], browser: Browser) -> None:
    """A row of ``page_hits`` for this hit; the page before it is left at this moment."""
    moment = stored(seen["dateHit"])
    contact, tracking = seen["lead"]["id"], seen["trackingId"]
    row = standin.tables.add(
        "page_hits",
        seen["id"],
        redirect_id=_redirect(standin, seen["url"]) if seen["redirect"] is not None else None,
        page_id=(seen["page"] or {}).get("id"),
        email_id=seen["sourceId"] if seen["source"] == "email" else None,
        lead_id=contact,
        ip_id=standin.tables.address(browser.address),
        device_id=_device(standin, contact, tracking),
        date_hit=moment,
        date_left=None,
        **_NOT_SAID,
        code=seen["code"],
        referer=seen["referer"],
        url=seen["url"],
        url_title=seen["urlTitle"],
        user_agent=browser.agent,
        page_language=seen["pageLanguage"],
        browser_languages=seen["browserLanguages"],
        tracking_id=tracking,
        source=seen["source"],
        source_id=seen["sourceId"],
        query=seen["query"],
    )
    if browser.cookies:
        if before := standin.tables.seen.get(tracking):
            before["date_left"] = moment
        standin.tables.seen[tracking] = row


def note_submission(standin: StandIn, sent: Mapping[str, Any], contact: int) -> None:
    """A row of ``form_submissions``, which holds no answers."""
    page = sent["page"] or {}
    standin.submissions[sent["id"]] = dict(sent)
    standin.tables.add(
        "form_submissions",
        sent["id"],
        form_id=sent["form"]["id"],
        ip_id=standin.tables.address(sent["ipAddress"]["ipAddress"]),
        lead_id=contact,
        page_id=page.get("id"),
        tracking_id=sent["trackingId"],
        date_submitted=stored(sent["dateSubmitted"]),
        referer=sent["referer"],
    )


def note_open(standin: StandIn, mail: Mail, opened: Open) -> None:
    """A row of ``email_stats_devices``: one for every load of the pictures."""
    standin.tables.add(
        "email_stats_devices",
        device_id=_device(standin, mail.contact, f"device{mail.contact}"),
        stat_id=mail.stat,
        ip_id=standin.tables.address(opened.address),
        date_opened=stored(opened.at),
    )


def note_download(standin: StandIn, contact: int, asset: int, mail: Mail | None, ip: str) -> Row:
    """A row of ``asset_downloads``; ``mail`` when one of its links led there."""
    email = mail.email if mail else None
    return standin.tables.add(
        "asset_downloads",
        asset_id=asset,
        ip_id=standin.tables.address(ip),
        lead_id=contact,
        email_id=email,
        date_download=standin.moment(),
        code=200,
        tracking_id=f"device{contact}",
        source="email" if mail else None,
        source_id=email,
    )


def note_points(
    standin: StandIn, contact: int, kind: str, event: str, action: str, delta: int
) -> None:
    """A row of ``lead_points_change_log``."""
    standin.tables.add(
        "lead_points_change_log",
        lead_id=contact,
        ip_id=standin.tables.address("203.0.113.10"),
        type=kind,
        event_name=event,
        action_name=action,
        delta=delta,
        date_added=standin.moment(),
    )


def _device(standin: StandIn, contact: int, tracking: str) -> int:
    tables, now = standin.tables, standin.moment()
    row = tables.find("lead_devices", tracking_id=tracking) or tables.add(
        "lead_devices", lead_id=contact, date_added=now, **_DEVICE, tracking_id=tracking
    )
    return int(row["id"])


def _redirect(standin: StandIn, url: str) -> int:
    tables = standin.tables
    row = tables.find("page_redirects", url=unquote(url)) or tables.add(
        "page_redirects",
        is_published=1,
        date_added=standin.moment(),
        redirect_id=f"{len(tables.rows('page_redirects')) + 1:025x}",
        url=unquote(url),
        hits=0,
        unique_hits=0,
    )
    row["hits"] += 1
    row["unique_hits"] += 1
    return int(row["id"])
