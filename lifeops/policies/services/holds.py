"""挂起 by others than a case (司法冻结、质押、挂失 …), and what stands against an item of 保全 (facts 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from lifeops.org.models import Role, User
from lifeops.org.statements import read
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import EventKind, HoldKind, Policy, PolicyHold
from lifeops.policies.rules.payees import Check
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.locking import locked

#: Items that take value out of the policy, or pass it to somebody else.
OUT = ("PS01", "PS02", "PS03", "PS06", "PS08", "PS09", "PS12", "PS24", "PS26", "PS27", "PS28", "PS31")
#: Items that wait for a claim in hand.
CLAIM_FIRST = ("PS01", "PS02", "PS03", "PS09", "PS12", "PS13", "PS33")
#: What each kind of hold stands against: items it refuses; every other item is only warned of it.
FORBIDS: dict[str, tuple[str, ...]] = {
    HoldKind.COURT: (*OUT, "PS13"), HoldKind.POLICE: (*OUT, "PS13"), HoldKind.AML: OUT, HoldKind.PLEDGE: OUT,
    HoldKind.LOSS: ("PS02", "PS03", "PS09", "PS12", "PS31"), HoldKind.DEBIT: ("PS03", "PS08", "PS19", "PS20"),
}


#: Who registers and lifts a hold, at the unit of the policy or above it.
KEEPERS = (Role.HEAD, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.MANAGER)


def _may(actor: User, policy: Policy) -> None:
    if not actor.holds(*KEEPERS, path=policy.branch.path):
        raise BookRefused("挂起由保单所属机构的机构主管，或审核岗、运营主管登记和解除")


@transaction.atomic
def place_hold(*, policy: Policy, kind: str, holder: str, reason: str, day: date, actor: User) -> PolicyHold:
    """Register who holds the policy and why. A case holds by `locking.hold`."""
    if kind == HoldKind.CASE or kind not in HoldKind.values:
        raise BookRefused("请选择挂起种类")
    holder, reason = visible(holder).strip(), visible(reason).strip()
    if not holder or not reason:
        raise BookRefused("请填写挂起方（文号）和原因")
    _may(actor, policy)
    found = locked(policy)
    if day < (first := min(found.applied_on, found.effective_on)):
        raise BookInvalid({"day": f"不能早于投保日 {first}"})
    if found.holds.filter(kind=kind, holder=holder, lifted_on__isnull=True).exists():
        raise BookRefused("该挂起已经登记")
    hold = PolicyHold.objects.create(
        policy=found, kind=kind, holder=holder, reason=reason, placed_on=day, placed_by=actor
    )
    record(found, EventKind.HELD, on=day, cause=Cause.of("", actor), note=f"{hold.get_kind_display()} {hold.holder}：{hold.reason}")
    return hold


@transaction.atomic
def lift_hold(*, hold: PolicyHold, reason: str, day: date, actor: User) -> PolicyHold:
    """解除挂起, with the reason (e.g. 解除冻结文书), by another person than the one who registered it."""
    _may(actor, hold.policy)
    policy = locked(hold.policy)
    found = PolicyHold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
    if found.lifted_on is not None:
        raise BookRefused(f"已于 {found.lifted_on} 解除")
    if found.kind == HoldKind.CASE:
        raise BookRefused("在办案件的挂起随案件办结解除")
    if found.placed_by_id == actor.pk:
        raise BookRefused("挂起须由登记人以外的人解除")
    reason = visible(reason).strip()
    if not reason:
        raise BookRefused("请填写解除原因")
    if day < found.placed_on:
        raise BookRefused("解除日早于挂起日")
    found.lifted_on, found.lifted_by, found.lift_reason = day, actor, reason
    found.save(update_fields=["lifted_on", "lifted_by", "lift_reason"])
    record(policy, EventKind.HOLD_LIFTED, on=day, cause=Cause.of("", actor), note=f"{found.get_kind_display()}解除：{reason}")
    return found


def conflicts(policy: Policy, item: str, *, case_number: str = "", open_claims: bool = False) -> list[Check]:
    """What stands against an item now: `block` refuses, `warn` must be answered for; [] when nothing does."""
    found = []
    others = "policy_id = %s AND lifted_on IS NULL AND NOT (kind = %s AND holder = %s) ORDER BY id DESC"
    for hold in read(PolicyHold, others, [policy.pk, HoldKind.CASE, case_number]):
        value, kind = f"{hold.get_kind_display()} {hold.holder}"[:100], hold.get_kind_display().removeprefix("保单")
        if hold.kind == HoldKind.CASE:
            found.append(Check("H01", "block", "保单被其他案件挂起，须待其办结", value, "未被挂起"))
        elif item in FORBIDS[hold.kind]:
            found.append(Check("H02", "block", f"保单{kind}中，不能办理此项目", value, "已解除"))
        else:
            found.append(Check("H02", "warn", f"保单{kind}中，请核对能否办理", value, "已解除"))
    if open_claims and item in CLAIM_FIRST:
        found.append(Check("H03", "block", "保单有未决理赔，须待理赔办结", "未决理赔", "无未决理赔"))
    if item in ("PS03", "PS08") and policy.loans.filter(repaid_on__isnull=True).exists():
        found.append(Check("H04", "block", "有贷款或垫交未还，须先清偿", "未还", "无未还贷款"))
    return found


def by_code(checks: Sequence[Check]) -> list[Check]:
    """One check for each code, as a case keeps them: of several holds those that refuse, else all that warn, told together."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.code, []).append(check)
    told = []
    for rows in found.values():
        worst = [c for c in rows if c.level == "block"] or rows
        words, values = ("；".join(dict.fromkeys(getattr(c, name) for c in worst)) for name in ("message", "value"))
        told.append(replace(worst[0], message=words, value=values[:100]))
    return told
