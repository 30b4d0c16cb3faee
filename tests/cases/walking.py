"""One random move of a case: who tries what, with which inputs; and what must hold whatever was tried."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import Min, Q, Sum
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.access import steps_for
from lifeops.cases.errors import NotDone
from lifeops.cases.models import Case, CaseEvent, Clock, CustodySegment, Request
from lifeops.cases.perform import perform
from lifeops.cases.registry import at_desk, resolve
from lifeops.cases.requests import perform_request
from lifeops.cases.states import DURING, State
from lifeops.org.models import AuthorityLimit, Role, User
from lifeops.policies.models import LedgerLine, Payment, Policy
from tests.factories import inputs_for, overrides_at_counter, overrides_for, proposal_inputs

AMOUNTS = ("", "0", "1000.00", "60000.00", "900000.00", "99999999.00")
#: Acts on a payment with their inputs; "" is what the payment says.
MONEY: dict[str, dict[str, str]] = {
    "release": {}, "settle": {"reference": "B1"}, "return": {"reason": "账号不符"}, "reissue": {"payee": "", "bank": "", "account": ""},
}
#: Ways out and back that would end most walks early.
RARELY = {"withdraw", "hand_back", "assign", "reopen_capture", "return_for_correction"}
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
            "reason_code": rng.choice(["", *reasons]), "opinion": rng.choice(["", "事实清楚", "事实清楚"]),
        }
    if step == "pass_precheck":
        return {"overrides": overrides_at_counter(case) if rng.random() < 0.9 else {}}
    if step == "hand_over":
        return {"overrides": overrides_for(case) if rng.random() < 0.9 else {}}
    common = {
        "reason": rng.choice(["随机理由", "随机理由", ""]), "until": (today + timedelta(days=rng.choice([-1, 3, 90]))).isoformat(),
        "assignee": rng.choice([*(p for p in people if p.holds(case.line_spec.reviewer_role, Role.APPROVER)), people[0]]).username, "opinion": "", "gaps": [f"缺项{rng.randrange(1000)}"],
        "received_on": today.isoformat(), "how": "hand", "to": "客户", "signed_on": today.isoformat(), "box": "B1", "shelf": "A1",
        "signer": "客户",
    }
    if step == "issue_request":
        return common | {
            "kind": rng.choice(["query", "query", "exam", "investigation"]), "addressee": rng.choice(["customer", "customer", "branch"]),
            "cause": f"事由{rng.randrange(4)}", "extra": "补充说明", "blocking": rng.random() < 0.7, "due_days": 10,
        }
    return common


def answers(letter: Request, rng: random.Random, people: list[User]) -> dict[str, Any]:
    """Inputs of any step of a letter."""
    return {
        "how": "面交", "to": "客户", "reply": "已回复", "reason": rng.choice(["理由", "理由", ""]), "way": "phone", "note": "联系",
        "due_on": (letter.due_on + timedelta(days=rng.choice([-1, 5]))).isoformat(), "handler": rng.choice(people).username,
        "conclusion": rng.choice(["属实", "属实", ""]), "second_signer": rng.choice(people).staff_no,
    }


def allowed(of: Case | Request, user: User) -> list[str]:
    return [s.name for s in steps_for(of, user, hidden=True) if s.allowed]


def letters_of(case: Case) -> list[Request]:
    rows = list(case.requests.select_related("branch", "second_signer").order_by("pk"))
    for row in rows:
        row.case = case
    return rows


def move(case: Case, rng: random.Random, people: list[User]) -> tuple[str, bool]:
    """One attempt by one person: a step the person is offered, or with some luck any step at all. Returns what, done."""
    case, wild, letters = current(case), rng.random() < 0.3, letters_of(case)
    offered: list[str] = []
    for user in rng.sample(people, 1 if wild else len(people)):
        offered = [] if wild else allowed(case, user)
        at_letters = [] if wild else [(letter, name) for letter in letters if letter.is_open for name in allowed(letter, user)]
        if set(offered) - RARELY or at_letters:
            break
    names = sorted(case.declared_steps()) if wild else [n for n in offered if n not in RARELY or rng.random() < 0.1]
    if wild:
        at_letters = [(letter, name) for letter in letters for name in letter.declared_steps()]
    acts: list[tuple[str, Callable[[], Any]]] = [
        (name, lambda n=name: perform(case, n, actor=user, **inputs(case, n, rng, people))) for name in names
    ]
    acts += [
        (f"request.{name}", lambda n=name, q=letter: perform_request(q, n, actor=user, **answers(q, rng, people)))
        for letter, name in at_letters
    ]
    for payment in Payment.objects.filter(case_number=case.number):
        for act, more in MONEY.items():
            acts.append((f"money.{act}", lambda p=payment, a=act, m=more: move_money(
                case=case, payment=p, act=a, actor=user, now=timezone.now(),
                **{name: value or getattr(p, name) for name, value in m.items()},
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


def fingerprint(case: Case) -> tuple[Any, ...]:
    """Everything a step may touch, in one statement: it is asked before every move."""
    own = [Case, CaseEvent, CustodySegment, Clock, Request, resolve(case.line_spec.decision), resolve(case.line_spec.record)]
    tables = [(model._meta.db_table, "case_id" if model is not Case else "id", case.pk) for model in own]
    tables += [(Payment._meta.db_table, "case_number", case.number)]
    parts = [f"(SELECT json_agg(t ORDER BY t::text)::text FROM {table} t WHERE {column} = %s)" for table, column, _ in tables]
    parts.append(f"(SELECT json_agg(t ORDER BY t::text)::text FROM {Policy._meta.db_table} t)")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", [value for _, _, value in tables])
        found: tuple[Any, ...] = cursor.fetchone()
    return found


def unlawful(case: Case) -> list[str]:
    """What would be wrong with the case as just read; reckoned from rows, not from the rules under test."""
    wrong, paid, decision = inconsistent(case), list(Payment.objects.filter(case_number=case.number)), case.current_decision()
    if case.state in DECIDED and case.events.filter(to_state__in=(State.APPROVED, State.DECLINED)).exists():
        wrong += unsigned(case, decision)
    elif paid:
        wrong.append("money without a decision")
    if case.state not in DECIDED and decision is not None and decision.signed_by_id:
        wrong.append("signed and yet undecided")
    for payment in paid:
        if payment.released_by_id and payment.released_by_id == payment.created_by_id:
            wrong.append("money made and released by one person")
    under_way = sum((p.amount for p in paid if p.state in ("ready", "released", "settled")), Decimal(0))
    if under_way > (decision.amount if decision else 0):
        wrong.append("more money than was decided")
    if len({p.amount for p in paid}) > 1:
        wrong.append("a new instruction of another amount")
    if ledger_of(case) != 0:
        wrong.append("the ledger does not balance")
    return wrong


def ledger_of(case: Case) -> Decimal:
    """What all lines of the policy's ledger come to."""
    policy = case.policy or Policy.objects.filter(issued_by_case=case.number).first()
    found = LedgerLine.objects.filter(entry__policy=policy).aggregate(total=Sum("amount"))["total"] if policy else None
    return found or Decimal(0)


#: Who has a case in hand, by where it waits; a returned one of the counter is the customer's.
PARTY = {State.RETURNED: "customer", State.QUEUED: "hq", State.IN_REVIEW: "hq", State.PENDING_APPROVAL: "hq"}


def inconsistent(case: Case) -> list[str]:
    """Where trail, custody, letters and clocks do not say what the case says."""
    wrong = []
    trail = list(case.events.order_by("seq").values_list("seq", "from_state", "to_state", "version"))
    if [row[0] for row in trail] != list(range(1, case.event_seq + 1)) or trail[-1][2] != case.state or trail[-1][3] > case.version:
        wrong.append("the trail does not end where the case is")
    if any(after[1] != before[2] for before, after in pairwise(trail)):
        wrong.append("the trail has a leap")
    ledger = list(case.custody.filter(request=None).order_by("seq").values_list("seq", "party", "branch_id", "user_id", "since"))
    if [row[0] for row in ledger] != list(range(1, case.custody_seq + 1)) or ledger != sorted(ledger, key=lambda row: row[4]):
        wrong.append("custody has a gap")
    if ledger[-1][1:4] != (case.holder_party, case.holder_branch_id, case.custody_user_id):
        wrong.append("custody ends in other hands")
    letters = list(case.requests.order_by("pk"))
    blocking = [letter for letter in letters if letter.blocking and letter.is_open]
    if (case.state == State.WAITING) != bool(blocking) and case.state in DURING:
        wrong.append("waits for nothing, or goes on in spite of a letter")
    party = blocking[0].holder_party if case.state == State.WAITING and blocking else PARTY.get(case.state, "branch")
    if case.holder_party != party:
        wrong.append(f"{case.state} in the hands of {case.holder_party}")
    held = case.state in (State.IN_REVIEW, State.PENDING_APPROVAL)
    if case.assignee_id and not (held and case.custody_user_id == case.assignee_id):
        wrong.append("held by somebody where nobody holds")
    if case.state == State.IN_REVIEW and not case.assignee_id:
        wrong.append("in review with nobody")
    for letter in letters:
        last = letter.custody.order_by("-seq").first()
        if (last.seq, last.party) != (letter.custody_seq, letter.holder_party):
            wrong.append("a letter in other hands than its ledger says")
        if letter.is_open and case.state == State.WITHDRAWN:
            wrong.append("a letter outlives its case")
    if case.due_at != case.clocks.running().aggregate(first=Min("due_at"))["first"]:
        wrong.append("due at another time than its first clock")
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
        hook = case.line_spec.second_signature
        if hook and decision.amount > 0 and resolve(hook)(case):
            return ["one signature where this very case asks for two"]
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


#: Who was last found able to go on, by state and item: asked first the next time.
_found: dict[tuple[str, str], int] = {}


def way_on(case: Case, people: list[User]) -> bool:
    """Some member of staff may take a step that is not a withdrawal, or may move each letter the case waits for."""
    likely = (case.assignee_id, _found.get((case.state, case.item)))
    for user in sorted(people, key=lambda person: person.pk not in likely):
        if set(allowed(case, user)) - {"withdraw"}:
            _found[case.state, case.item] = user.pk
            return True
    if case.state != State.WAITING:
        return False
    letters = [letter for letter in letters_of(case) if letter.is_open and letter.blocking]
    return bool(letters) and all(any(allowed(letter, user) for user in people) for letter in letters)


def is_over(case: Case) -> bool:
    return case.state == State.ARCHIVED
