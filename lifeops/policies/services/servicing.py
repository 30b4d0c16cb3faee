"""保全 on the book: 犹豫期撤单, 退保, 受益人变更, 联系方式变更."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from lifeops.org.models import User
from lifeops.org.statements import read
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import (
    mask_address,
    mask_change,
    mask_email,
    mask_id,
    mask_phone,
    normalise_phone,
    phone_error,
)
from lifeops.policies.models import (
    Account,
    Coverage,
    Endorsement,
    EventKind,
    Party,
    PartyContact,
    Policy,
    PolicyLoan,
    PolicyStatus,
    PremiumEntry,
    TerminalEnding,
)
from lifeops.policies.rules.cash import CashValues, Debt, cash_value, debt_lines, surrender_payout, valued_on
from lifeops.policies.rules.dates import policy_year
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, Calculation, Line, not_below_zero, plain, yuan
from lifeops.policies.services.events import Cause, record
from lifeops.policies.services.issuing import beneficiary_rows, named, write_beneficiaries
from lifeops.policies.services.ledger import balance
from lifeops.policies.services.locking import change_status, close_loans, end_covers, endorse, locked, still_there
from lifeops.policies.services.owing import debt_of
from lifeops.policies.services.settling import close_books, drop_receivable
from lifeops.policies.services.terminal import terminal_lines
from lifeops.policies.services.terms import has_no_value, sex_of
from lifeops.policies.services.values import has_paid, short_expense, table_of, unused_premium

logger = logging.getLogger(__name__)


def premiums_paid(policy: Policy, until: date | None = None) -> Decimal:
    """Premiums received up to a day, refunds taken off."""
    rows = policy.premiums.filter(paid_on__isnull=False)
    if until is not None:
        rows = rows.filter(paid_on__lte=until)
    return sum((row.amount for row in rows), Decimal("0.00"))


def debts_of(policy: Policy, day: date) -> list[Debt]:
    """Loans open on a day, also when they were repaid later."""
    rows = read(
        PolicyLoan, "policy_id = %s AND since <= %s AND (repaid_on IS NULL OR repaid_on > %s) ORDER BY since, id", [policy.pk, day, day]
    )
    return [debt_of(row) for row in rows]


def in_cooling_off(policy: Policy, day: date) -> bool:
    """犹豫期 runs from the sign-off; before it the customer may cancel all the more."""
    return policy.cooling_off_end is None or day <= policy.cooling_off_end


#: 工本费: most that a contract may keep back in 犹豫期, in 元 (facts 3.5).
MOST_WORK_COST = Decimal("10.00")


def cooling_off_refund(policy: Policy, day: date, *, work_cost: Decimal = Decimal("0.00")) -> Calculation:
    """All premiums paid and overpaid, less 工本费 of at most 10 元 and loans with interest (facts PS01, 3.5)."""
    if not 0 <= work_cost <= MOST_WORK_COST:
        raise BookRefused(f"工本费不得超过 {yuan(MOST_WORK_COST)} 元")
    lines = [Line(label="退还已交保险费", formula="犹豫期内解除，全额退还", value=premiums_paid(policy))]
    if policy.suspense:
        lines.append(Line(label="加：溢缴保费", value=policy.suspense))
    if work_cost:
        lines.append(Line(label="减：工本费", formula="合同约定", value=-work_cost))
    return not_below_zero([*lines, *debt_lines(debts_of(policy, day), day)], "欠款超过退还金额部分")


def surrender_value(
    policy: Policy, day: date, *, known: Sequence[tuple[Coverage, CashValues | None]] | None = None,
    debts: Sequence[Debt] | None = None,
) -> Calculation:
    """退保金 on a day (M-04): cash values at the day or, with a premium open, at the last paid-to date; medical covers
    by unearned premium (M-03). `known`: the coverages held and their tables, `debts`: what is owed, where they have been read."""
    if known is None:
        known = [(c, table_of(c, sex_of(policy, c))) for c in policy.coverages.filter(active=True).select_related("version__product")]
    values = [value_lines(cover, table, day, valued_on(policy.paid_to, day)) for cover, table in known]
    values.append(terminal_on_leaving(policy, [cover for cover, _ in known], day, policy.status))
    return surrender_payout(values=values, day=day, debts=debts_of(policy, day) if debts is None else debts, suspense=policy.suspense,
                            dividends=max(ZERO, -balance(policy, Account.DIVIDEND)))


def terminal_on_leaving(policy: Policy, covers: Sequence[Coverage], day: date, status: str) -> Calculation:
    """终了红利 with the cash value; none while the contract is suspended."""
    ending = TerminalEnding.SURRENDER
    return Calculation.of([line for c in covers if status in COVERED for line in terminal_lines(policy, c, day, ending)])


def value_lines(cover: Coverage, table: CashValues | None, day: date, until: date) -> Calculation:
    """The cash value of one coverage on a day, counted to `until`; refused where its table is missing."""
    name = cover.version.product.name
    expense = short_expense(cover.version)
    if expense is not None:
        return unused_premium(cover, day, expense, name=name, claimed=has_paid(cover))
    if table is None:
        if has_no_value(cover.version):
            return Calculation.of([Line(label=f"{name}现金价值", formula="条款没有现金价值，随主险终止", value=ZERO)])
        raise BookRefused(f"{name}缺少现金价值表，不能计算退保金")
    year = policy_year(cover.effective_on, until)
    told = "" if until == day else f"，计至 {until}"
    return cash_value(table, until, label=f"{name}现金价值（第 {year} 保单年度{told}）")


@transaction.atomic
def cancel_in_cooling_off(
    *, policy: Policy, case_number: str, day: date, actor: User, now: datetime, work_cost: Decimal = Decimal("0.00")
) -> tuple[Endorsement, Calculation]:
    """犹豫期撤单: the contract ends, all premium goes back and is written to the premium ledger, still to be paid."""
    found = locked(policy, case_number)
    still_there(found)
    if not in_cooling_off(found, day):
        raise BookRefused(f"犹豫期已于 {found.cooling_off_end} 届满")
    calculation, paid = cooling_off_refund(found, day, work_cost=work_cost), premiums_paid(found)
    if paid:
        PremiumEntry.objects.create(
            policy=found, due_on=day, amount=-paid, paid_on=None, kind="refund", case_number=case_number
        )
    return _end(found, case_number, day, "犹豫期撤单", calculation, actor, now, fee=work_cost), calculation


@transaction.atomic
def surrender(*, policy: Policy, case_number: str, day: date, actor: User, now: datetime) -> tuple[Endorsement, Calculation]:
    """退保: the contract ends, the cash value is paid (保险法 15, 47). Within 犹豫期 all premium is due, not less."""
    found = locked(policy, case_number)
    still_there(found)
    if day < found.effective_on:
        raise BookRefused(f"保单自 {found.effective_on} 起生效，此前请按犹豫期撤单办理")
    if found.cooling_off_end is not None and day <= found.cooling_off_end:
        raise BookRefused(f"犹豫期至 {found.cooling_off_end}，期内请按犹豫期撤单办理，全额退还保险费")
    calculation = surrender_value(found, day)
    return _end(found, case_number, day, "退保", calculation, actor, now), calculation


def _end(
    policy: Policy, case_number: str, day: date, cause: str, calculation: Calculation, actor: User, now: datetime,
    *, fee: Decimal = Decimal("0.00"),
) -> Endorsement:
    before, account = policy.get_status_display(), Account.PREMIUM if cause == "犹豫期撤单" else Account.SURRENDER
    closed = close_loans(policy, owed_on=day, closed_on=day)
    money = [
        drop_receivable(policy, on=day, case_number=case_number),
        close_books(policy, on=day, text=f"{cause}应付", case_number=case_number, account=account,
                    payable=calculation.amount, closed=closed, fee=fee),
    ]
    data = {"coverages": end_covers(policy, on=day, case_number=case_number), "money": money, "loans": closed.loans}
    change_status(
        policy, PolicyStatus.TERMINATED, on=day, cause=cause, case_number=case_number, data=data,
        why=Cause.of(case_number, actor),
    )
    changes = [
        {"label": "保单状态", "before": before, "after": f"终止（{cause}）"},
        {"label": "应退金额", "before": "", "after": f"{yuan(calculation.amount)} 元"},
    ]
    return endorse(
        policy, case_number=case_number, title=cause, changes=changes, effective_on=day, actor=actor, now=now
    )


def beneficiary_text(rows: list[Any]) -> str:
    """The beneficiaries in one masked text, for before and after; rows are dicts or `Beneficiary`."""
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
    """受益人变更 (保险法 41): the old ones end, the new ones begin, the endorsement says both. None: 法定继承人.

    Without effect once the insured has died (司法解释三 11).
    """
    found = locked(policy, case_number)
    still_there(found)
    if found.insured.died_on is not None:
        raise BookRefused(f"被保险人已于 {found.insured.died_on} 身故，受益人不能再变更")
    rows, start = beneficiary_rows(beneficiaries), max(day, found.effective_on)
    current = list(found.beneficiaries.filter(effective_to__isnull=True))
    if any(row.effective_from > start for row in current):
        raise BookRefused("变更生效日早于现受益人的指定日")
    for row in current:
        row.effective_to = start
        row.save(update_fields=["effective_to"])
    write_beneficiaries(found, rows, start)
    record(
        found, EventKind.BENEFICIARIES, on=start, cause=Cause.of(case_number, actor), note="受益人变更",
        data={"beneficiaries": named(found.beneficiaries.filter(effective_to__isnull=True))},
    )
    changes = [{"label": "身故受益人", "before": beneficiary_text(current), "after": beneficiary_text(rows)}]
    return endorse(
        found, case_number=case_number, title="受益人变更", changes=changes, effective_on=start, actor=actor, now=now
    )


CONTACT = {"phone": "联系电话", "email": "电子邮箱", "address": "联系地址", "postcode": "邮编"}
CONTACT_MASKS: dict[str, Callable[[str], str]] = {"phone": mask_phone, "email": mask_email, "address": mask_address, "postcode": str}


@transaction.atomic
def change_contact(
    *, party: Party, case_number: str, phone: str = "", email: str = "", address: str = "", postcode: str = "",
    actor: User, now: datetime,
) -> list[dict[str, str]]:
    """联系方式变更 of a person, and so for all of that person's policies. What is left empty stays.

    Returns rows {label, before, after}, masked, for the case to keep; there is no endorsement.
    """
    found = Party.objects.select_for_update(of=("self",), no_key=True).get(pk=party.pk)
    wanted = {
        "phone": normalise_phone(phone), "email": email.strip(), "address": address.strip(), "postcode": postcode.strip()
    }
    reasons = _contact_errors(wanted)
    if reasons:
        raise BookRefused(*reasons)
    changed = {name: value for name, value in wanted.items() if value and value != getattr(found, name)}
    rows: list[dict[str, str]] = []
    if changed and not found.contacts_held.exists():
        PartyContact.objects.create(party=found, **{name: getattr(found, name) for name in CONTACT})
    for name, value in changed.items():
        before, after = mask_change(getattr(found, name), value, CONTACT_MASKS[name])
        rows.append({"label": CONTACT[name], "before": before, "after": after})
        setattr(found, name, value)
    if changed:
        found.save(update_fields=[*changed])
        PartyContact.objects.create(
            party=found, since=timezone.localdate(now), case_number=case_number,
            **{name: getattr(found, name) for name in CONTACT},
        )
        logger.info("contact changed party=%s case=%s by=%s at=%s", found.pk, case_number, actor.staff_no, now)
    return rows


def _contact_errors(wanted: dict[str, str]) -> list[str]:
    reasons = []
    if wanted["phone"] and phone_error(wanted["phone"]):
        reasons.append(phone_error(wanted["phone"]))
    if wanted["email"]:
        try:
            validate_email(wanted["email"])
        except ValidationError:
            reasons.append("电子邮箱格式不正确")
    if wanted["postcode"] and not re.fullmatch(r"\d{6}", wanted["postcode"]):
        reasons.append("邮编应为 6 位数字")
    if len(wanted["address"]) > 200:
        reasons.append("联系地址不得超过 200 字")
    return reasons
