"""投保人变更 (PS12) on the book: who owes the premium and has the rights of the policyholder from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Endorsement, EventKind, Party, Policy, PolicyStatus
from lifeops.policies.models.policy import Relation
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.locking import endorse, locked, still_there
from lifeops.policies.services.terms import covers_with_products, on_policyholder

#: From this age on a person has full capacity to contract, in 周岁.
OF_AGE = 18


def waiver_on_holder(policy: Policy) -> str:
    """The 豁免 that is on the policyholder's life and still to be had, by name; "" where there is none."""
    if policy.status == PolicyStatus.WAIVED:
        return ""
    found = (c for c in covers_with_products(policy) if c.active and on_policyholder(c.version))
    return next((c.version.product.name for c in found), "")


def refused_holder(policy: Policy, new: Party, day: date) -> str:
    """Why somebody cannot become policyholder; "" where he can."""
    if policy.insured.died_on is not None:
        return f"被保险人已于 {policy.insured.died_on} 身故，投保人不能再变更"
    since = policy.events.filter(kind=EventKind.HOLDER).aggregate(last=Max("on"))["last"]
    if since is not None and day < since:
        return f"现投保人自 {since} 起为投保人，变更不能自更早的 {day} 起"
    if new.pk == policy.policyholder_id:
        return f"{new.name} 已是本保单的投保人"
    if new.is_organisation:
        return "新投保人应为个人"
    if new.died_on is not None:
        return f"{new.name} 已登记于 {new.died_on} 身故"
    age = new.age(day)
    if age is None:
        return "新投保人出生日期未登记"
    return "" if age >= OF_AGE else f"新投保人 {age} 周岁，未满 {OF_AGE} 周岁的不能作投保人"


@transaction.atomic
def change_policyholder(
    *, policy: Policy, case_number: str, new: Party, relation: str, day: date, actor: User, now: datetime
) -> Endorsement:
    """The new policyholder takes over all rights and duties of the contract as they stand, loans and what waits for the policyholder
    among them; `relation`: what the insured is of him."""
    found = locked(policy, case_number)
    still_there(found)
    if relation not in Relation.values:
        raise BookRefused("请选择被保险人与新投保人的关系")
    if words := refused_holder(found, new, day):
        raise BookRefused(words)
    if name := waiver_on_holder(found):
        raise BookRefused(f"{name}以现投保人为被保险人，须先办理豁免或取消")
    before, was = found.policyholder, found.get_relation_display()
    found.policyholder, found.relation = new, relation
    found.save(update_fields=["policyholder", "relation"])
    record(
        found, EventKind.HOLDER, on=day, cause=Cause.of(case_number, actor), note="投保人变更",
        data={"policyholder": new.pk, "policyholder_before": before.pk},
    )
    changes = [
        {"label": "投保人", "before": person(before), "after": person(new)},
        {"label": "被保险人是投保人的", "before": was, "after": found.get_relation_display()},
    ]
    return endorse(found, case_number=case_number, title="投保人变更", changes=changes, effective_on=day, actor=actor, now=now)


def person(party: Party) -> str:
    return f"{party.name}（{party.id_masked}）" if party.id_number else party.name


def holder_on(policy: Policy, day: date) -> Party:
    """投保人 of a day: of the first change after it the one before, else the present one."""
    if day >= timezone.localdate():
        return policy.policyholder
    later = policy.events.filter(kind=EventKind.HOLDER, on__gt=day).order_by("on", "pk").first()
    if later is None:
        return policy.policyholder
    return Party.objects.filter(pk=later.data["policyholder_before"]).first() or policy.policyholder


__all__ = ["change_policyholder", "holder_on", "person", "refused_holder", "waiver_on_holder"]
