"""The customer on a day gone by: which day was asked about, what was held then, what has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from lifeops.cases.fields import day_text
from lifeops.cases.models import Case
from lifeops.policies.models import Party, Policy, PolicyEvent
from lifeops.policies.models.particulars import Particular

EARLIEST, MOST_CHANGES = 1900, 100


def end_of(day: date) -> datetime:
    """The first moment after a day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def read_day(asked: str, today: date) -> tuple[date, str]:
    """The day asked about; today and why not, where it cannot be."""
    if not asked:
        return today, ""
    try:
        day = parse_date(day_text(asked))
    except ValueError:
        day = None
    if day is None or day.year < EARLIEST:
        return today, "请填写有效日期"
    return (today, "不能晚于今天") if day > today else (day, "")


def held_on(policy: Policy, day: date) -> bool:
    """挂起 on the day; holds come loaded."""
    return any(h.placed_on <= day and (h.lifted_on is None or h.lifted_on > day) for h in policy.holds.all())


def changes_after(party: Party, policies: Iterable[Policy], cases: Iterable[Case], day: date) -> list[dict[str, Any]]:
    """此后的变化, oldest first: events of the policies, cases, contacts and what was written down of the customer."""
    numbers, end = {p.pk: p.number for p in policies}, end_of(day)
    rows: list[dict[str, Any]] = []

    def note(on: date, what: str, about: str = "", url: str = "") -> None:
        rows.append({"on": on, "what": what, "about": about, "url": url})

    for event in PolicyEvent.objects.filter(policy__in=list(numbers), on__gt=day).order_by("on", "pk")[:MOST_CHANGES]:
        label, number = event.get_kind_display(), numbers[event.policy_id]
        words = f"{label}：{event.note}" if event.note and event.note != label else label
        note(event.on, words, number, reverse("policies:detail", args=[number]))
    for case in cases:
        if case.accepted_at >= end:
            note(timezone.localdate(case.accepted_at), f"受理{case.item_label}", case.number, case.get_absolute_url())
        if case.decided_at and case.decided_at >= end:
            note(timezone.localdate(case.decided_at), f"{case.item_label}：{case.state_label}", case.number, case.get_absolute_url())
    for contact in party.contacts_held.filter(since__gt=day):
        note(contact.since or day, "联系方式变更", contact.case_number)
    for model in Particular.__subclasses__():
        name = str(model._meta.verbose_name)
        mine: Any = model._default_manager.filter(Q(since__gt=day) | Q(until__gt=day), party=party)
        if model._meta.model_name == "relationship":
            mine = mine.select_related("other")
        for row in mine[:MOST_CHANGES]:
            if row.since > day:
                note(row.since, f"登记{name}：{row.shown}", row.source)
            if row.until and row.until > day:
                note(row.until, f"{name}终止：{row.shown}")
    if party.died_on and party.died_on > day:
        note(party.died_on, "身故")
    return sorted(rows, key=lambda row: row["on"])[:MOST_CHANGES]
