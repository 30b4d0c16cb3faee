"""Who may sign what: limits are rows with effective dates, evaluated at the moment of signing (facts 4.8, 5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from lifeops.cases.needs import Rule
from lifeops.cases.registry import Outcome, resolve
from lifeops.cases.screened import SENIOR_GRADE, needs_senior
from lifeops.org.locks import Lock, hold_one
from lifeops.org.models import AuthorityLimit, Role, User, amount_text, limit_for

if TYPE_CHECKING:
    from lifeops.cases.models import Case

HIGHEST_GRADE = 5


@dataclass(frozen=True)
class SameEvent:
    """Other cases of the same event of the same insured: how many have a conclusion to pay, and what they come to (元).
    `key` names whose events must be reckoned one at a time."""

    key: str = ""
    amount: Decimal = Decimal("0.00")
    cases: int = 0

    def words(self, amount: Decimal) -> str:
        """"" or how the amount of the case adds to theirs."""
        return f"，同一事故另有 {self.cases} 件共 {amount_text(self.amount)}，累计 {amount_text(amount + self.amount)}" if self.cases else ""


def same_event(case: Case, amount: Decimal) -> SameEvent:
    """What the event comes to besides this case: an event cut into several cases is signed for as the whole. Nothing where
    the case itself pays nothing."""
    hook = case.line_spec.same_event
    return resolve(hook)(case) if hook and amount > 0 else SameEvent()


def one_at_a_time(case: Case) -> None:
    """Wait for others who conclude or sign on the same insured: each must see what the other signed for."""
    hook = case.line_spec.same_event
    key = resolve(hook)(case, key_only=True).key if hook else ""
    if key:
        hold_one(Lock.EVENT, f"{case.line}:{key}")


@dataclass(frozen=True)
class Route:
    """Where a conclusion goes: signed by the reviewer alone, or to the lowest sufficient signer.

    `limit` is the row that decided; `text` explains it to the reviewer: 您的权限 …，本案 …，将提交 ….
    """

    alone: bool
    grade: int
    limit: AuthorityLimit | None
    text: str


def own_limit(case: Case, user: User, outcome: str, day: date) -> AuthorityLimit | None:
    """The row that bounds what this reviewer may sign alone on this case."""
    role = case.line_spec.reviewer_role
    grade = user.grade_in(role, case.branch_path)
    if not grade:
        return None
    return limit_for(role=role, grade=grade, line=case.line, item=case.item, outcome=outcome, day=day)


def lowest_signer(case: Case, outcome: Outcome, amount: Decimal, day: date, floor: int = 0) -> tuple[int, AuthorityLimit | None]:
    """Lowest grade of 批准岗 whose limit covers the amount and that the line asks for; one grade more where the outcome asks
    for it; in any case no lower than the `floor`."""
    least = resolve(case.line_spec.least_grade)(case, amount) if case.line_spec.least_grade else 0
    if amount > 0 and outcome.positive and needs_senior(case):
        least = max(least, SENIOR_GRADE)
    rows = AuthorityLimit.objects.in_force(day).filter(
        role=Role.APPROVER, line=case.line, item__in=["", case.item], outcome__in=["", outcome.code]
    )
    best: dict[int, AuthorityLimit] = {}
    for row in rows:
        held = best.get(row.grade)
        if held is None or (bool(row.outcome), bool(row.item), row.effective_from) > (
            bool(held.outcome),
            bool(held.item),
            held.effective_from,
        ):
            best[row.grade] = row
    sufficient = sorted(grade for grade, row in best.items() if row.max_amount >= amount and grade >= least)
    if not sufficient:
        return HIGHEST_GRADE, None
    grade = sufficient[0]
    if outcome.tier_up:
        grade = next((g for g in sorted(best) if g > grade), grade)
    if grade < floor:
        grade = next((g for g in sufficient if g >= floor), 0)
    return (grade, best[grade]) if grade else (HIGHEST_GRADE, None)


def route(case: Case, user: User, outcome: Outcome, amount: Decimal, day: date, floor: int = 0) -> Route:
    """Decide who signs, and say why in one sentence. `floor`: the grade that what was concluded asks for at least."""
    own = own_limit(case, user, outcome.code, day)
    mine = amount_text(own.max_amount) if own else "无单人签批权限"
    second = resolve(case.line_spec.second_signature)(case) if case.line_spec.second_signature and amount > 0 else ""
    if not second and amount > 0 and outcome.positive and needs_senior(case):
        second = f"此项须由 {SENIOR_GRADE} 级以上批准岗批准"  # not why: the words stand on the trail, which the counter reads
    single = (case.item_spec.one_signature or not outcome.always_second) and not second
    others = same_event(case, amount)
    total, this = amount + others.amount, f"本案 {amount_text(amount)}{others.words(amount)}"
    if own and single and total <= own.max_amount:
        return Route(True, 0, own, f"您的权限 {mine}，{this}，您可直接签批")
    grade, row = lowest_signer(case, outcome, total, day, floor)
    if row is None:
        return Route(False, grade, None, f"{this}，尚无批准岗的额度覆盖，请联系安全管理岗维护权限额度")
    why = "该结论须提高一级批准，" if outcome.tier_up else ""
    if own and not single and total <= own.max_amount:
        why = f"{why}{second or '此项须由另一人批准'}，"
    return Route(
        False,
        grade,
        row,
        f"您的权限 {mine}，{this}，{why}将提交 {grade} 级批准岗（额度 {amount_text(row.max_amount)}）",
    )


def signing_grade(case: Case, user: User) -> int:
    return user.grade_in(Role.APPROVER, case.branch_path)


def signing_limit(case: Case, user: User, day: date) -> AuthorityLimit | None:
    """The row by which an approver signs this case now; None when it does not reach."""
    decision = case.current_decision()
    grade = signing_grade(case, user)
    if decision is None or not grade:
        return None
    row = limit_for(
        role=Role.APPROVER, grade=grade, line=case.line, item=case.item, outcome=decision.outcome, day=day
    )
    if row is None or grade < case.required_grade:
        return None
    return row if row.max_amount >= decision.amount + same_event(case, decision.amount).amount else None


def _authority_words(case: Case, user: User) -> str:
    from django.utils import timezone

    decision = case.current_decision()
    grade = signing_grade(case, user)
    row = decision and limit_for(
        role=Role.APPROVER,
        grade=grade,
        line=case.line,
        item=case.item,
        outcome=decision.outcome,
        day=timezone.localdate(),
    )
    mine = amount_text(row.max_amount) if row else "0 元"
    amount = amount_text(decision.amount) + same_event(case, decision.amount).words(decision.amount) if decision else "未定"
    return f"您可签 {mine}（{grade} 级），本案 {amount}，{_needed(case)}"


def _needed(case: Case) -> str:
    """The grade that signs now: the one found at the conclusion, or a higher one where the event has come to more since."""
    from django.utils import timezone

    decision, grade = case.current_decision(), case.required_grade
    if decision is not None:
        total = decision.amount + same_event(case, decision.amount).amount
        now, row = lowest_signer(case, decision.spec, total, timezone.localdate())
        if row is None:
            return "尚无批准岗的额度覆盖"
        grade = max(grade, now)
    return f"需 {grade} 级批准岗"


def _within(case: Case, user: User) -> bool:
    from django.utils import timezone

    return signing_limit(case, user, timezone.localdate()) is not None


within_authority = Rule(_within, _authority_words, who="级别和额度足够的批准岗", brief="级别和额度足够")
