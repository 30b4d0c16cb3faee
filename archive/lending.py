"""借阅 and 归还 of volumes: who asks, the second person who approves, the archivist who hands out and takes back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from archive.models import Loan, Volume
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case
from lifeops.cases.perform import lock, record
from lifeops.org.models import Role, User

#: act → (state before, state after, role, words)
ACTS = {
    "approve": (Loan.State.ASKED, Loan.State.APPROVED, Role.HEAD, "批准借阅"),
    "refuse": (Loan.State.ASKED, Loan.State.REFUSED, Role.HEAD, "不同意借阅"),
    "lend": (Loan.State.APPROVED, Loan.State.LENT, Role.ARCHIVE, "案卷借出"),
    "take_back": (Loan.State.LENT, Loan.State.BACK, Role.ARCHIVE, "案卷归还"),
}
LONGEST_DAYS = 30


def ask(
    *, case: Case, borrower: User, purpose: str, due_on: date, actor: User, now: datetime
) -> Loan:
    """申请借阅: for oneself, or by the archivist for a colleague."""
    if borrower.pk != actor.pk and not actor.holds(Role.ARCHIVE, Role.HEAD, path=case.branch_path):
        raise Refused(["只能为本人申请；代他人申请由本机构的档案岗办理"], who=Role.ARCHIVE.label)
    today = timezone.localdate(now)
    if not today < due_on or (due_on - today).days > LONGEST_DAYS:
        raise Invalid({"due_on": [f"应还日须在今天之后，最长 {LONGEST_DAYS} 天"]})
    with transaction.atomic():
        lock(case.pk)
        volume = Volume.objects.filter(case_id=case.pk).first()
        if volume is None:
            raise Refused(["案件尚未归档，没有案卷可借"])
        held = volume.loans.open().select_related("borrower").first()
        if held is not None:
            raise Refused([f"案卷{held.get_state_display()}（{held.borrower.name}，应还 {held.due_on}）"])
        loan = Loan.objects.create(
            volume=volume, borrower=borrower, purpose=purpose, due_on=due_on, asked_by=actor, asked_at=now
        )
        told = {"volume": volume.number, "borrower": borrower.name, "due_on": str(due_on)}
        record(case, "loan.ask", "申请借阅", actor=actor, now=now, reason=purpose, data=told, bump=False)
    return loan


def refusals(loan: Loan, act: str, actor: User, branch_path: str) -> list[str]:
    """Why this person may not take this act on a loan; from what is loaded."""
    before, _, role, _ = ACTS[act]
    if loan.state != before:
        return [f"借阅现为“{loan.get_state_display()}”，不能办理"]
    if not actor.holds(role, path=branch_path):
        return [f"需要本机构的{role.label}"]
    if role == Role.HEAD and actor.pk in (loan.asked_by_id, loan.borrower_id):
        return ["借阅须由申请人、借阅人以外的机构主管批准"]
    return []


def acts_of(loan: Loan) -> list[str]:
    """Acts that the state of a loan allows."""
    return [act for act, (before, _, _, _) in ACTS.items() if before == loan.state]


def act_on(*, case: Case, loan: Loan, act: str, actor: User, now: datetime, remark: str = "") -> Loan:
    """批准, 不同意, 借出, 归还, each with an event on the case. `remark` is the opinion, or the state in which it came back."""
    if act not in ACTS:
        raise Invalid({"act": ["没有这种办理"]})
    _, after, role, words = ACTS[act]
    with transaction.atomic():
        lock(case.pk)
        held = Loan.objects.select_for_update(of=("self",)).select_related("volume", "borrower").get(pk=loan.pk)
        if held.volume.case_id != case.pk:
            raise Refused(["借阅不属于本案"])
        if reasons := refusals(held, act, actor, case.branch_path):
            raise Refused(reasons, who=role.label)
        if act == "refuse" and not remark.strip():
            raise Invalid({"remark": ["请写明不同意的原因"]})
        held.state = after  # own state: a loan
        if role == Role.HEAD:
            held.decided_by, held.decided_at, held.remark = actor, now, remark.strip()
        elif act == "lend":
            held.lent_by, held.lent_at = actor, now
        else:
            held.back_by, held.back_at, held.condition = actor, now, remark.strip()
        held.save()
        told = {"volume": held.volume.number, "borrower": held.borrower.name, "due_on": str(held.due_on)}
        record(case, f"loan.{act}", words, actor=actor, now=now, reason=remark.strip(), data=told, bump=False)
    return held
