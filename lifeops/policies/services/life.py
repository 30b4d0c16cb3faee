"""日终批处理: policies move by date. What happens next is read off the policy itself (`rules.life.next_step`), so a run that
missed days, or ran twice, ends where daily runs would; each step is dated on its own day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    Account,
    Coverage,
    DividendKind,
    Ending,
    EventKind,
    NoticeKind,
    PayableKind,
    Policy,
    PolicyLoan,
    PolicyNotice,
    PolicyStatus,
)
from lifeops.policies.models.life import PolicyEvent
from lifeops.policies.rules.cash import CashValues, valued_on
from lifeops.policies.rules.dates import anniversary, reinstatement_end, years_completed
from lifeops.policies.rules.life import COVERED, LifeFacts, Step, StepKind, next_step, overtaken_from
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.services.benefits import maturity_benefit, survival_benefit
from lifeops.policies.services.crediting import Credit, credit_dividend, next_credit
from lifeops.policies.services.dividends import spread_declared
from lifeops.policies.services.ended import settle_ended
from lifeops.policies.services.events import JOB, keep_covers, record
from lifeops.policies.services.ledger import balance, post
from lifeops.policies.services.lending import advance_premium, owed_at, renew, value_at, value_tables
from lifeops.policies.services.locking import change_status, close_loans, end_covers
from lifeops.policies.services.notices import ask_for, tell_of_dividend
from lifeops.policies.services.premiums import apply_suspense, open_row, settle_due, write_due
from lifeops.policies.services.settling import close_books, drop_receivable, return_deposits
from lifeops.policies.services.terms import reinstatement_years
from lifeops.workdays.calendar import get_calendar

logger = logging.getLogger(__name__)

BATCH = 100
#: A policy with more steps than this in one run is set aside: something goes round in circles.
MOST_STEPS = 2000
FAR = 80


@dataclass
class Life:
    """A locked policy with what the steps look at, read once and kept up by the steps."""

    policy: Policy
    covers: list[Coverage]
    loans: list[PolicyLoan]
    notices: list[PolicyNotice]
    window_noted: bool
    #: the open instalment, read once and after each step that may settle or write one
    due: date | None = None
    #: what is declared and not credited yet, likewise
    credit: Credit | None = None
    _tables: list[CashValues] | None = field(default=None)

    @property
    def tables(self) -> list[CashValues]:
        if self._tables is None:
            self._tables = value_tables(self.policy, self.covers)
        return self._tables

    @property
    def main(self) -> Coverage:
        return next(c for c in self.covers if not c.is_rider)

    def forget_values(self) -> None:
        self._tables = None


def open_notices(policy: Policy) -> list[PolicyNotice]:
    """Letters that nobody has sent, nor noted as late."""
    return list(policy.notices_due.waiting().filter(late_noted=False).order_by("due_on"))


def read_life(policy: Policy) -> Life:
    covers = list(policy.coverages.select_related("version__product"))
    row = open_row(policy) if policy.paid_to else None
    lapsed = policy.status == PolicyStatus.LAPSED
    return Life(
        policy=policy, covers=[c for c in covers if c.active or not c.is_rider],
        loans=list(policy.loans.filter(repaid_on__isnull=True).order_by("since", "pk")),
        notices=open_notices(policy),
        window_noted=lapsed and policy.events.filter(key=f"window:{policy.lapsed_on}").exists(),
        due=row.due_on if row else None, credit=next_credit(policy, covers),
    )


def facts_of(life: Life) -> LifeFacts:
    policy, main = life.policy, life.main
    riders = [c.expires_on for c in life.covers if c.is_rider and c.active and c.expires_on]
    window = None
    if policy.status == PolicyStatus.LAPSED and policy.lapsed_on and not life.window_noted:
        window = reinstatement_end(policy.lapsed_on, get_calendar().is_workday, reinstatement_years(main.version))
    return LifeFacts(
        status=policy.status, effective_on=policy.effective_on, grace_days=main.version.grace_days, paid_to=policy.paid_to,
        open_due=life.due, years_done=policy.years_done, expires_on=main.expires_on,
        rider_ends=min(riders, default=None), notice_due=life.notices[0].due_on if life.notices else None,
        window_end=window, loan_due=min((x.due_on for x in life.loans if x.due_on), default=None),
        overtaken_on=_overtaken(life), dividend_on=life.credit.day if life.credit else None,
    )


def _overtaken(life: Life) -> date | None:
    """First day on which what is owed reaches the cash value; None without debts."""
    policy = life.policy
    if not life.loans or policy.status not in COVERED:
        return None
    start = max(x.since for x in life.loans) + timedelta(days=1)
    end = min([x.due_on for x in life.loans if x.due_on] + [anniversary(policy.effective_on, policy.years_done + FAR)])
    if life.main.expires_on:
        end = min(end, life.main.expires_on)
    return overtaken_from(
        lambda day: owed_at(life.loans, day) >= value_at(life.tables, day), effective_on=policy.effective_on,
        years_done=years_completed(policy.effective_on, start), start=start, end=end,
    )


def bring_to(policy: Policy, day: date) -> int:
    """Take every step of a locked policy up to `day`, in order; returns how many. A policy held by a case stays; of one that has ended
    only what a death benefit may lack is looked at, when it was asked for."""
    if policy.hold_case or (policy.status == PolicyStatus.TERMINATED and policy.next_event_on is None):
        return 0
    if policy.next_event_on is not None and policy.next_event_on > day:
        return 0
    if policy.status == PolicyStatus.TERMINATED:
        return settle_ended(policy, day)
    life, count = read_life(policy), 0
    step = next_step(facts_of(life))
    while step is not None and step.on <= day:
        STEPS[step.kind](life, step)
        count += 1
        if count > MOST_STEPS:
            raise BookRefused(f"单次批处理步骤超过 {MOST_STEPS}")
        step = next_step(facts_of(life))
    due_again = step.on if step else None
    if policy.next_event_on != due_again:
        policy.next_event_on = due_again
        policy.save(update_fields=["next_event_on"])
    return count


def _due(life: Life, step: Step) -> None:
    policy = life.policy
    row = write_due(policy, life.covers, step.on, JOB)
    life.due = step.on
    if policy.status == PolicyStatus.WAIVED:
        settle_due(
            policy, life.covers, row, on=step.on, by="waived", against=Account.BENEFIT, kind=EventKind.PREMIUM_WAIVED,
            cause=JOB, note=f"{row.due_on} 期保费 {yuan(row.amount)} 元豁免",
        )
        life.due = None
    elif policy.suspense >= row.amount and apply_suspense(policy, life.covers, on=step.on, cause=JOB):
        life.due = None


def _grace(life: Life, step: Step) -> None:
    change_status(life.policy, PolicyStatus.GRACE, on=step.on, cause="保费到期未交", why=JOB)


def _grace_end(life: Life, step: Step) -> None:
    policy, row = life.policy, open_row(life.policy)
    if row is not None and policy.apl_agreed and advance_premium(
        policy, life.covers, row, life.tables, day=step.on, cause=JOB
    ):
        change_status(policy, PolicyStatus.APL, on=step.on, cause="自动垫交", why=JOB)
        life.due, life.loans = None, list(policy.loans.filter(repaid_on__isnull=True).order_by("since", "pk"))
        return
    _lapse(life, step.on, "宽限期满未交费")


def _lapse(life: Life, day: date, cause: str, kind: str = NoticeKind.LAPSE) -> None:
    policy = life.policy
    entry = drop_receivable(policy, on=day)
    change_status(policy, PolicyStatus.LAPSED, on=day, cause=cause, why=JOB, data={"money": [entry]})
    life.window_noted = False
    _notice(life, kind, day)


def _notice(life: Life, kind: str, day: date) -> None:
    if notice := ask_for(life.policy, kind, about=day, day=day):
        life.notices = sorted([*life.notices, notice], key=lambda n: n.due_on)


def _overtake(life: Life, step: Step) -> None:
    _lapse(life, step.on, "欠款超过现金价值", NoticeKind.LOAN)


def _loan_term(life: Life, step: Step) -> None:
    for loan in [x for x in life.loans if x.due_on and x.due_on <= step.on]:
        again = renew(life.policy, loan, step.on, JOB)
        life.loans = [x for x in life.loans if x.pk != loan.pk] + [again]


def _note_year(policy: Policy, day: date) -> None:
    policy.years_done += 1
    policy.save(update_fields=["years_done"])
    record(
        policy, EventKind.ANNIVERSARY, on=day, cause=JOB, note=f"第 {policy.years_done} 个保单周年日",
        key=f"year:{policy.years_done}",
    )


def _anniversary(life: Life, step: Step) -> None:
    """The policy year is over; survival benefits of that year become payable while cover holds."""
    policy = life.policy
    _note_year(policy, step.on)
    life.credit = next_credit(policy, life.covers)
    # survival benefits go by the sum with the bonus of the same anniversary
    while life.credit is not None and life.credit.day <= step.on and life.credit.rate.kind == DividendKind.BONUS:
        _dividend(life, step)
    if policy.status not in COVERED:
        return
    amount = sum((survival_benefit(policy, c, policy.years_done, step.on) for c in life.covers if c.active), ZERO)
    if amount > 0:
        entry = post(
            policy, on=step.on, text=f"第 {policy.years_done} 年生存金应付", key=f"survival:{policy.years_done}", kind=PayableKind.SURVIVAL,
            lines={Account.BENEFIT: amount, Account.PAYABLE: -amount},
        )
        record(
            policy, EventKind.SURVIVAL, on=step.on, cause=JOB, note=f"生存金 {yuan(amount)} 元", data={"money": [entry]},
            key=f"survival:{policy.years_done}",
        )
        _notice(life, NoticeKind.SURVIVAL, step.on)


def _dividend(life: Life, step: Step) -> None:
    assert life.credit is not None
    credit_dividend(life.policy, life.covers, life.credit)
    if life.credit.rate.kind != DividendKind.INTEREST and tell_of_dividend(life.policy, life.credit.year, life.credit.day):
        life.notices = open_notices(life.policy)
    life.credit = next_credit(life.policy, life.covers)
    life.forget_values()


def _rider_end(life: Life, step: Step) -> None:
    ended = [c for c in life.covers if c.is_rider and c.active and c.expires_on and c.expires_on < step.on]
    for cover in ended:
        cover.active = False
        cover.save(update_fields=["active"])
    names = "、".join(c.version.product.name for c in ended)
    record(
        life.policy, EventKind.RIDER_ENDED, on=step.on, cause=JOB, note=f"{names}期满",
        data={"coverages": keep_covers(ended, since=step.on)},
    )
    life.covers = [c for c in life.covers if c.active or not c.is_rider]
    life.forget_values()


def _maturity(life: Life, step: Step) -> None:
    """The term is over: 满期金 where the product has one, less debts. A suspended contract has no 满期金, its net cash
    value is due."""
    policy, day = life.policy, step.on
    covered = policy.status in COVERED
    if any(c.active and c.version.product.is_participating for c in life.covers):
        _last_year(life, step)
    benefit = sum((maturity_benefit(policy, c, day) for c in life.covers if c.active), ZERO) if covered else value_at(life.tables, valued_on(policy.paid_to, life.main.expires_on or day))
    ending = Ending.MATURITY if covered and benefit > 0 else Ending.EXPIRY
    debts = owed_at([x for x in life.loans if x.since <= day], day)
    payable = max(ZERO, benefit - debts)
    closed = close_loans(policy, owed_on=day, closed_on=day)
    money = [
        drop_receivable(policy, on=day),
        close_books(policy, on=day, text=f"{ending.label}应付", case_number="", account=Account.BENEFIT, closed=closed,
                    payable=payable, suspense=False, kind=PayableKind.MATURITY if ending == Ending.MATURITY else PayableKind.VALUE),
        return_deposits(policy, on=day),
    ]
    change_status(
        policy, PolicyStatus.TERMINATED, on=day, cause=ending.label, ending=ending, why=JOB,
        data={"coverages": end_covers(policy, on=day), "money": money, "loans": closed.loans},
    )
    life.loans, life.due = [], None
    if -balance(policy, Account.PAYABLE) > 0:
        _notice(life, NoticeKind.MATURITY, day)


def _last_year(life: Life, step: Step) -> None:
    """Where the term ends with a policy year, that year has its share as well, before the end is reckoned."""
    policy = life.policy
    if step.on == anniversary(policy.effective_on, policy.years_done + 1):
        _note_year(policy, step.on)
    life.credit = next_credit(policy, life.covers)
    while life.credit is not None and life.credit.day <= step.on:
        _dividend(life, step)


def _late(life: Life, step: Step) -> None:
    notice = life.notices.pop(0)
    notice.late_noted = True
    notice.save(update_fields=["late_noted"])
    record(
        life.policy, EventKind.NOTICE_LATE, on=step.on, cause=JOB, key=f"late:{notice.kind}:{notice.about}",
        note=f"{notice.get_kind_display()}应于 {notice.due_on} 前发出，未见发出",
    )


def _window_over(life: Life, step: Step) -> None:
    """Two years without agreement: the company may rescind (保险法 37); whether it does is decided by a case."""
    life.window_noted = True
    record(
        life.policy, EventKind.WINDOW_OVER, on=step.on, cause=JOB, key=f"window:{life.policy.lapsed_on}",
        note="中止满二年未复效，可依保险法第三十七条解除合同",
    )


STEPS: dict[StepKind, Callable[[Life, Step], None]] = {
    StepKind.MATURITY: _maturity, StepKind.GRACE_END: _grace_end, StepKind.OVERTAKEN: _overtake,
    StepKind.RIDER_END: _rider_end, StepKind.LOAN_TERM: _loan_term, StepKind.ANNIVERSARY: _anniversary, StepKind.DIVIDEND: _dividend,
    StepKind.DUE: _due,
    StepKind.GRACE: _grace, StepKind.NOTICE: _late, StepKind.WINDOW_OVER: _window_over,
}


@dataclass
class Run:
    """What a run did: policies looked at, steps taken, policies that could not be moved."""

    policies: int = 0
    steps: int = 0
    stuck: int = 0


def run_policy_day(day: date, *, batch: int = BATCH) -> Run:
    """Move all policies to `day`. Each batch is a transaction of its own; rows another run holds are left to it."""
    run = Run()
    while _take_in(day, batch):
        pass
    while spread_declared(day, batch):
        pass
    while True:
        with transaction.atomic():
            rows = list(_due_policies(day).select_for_update(of=("self",), no_key=True, skip_locked=True)[:batch])
            for policy in rows:
                _move(policy, day, run)
        if len(rows) < batch:
            return run


def _due_policies(day: date) -> QuerySet[Policy]:
    rows = Policy.objects.filter(next_event_on__isnull=False, next_event_on__lte=day, hold_case="")
    return rows.select_related("insured").order_by("next_event_on", "pk")


def _move(policy: Policy, day: date, run: Run) -> None:
    """One policy; what it trips over stays its own. It is tried again the next day, and the first time it is noted."""
    pk = policy.pk
    run.policies += 1
    try:
        with transaction.atomic():
            run.steps += bring_to(policy, day)
    except (BookRefused, ArithmeticError, LookupError, ValueError, StopIteration) as error:
        run.stuck += 1
        reason = str(error) or type(error).__name__
        logger.warning("policy day stuck policy=%s day=%s reason=%s", pk, day, type(error).__name__)
        fresh = Policy.objects.get(pk=pk)
        key = f"stuck:{fresh.next_event_on}"
        Policy.objects.filter(pk=pk).update(next_event_on=day + timedelta(days=1))
        if not PolicyEvent.objects.filter(policy=fresh, kind=EventKind.STUCK, note=reason[:200]).exists():
            record(fresh, EventKind.STUCK, on=day, cause=JOB, note=reason, key=key)


def _take_in(day: date, batch: int) -> int:
    """Policies that nobody has scheduled yet, e.g. loaded in bulk: years gone by are not made up for."""
    with transaction.atomic():
        rows = Policy.objects.filter(next_event_on__isnull=True).exclude(status=PolicyStatus.TERMINATED)
        found = list(rows.select_for_update(no_key=True, skip_locked=True).order_by("pk")[:batch])
        for policy in found:
            policy.years_done = max(policy.years_done, years_completed(policy.effective_on, day))
            policy.next_event_on = day
        Policy.objects.bulk_update(found, ["years_done", "next_event_on"])
    return len(found)


__all__ = ["Run", "bring_to", "facts_of", "read_life", "run_policy_day"]
