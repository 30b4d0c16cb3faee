"""命中: what head office finds out of a hit, and what customers with one are marked with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from lifeops.org.models import Role, User
from lifeops.org.text import visible
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Beneficiary, Party, PolicyStatus
from lifeops.policies.names import spelt
from lifeops.screening.models import Hit, HitState, WatchList
from lifeops.screening.rules import Person

VERDICTS = {HitState.CLEARED: "排除", HitState.CONFIRMED: "确认"}
#: Posts of head office that judge a hit.
JUDGES = (Role.MANAGER, Role.APPROVER)


def may_judge(user: User) -> bool:
    return user.holds_at_head_office(*JUDGES)


@transaction.atomic
def judge(*, hit: Hit, verdict: str, reason: str, actor: User, now: datetime) -> Hit:
    """排除 or 确认, with the reason, once. Of a case this is done by its step, which leaves it on the trail."""
    if not may_judge(actor):
        raise BookRefused("名单命中由总公司运营主管或批准岗处理")
    if verdict not in VERDICTS:
        raise BookRefused("请选择排除或确认")
    reason = visible(reason).strip()
    if not reason:
        raise BookRefused("请写明处理理由")
    found = Hit.objects.select_for_update(of=("self",)).select_related("entry__watch_list").get(pk=hit.pk)
    if found.state != HitState.OPEN:
        raise BookRefused(f"该命中{found.get_state_display()}")
    found.state, found.decided_by, found.decided_at, found.reason = HitState(verdict), actor, now, reason[:300]  # own state: a hit is no case
    found.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    return found


def flags_on(party: Party, day: date, end: datetime) -> list[tuple[str, str]]:
    """(tone, words) for the page of a customer: what lists in force on the day say, found before `end`, and not cleared by then."""
    lists = WatchList.objects.in_force(day)
    rows = Hit.objects.filter(party=party, found_at__lt=end, entry__watch_list__in=lists).select_related("entry__watch_list")
    found: dict[str, str] = {}
    for hit in rows.order_by("pk"):
        decided = hit.decided_at is not None and hit.decided_at < end
        if decided and hit.state == HitState.CLEARED:
            continue
        kind = hit.entry.watch_list.get_kind_display()
        words = f"{kind}：已确认" if decided else f"{kind}：{hit.get_level_display()}，待总公司处理"
        found[words] = "urgent"
    return [(tone, words) for words, tone in found.items()]


#: Policies named at most of a beneficiary.
MOST_POLICIES = 5


def policies_of(hits: Iterable[Hit]) -> dict[int, list[str]]:
    """By hit of 存量筛查 on somebody who is no customer: numbers of the policies in force that name the person, at most five."""
    asked = [h for h in hits if not h.case_number and h.party_id is None]
    if not asked:
        return {}
    rows = Beneficiary.objects.filter(effective_to__isnull=True, spelt__in={spelt(h.name) for h in asked}, name__in={h.name for h in asked})
    rows = rows.exclude(policy__status=PolicyStatus.TERMINATED).select_related("policy").defer("id_number").order_by("policy_id")
    found: dict[str, list[str]] = {}
    for row in rows[:1000]:
        found.setdefault(Person("受益人", row.name, row.birth_date).mark, []).append(row.policy.number)
    return {h.pk: list(dict.fromkeys(found.get(h.person, ())))[:MOST_POLICIES] for h in asked}


def open_hits() -> QuerySet[Hit]:
    """What waits for head office, by lists in force today, the longest waiting first."""
    lists = WatchList.objects.in_force(timezone.localdate())
    return Hit.objects.filter(state=HitState.OPEN, entry__watch_list__in=lists)
