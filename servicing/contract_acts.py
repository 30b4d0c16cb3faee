"""减保, 复效, 减额交清, 贷款 and 还款 on the book, after the last signature; and the request as the reviewer reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from lifeops.cases.errors import Refused
from lifeops.cases.health import QUESTIONS
from lifeops.cases.models import Case
from lifeops.org.models import User
from lifeops.policies.models import Policy
from lifeops.policies.rules.lines import Calculation, money, yuan
from lifeops.policies.services.changing import make_paid_up, reduce_cover
from lifeops.policies.services.lending import lend, repay
from lifeops.policies.services.locking import endorse
from lifeops.policies.services.reinstating import reinstate_paid
from servicing import benefit
from servicing.contract import asked, due_on, effective_day, main_of, new_sum, part
from servicing.models import ChangeRequest, PaidHow, ServicingDecision

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """What was done: the amount it came to, and facts for the event of the case."""

    due: Calculation
    facts: dict[str, Any] = field(default_factory=dict)


def contract_effect(
    *, case: Case, record: ChangeRequest, decision: ServicingDecision, actor: User, now: datetime
) -> Done:
    """The change of the book with its 批单; refused where the book would by now come to something else than was concluded."""
    today = timezone.localdate(now)
    due = due_on(case, record, today)
    if due.amount != decision.amount or (case.item == "PS08" and due.to_json() != decision.lines):
        words = f"现为 {yuan(due.amount)} 元，结论为 {yuan(decision.amount)} 元" if due.amount != decision.amount else "现折算的保额与结论不同"
        raise Refused([f"审核后保单账目有变化：{words}，请退回审核"], who="审核人")
    common: dict[str, Any] = {
        "policy": case.contract, "case_number": case.number, "day": effective_day(case, record, today), "actor": actor, "now": now
    }
    if case.item == "PS09":
        loan = lend(amount=asked(record), **common)
        return Done(due, {"loan": loan.pk, "due_on": str(loan.due_on)})
    if case.item == "PS10":
        over = repay(
            amount=asked(record), reference=record.reference, from_suspense=record.paid_how == PaidHow.SUSPENSE, **common
        )
        return Done(due, {"over": f"{over:.2f}"})
    if case.item in benefit.ITEMS:
        benefit.collected(case=case, **common)
        if case.item == "PS24":
            return Done(due, {"collected": f"{due.amount:.2f}"})
    changed = {"PS03": _reduce, "PS07": _reinstate, "PS08": _pay_up, "PS26": _as_it_is}[case.item](case, record, decision, common)
    endorsement = endorse(
        changed, case_number=case.number, title=case.item_label, changes=record.comparison, effective_on=common["day"], actor=actor, now=now
    )
    return Done(due, {"endorsement": endorsement.number})


def _reduce(case: Case, record: ChangeRequest, decision: ServicingDecision, common: dict[str, Any]) -> Policy:
    cover, left = part(case, record, timezone.localdate(common["now"]))
    extra = money(cover.extra * left.sum_assured / cover.sum_assured)
    reduce_cover(
        cover=cover, sum_assured=left.sum_assured, premium=left.premium - extra, extra=extra, refund=left.payout.amount, **common
    )
    return case.contract


def _reinstate(case: Case, record: ChangeRequest, decision: ServicingDecision, common: dict[str, Any]) -> Policy:
    found, _ = reinstate_paid(
        applied_on=case.asked_on, with_debts=record.with_debts, extra=decision.extra, **common
    )
    return found


def _pay_up(case: Case, record: ChangeRequest, decision: ServicingDecision, common: dict[str, Any]) -> Policy:
    return make_paid_up(sums={main_of(case.contract).pk: new_sum(case, timezone.localdate(common["now"]))}, **common)


def _as_it_is(case: Case, record: ChangeRequest, decision: ServicingDecision, common: dict[str, Any]) -> Policy:
    """满期金: the day run has ended the contract."""
    return case.contract


# ── as the reviewer reads it ──


def contract_groups(case: Case, record: ChangeRequest) -> list[tuple[str, Rows]]:
    """What was asked for; the insured's consent and health where they belong to it. The lines stand beside the conclusion."""
    groups: list[tuple[str, Rows]] = [("申请", _asked_rows(case, record))]
    if case.item in ("PS07", "PS08", "PS09"):
        who = record.get_consent_by_display() or "被保险人本人申请"
        groups.append(("被保险人同意", [("同意人", who), ("同意书签署日", str(record.consent_on or "—"))]))
    if case.item == "PS07":
        groups.append(("健康与职业告知", _health_rows(record)))
    return groups


def _asked_rows(case: Case, record: ChangeRequest) -> Rows:
    if case.item in benefit.ITEMS:
        return benefit.asked_rows(case, record)
    day = ("申请日", str(case.asked_on))
    if case.item == "PS03":
        return [("险种", str(record.cover or "")), ("减少的保额", f"{yuan(asked(record))} 元"), ("减保原因", record.get_why_display()),
                ("原因说明", record.why_text or "—"), day]  # fmt: skip
    if case.item == "PS09":
        return [("借款金额", f"{yuan(asked(record))} 元"), ("借款用途", record.why_text), day]
    if case.item == "PS10":
        return [("还款金额", f"{yuan(asked(record))} 元"), ("还款方式", record.get_paid_how_display()), ("交款人", record.payer),
                ("到账日", str(record.received_on or "—")), ("收款流水号", record.reference or "—")]  # fmt: skip
    # decided, it has changed the book itself: what stood there is told by the comparison
    book = case.contract if case.decided_at is None else None
    if case.item == "PS07":
        debts = ("贷款、垫交", "一并偿还" if record.with_debts else "不一并偿还")
        return [*([("中止日", str(book.lapsed_on or "—"))] if book else []), debts, day]
    return [*([("下期应交日", str(book.paid_to or "—"))] if book else []), day]


def _health_rows(record: ChangeRequest) -> Rows:
    yes = [row for row in record.health or [] if row["answer"] == "是"]
    return [
        ("职业类别", f"{record.occupation_class} 类" if record.occupation_class else "拒保职业"),
        ("答“是”", f"{len(yes)} 项" if yes else "无"),
        *((f"第 {row['code']} 项 {QUESTIONS.get(row['code'], '')}", row["note"]) for row in yes),
    ]


