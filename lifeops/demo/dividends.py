"""Participating policies of the demonstration, three years old: rates declared by two people, bonuses and dividends credited, one
policy for each way of taking them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.demo.company import Team
from lifeops.demo.customers import Book
from lifeops.documents.policy_notices import print_notice
from lifeops.org.models import Branch, User
from lifeops.policies.models import (
    NOTICE_SENDERS,
    DividendOption,
    NoticeKind,
    Policy,
    PolicyNotice,
    Product,
    ProductVersion,
    SentHow,
)
from lifeops.policies.rules.dates import anniversary, years_completed
from lifeops.policies.services.dividend_choice import choose_option
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.life import bring_to
from lifeops.policies.services.locking import locked
from lifeops.policies.services.notices import send_notice
from lifeops.policies.services.premiums import receive_premium, touch
from lifeops.policies.services.quoting import Ask, choices_of, offer

YEARS = 3
#: So long the letter of a policy year may wait.
WAITS = 40
#: product, kind, rate, what else the declaration says
RATES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("A60", "bonus", "0.012", {"base": "effective"}),
    ("A60", "terminal", "0.02", {"base": "effective", "ending": "surrender", "year_from": 2, "by_years": True}),
    ("A60", "terminal", "0.03", {"base": "effective", "ending": "death", "year_from": 2, "by_years": True}),
    ("W31", "cash", "0.008", {"base": "basic"}), ("W31", "interest", "0.025", {}),
)  # fmt: skip


def declare_rates(manager: User, approver: User) -> None:
    """For each calendar year since, approved in its January; of the last also what waits for the second person."""
    today = timezone.localdate()
    for year in range(today.year - YEARS, today.year + 1):
        at = min(timezone.make_aware(datetime(year, 1, 15, 10)), timezone.now())
        for code, kind, rate, also in RATES:
            given = also | {"product": Product.objects.get(code=code), "kind": kind, "rate": Decimal(rate)}
            row = declare(**given, first_on=date(year, 1, 1), last_on=date(year, 12, 31), reason=f"{year} 年度红利分配方案", actor=manager, now=at)
            decide(row=row, approve=True, remark="与分配方案一致", actor=approver, now=at)
    nxt = today.year + 1
    declare(
        product=Product.objects.get(code="A60"), kind="bonus", base="effective", rate=Decimal("0.011"), first_on=date(nxt, 1, 1), last_on=date(nxt, 12, 31),
        reason=f"{nxt} 年度红利分配方案", actor=manager, now=timezone.now(),
    )  # fmt: skip


def sell(book: Book, branch: Branch, code: str, *, option: str = "", chosen_by: User | None = None) -> Policy:
    """Three years and a month ago, its premiums paid since; the next day run brings it to today."""
    effective = timezone.localdate() - timedelta(days=YEARS * 365 + 32)
    life = book.customer()
    asked: dict[str, Any] = {"premium": Decimal(10000), "annuity_start_age": 60} if code == "A60" else {"sum_assured": Decimal(200000)}
    version = ProductVersion.objects.select_related("product").get(product__code=code, version="1" if code == "A60" else "2020")
    cover_term = version.terms["cover_terms"][0]
    age = life.age(effective) or 0
    ask = Ask(version=version, sex=life.sex, age=age, cover_term=cover_term, pay_term="10Y", pay_mode="annual", **asked)
    found = offer(ask)
    cover = {
        "version": version, "sum_assured": found.sum_assured or Decimal(200000), "cover_term": cover_term, "pay_term": "10Y", "premium": found.standard,
        "choices": choices_of(ask),
    }  # fmt: skip
    issued = issue_policy(
        case_number="", branch=branch, agent_code="A1001", policyholder=life, insured=life, relation="self", applied_on=effective, effective_on=effective,
        pay_mode="annual", coverages=[cover], beneficiaries=[], actor=book.actor, now=timezone.make_aware(datetime.combine(effective, time(10))),
    )  # fmt: skip
    policy = deliver_policy(policy=issued, signed_on=effective + timedelta(days=4))
    if option:
        choose_option(policy=policy, case_number="", option=option, day=effective + timedelta(days=20), actor=chosen_by or book.actor)
    receive_premium(
        policy=policy, amount=found.standard * YEARS, received_on=effective + timedelta(days=5), reference=f"D{policy.pk}", actor=book.actor, now=timezone.now()
    )
    return policy


def send_letters(policy: Policy, by: User) -> None:
    """红利通知书 of anniversaries longer ago than `WAITS` days were sent in time; the others wait."""
    long_ago = timezone.localdate() - timedelta(days=WAITS)
    for year in range(1, years_completed(policy.effective_on, long_ago) + 1):
        with transaction.atomic():
            found = locked(policy)
            # what was sold before the rates were declared is looked at again from there
            touch(found, anniversary(found.effective_on, year))
            bring_to(found, anniversary(found.effective_on, year))
        sent = anniversary(policy.effective_on, year) + timedelta(days=4)
        rows = PolicyNotice.objects.select_related("policy__branch", "policy__policyholder", "policy__insured").waiting()
        for notice in rows.filter(policy=policy, kind=NoticeKind.DIVIDEND):
            print_notice(notice=notice, actor=by, now=timezone.make_aware(datetime.combine(sent, time(10))))
            send_notice(notice=notice, how=SentHow.MAIL, tracking=f"EMS{notice.pk:08d}", day=sent, today=sent, actor=by)


def participating(book: Book, teams: list[Team], manager: User, approver: User) -> None:
    declare_rates(manager, approver)
    able = [t for t in teams if any(role in t.posts for role in NOTICE_SENDERS)]  # who sends letters
    for n, option in enumerate(("", *DividendOption.values)):
        team = able[n % len(able)]
        sell(book, team.branch, "W31" if option else "A60", option="" if option == DividendOption.ACCUMULATE else option)
    senders = {t.branch.pk: next(t[role] for role in NOTICE_SENDERS if role in t.posts) for t in able}
    for policy in Policy.objects.filter(coverages__version__product__is_participating=True, branch__in=senders).distinct().order_by("pk"):
        send_letters(policy, senders[policy.branch_id])
