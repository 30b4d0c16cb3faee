"""保全 on the book: 犹豫期撤单, 退保, 受益人变更, 联系方式变更."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from lifeops.org.models import User
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import mask_id, mask_phone
from lifeops.policies.models import Endorsement, Party, Policy, PolicyStatus, PremiumEntry
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.cash import Debt, cash_value, surrender_payout, unearned_premium
from lifeops.policies.rules.dates import policy_year
from lifeops.policies.rules.lines import Calculation, Line, not_below_zero, plain, yuan
from lifeops.policies.services.issuing import write_beneficiaries
from lifeops.policies.services.locking import change_status, endorse, locked
from lifeops.policies.services.quoting import cash_values_of


def premiums_paid(policy: Policy, until: date | None = None) -> Decimal:
    """Premiums received up to a day, refunds taken off."""
    rows = policy.premiums.filter(paid_on__isnull=False)
    if until is not None:
        rows = rows.filter(paid_on__lte=until)
    return sum((row.amount for row in rows), Decimal("0.00"))


def debts_of(policy: Policy, day: date) -> list[Debt]:
    """Loans open on a day."""
    rows = policy.loans.filter(since__lte=day, repaid_on__isnull=True)
    return [Debt(label=r.get_kind_display(), principal=r.principal, rate=r.rate, since=r.since) for r in rows]


def in_cooling_off(policy: Policy, day: date) -> bool:
    """犹豫期 runs from the sign-off; before it the customer may cancel all the more."""
    return policy.cooling_off_end is None or day <= policy.cooling_off_end


def cooling_off_refund(policy: Policy, day: date) -> Calculation:
    """All premiums paid, less loans taken (facts PS01, 3.5)."""
    paid = premiums_paid(policy)
    lines = [Line(label="退还已交保险费", formula="犹豫期内解除，全额退还", value=paid)]
    for debt in debts_of(policy, day):
        lines.append(Line(label=f"减：{debt.label}本金", value=-debt.principal))
    return not_below_zero(lines, "欠款超过退还金额部分")


def surrender_value(policy: Policy, day: date) -> Calculation:
    """退保金 on a day (M-04): cash values at the day or, with a premium open, at the last paid-to date."""
    valued_on = day
    if policy.paid_to and policy.paid_to < day:
        valued_on = policy.paid_to
    values = []
    for cover in policy.coverages.filter(active=True).select_related("version__product"):
        name = cover.version.product.name
        if cover.version.product.kind == "medical":
            values.append(
                unearned_premium(
                    premium=cover.premium + cover.extra, effective_on=cover.effective_on, day=day,
                    label=f"{name}未满期净保费",
                )
            )
            continue
        table = cash_values_of(
            version=cover.version, sex=policy.insured.sex, age=cover.entry_age, cover_term=cover.cover_term,
            pay_term=cover.pay_term, effective_on=cover.effective_on, sum_assured=cover.sum_assured,
        )
        if table is None:
            raise BookRefused(f"{name}缺少现金价值表，不能计算退保金")
        values.append(cash_value(table, valued_on, label=f"{name}现金价值（第 {policy_year(cover.effective_on, valued_on)} 保单年度）"))
    return surrender_payout(values=values, day=day, debts=debts_of(policy, day), suspense=policy.suspense)


@transaction.atomic
def cancel_in_cooling_off(
    *, policy: Policy, case_number: str, day: date, actor: User, now: datetime
) -> tuple[Endorsement, Calculation]:
    """犹豫期撤单: the contract ends, all premium goes back (保险法 47 does not limit it)."""
    found = locked(policy, case_number)
    _still_there(found)
    if not in_cooling_off(found, day):
        raise BookRefused(f"犹豫期已于 {found.cooling_off_end} 届满")
    calculation = cooling_off_refund(found, day)
    return _end(found, case_number, day, "犹豫期撤单", calculation, actor, now), calculation


@transaction.atomic
def surrender(*, policy: Policy, case_number: str, day: date, actor: User, now: datetime) -> tuple[Endorsement, Calculation]:
    """退保: the contract ends, the cash value is paid (保险法 15, 47)."""
    found = locked(policy, case_number)
    _still_there(found)
    calculation = surrender_value(found, day)
    return _end(found, case_number, day, "退保", calculation, actor, now), calculation


def _still_there(policy: Policy) -> None:
    if policy.status == PolicyStatus.TERMINATED:
        raise BookRefused(f"保单已于 {policy.terminated_on} 终止（{policy.termination}）")


def _end(
    policy: Policy, case_number: str, day: date, cause: str, calculation: Calculation, actor: User, now: datetime
) -> Endorsement:
    before = policy.get_status_display()
    change_status(policy, PolicyStatus.TERMINATED, on=day, cause=cause, case_number=case_number)
    policy.coverages.update(active=False)
    if calculation.amount:
        PremiumEntry.objects.create(
            policy=policy, due_on=day, amount=-calculation.amount, paid_on=None, kind="refund", case_number=case_number
        )
    changes = [
        {"label": "保单状态", "before": before, "after": f"终止（{cause}）"},
        {"label": "应退金额", "before": "", "after": f"{yuan(calculation.amount)} 元"},
    ]
    return endorse(
        policy, case_number=case_number, title=cause, changes=changes, effective_on=day, actor=actor, now=now
    )


def beneficiary_text(rows: list[Any]) -> str:
    """The beneficiaries in one masked text, for before and after."""
    if not rows:
        return "法定继承人"
    parts = []
    for row in rows:
        get = row.get if isinstance(row, dict) else lambda n, r=row: getattr(r, n, None)
        share = get("share_pct")
        parts.append(
            f"{get('name')}（{get('relation') or '关系未填'}，第 {get('order') or 1} 顺序，"
            f"{'均分' if share in (None, '') else plain(Decimal(str(share))) + '%'}，{mask_id(get('id_number') or '')}）"
        )
    return "；".join(parts)


@transaction.atomic
def change_beneficiaries(
    *, policy: Policy, case_number: str, beneficiaries: list[dict[str, Any]], day: date, actor: User, now: datetime
) -> Endorsement:
    """受益人变更 (保险法 41): the old ones end, the new ones begin, the endorsement says both."""
    found = locked(policy, case_number)
    _still_there(found)
    wrong = shares_error([(row.get("order") or 1, row.get("share_pct")) for row in beneficiaries])
    if wrong:
        raise BookRefused(wrong)
    current = list(found.beneficiaries.filter(effective_to__isnull=True))
    before, after = beneficiary_text(current), beneficiary_text(beneficiaries)
    for row in current:
        row.effective_to = day
        row.save(update_fields=["effective_to"])
    write_beneficiaries(found, beneficiaries, day)
    return endorse(
        found, case_number=case_number, title="受益人变更",
        changes=[{"label": "身故受益人", "before": before, "after": after}], effective_on=day, actor=actor, now=now,
    )


@transaction.atomic
def change_contact(
    *, party: Party, phone: str = "", email: str = "", address: str = "", postcode: str = ""
) -> list[dict[str, str]]:
    """联系方式变更 of a person, for all of that person's policies; returns what changed, phone masked."""
    found = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    wanted = {"phone": phone, "email": email, "address": address, "postcode": postcode}
    labels = {"phone": "联系电话", "email": "电子邮箱", "address": "联系地址", "postcode": "邮编"}
    rows = []
    for name, value in wanted.items():
        before = getattr(found, name)
        if not value or value == before:
            continue
        setattr(found, name, value)
        show = mask_phone if name == "phone" else str
        rows.append({"label": labels[name], "before": show(before), "after": show(getattr(found, name))})
    if rows:
        found.save()
    return rows
