"""The lean part of each Mautic 6.0.3 event that Maturo reads, checked before use.

Everything else is left out on purpose: validating whole bodies cost 698 µs each. An absent
optional key stays absent after loading, so an older Mautic that does not send it clears nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields

from .payload_fields import Answers, Id, Moment, Names, Part, Profile, Text, Under, Whole


class Lean(Schema):
    """Base of the event schemas: unknown keys are dropped."""

    error_messages = {"type": "expected an object"}  # noqa: RUF012

    class Meta:
        unknown = EXCLUDE


class _Asked(Lean):
    id = Id(required=True)
    name = Text(allow_none=True)
    alias = Text(allow_none=True)
    category = Under("title")


class _Page(Lean):
    id = Id(required=True)
    title = Text(allow_none=True)
    category = Under("title")


class _Row(Lean):
    id = Id(required=True)


class _Lead(Lean):
    id = Id(required=True)
    profile = Profile(data_key="fields", load_default=dict)


class _FlatContact(Lean):
    """``email_on_send`` has the fields beside the id; the reader takes the scalar ones."""

    id = Id(required=True)

    class Meta:
        unknown = INCLUDE


class Contact(_Lead):
    """A contact as saved, in deliveries and in the API's lists."""

    author = Text(data_key="modifiedByUser", allow_none=True)
    last_active = Moment(data_key="lastActive", allow_none=True)
    date_identified = Moment(data_key="dateIdentified", allow_none=True)
    tags = Names("tag")
    do_not_contact = Names("channel", data_key="doNotContact")
    stage = Under("name")
    owner = Part(_Row, allow_none=True)


class Company(Lean):
    """A company as saved, in deliveries and in the API's lists."""

    id = Id(required=True)
    name = Text(allow_none=True)
    profile = Profile(data_key="fields", load_default=dict)


class _GoneCompany(Company):
    id = Id(allow_none=True)


class Submission(Lean):
    """A submitted form, in deliveries and in the API's lists."""

    id = Id(required=True)
    lead = Part(_Row, required=True)
    form = Part(_Asked, required=True)
    page = Part(_Row, allow_none=True)
    submitted = Moment(data_key="dateSubmitted", required=True)
    answers = Answers(data_key="results", load_default=dict)
    referer = Text(allow_none=True)
    tracking = Text(data_key="trackingId", allow_none=True)


class _Hit(Lean):
    id = Id(required=True)
    lead = Part(_Lead, required=True)
    occurred_at = Moment(data_key="dateHit", required=True)
    page = Part(_Page, allow_none=True)
    email = Part(_Asked, allow_none=True)
    redirect = fields.Raw(allow_none=True)
    source = Text(allow_none=True)
    source_id = Id(data_key="sourceId", allow_none=True)
    url = Text(allow_none=True)
    title = Text(data_key="urlTitle", allow_none=True)
    referer = Text(allow_none=True)
    code = Whole(allow_none=True)
    query = fields.Raw(allow_none=True)
    tracking = Text(data_key="trackingId", allow_none=True)
    user_agent = Text(data_key="userAgent", allow_none=True)


class _Stat(Lean):
    id = Id(required=True)
    lead = Part(_Lead, required=True)
    email = Part(_Asked, allow_none=True)
    sent_at = Moment(data_key="dateSent", allow_none=True)
    read_at = Moment(data_key="dateRead", allow_none=True)
    opened_at = Moment(data_key="lastOpened", allow_none=True)
    open_count = Whole(data_key="openCount", required=True)
    viewed_in_browser = fields.Raw(data_key="viewedInBrowser")
    hash = Text(data_key="trackingHash", allow_none=True)


class _Item(Lean):
    timestamp = Moment(required=True)


class FormSubmitted(_Item):
    """An item of ``form_on_submit``."""

    submission = Part(Submission, required=True)


class PageHit(_Item):
    """An item of ``page_on_hit``: a page view or a clicked link."""

    hit = Part(_Hit, required=True)


class EmailOpened(_Item):
    """An item of ``email_on_open``."""

    stat = Part(_Stat, required=True)


class EmailSent(_Item):
    """An item of ``email_on_send``."""

    contact = Part(_FlatContact, required=True)
    email = Part(_Asked, required=True)
    hash = Text(data_key="idHash", required=True)


class ContactSaved(_Item):
    """An item of ``lead_post_save_new`` or ``lead_post_save_update``."""

    contact = Part(Contact, required=True)


class SubscriptionChanged(ContactSaved):
    """An item of ``lead_channel_subscription_changed``."""

    channel = Text(required=True)
    status = Text(data_key="new_status", required=True)


class ContactRemoved(_Item):
    """An item of ``lead_post_delete``; the contact inside has lost its id."""

    id = Id(required=True)


class CompanyLinked(_Item):
    """An item of ``lead_company_change``."""

    added = fields.Boolean(required=True, error_messages={"invalid": "expected true or false"})
    contact = Part(_Row, required=True)
    company = Part(Company, required=True)


class CompanySaved(_Item):
    """An item of ``company_post_save``."""

    company = Part(Company, required=True)


class CompanyRemoved(_Item):
    """An item of ``company_post_delete``; the company inside has lost its id."""

    id = Id(required=True)
    company = Part(_GoneCompany, required=True)


def reason(error: ValidationError) -> str:
    """What was wrong as ``path: expectation; …``, without any value of the item."""
    return "; ".join(_leaves(error.messages, ""))[:500]


def _leaves(messages: Any, path: str) -> Iterator[str]:
    if isinstance(messages, list):
        yield f"{path or 'item'}: {' '.join(messages)}"
        return
    for key, inner in messages.items():
        yield from _leaves(inner, path if key == "_schema" else f"{path}.{key}".lstrip("."))
