"""单位 applies over the interface through its 经办人."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.policies.services.parties import find_or_create_party
from tests.api.calls import ROOT, accept_body
from tests.factories import PROPOSAL_PAPERS, invented, lapsed_policy, make_policy
from tests.underwriting.test_organisation import HANDLED, NAME, code_of


def test_the_interface_takes_a_handler_and_says_where_one_is_missing(cast, api):
    firm = find_or_create_party(name=NAME, id_type="uscc", id_number=code_of("91990100MA0TE5T01"))
    body = {
        "item": "NB01", "submitted_on": str(timezone.localdate()), "applicant": {"name": NAME, "id_type": "uscc", "id_number": firm.id_number},
        "papers": [{"doc_type": code, "received": "original"} for code in (*PROPOSAL_PAPERS, *HANDLED)],
    }
    answer = api(cast.clerk).post("/api/v1/cases/", body, format="json")
    assert answer.status_code == 400 and answer.json()["errors"] == {"handler.name": ["申请人为单位，请登记经办人及其证件"]}
    unknown = body | {"applicant": {"name": NAME, "id_type": "uscc", "id_number": ""}}
    answer = api(cast.clerk).post("/api/v1/cases/", unknown, format="json")
    assert answer.status_code == 400 and answer.json()["errors"] == {"applicant.id_number": ["申请人为单位，请填写统一社会信用代码"]}
    who = invented("handler", born=date(1990, 1, 1), sequence=413)
    answer = api(cast.clerk).post("/api/v1/cases/", body | {"handler": {"name": "经办赵", "id_number": who["handler_id_number"]}}, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["handler"] == "经办赵"


def test_the_catalogue_lists_what_the_handler_brings(cast, api):
    def papers(**asked):
        answer = api(cast.clerk).get("/api/v1/catalogue/", asked).json()
        return str([item for line in answer["lines"] for item in line["items"] if item["code"] == "NB01"])

    assert "POWER_OF_ATTORNEY" in papers(organisation="true") and "POWER_OF_ATTORNEY" not in papers()


def test_everybody_but_the_company_says_who_applies(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    sent = {name: value for name, value in accept_body(policy).items() if name != "applicant"}
    answer = api(cast.clerk).post(f"{ROOT}/cases/", sent, format="json")
    assert answer.status_code == 400 and answer.json()["errors"] == {"applicant": ["请填写此项"]}
    papers = [{"doc_type": "DECISION_MEMO", "received": "original", "pages": 2}]
    asked = sent | {"line": "servicing", "item": "PS33", "applicant_kind": "company", "policy_number": lapsed_policy(cast, days=820).number, "papers": papers}
    made = api(cast.clerk).post(f"{ROOT}/cases/", asked | {"occurred_on": None, "applicant": {"name": "旁人", "id_number": "12"}}, format="json")
    assert made.status_code == 201 and Case.objects.get(number=made.json()["number"]).subject_name == settings.COMPANY_NAME
