"""保单页: the contract as it stands, or stood on a day, with what hangs on it and the cases about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.fields import day_text
from lifeops.cases.models import Case
from lifeops.cases.reach import openable
from lifeops.org.models import Role, User
from lifeops.org.paging import PAGE, page_by_day
from lifeops.org.requests import UserRequest
from lifeops.policies.identity import mask_phone
from lifeops.policies.models import NOTICE_SENDERS, Policy, PolicyStatus
from lifeops.policies.rules.dates import term_label
from lifeops.policies.services.as_of import contact_on, policy_as_of
from lifeops.policies.services.crediting import option_label
from lifeops.policies.services.events import changed_since, events_until
from lifeops.policies.services.holder import holder_on
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.recovering import (
    WHO,
    last_refused,
    may_settle,
    open_recovery,
    recoverable,
    recovery_refusals,
)
from lifeops.policies.services.uncollected import uncollected
from lifeops.policies.services.worth import chosen_words, worth_on

MOST_CHANGES = 100
MOST_LETTERS = 12
#: Who registers and lifts a freeze, stop, pledge or report of loss.
HOLDERS = (Role.HEAD, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.MANAGER)
#: Who prints a statement: everybody on cases but the auditors, who read.
STATEMENT_ROLES = tuple(role for role in CASE_ROLES if role != Role.AUDITOR)


@access(*CASE_ROLES)
@require_GET
def detail(request: UserRequest, number: str) -> HttpResponse:
    """`?as_of=` asks for a day in the past; a day that cannot be read is said at its field and today is shown."""
    policy = get_policy(request.user, number)
    today, asked = timezone.localdate(), request.GET.get("as_of", "").strip()
    day, error = read_day(asked, policy, today)
    sums = balances(policy, day)
    context = {
        "policy": policy, "asked": asked, "error": error, "today": today, "is_today": day == today, "now": timezone.now(),
        "before": request.GET.get("before", ""), **book(policy, day), **money(policy, day, request), "cases": cases_of(policy, request.user),
        "may_hold": day == today and policy.status != PolicyStatus.TERMINATED and request.user.holds(*HOLDERS),
        "letters_due": policy.notices_due.select_related("sent_by").prefetch_related("letters").order_by("-due_on", "-pk")[:MOST_LETTERS] if day == today else [],
        "changed_since": changed_since(policy, day)[:MOST_CHANGES] if day < today else [], "may_print": request.user.holds(*STATEMENT_ROLES),
        "recoverable": recoverable(policy, day, sums),
        "sends": request.user.holds(*NOTICE_SENDERS, path=policy.branch.path),
    }
    if day == today:
        context["uncollected"] = uncollected(policy, day, sums)
        context["may_recover"] = may_settle(request.user, policy)
        if context["may_recover"] and (waits := open_recovery(policy)) is not None:
            context |= {"recovery": waits, "may_decide_recovery": not recovery_refusals(waits, request.user), "deciders": WHO}
        elif context["may_recover"] and context["recoverable"]:
            context["refused_recovery"] = last_refused(policy)
        context["worth"] = worth_on(policy, day, among=[c["row"] for c in context["covers"]], loans=context["loans"])
    return render(request, "policies/detail.html", context, status=400 if error else 200)


def get_policy(user: User, number: str) -> Policy:
    rows = Policy.objects.visible_to(user).select_related("branch", "policyholder", "insured")
    policy = rows.filter(number=number.strip().upper()).first()
    if policy is None or policy.pk not in openable([policy], user):
        raise Http404("没有这张保单，或不在您的可见范围内")
    return policy


def read_day(asked: str, policy: Policy, today: date) -> tuple[date, str]:
    if not asked:
        return today, ""
    try:
        day = parse_date(day_text(asked))
    except ValueError:
        day = None
    if day is None:
        return today, "请填写有效日期"
    if day > today:
        return today, "不能晚于今天"
    if day < policy.applied_on:
        return today, f"不能早于投保日（{policy.applied_on}）"
    return day, ""


def book(policy: Policy, day: date) -> dict[str, Any]:
    """Status, coverages, beneficiaries and endorsements as they stood on the day."""
    found = policy_as_of(policy, day)
    covers = [
        {"row": c, "cover": term_label(c.cover_term), "pay": term_label(c.pay_term), "chosen": chosen_words(c)} for c in found["coverages"]
    ]
    return {
        "day": day, "dividend_option": option_label(policy, found["coverages"], day), "status": found["status"], "status_label": found["status_label"], "covers": covers,
        "beneficiaries": found["beneficiaries"],
        "parties": [
            (label, person, person.age(day), mask_phone(contact_on(person, day)["phone"]))
            for label, person in (("投保人", holder_on(policy, day)), ("被保险人", policy.insured))
        ],
        "holds": policy.holds.filter(placed_on__lte=day).filter(Q(lifted_on__isnull=True) | Q(lifted_on__gt=day))[:PAGE],
        "events": events_until(policy, day)[:PAGE],
        "changes": policy.status_changes.filter(since__lte=day).order_by("-since", "-pk")[:PAGE],
        "endorsements": policy.endorsements.filter(effective_on__lte=day).select_related("made_by").order_by("-pk")[:PAGE],
    }


def money(policy: Policy, day: date, request: UserRequest) -> dict[str, Any]:
    """保费账 (paged by due day and key), payments and loans up to the day."""
    rows = policy.premiums.filter(Q(due_on__lte=day) | Q(paid_on__lte=day))
    premiums, following = page_by_day(rows, request.GET.get("before", ""), "due_on", newest=True)
    payments = policy.payments.filter(created_at__date__lte=day).select_related("released_by")
    return {
        "premiums": premiums, "next": following, "payments": payments.order_by("-pk")[:PAGE],
        "loans": list(policy.loans.filter(since__lte=day).order_by("-pk")[:PAGE]),
        "ledger": statement(policy, min(policy.applied_on, policy.effective_on), day, most=PAGE),
    }


def cases_of(policy: Policy, user: User) -> Any:
    """Cases about the policy, and the one that issued it, as far as the person may see them; newest first."""
    about = Q(policy=policy) | Q(number=policy.issued_by_case) if policy.issued_by_case else Q(policy=policy)
    rows = Case.objects.visible_to(user).filter(about).select_related("branch", "assignee", "holder_branch")
    return rows.order_by("-pk")[:PAGE]
