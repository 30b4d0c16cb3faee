"""理赔 on the book: what liability is judged by, and what a claim leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lifeops.org.models import User
from lifeops.org.statements import insert, joins, read
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import (
    Account,
    Coverage,
    Endorsement,
    EventKind,
    MedicalUsage,
    Party,
    PayableKind,
    Policy,
    PolicyStatus,
    PremiumEntry,
    StatusChange,
)
from lifeops.policies.rules.cash import Debt
from lifeops.policies.rules.dates import PremiumState, in_waiting_period, premium_standing, suicide_excluded
from lifeops.policies.rules.life import COVERED
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits_after import OwedBack, may_pay_living, owed_back, set_off, undo_benefits
from lifeops.policies.services.credited_after import Undone, credited_after, undo_credits
from lifeops.policies.services.earned_late import EarnedLate, book_earned_late, earned_late
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.late_end import undo_end
from lifeops.policies.services.locking import (
    DEATH,
    DEATH_VALUE,
    DEATHS,
    change_status,
    end_covers,
    endorse,
    locked,
    still_there,
)
from lifeops.policies.services.notices import left, tell_of_refund
from lifeops.policies.services.owing import Owed, close_at_death, debt_of, loans_since, owed_at_death
from lifeops.policies.services.premiums import in_pay_term, received
from lifeops.policies.services.settling import close_books, drop_receivable, leave, return_deposits
from lifeops.policies.services.terms import covers_with_products, waiting_days, waiting_from

ZERO = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the policy stood on a day. `arrears` is the premium open in 宽限期; `in_waiting`: illness on that day falls
    into the main cover's 等待期; `within_suicide_years`: 保险法 44 still excludes suicide. `debts` are the loans of that day, `owed`
    what is to be settled of them by now; `arrears_open` the same of the arrears: what was paid or waived since is not owed again.
    `undone`: dividends and bonuses credited for the time after the day, newest first; `owed_back`: survival benefits and 满期金 that
    fell due after it; `late`: bonuses of years before it whose rates came after it."""

    status: str
    status_label: str
    covered: bool
    in_grace: bool
    grace_end: date | None
    arrears: Decimal
    arrears_open: Decimal
    premiums_paid: Decimal
    suicide_since: date
    within_suicide_years: bool
    in_waiting: bool
    debts: tuple[Debt, ...]
    owed: Owed
    undone: tuple[Undone, ...] = ()
    owed_back: OwedBack = field(default_factory=OwedBack)
    late: EarnedLate = field(default_factory=EarnedLate)


def standing(policy: Policy, day: date, covers: Sequence[Coverage] | None = None) -> Standing:
    """Status on `day` from the status history and the premium ledger, as if asked on that day. `covers`: all coverages,
    where they have been read."""
    all_covers = covers_with_products(policy) if covers is None else covers
    covers = [c for c in all_covers if c.effective_on <= day]
    main = next((c for c in covers if not c.is_rider), None)
    premiums = received(policy)
    premium = premium_standing(_paid_to_on(policy, premiums, day), day, main.version.grace_days if main else 60)
    status = _status(policy, day)
    if status in (PolicyStatus.IN_FORCE, PolicyStatus.GRACE):
        status = {
            PremiumState.LAPSED: PolicyStatus.LAPSED, PremiumState.IN_GRACE: PolicyStatus.GRACE,
        }.get(premium.state, PolicyStatus.IN_FORCE)
    in_grace, loans = status == PolicyStatus.GRACE, loans_since(policy, day)
    arrears = _open_premium(policy, covers, premium.due_on) if in_grace else ZERO
    # one that was advanced is among the loans
    settled = any(p.due_on == premium.due_on and p.kind != "refund" and p.settled_by != "apl" for p in premiums)
    since = max(policy.established_on, policy.reinstated_on or policy.established_on)
    shares = any(c.version.product.is_participating for c in covers)
    return Standing(
        status=status, status_label=PolicyStatus(status).label if status else "未生效",
        covered=status in COVERED, in_grace=in_grace,
        grace_end=premium.grace_end if in_grace else None,
        arrears=arrears, arrears_open=ZERO if settled else arrears,
        premiums_paid=sum((p.amount for p in premiums if p.paid_on and p.paid_on <= day), ZERO), suicide_since=since,
        within_suicide_years=suicide_excluded(
            since=since, died_on=day, years=main.version.suicide_years if main else 2
        ),
        in_waiting=main is not None and in_waiting_period(
            effective_on=waiting_from(main, policy.reinstated_on, day), day=day, waiting_days=waiting_days(main)
        ),
        debts=tuple(debt_of(loan) for loan in loans if loan.since <= day), owed=owed_at_death(policy, day, loans, premiums),
        undone=tuple(credited_after(policy, day)) if shares else (), late=earned_late(policy, day, all_covers) if shares else EarnedLate(),
        owed_back=owed_back(policy, day) if policy.status == PolicyStatus.TERMINATED or may_pay_living(covers) else OwedBack(),
    )


def _open_premium(policy: Policy, covers: Sequence[Coverage], due: date | None) -> Decimal:
    """The instalment of a due day, by the coverages and premiums of that day."""
    if due is None:
        return ZERO
    return sum((c.premium + c.extra for c in answering(policy, due, covers) if in_pay_term(c, due)), ZERO)


def death_standing(policy: Policy, died_on: date) -> Standing:
    """The facts by which liability for a death is judged (facts 5.1)."""
    return standing(policy, died_on)


def _status(policy: Policy, day: date) -> str:
    """Status on the day of an event: a contract that ended by this very death was in force until then."""
    last_two = read(StatusChange, "policy_id = %s AND since <= %s ORDER BY id DESC LIMIT 2", [policy.pk, day])
    last, before = [*last_two, None, None][:2]
    if last is not None and last.cause in DEATHS and last.since == day:
        return before.status if before else ""
    return last.status if last else ""


def _paid_to_on(policy: Policy, premiums: Sequence[PremiumEntry], day: date) -> date | None:
    """Next due date as known on `day`: a premium received later was still open then. `premiums`: all received."""
    later = next((p for p in premiums if p.kind != "refund" and p.paid_on and p.paid_on > day), None)
    return later.due_on if later is not None else policy.paid_to


def paid_to_known(policy: Policy, day: date) -> date | None:
    """Next due date as it was known on a day; None where all was paid."""
    return _paid_to_on(policy, received(policy), day)


def medical_used(coverage: Coverage, policy_year: int) -> tuple[Decimal, Decimal]:
    """(deductible, paid) already used in a policy year."""
    rows = _used_in(coverage, policy_year)
    return sum((r.deductible for r in rows), ZERO), sum((r.paid for r in rows), ZERO)


def benefit_used(coverage: Coverage, policy_year: int, benefit: str) -> tuple[Decimal, Decimal]:
    """(net cost, paid) of earlier claims of one benefit in a policy year."""
    rows = [r for r in _used_in(coverage, policy_year) if r.benefit == benefit]
    return sum((r.cost for r in rows), ZERO), sum((r.paid for r in rows), ZERO)


def _used_in(coverage: Coverage, policy_year: int) -> list[MedicalUsage]:
    return read(MedicalUsage, "coverage_id = %s AND policy_year = %s", [coverage.pk, policy_year])


@joins
def record_medical_usage(
    *, coverage: Coverage, case_number: str, policy_year: int, deductible: Decimal, paid: Decimal, day: date, benefit: str = "",
    cost: Decimal = ZERO, before: Decimal | None = None, held: bool = False,
) -> MedicalUsage:
    """Keep what a claim used up. The policy is locked (`held`: by the caller) and the rest of the year looked at again: two
    claims reckoned side by side cannot use the same deductible or the same limit. `before`: the cost of earlier claims in the
    year by which the amount was reckoned, where the benefit goes by bands of cost."""
    if not held:
        locked(coverage.policy)
    rows = read(MedicalUsage, "coverage_id = %s AND (policy_year = %s OR case_number = %s)", [coverage.pk, policy_year, case_number])
    if any((row.case_number, row.benefit) == (case_number, benefit) for row in rows):
        raise BookRefused("本案的医疗责任使用已登记")
    earlier = [row for row in rows if row.policy_year == policy_year]
    if before is not None and sum((row.cost for row in earlier if row.benefit == benefit), ZERO) != before:
        raise BookRefused("本年度另有案件使用了同一责任，请重新理算")
    terms = coverage.version.terms
    used, spent = sum((row.deductible for row in earlier), ZERO), sum((row.paid for row in earlier), ZERO)
    most = terms.get("annual_deductible")
    if most is not None and used + deductible > Decimal(str(most)):
        raise BookRefused("本年度免赔额已由其他案件使用，请重新理算")
    limit = terms.get("annual_limit")
    if limit is not None and spent + paid > Decimal(str(limit)):
        raise BookRefused("本年度剩余限额不足，请重新理算")
    usage = MedicalUsage(
        coverage=coverage, case_number=case_number, policy_year=policy_year, deductible=deductible, paid=paid, used_on=day,
        benefit=benefit, cost=cost,
    )
    insert(usage)
    return usage


def note_death(insured: Party, died_on: date, *, today: date) -> None:
    """The insured is marked as deceased; refused where another day is on file."""
    if died_on > today:
        raise BookRefused("身故日期晚于今天")
    # what somebody else has written down since is looked at
    insured.died_on = Party.objects.select_for_update(of=("self",), no_key=True).values_list("died_on", flat=True).get(pk=insured.pk)
    if insured.died_on not in (None, died_on):
        raise BookRefused(f"被保险人身故日期已登记为 {insured.died_on}，与 {died_on} 不一致，请核对")
    if insured.died_on is None:
        insured.died_on = died_on
        insured.save(update_fields=["died_on"])


@transaction.atomic
def claim_death_terminate(
    *, policy: Policy, case_number: str, died_on: date, actor: User, now: datetime, owed_back_off: Decimal = ZERO, value: Decimal | None = None,
    waits: bool = False,
) -> Endorsement:
    """身故: the contract ends on the day of death, its loans are settled, what was credited or fell due for the time after it is taken
    back, the insured is marked as deceased. A term that ended after the death is put right first. `owed_back_off`: what the benefit
    was reduced by for survival benefits that were collected, in 元. `value`: no benefit, but the cash value net of debts is refunded
    (保险法 43–45), payable by the case, or where it `waits` to the policyholder by no case."""
    found, why, today = locked(policy, case_number), Cause.of(case_number, actor), timezone.localdate(now)
    before, owed, cause = found.get_status_display(), owed_back(found, died_on), DEATH if value is None else DEATH_VALUE
    undo_end(found, died_on, on=today, why=why)
    still_there(found)
    note_death(found.insured, died_on, today=today)
    book_earned_late(found, died_on, covers_with_products(found), why=why)
    undo_credits(found, died_on, on=today, why=why)
    undo_benefits(found, owed, died_on, on=today, why=why, off=owed_back_off)
    closed, over = close_at_death(found, died_on, closed_on=today)
    settled = f"{cause}结清欠款"
    money = [
        *([] if value is None else [drop_receivable(found, on=today, case_number=case_number)]),
        close_books(found, on=today, text=settled, case_number="" if waits else case_number, closed=closed,
                    account=Account.BENEFIT if value is None else Account.SURRENDER, payable=value or ZERO, arrears=value is None,
                    suspense=False, kind=PayableKind.LEFT if waits and value else ""),
        # the benefit is the beneficiaries', this is not
        leave(found, amount=over, on=today, text="身故后多还款项应付"),
        return_deposits(found, on=today),
    ]
    change_status(
        found, PolicyStatus.TERMINATED, on=died_on, cause=cause, case_number=case_number, why=why,
        data={"coverages": end_covers(found, on=died_on, case_number=case_number)},
    )
    record(found, EventKind.PAYABLE, on=today, cause=why, note=settled, data={"money": money, "loans": closed.loans})
    set_off(found, on=today, why=why)
    if left(found):
        tell_of_refund(found, today)  # the letter of the claim goes to the claimant
    return endorse(
        found, case_number=case_number, title="身故终止",
        changes=[{"label": "保单状态", "before": before, "after": f"终止（{cause}）"}], effective_on=died_on, actor=actor,
        now=now,
    )
