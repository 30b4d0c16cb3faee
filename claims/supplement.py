"""补付: what a death benefit lacks that has been paid, once rates of dividends for the years before the death are approved. A second claim
on the contract is reckoned anew, less what was reckoned before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.urls import reverse

from claims.grounds import ENDING
from claims.models import Claim, ClaimDecision
from lifeops.cases.models import Case
from lifeops.cases.routing import holders_of
from lifeops.cases.states import State
from lifeops.notices.services import notify
from lifeops.org.models import Role
from lifeops.policies.models import PayableKind, Policy
from lifeops.policies.rules.lines import ZERO, Line
from lifeops.policies.services.ended import ended_by_death, owe_supplement
from lifeops.policies.services.ledger import waiting_by_kind

#: Formula of the line by which an examiner departs from the reckoning.
EXAMINERS = "见审核意见"
#: Of the lines that tell of claims paid before; their formula is the number of the case.
BEFORE = "前案已理算的身故给付"


def paid_decisions(policy: Policy) -> list[ClaimDecision]:
    """Signed conclusions by which this death was paid, the first by which the contract ended."""
    rows = ClaimDecision.objects.filter(case__item="CL01", case__policy=policy, superseded=False, amount__gt=0, signed_at__isnull=False)
    return list(rows.exclude(case__state=State.WITHDRAWN).exclude(outcome__in=ENDING).select_related("case").order_by("signed_at", "pk"))


def paid_since(case: Case, decision: ClaimDecision) -> str:
    """Number of a case by which the same death was paid and of which `decision` knows nothing; "" where none. By its lines: of two at
    once the minute does not tell what the one has seen of the other."""
    told = {row["formula"] for row in decision.lines if row["label"].endswith(BEFORE)}
    return next((d.case.number for d in paid_decisions(case.contract) if d.case_id != case.pk and d.case.number not in told), "")


def reckoned_then(decision: ClaimDecision) -> Decimal:
    """What was due by the reckoning of a conclusion, whatever the examiner made of it."""
    return sum((Decimal(row["value"]) for row in decision.lines if row.get("counts", True) and row["formula"] != EXAMINERS), ZERO)


def less_paid_before(case: Case) -> list[Line]:
    """Lines that take off what earlier claims on the same contract were reckoned at."""
    if ended_by_death(case.contract) is None:
        return []
    paid = paid_decisions(case.contract)
    own = next((n for n, d in enumerate(paid) if d.case_id == case.pk), len(paid))  # not signed: after all of them
    earlier = [d for d in paid[:own] if d.case_id != case.pk]
    return [Line(label=f"减：{BEFORE}", formula=d.case.number, value=-reckoned_then(d)) for d in earlier]


def told_of_paid_before(case: Case) -> list[Line]:
    """The same for whom nothing is due to: told, with nothing to take it off."""
    return [replace(line, label=BEFORE, value=-line.value, counts=False) for line in less_paid_before(case)] if case.item == "CL01" else []


def found(policy: Policy, day: date) -> None:
    """Called by the day run for a policy that a death has ended: the difference waits as 待补付, and the unit is told."""
    from claims.calculation import reckon

    paid = paid_decisions(policy)
    record = Claim.objects.filter(case=paid[0].case_id).first() if paid else None
    if record is None:
        return
    due = reckon(paid[0].case, record).calculation.amount
    more = due - sum((reckoned_then(d) for d in paid), ZERO) - waiting_by_kind(policy).get(PayableKind.SUPPLEMENT, ZERO)
    if more <= 0:
        return
    owe_supplement(policy, amount=more, day=day)
    path = policy.branch.path
    notify(
        users={user.pk: user for role in (Role.HEAD, Role.CL_REVIEWER) for user in holders_of((role,), path)}.values(),
        key=f"supplement:{policy.pk}:{day}", title="身故保险金待补付",
        body=f"保单 {policy.number}：给付后批准的红利使身故保险金增加。请通知受益人申请补付（身故理赔），金额见保单页“待领款项”。",
        url=reverse("policies:detail", args=[policy.number]),
    )
