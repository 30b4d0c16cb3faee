"""Claims brought to where 作业后 begins, and what people of the unit do with them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from archive.services import move_money
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.papers import issue, print_letter
from lifeops.policies.models import Payment
from tests.factories import again, handed_over


def approved(cast: Any, **fields: Any) -> Case:
    """A claim paid by one signature: 2,700.00 元."""
    case = handed_over(cast, **fields)
    taken = take_next(cast.cl_reviewer, "claims")
    perform(taken, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
    return again(case)


def print_papers(cast: Any, case: Case, kind: str = "claim_decision") -> None:
    letter = issue(case=again(case), kind=kind, actor=cast.issue, now=timezone.now())
    print_letter(letter=letter, actor=cast.issue, now=timezone.now())


def released(cast: Any, *, how: str = "hand", case: Case | None = None) -> Case:
    """Handed over at the counter today, or sent by mail."""
    case = case or approved(cast)
    print_papers(cast, case)
    more = {"courier_number": "SF100"} if how == "mail" else {"signed_on": timezone.localdate().isoformat()}
    perform(case, "release", actor=cast.issue, how=how, to="测试客户", **more)
    return again(case)


def paid(cast: Any, case: Case) -> None:
    payment = Payment.objects.get(case_number=case.number)
    for act, more in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=again(case), payment=payment, act=act, actor=cast.head, now=timezone.now(), **more)


def filed(cast: Any, case: Case | None = None, **fields: Any) -> Case:
    """On the shelf A3, in box B01."""
    case = case or released(cast)
    paid(cast, case)
    rows = list(case.checklist.exclude(received="none").values_list("pk", flat=True))
    perform(case, "file", actor=cast.archive, **({"box": "B01", "shelf": "A3", "reason": "影像另存", "filed": rows} | fields))
    return again(case)


def guard(case: Case) -> dict[str, Any]:
    """What every form of a case sends along."""
    return {"version": again(case).version, "key": ""}


def listed(client: Any, address: str, case: Case) -> bool:
    """True when a list has a row that leads to the case (the message of the last act names it too)."""
    return f'/{case.number}/"><td' in client.get(address).content.decode()
