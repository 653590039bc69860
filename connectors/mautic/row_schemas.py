"""The lean part of the statistics' rows and of listed objects that Maturo reads.

A row holds texts only, moments in UTC without saying so, and no key for what is null.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, pre_load

from .payload_fields import Id, Moment, Text, Under, Whole
from .schemas import Lean, Submission


class _Row(Lean):
    @pre_load
    def without_nulls(self, data: Any, **_: Any) -> Any:
        """Mautic 6 leaves them out; whoever sends them means the same."""
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class HitRow(_Row):
    """Of ``page_hits``: a page view, or a followed link of a mail (it has a redirect)."""

    id = Id(required=True)
    lead = Id(data_key="lead_id")
    occurred_at = Moment(data_key="date_hit", required=True)
    left_at = Moment(data_key="date_left")
    page = Id(data_key="page_id")
    email = Id(data_key="email_id")
    redirect = Id(data_key="redirect_id")
    source = Text()
    source_id = Id()
    url = Text()
    title = Text(data_key="url_title")
    referer = Text()
    code = Whole()
    query = Text()
    tracking = Text(data_key="tracking_id")
    user_agent = Text()
    ip = Id(data_key="ip_id")


class MailRow(_Row):
    """Of ``email_stats``: a mail to one contact, and its opens."""

    id = Id(required=True)
    lead = Id(data_key="lead_id")
    email = Id(data_key="email_id")
    sent_at = Moment(data_key="date_sent", required=True)
    failed = Whole(data_key="is_failed", load_default=0)
    open_count = Whole(load_default=0)
    opens = Text(data_key="open_details")
    read_at = Moment(data_key="date_read")
    hash = Text(data_key="tracking_hash")


class OpenRow(_Row):
    """Of ``email_stats_devices``: something loaded the picture of a mail."""

    id = Id(required=True)
    stat = Id(data_key="stat_id", required=True)


class OpenDetail(Lean):
    """One opening, as Mautic keeps it in ``open_details``."""

    opened_at = Moment(data_key="datetime", required=True)
    user_agent = Text(data_key="useragent", allow_none=True)
    in_browser = fields.Raw(data_key="inBrowser", load_default=False)


class DownloadRow(_Row):
    """Of ``asset_downloads``: also attachments of mails (no asset) and refusals (code 403)."""

    id = Id(required=True)
    lead = Id(data_key="lead_id")
    asset = Id(data_key="asset_id")
    email = Id(data_key="email_id")
    occurred_at = Moment(data_key="date_download", required=True)
    code = Whole(load_default=200)
    referer = Text()
    tracking = Text(data_key="tracking_id")
    ip = Id(data_key="ip_id")


class SubmissionRow(_Row):
    """Of ``form_submissions``: without the answers."""

    id = Id(required=True)
    form = Id(data_key="form_id", required=True)
    lead = Id(data_key="lead_id")
    submitted = Moment(data_key="date_submitted", required=True)
    page = Id(data_key="page_id")
    referer = Text()
    tracking = Text(data_key="tracking_id")


class ListedSubmission(Submission):
    """An entry of ``/api/forms/{id}/submissions``; what was left empty is null there."""

    @post_load
    def as_delivered(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """A delivery has empty text for it."""
        empty = {alias: "" for alias, given in data["answers"].items() if given is None}
        return data | {"answers": data["answers"] | empty}


class RefusalRow(_Row):
    """Of ``lead_donotcontact``: a channel somebody must not be contacted on, and why."""

    id = Id(required=True)
    lead = Id(data_key="lead_id")
    occurred_at = Moment(data_key="date_added", required=True)
    reason = Whole(required=True)
    channel = Text(required=True)


class LinkRow(_Row):
    """Of ``companies_leads``: a contact's company; one of several is the primary one."""

    lead = Id(data_key="lead_id", required=True)
    company = Id(data_key="company_id", required=True)
    primary = Whole(data_key="is_primary", load_default=0)


class Listed(Lean):
    """A form, mail, page or asset of a list; each has either a name or a title."""

    id = Id(required=True)
    name = Text(allow_none=True)
    title = Text(allow_none=True)
    alias = Text(allow_none=True)
    category = Under("title")
