"""Heirs from the counter to the shelf over HTTP and by the interface: what a policyholder left goes to each of them once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from lifeops.cases.models import broken_links
from lifeops.cases.states import State
from lifeops.policies.models import Party, Payment, Policy
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.premiums import receive_premium
from tests.api.test_robot import Robot
from tests.factories import make_party, make_policy
from tests.journeys.desks import Journey
from tests.servicing.test_heirs import OF_HEIRS, dead, heir_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def left(cast) -> Policy:
    """A contract that ended by its term; 301 元 came afterwards, then the policyholder died."""
    policy = make_policy(cast.county, cast.clerk, product="M10", effective_on=timezone.localdate() - timedelta(days=380))
    from lifeops.policies.services.life import run_policy_day

    run_policy_day(timezone.localdate())
    receive_premium(policy=policy, amount=Decimal("301.00"), received_on=timezone.localdate(), reference="J1", actor=cast.clerk, now=timezone.now())
    dead(cast, policy.policyholder)
    return Policy.objects.get(pk=policy.pk)


def keyed(heirs: list[Party]) -> dict[str, Any]:
    return {"heir_proof": "judgment", "heir_paper": "（2026）样01民初1号", "heirs": [heir_row(p) for p in heirs]}


def paid(number: str) -> list[tuple[str, Decimal, str]]:
    return [(p.payee, p.amount, p.state) for p in Payment.objects.filter(case_number=number).order_by("pk")]


BOTH = [("继承人甲", Decimal("150.50"), "settled"), ("继承人乙", Decimal("150.50"), "settled")]


def test_over_http(cast, left):
    heirs = [make_party(name="继承人甲"), make_party(name="继承人乙")]
    at_counter = {"applicant_kind": "heir", "applicant": heirs[0].pk, "applicant_name": heirs[0].name}
    journey = Journey(cast, "PS28", policy=left, papers=OF_HEIRS, counter=at_counter, keyed=keyed(heirs))
    journey.to_headquarters()
    journey.conclude("ps_reviewer", outcome="APPROVE")
    assert journey.case.state == State.PENDING_APPROVAL
    journey.sign()
    journey.hand_out()
    journey.pay()
    journey.file()
    assert paid(journey.number) == BOTH and broken_links(journey.case) == []
    assert not {"payable", "suspense"} & {*balances(journey.policy_now())}


class Heirs(Robot):
    """The machine that comes for heirs."""

    def __init__(self, cast: Any, api: Any, policy: Policy) -> None:
        super().__init__(cast, api, "PS28")
        self.policy, self.heirs = policy, [make_party(name="继承人甲"), make_party(name="继承人乙")]

    def accept(self) -> None:
        first = self.heirs[0]
        told = self.call("clerk", "post", "cases/", {
            "line": "servicing", "item": "PS28", "channel": "counter", "submitted_on": str(timezone.localdate()), "applicant_kind": "heir",
            "policy_number": self.policy.number, "applicant": {"name": first.name, "id_number": first.id_number},
            "papers": [{"doc_type": code, "received": "original", "pages": 1} for code in ("SERVICING_FORM", "ID_APPLICANT", *OF_HEIRS)],
        }, 201)  # fmt: skip
        self.number, self.told = told["number"], ("clerk", told)

    def save(self) -> None:
        told, record = self.look("entry"), keyed(self.heirs) | {"asked": "301.00", "why_text": "终止后到账"}
        saved = self.call("entry", "put", f"cases/{self.number}/record/", {"version": told["version"], "record": record})
        self.told = ("entry", saved)


def test_by_the_interface(cast, api, left):
    robot = Heirs(cast, api, left)
    robot.before_work(and_back=False)
    robot.go("ps_reviewer", "take")
    assert robot.conclude("ps_reviewer", give=True) == "pending_approval"
    robot.go("approver_high", "take")
    robot.go("approver_high", "approve")
    assert [row[:2] for row in paid(robot.number)] == [row[:2] for row in BOTH]


def test_by_the_interface_a_stranger_is_refused_at_the_field(cast, api, left):
    robot = Heirs(cast, api, left)
    robot.accept()
    robot.go("clerk", "pass_precheck")
    told = robot.look("entry")
    record = keyed([make_party(name="旁人")]) | {"asked": "301.00", "why_text": "终止后到账"}
    answer = robot.call("entry", "put", f"cases/{robot.number}/record/", {"version": told["version"], "record": record}, 400)
    assert "不在所列继承人之中" in str(answer["errors"])
