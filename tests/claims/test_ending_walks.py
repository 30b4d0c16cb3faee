"""A contract is rescinded by a claim: over HTTP from the counter to the shelf, and by the interface alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from lifeops.cases.models import broken_links
from lifeops.cases.states import State
from lifeops.policies.models import Account, Payment
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.servicing import premiums_paid
from tests.api.calls import ROOT, offered, step
from tests.claims.test_ending import book, day, gross
from tests.factories import handed_over
from tests.journeys.desks import Journey

pytestmark = pytest.mark.django_db


def test_a_contract_is_rescinded_over_http_from_the_counter_to_the_shelf(cast):
    journey = Journey(cast, "CL05")
    journey.to_headquarters()
    holder = journey.policy.policyholder
    journey.take("cl_reviewer2", "claims")
    page = journey.client("cl_reviewer2").get(journey.case.get_absolute_url()).content.decode()
    assert "解除合同不退费" in page and "知道解除事由之日" in page and "退还现金价值" not in page  # nobody has died
    assert "与死者的关系" not in page and "退还收款人" in page
    assert '<option value="C05" data-with="outcome:PART,EX_GRATIA,REFUSE,RESCIND_REFUND">' in page.replace("PAY,", "")
    assert 'data-with="outcome:PART,EX_GRATIA,REFUSE,RESCIND_NO_REFUND">C10' in page.replace("PAY,", "")
    given = {"outcome": "RESCIND_REFUND", "reason_code": "C05", "opinion": "病历与告知不符", "refund_payee": holder.name}
    wrong = journey.step("cl_reviewer2", "conclude", 400, **given).content.decode()
    assert "请填写知道解除事由之日" in wrong and "仍应给付" in wrong and f'value="{holder.name}"' in wrong
    nothing = journey.step("cl_reviewer2", "conclude", 400, **given | {"opinion": ""}).content.decode()
    assert all(words in nothing for words in ("须写明事实与依据", "请填写知道解除事由之日", "仍应给付"))  # in one round
    shown = journey.client("cl_reviewer2").post(reverse("cases:preview", args=[journey.number]), given | {"known_on": day(2), "serious": "on"}).content.decode()
    assert "退还已交保险费" in shown and "须提高一级批准" in shown
    journey.step("cl_reviewer2", "conclude", **given, known_on=day(2), serious="on")
    journey.take("approver_high", "approval")
    seen = journey.client("approver_high").get(journey.case.get_absolute_url()).content.decode()
    assert f"{day(2)} 知道" in seen.replace("&nbsp;", " ") or day(2) in seen
    assert holder.name in seen and "9900001234567890" not in seen
    journey.step("approver_high", "approve", opinion="同意")
    assert journey.case.state == State.DECLINED
    with pytest.raises(AssertionError, match="解除合同通知书"):
        journey.step("issue", "release", how="hand", to="测试客户", signed_on=day(0))
    journey.hand_out()
    journey.pay()
    journey.file()
    assert (journey.policy_now().termination, Payment.objects.get(case_number=journey.number).state) == ("公司解约", "settled")
    assert Account.PAYABLE not in balances(journey.policy_now()) and broken_links(journey.case) == []


def test_a_contract_is_rescinded_by_interface_alone(cast, api):
    case = handed_over(cast, item="CL01")
    reviewer = api(cast.cl_reviewer2)
    assert step(reviewer, case, "take").status_code == 200
    wanted = gross(refund_to="wait", opinion="病历与告知不符")
    assert step(api(cast.clerk), case, "conclude", **wanted).status_code == 403
    told = {row["name"]: row for row in offered(reviewer.get(f"{ROOT}/cases/{case.number}/").json())["conclude"]["inputs"]}
    assert {"known_on", "serious", "refund_to", "refund_payee"} <= set(told)
    late = step(reviewer, case, "conclude", **wanted | {"known_on": day(31)})
    assert late.status_code == 400 and "解除权已于" in late.json()["errors"]["known_on"][0]
    preview = reviewer.post(f"{ROOT}/cases/{case.number}/preview/", wanted, format="json").json()
    assert Decimal(preview["amount"]) == premiums_paid(case.policy) and not preview["alone"]
    assert step(reviewer, case, "conclude", **wanted).status_code == 200
    signer = api(cast.approver_high)
    step(signer, case, "take")
    decision = signer.get(f"{ROOT}/cases/{case.number}/").json()["decision"]
    assert {row["label"] for row in decision["particulars"]} == {"知道解除事由之日", "严重影响", "退还方式"}
    assert step(signer, case, "approve", opinion="同意").json()["state"] == "declined"
    assert book(case).termination == "公司解约"
