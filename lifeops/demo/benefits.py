"""Policies of the demonstration on which money waits: an annuity in its second year, a term that is over, a premium paid twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.demo.customers import Book
from lifeops.org.models import Branch
from lifeops.policies.models import Party, Policy, ProductVersion
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.life import bring_to
from lifeops.policies.services.quoting import Ask, choices_of, offer


def annuity(book: Book, branch: Branch, begun: date) -> Policy:
    """Bought at 55 for a single premium, paid from 60 on: two yearly payments wait."""
    effective = add_years(begun - timedelta(days=book.random.randint(20, 60)), -6)
    return _old(book, branch, _aged(book, 55, effective), "A60", effective, begun, premium=Decimal(50000), annuity_start_age=60)


def matured(book: Book, branch: Branch, begun: date) -> Policy:
    """两全保险 whose twenty years are over."""
    effective = add_years(begun - timedelta(days=book.random.randint(5, 25)), -20)
    return _old(book, branch, _aged(book, book.random.randint(25, 35), effective), "E20", effective, begun, sum_assured=Decimal(20000))


def overpaid_policy(book: Book, branch: Branch, begun: date) -> Policy:
    """For which money came in that nobody owed: of every third contract after it had ended."""
    policy = book.old_policy(book.customer(), "W30", branch, plan=0) if book.random.randrange(3) else matured(book, branch, begun)
    book.pay(policy, Decimal(book.random.randint(3, 60) * 50), begun - timedelta(days=2))
    return Policy.objects.get(pk=policy.pk)


def _aged(book: Book, age: int, day: date) -> Party:
    """Somebody who was so old on a day, and a half."""
    facts = book.particulars()
    born = add_years(day - timedelta(days=183), -age)
    return Party.objects.create(**(facts | {"birth_date": born, "id_number": book.identity(facts["sex"], born)}))


def _old(book: Book, branch: Branch, life: Party, code: str, effective: date, begun: date, **asked: Any) -> Policy:
    """Issued when it took effect, lived through by the day run until the customer comes."""
    version = ProductVersion.objects.select_related("product").filter(product__code=code).order_by("sale_from").first()
    assert version is not None
    cover_term = version.terms["cover_terms"][0]
    ask = Ask(
        version=version, sex=life.sex, age=life.age(effective) or 0, cover_term=cover_term, pay_term="SINGLE", pay_mode="single",
        **asked,
    )
    found = offer(ask)
    cover = {
        "version": version, "sum_assured": found.sum_assured or asked["sum_assured"], "cover_term": cover_term, "pay_term": "SINGLE",
        "premium": found.standard, "choices": choices_of(ask),
    }  # fmt: skip
    issued = issue_policy(
        case_number="", branch=branch, agent_code="A1001", policyholder=life, insured=life, relation="self", applied_on=effective,
        effective_on=effective, pay_mode="single", coverages=[cover], beneficiaries=[], actor=book.actor,
        now=timezone.make_aware(datetime.combine(effective, time(10))),
    )  # fmt: skip
    policy = deliver_policy(policy=issued, signed_on=effective + timedelta(days=4))
    with transaction.atomic():
        bring_to(Policy.objects.select_for_update(of=("self",), no_key=True).select_related("insured").get(pk=policy.pk), begun)
    return Policy.objects.get(pk=policy.pk)
