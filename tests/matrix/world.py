"""One small world for the matrix: every role at its own and at another unit, and real rows for every kind of address.

Built once per module inside a transaction that is rolled back; every request of the matrix is rolled back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from archive.lending import act_on, ask
from archive.services import move_money
from lifeops.cases.models import Case, Clock
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.ingest import ingest
from lifeops.documents.models import Page
from lifeops.documents.papers import issue, print_letter
from lifeops.org.models import BRANCH_ROLES, Role, User
from lifeops.policies.models import Payment, PolicyNotice, Recovery
from tests.cast import Cast, hire, make_cast
from tests.documents.files import jpeg, upload
from tests.factories import accept, again, handed_over, make_policy, undone

#: Headquarters posts that see one line only.
LINE_OF = {Role.UNDERWRITER: "underwriting", Role.PS_REVIEWER: "servicing", Role.CL_REVIEWER: "claims"}
NO_CASES = (Role.SYSADMIN, Role.SECADMIN)
CASE_ROLES = tuple(r for r in Role if r not in NO_CASES)


@dataclass(frozen=True)
class Person:
    """One row of the matrix."""

    key: str
    role: str
    user: User
    own: bool  # posted where the cases of the world were accepted, or above

    def __str__(self) -> str:
        return self.key

    def reaches(self, line: str) -> bool:
        """May see a case of this line that was accepted at the county and in which the person had no part."""
        if self.role in NO_CASES or not self.own:
            return False
        return LINE_OF.get(Role(self.role), line) == line


@dataclass
class World:
    cast: Cast
    people: list[Person]
    sessions: dict[str, str]
    rows: dict[str, Any] = field(default_factory=dict)
    media: Any = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, person: Person | None, method: str, url: str, **data: Any) -> HttpResponse:
        """A request as this person, undone afterwards; an exception counts as 500."""
        self.client.cookies = SimpleCookie()
        if person is not None:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person.key]
        with undone():
            return getattr(self.client, method)(url, data or None)


def build() -> World:
    cast = make_cast()
    people = []
    for role in Role:
        places = (("own", cast.county), ("other", cast.other)) if role in BRANCH_ROLES else (("hq", cast.hq),)
        for where, unit in places:
            grade = 4 if role == Role.APPROVER else 1
            user = hire(f"m_{role.value}_{where}", role, unit, grade, staff_no=f"M{len(people):03d}")
            people.append(Person(f"{role.value}@{where}", role.value, user, where != "other"))
    sessions = {}
    for person in people:
        client = Client()
        client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        sessions[person.key] = client.cookies[settings.SESSION_COOKIE_NAME].value
    world = World(cast, people, sessions)
    world.rows = rows(cast)
    return world


def rows(cast: Cast) -> dict[str, Any]:
    """A case with an open letter and a scanned page, and a decided one with its decision letter and payment."""
    policy = make_policy(cast.county, cast.clerk)
    decided = handed_over(cast, policy=policy)
    perform(take_next(cast.cl_reviewer, "claims"), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚")
    letter = issue(case=again(decided), kind="claim_decision", actor=cast.issue, now=timezone.now())
    case = handed_over(cast, policy=policy)
    ingest(case=again(case), files=[upload("a.jpg", jpeg())], actor=cast.scan, now=timezone.now())
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料",
            contents=["CQ02"], blocking=True, due_days=10)
    accepted, withdrawn = accept(cast, policy=policy), accept(cast, policy=policy)
    perform(withdrawn, "withdraw", actor=cast.clerk, reason="客户撤回")
    shelved = filed(cast, policy)
    lent = ask(case=shelved, borrower=cast.cl_reviewer, purpose="核对", due_on=timezone.localdate() + timezone.timedelta(days=7),
               actor=cast.archive, now=timezone.now())
    act_on(case=shelved, loan=lent, act="approve", actor=cast.head, now=timezone.now())
    return {
        "case": again(case),
        "accepted": again(accepted),
        "withdrawn": again(withdrawn),
        "filed": again(shelved),
        "decided": again(decided),
        "request": case.requests.get(),
        "page": Page.objects.of_case(case).first(),
        "letter": letter,
        "payment": Payment.objects.get(case_number=decided.number),
        "loan": lent,
        "clock": Clock.objects.filter(case=case).order_by("pk").first(),
        "policy": policy,
        "notice": PolicyNotice.objects.create(policy=policy, branch=policy.branch, kind="lapse", about=timezone.localdate(), due_on=timezone.localdate()),
        "recovery": Recovery.objects.create(
            policy=policy, reference="B-1", amount=1, reason="受益人返还", requested_by=cast.head, requested_at=timezone.now()
        ),
        "party": policy.insured,
    }


def filed(cast: Cast, policy: Any) -> Case:
    """A paid claim on its shelf."""
    # another event than that of the decided one: of one event both would be signed for together
    day = (timezone.localdate() - timezone.timedelta(days=40)).isoformat()
    case, now = handed_over(cast, policy=policy, event_on=day, admitted_on=day, discharged_on=day), timezone.now()
    perform(take_next(cast.cl_reviewer, "claims"), "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="清楚")
    print_letter(letter=issue(case=again(case), kind="claim_decision", actor=cast.issue, now=now), actor=cast.issue, now=now)
    perform(case, "release", actor=cast.issue, how="hand", to="客户", signed_on=timezone.localdate().isoformat())
    payment = Payment.objects.get(case_number=case.number)
    for act, more in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=again(case), payment=payment, act=act, actor=cast.head, now=now, **more)
    perform(case, "file", actor=cast.archive, box="b01", shelf="a3", reason="影像另存")
    return again(case)


def in_state(cast: Cast, line: str, item: str, state: str) -> Case:
    """A case of any line in any state, written as a row: what a step needs of a person looks at columns and events."""
    from lifeops.cases.registry import at_desk

    found = Case(
        number=f"MATRIX-{line}-{state}".upper(), line=line, item=item, branch=cast.county, branch_path=cast.county.path,
        submitted_on=timezone.localdate(), accepted_at=timezone.now(), state=state, state_since=timezone.now(),
        created_by=cast.clerk, holder_branch=cast.county,
    )
    found.save()
    return at_desk(found)
