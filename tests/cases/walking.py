"""One random move of a case: who tries what, with which inputs; and what must hold whatever was tried."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.access import steps_for
from lifeops.cases.errors import NotDone
from lifeops.cases.models import Case, Clock, CustodySegment, Request
from lifeops.cases.perform import perform
from lifeops.cases.registry import at_desk, resolve
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.org.models import AuthorityLimit, Role, User
from lifeops.policies.models import Payment, Policy
from tests.factories import inputs_for, overrides_at_counter, overrides_for, proposal_inputs

AMOUNTS = ("", "0", "1000.00", "60000.00", "900000.00", "99999999.00")
#: Ways out and back that would end most walks early.
RARELY = {"withdraw", "hand_back", "reopen_capture", "return_for_correction"}
DECIDED = (State.APPROVED, State.DECLINED, State.RELEASED, State.ARCHIVED)


def current(case: Case) -> Case:
    return at_desk(Case.objects.select_related("branch", "assignee", "reviewer", "policy").get(pk=case.pk))


def inputs(case: Case, step: str, rng: random.Random, people: list[User]) -> dict[str, Any]:
    """Something a person might type for a step; now and then nonsense."""
    today = timezone.localdate()
    if step == "save_record":
        return proposal_inputs(case.item) if case.line == "underwriting" else inputs_for(case)
    if step == "conclude":
        reasons = [r.code for r in case.line_spec.reasons]
        return {
            "outcome": rng.choice(case.item_spec.outcomes).code, "amount": rng.choice(AMOUNTS),
            "reason_code": rng.choice(["", *reasons]), "opinion": rng.choice(["", "事实清楚"]),
        }
    if step == "pass_precheck":
        return {"overrides": overrides_at_counter(case) if rng.random() < 0.9 else {}}
    if step == "hand_over":
        return {"overrides": overrides_for(case) if rng.random() < 0.9 else {}}
    common = {
        "reason": rng.choice(["随机理由", "随机理由", ""]), "until": (today + timedelta(days=rng.choice([-1, 3, 90]))).isoformat(),
        "assignee": rng.choice(people).username, "opinion": "", "gaps": [f"缺项{rng.randrange(1000)}"],
        "received_on": today.isoformat(), "how": "hand", "to": "客户", "signed_on": today.isoformat(), "box": "B1", "shelf": "A1",
    }
    if step == "issue_request":
        return common | {
            "kind": "query", "addressee": "customer", "cause": f"事由{rng.randrange(4)}", "extra": "补充说明",
            "blocking": rng.random() < 0.7, "due_days": 10,
        }
    return common


def move(case: Case, rng: random.Random, people: list[User]) -> tuple[str, bool]:
    """One attempt by one person: a step the person is offered, or with some luck any step at all. Returns what, done."""
    case, wild = current(case), rng.random() < 0.3
    user, offered = rng.choice(people), []
    for user in [user] if wild else rng.sample(people, len(people)):
        offered = [s.name for s in steps_for(case, user, hidden=True) if s.allowed]
        if set(offered) - RARELY or case.state == State.WAITING:
            break
    names = sorted(case.declared_steps()) if wild else [n for n in offered if n not in RARELY or rng.random() < 0.1]
    acts: list[tuple[str, Callable[[], Any]]] = []
    for name in names:
        acts.append((name, lambda n=name: perform(case, n, actor=user, **inputs(case, n, rng, people))))
    for letter in case.requests.select_related("case__branch", "branch"):
        for name in letter.declared_steps():
            acts.append((f"request.{name}", lambda n=name, q=letter: perform_request(
                q, n, actor=user, how="面交", to="客户", reply="已回复", reason="理由", way="phone", note="联系",
                due_on=(q.due_on + timedelta(days=5)).isoformat(), handler=user.username,
            )))
    for payment in Payment.objects.filter(case_number=case.number):
        acts.append(("money.release", lambda p=payment: move_money(
            case=case, payment=p, act="release", actor=user, now=timezone.now(),
        )))
    if not acts:
        return "nothing", False
    name, act = rng.choice(acts)
    before = fingerprint(case)
    try:
        with transaction.atomic():
            act()
    except NotDone:
        assert fingerprint(case) == before, f"{name} failed and left something changed"
        return name, False
    return name, True


def fingerprint(case: Case) -> list[Any]:
    """Everything a step may touch."""
    decisions = resolve(case.line_spec.decision).objects.filter(case_id=case.pk)
    record = resolve(case.line_spec.record).objects.filter(case_id=case.pk)
    tables = [
        Case.objects.filter(pk=case.pk), case.events.all(), CustodySegment.objects.filter(case_id=case.pk),
        Clock.objects.filter(case_id=case.pk), Request.objects.filter(case_id=case.pk), decisions, record,
        Payment.objects.filter(case_number=case.number), Policy.objects.all(),
    ]
    return [list(rows.order_by("pk").values_list()) for rows in tables]


def unlawful(case: Case) -> list[str]:
    """What would be wrong with the case as it stands; reckoned from rows, not from the rules under test."""
    case, wrong = current(case), []
    paid = Payment.objects.filter(case_number=case.number)
    decision = case.current_decision()
    if case.state in DECIDED and case.events.filter(to_state__in=(State.APPROVED, State.DECLINED)).exists():
        wrong += unsigned(case, decision)
    elif paid.exists():
        wrong.append("money without a decision")
    if case.state not in DECIDED and decision is not None and decision.signed_by_id:
        wrong.append("signed and yet undecided")
    for payment in paid:
        if payment.released_by_id and payment.released_by_id == payment.created_by_id:
            wrong.append("money made and released by one person")
        if decision and payment.amount > decision.amount:
            wrong.append("more money than was decided")
    return wrong


def unsigned(case: Case, decision: Any) -> list[str]:
    """What is wrong with the signature under a decision."""
    if decision is None or decision.signed_by_id is None:
        return ["decided without a signature"]
    limits = AuthorityLimit.objects.filter(line=case.line, item__in=["", case.item], outcome__in=["", decision.outcome])
    signer = User.objects.get(pk=decision.signed_by_id)
    if decision.single:
        reviewer_limits = [r.max_amount for r in limits.filter(role=case.line_spec.reviewer_role, grade__lte=grade(signer))]
        spec = case.item_spec.outcome(decision.outcome)
        if signer.pk != decision.made_by_id:
            return ["one signature by somebody else"]
        if spec.always_second and not case.item_spec.one_signature:
            return ["one signature where two are asked"]
        return [] if max(reviewer_limits, default=Decimal(-1)) >= decision.amount else ["one signature over its limit"]
    wrong = []
    if signer.pk == decision.made_by_id or not signer.holds(Role.APPROVER):
        wrong.append("no second person")
    hand = case.events.filter(Q(actor=signer) | Q(acting_for=signer)).exclude(from_state=State.PENDING_APPROVAL)
    if hand.exclude(seq__gt=case.events.filter(step="approve").order_by("-seq").first().seq).exists():
        wrong.append("the signer had a hand in the case")
    if max([r.max_amount for r in limits.filter(role=Role.APPROVER, grade__lte=grade(signer))], default=Decimal(-1)) < decision.amount:
        wrong.append("signed over the limit")
    return wrong


def grade(user: User) -> int:
    return max(p.grade for p in user.active_postings())


def way_on(case: Case, people: list[User]) -> bool:
    """Some member of staff may take a step that is not a withdrawal, or may move what the case waits for."""
    case = current(case)
    for user in sorted(people, key=lambda person: person.pk != case.assignee_id):
        if any(s.allowed and s.name != "withdraw" for s in steps_for(case, user, hidden=True)):
            return True
    if case.state != State.WAITING:
        return False
    letters = list(Request.objects.filter(case=case).blocking().select_related("case__branch", "branch"))
    return bool(letters) and all(
        any(s.allowed for user in people for s in steps_for(letter, user, hidden=True)) for letter in letters
    )


def is_over(case: Case) -> bool:
    return current(case).state == State.ARCHIVED


