"""红利: rates declared and approved, credited on policy anniversaries to 累积红利 with yearly interest (M-13). What is declared after an
anniversary is credited on the day it was approved, with the interest it would have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lifeops.org.locks import Lock, hold
from lifeops.org.models import Role, User
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import (
    Account,
    Coverage,
    DividendBase,
    DividendKind,
    DividendRate,
    DividendState,
    EventKind,
    LedgerLine,
    Policy,
    PolicyStatus,
    Product,
    Rate,
)
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.alterations import accumulate, cash_dividend
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.services.as_of import covers_on
from lifeops.policies.services.events import JOB, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.values import value_on

# ── declared by one, approved by another ──


def may_declare(user: User) -> bool:
    """Rates hold for the whole company: the manager at head office."""
    return any(p.role == Role.MANAGER and p.branch.is_hq for p in user.active_postings())


def may_decide(user: User) -> bool:
    return any(p.role in (Role.MANAGER, Role.APPROVER) and p.branch.is_hq for p in user.active_postings())


@transaction.atomic
def declare(
    *, product: Product, kind: str, base: str, rate: Decimal, first_on: date, last_on: date, reason: str, actor: User, now: datetime
) -> DividendRate:
    """Enter a rate; it has no effect until somebody else approves it."""
    if not may_declare(actor):
        raise BookRefused("红利率由总公司运营主管录入")
    hold(Lock.PRODUCTS)
    errors, reason = {}, visible(reason).strip()
    if not reason:
        errors["reason"] = "请填写公布依据"
    if not product.is_participating:
        errors["product"] = f"{product.name}不是分红保险"
    if last_on < first_on:
        errors["last_on"] = "不得早于周年日起"
    base = base if kind == DividendKind.CASH else ""
    if kind == DividendKind.CASH and not base:
        errors["base"] = "请选择现金红利的基数"
    if base == DividendBase.VALUE and not Rate.objects.filter(version__product=product, kind=RateKind.CASH_VALUE).exists():
        errors["base"] = f"{product.name}没有现金价值表"
    clash = (
        DividendRate.objects.filter(product=product, kind=kind, first_on__lte=last_on, last_on__gte=first_on)
        .exclude(state=DividendState.REFUSED).order_by("first_on").first()
    )  # fmt: skip
    if clash is not None:
        errors["first_on"] = f"与 {clash.first_on} 至 {clash.last_on} 的{clash.get_kind_display()}（{clash.get_state_display()}）重叠"
    if errors:
        raise BookInvalid(errors)
    return DividendRate.objects.create(
        product=product, kind=kind, base=base, rate=rate, first_on=first_on, last_on=last_on, reason=reason, requested_by=actor, requested_at=now
    )


def decision_refusals(row: DividendRate, actor: User) -> list[str]:
    """Why this person may not decide on a declaration; empty when the person may."""
    if row.state != DividendState.OPEN:
        return [f"该红利率{row.get_state_display()}，不能再批准"]
    found = [] if may_decide(actor) else ["红利率由总公司运营主管或批准岗批准"]
    return [*found, "录入人与批准人须为两人"] if row.requested_by_id == actor.pk else found


@transaction.atomic
def decide(*, row: DividendRate, approve: bool, remark: str, actor: User, now: datetime) -> DividendRate:
    """Put in force or refuse. From then on the day run credits it."""
    found = DividendRate.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if reasons := decision_refusals(found, actor):
        raise BookRefused(*reasons)
    remark = visible(remark).strip()
    if not approve and not remark:
        raise BookInvalid({"remark": "驳回须写明意见"})
    found.state = DividendState.APPLIED if approve else DividendState.REFUSED  # own state: a declaration is no case
    found.decided_by, found.decided_at, found.decided_on, found.remark = actor, now, timezone.localdate(now), remark
    # anniversaries still to come bring their policies by themselves
    found.spread = not approve or found.first_on > found.decided_on
    found.save(update_fields=["state", "decided_by", "decided_at", "decided_on", "remark", "spread"])
    return found


def spread_declared(day: date, batch: int) -> int:
    """Have the day run look again at policies whose anniversaries had gone by when a rate was approved; a batch of one
    declaration at a time, in the order of keys, so that it can stop anywhere. Returns how many; 0 when all are told."""
    rows = DividendRate.objects.filter(state=DividendState.APPLIED, spread=False, decided_on__lte=day).order_by("pk")
    if not rows.exists():
        return 0
    with transaction.atomic():
        row = rows.select_for_update(skip_locked=True).first()
        if row is None:
            return 0
        covers = Coverage.objects.filter(version__product=row.product_id, active=True, policy__gt=row.spread_to)
        keys = list(covers.order_by("policy").values_list("policy", flat=True).distinct()[:batch])
        found = Policy.objects.filter(pk__in=keys, next_event_on__gt=row.decided_on).exclude(status=PolicyStatus.TERMINATED)
        found.update(next_event_on=row.decided_on)
        row.spread, row.spread_to = len(keys) < batch, keys[-1] if keys else row.spread_to
        row.save(update_fields=["spread", "spread_to"])
        return max(1, len(keys))


# ── credited by the day run ──


@dataclass(frozen=True, kw_only=True)
class Credit:
    """A declared rate that a policy has not had for one of its anniversaries; `day`: when it is credited."""

    day: date
    year: int
    rate: DividendRate

    @property
    def key(self) -> str:
        return f"interest:{self.year}" if self.rate.kind == DividendKind.INTEREST else f"dividend:{self.year}:{self.rate.product_id}"


def next_credit(policy: Policy, covers: Sequence[Coverage]) -> Credit | None:
    """The earliest credit that is open, None for policies without a participating product or without a declaration. Only
    anniversaries that the day run took count: those of policies loaded in bulk were settled where they came from."""
    products = {c.version.product_id for c in covers if c.active and c.version.product.is_participating}
    rates = list(DividendRate.objects.filter(product__in=products, state=DividendState.APPLIED)) if products else []
    if not rates or not policy.years_done:
        return None
    done = set(policy.events.filter(kind__in=(EventKind.ANNIVERSARY, EventKind.DIVIDEND)).values_list("key", flat=True))
    changes = list(policy.status_changes.order_by("pk").values_list("since", "status"))
    money_in = _postings(policy)
    found: list[Credit] = []
    for year in range(1, policy.years_done + 1):
        on = anniversary(policy.effective_on, year)
        status = next((s for since, s in reversed(changes) if since <= on), "")
        told = [rate for rate in rates if rate.first_on <= on <= rate.last_on] if f"year:{year}" in done else []
        for rate in told:
            credit = Credit(day=max(on, rate.decided_on or on), year=year, rate=rate)
            if credit.key in done:
                continue
            # 效力中止 gives no dividend; money that stands bears interest whatever the status
            if rate.kind == DividendKind.INTEREST:
                standing, since = _before(money_in, year, on)
                if standing > 0:
                    found.append(replace(credit, day=max(credit.day, since)))
            elif status in COVERED:
                found.append(credit)
    return min(found, key=lambda c: (c.day, c.year, c.rate.kind != DividendKind.INTEREST, c.rate.pk), default=None)


def _postings(policy: Policy) -> list[tuple[str, date, Decimal]]:
    rows = LedgerLine.objects.filter(entry__policy=policy, account=Account.DIVIDEND).order_by("pk")
    return [(key, on, -amount) for key, on, amount in rows.values_list("entry__key", "entry__on", "amount")]


def _before(postings: Sequence[tuple[str, date, Decimal]], year: int, on: date) -> tuple[Decimal, date]:
    """累积红利 that bears interest on anniversary `year`, and the day on which the last of it was there. Credits name at the end of
    their key the anniversary up to which they hold interest already; what came in otherwise counts by its day."""
    total, since = ZERO, on
    for key, posted, amount in postings:
        through = key.rpartition(":")[2]
        if int(through) < year if key.startswith(("dividend:", "interest:")) and through.isdigit() else posted < on:
            total, since = total + amount, max(since, posted)
    return total, since


def credit_dividend(policy: Policy, covers: Sequence[Coverage], credit: Credit) -> None:
    """One credit of a locked policy, on its day, with a balanced entry; by its key once."""
    on = anniversary(policy.effective_on, credit.year)
    if credit.rate.kind == DividendKind.INTEREST:
        before, _ = _before(_postings(policy), credit.year, on)
        amount = accumulate(account=before, rate=credit.rate.rate).amount - before
        text, told = f"第 {credit.year} 个周年日累积红利利息", f"{yuan(before)} × {credit.rate.rate_pct}%"
    else:
        amount, told = _cash(policy, covers, credit, on)
        text = f"第 {credit.year} 年度红利"
    late, through = _late(policy, covers, amount, credit)
    entry = post(
        policy, on=credit.day, text=text, key=f"{credit.key}:{through}", lines={Account.BONUS: amount + late, Account.DIVIDEND: -(amount + late)}
    )
    note = f"{text} {yuan(amount)} 元（{told}）" + (f"，补计利息 {yuan(late)} 元" if late else "")
    record(policy, EventKind.DIVIDEND, on=credit.day, cause=JOB, note=note, key=credit.key, data={"money": [entry], "dividend_rate": credit.rate.pk})


def _late(policy: Policy, covers: Sequence[Coverage], amount: Decimal, credit: Credit) -> tuple[Decimal, int]:
    """(interest of the anniversaries that have gone by since, at the rates known on the day of the credit; the last of them).
    An anniversary without a rate by then gives none to what comes late."""
    main = next(c for c in covers if not c.is_rider)
    total, year = amount, credit.year
    rates = DividendRate.objects.filter(product=main.version.product_id, kind=DividendKind.INTEREST, state=DividendState.APPLIED)
    known = list(rates.filter(decided_on__lte=credit.day)) if anniversary(policy.effective_on, year + 1) <= credit.day else []
    while year < policy.years_done and (on := anniversary(policy.effective_on, year + 1)) <= credit.day:
        year += 1
        rate = next((r.rate for r in known if r.first_on <= on <= r.last_on), ZERO)
        total += money(total * rate)
    return total - amount, year


def _cash(policy: Policy, covers: Sequence[Coverage], credit: Credit, on: date) -> tuple[Decimal, str]:
    """(declared rate × base of the coverages of the product as they stood on the anniversary, how)."""
    held = covers_on(policy, on) if credit.day > on else covers
    base = ZERO
    for cover in held:
        if not cover.active or cover.version.product_id != credit.rate.product_id:
            continue
        value = cover.sum_assured if credit.rate.base == DividendBase.BASIC else value_on(cover, policy.insured.sex, on)
        base += value or ZERO
    told = f"{credit.rate.get_base_display()} {yuan(base)} × {credit.rate.rate_pct}%"
    return cash_dividend(base=base, rate=credit.rate.rate).amount, told
