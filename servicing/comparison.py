"""变更对照: what stands in the book and what it would say, row by row, masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from lifeops.cases.models import Case
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import mask_change, mask_id
from lifeops.policies.rules.lines import ZERO, plain, yuan
from lifeops.policies.services.changing import stood_before
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.servicing import CONTACT, CONTACT_MASKS, debts_of
from servicing import benefit, dividend, holder, overpaid
from servicing.contract import asked, back, due_on, effective_day, new_sum, part
from servicing.facts import CONTACT_FIELDS, amount_due, beneficiary_key, contact_changes, current_beneficiaries, day_of
from servicing.models import ChangeRequest

Rows = list[dict[str, str]]


def compare(case: Case, record: ChangeRequest) -> Rows:
    """Rows {label, before, after}: of the book while the case is in hand, as kept once it has ended."""
    if record.comparison:
        return list(record.comparison)
    if case.item == "PS13":
        return of_beneficiaries(current_beneficiaries(case.contract), list(record.beneficiaries.all()))
    if case.item == "PS14":
        return _of_contact(record)
    if case.item == holder.ITEM:
        return [_row(*row) for row in holder.compared(case, record)]
    if case.item == dividend.ITEM:
        return [_row(*row) for row in dividend.compared(case, record, day_of(case))]
    if case.item == overpaid.ITEM:
        return [_row(*row) for row in overpaid.compared(case, record, day_of(case))]
    if case.item in OF_CONTRACT:
        try:
            return OF_CONTRACT[case.item](case, record)
        except BookRefused as refused:
            return [_row("拟办理", "—", str(refused))]
    return _of_exit(case, record)


def _row(label: str, before: str, after: str) -> dict[str, str]:
    return {"label": label, "before": before, "after": after}


def _of_exit(case: Case, record: ChangeRequest) -> Rows:
    policy, day = case.contract, day_of(case)
    try:
        due = f"{yuan(amount_due(case, record).amount)} 元"
    except BookRefused as error:
        due = str(error)
    rows = [_row("保单状态", policy.get_status_display(), f"{day} 终止（{case.item_label}）")]
    for cover in policy.coverages.filter(active=True).select_related("version__product"):
        rows.append(_row(cover.version.product.name, f"保额 {yuan(cover.sum_assured)} 元", "责任终止"))
    for debt in debts_of(policy, day):
        rows.append(_row(debt.label, f"本金 {yuan(debt.principal)} 元", "从应退金额中结清"))
    if policy.suspense:
        rows.append(_row("溢交保费", f"{yuan(policy.suspense)} 元", "一并退还"))
    return [*rows, _row("应退金额", "—", due)]


def _money(amount: Decimal) -> str:
    return f"{yuan(amount)} 元"


def _of_part(case: Case, record: ChangeRequest) -> Rows:
    cover, left = part(case, record)
    premium = cover.premium + cover.extra if case.contract.paid_to else ZERO
    rows = [_row(f"{cover.version.product.name}保额", _money(cover.sum_assured), _money(left.sum_assured))]
    if premium:
        rows.append(_row("每期保险费", _money(premium), _money(left.premium)))
    if cover.bonus_sum:
        rows.append(_row("累积红利保险金额", _money(cover.bonus_sum), _money(cover.bonus_sum * left.sum_assured / cover.sum_assured)))
    return [*rows, _row("应付金额", "—", _money(left.payout.amount))]


def _of_back(case: Case, record: ChangeRequest) -> Rows:
    policy, state = case.contract, back(case, record)
    decision = case.current_decision()
    rows = [
        _row("保单状态", policy.get_status_display(), f"{stood_before(policy).label}（复效）"),
        _row("应补交金额", "—", _money(state.due.amount)),
        _row("暂收款项", _money(state.received), f"收足日 {state.paid_on}" if state.paid_on else f"尚差 {_money(state.lacking)}"),
    ]
    if state.owed:
        rows.append(_row("贷款、垫交本息", _money(state.owed), "一并偿还" if record.with_debts else "不变，继续计息"))
    if decision is not None and decision.is_positive and decision.extra:
        rows.append(_row("每期加费", "—", _money(decision.extra)))
    return rows


def _of_paid_up(case: Case, record: ChangeRequest) -> Rows:
    policy, amount = case.contract, new_sum(case)
    rows = [_row("保单状态", policy.get_status_display(), "减额交清")]
    for cover in policy.coverages.filter(active=True).select_related("version__product"):
        name = cover.version.product.name
        rows.append(_row(name, f"保额 {_money(cover.sum_assured)}", "责任终止" if cover.is_rider else f"保额 {_money(amount)}"))
    return [*rows, _row("下期应交日", str(policy.paid_to or "—"), "不再交费")]


def _of_loan(case: Case, record: ChangeRequest) -> Rows:
    due_on(case, record)
    before = owed_at(open_loans(case.contract), effective_day(case, record))
    return [_row("未还本息", _money(before), _money(before + asked(record))), _row("应付借款", "—", _money(asked(record)))]


def _of_repayment(case: Case, record: ChangeRequest) -> Rows:
    before = owed_at(open_loans(case.contract), effective_day(case, record))
    rows = [_row("未还本息", _money(before), _money(max(Decimal(0), before - asked(record))))]
    if asked(record) > before:
        rows.append(_row("溢交保费", _money(case.contract.suspense), "多还部分转入"))
    return rows


def _of_benefit(case: Case, record: ChangeRequest) -> Rows:
    return [_row(*row) for row in benefit.compared(case, record)]


OF_CONTRACT: dict[str, Callable[[Case, ChangeRequest], Rows]] = {
    "PS03": _of_part, "PS07": _of_back, "PS08": _of_paid_up, "PS09": _of_loan, "PS10": _of_repayment,
    "PS24": _of_benefit, "PS26": _of_benefit,
}  # fmt: skip


def of_beneficiaries(before: Sequence[Any], after: Sequence[Any]) -> Rows:
    """Person by person, in the order of the new list, then those who fall away; nobody named means the heirs."""
    old = {_person(row): row for row in before}
    rows = [
        _row(_who(row), _place(old.get(_person(row))) or "未指定", _place(row)) for row in after
    ] or [_row("法定继承人", "—" if before else "按法定继承", "按法定继承")]
    kept = {_person(row) for row in after}
    rows += [_row(_who(row), _place(row), "不再指定") for row in before if _person(row) not in kept]
    if not before and after:
        rows.append(_row("法定继承人", "按法定继承", "—"))
    return rows


def _person(row: Any) -> str:
    return beneficiary_key(row)[0]


def _who(row: Any) -> str:
    number = mask_id(row.id_number)
    return f"{row.name}（{row.relation or '关系未填'}）{number}"


def _place(row: Any) -> str:
    if row is None:
        return ""
    share = "均分" if row.share_pct is None else f"{plain(Decimal(row.share_pct))}%"
    return f"第 {row.order} 顺序，{share}"


def _of_contact(record: ChangeRequest) -> Rows:
    changes, subject = contact_changes(record), record.subject
    rows = []
    for name in CONTACT_FIELDS:
        held = getattr(subject, name)
        before, after = mask_change(held, changes.get(name, held), CONTACT_MASKS[name])
        rows.append(_row(CONTACT[name], before or "—", after or "—"))
    return rows
