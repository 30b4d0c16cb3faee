"""受理台: who cannot ask is told before a paper is ticked; a draft neither hides the policy asked for nor is lost."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse

from lifeops.cases.models import Case, Draft
from lifeops.policies.models import Party
from tests.factories import accept, lapsed_policy, make_party, make_policy
from tests.intake.test_pages import counter_post

COUNTER, REFRESH = reverse("intake:counter"), reverse("intake:refresh")
DEAD = "被保险人身故，不能作申请人：请登记受益人、继承人或其监护人、受托人"


@pytest.mark.parametrize(
    ("item", "kind", "who", "words"),
    [
        ("CL01", "insured", "", DEAD), ("CL01", "heir", "insured", DEAD), ("CL01", "beneficiary", "", ""), ("CL05", "insured", "insured", ""),
        ("PS02", "heir", "", "此项目不能以继承人身份申请"), ("PS28", "heir", "", "未登记身故"), ("PS02", "policyholder", "", ""),
        ("PS33", "policyholder", "", "申请人身份请选择“本公司”"), ("PS33", "company", "", ""), ("PS02", "company", "", "“本公司”只用于公司解约"),
    ],
)  # fmt: skip
def test_who_cannot_ask_is_told_as_soon_as_it_is_chosen(cast, as_user, item, kind, who, words):
    policy = make_policy(cast.county, cast.clerk)
    sent = {"item": item, "policy_number": policy.number, "applicant_kind": kind, "applicant": policy.insured_id if who else ""}
    text = as_user(cast.clerk).post(REFRESH, sent).content.decode()
    # to its place under the kind of applicant, and out of it where nothing is wrong any more
    assert '<div id="kind-fault" role="alert" hx-swap-oob="true">' in text
    assert (words in text and "申请人身份：" in text) if words else "申请人身份：" not in text


def test_the_company_comes_without_a_document_whatever_was_typed_before(cast, as_user):
    policy, before = lapsed_policy(cast, days=820), Party.objects.count()
    typed = counter_post(policy, item="PS33", applicant_kind="company", applicant="", applicant_name="旁人", applicant_id_type="uscc", applicant_id_number="12")
    sent = typed | {"paper-DECISION_MEMO-received": "original", "paper-DECISION_MEMO-pages": "2"}
    assert as_user(cast.clerk).post(COUNTER, sent).status_code == 302
    case = Case.objects.get(item="PS33")
    assert (case.applicant, case.handler, case.subject_name) == (None, None, settings.COMPANY_NAME) and Party.objects.count() == before
    assert as_user(cast.clerk).post(COUNTER, typed | {"applicant_kind": "policyholder", "item": "PS02"}).status_code == 400


def test_of_what_was_taken_in_today_the_name_gives_way_not_the_item(cast, as_user):
    """The company is a long name."""
    accept(cast, item="PS33")
    text = as_user(cast.clerk).get(COUNTER).content.decode()
    assert '<td class="nowrap">公司解约</td><td>' in text
    waiting = as_user(cast.clerk).get(reverse("intake:worklist")).content.decode()
    assert re.search(r'<td class="nowrap">公司解约\s*</td><td class="least">', waiting)


def test_who_cannot_ask_is_told_in_one_round_with_what_else_is_wrong(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    answer = as_user(cast.clerk).post(COUNTER, counter_post(policy, item="CL01", applicant_kind="insured", submitted_on="2999-01-01"))
    text = answer.content.decode()
    assert answer.status_code == 400 and text.count(DEAD) == 1 and "递交日不能晚于今天" in text and not Case.objects.exists()


def keep(client, key, **data):
    told = {"data": {name: [text] for name, text in data.items()}, "version": 0}
    assert client.post(reverse("cases:draft", args=[key]), json.dumps(told), content_type="application/json").status_code == 200


def test_the_policy_asked_for_wins_and_the_draft_is_kept_and_offered(cast, as_user):
    asked, other = make_policy(cast.county, cast.clerk), make_policy(cast.county, cast.clerk)
    client = as_user(cast.clerk)
    keep(client, "counter", item="PS02", policy_number=other.number, applicant_name="测试旧草稿")
    page = client.get(COUNTER, {"policy": asked.number}).content.decode()
    assert f'data-draft="counter:{asked.number}"' in page and f'value="{asked.number}"' in page
    assert "有未完成的受理草稿：" in page and "测试旧草稿" in page and f'href="{COUNTER}">继续办理' in page
    assert 'data-drop-draft="counter"' in page
    keep(client, f"counter:{asked.number}", item="CL05", policy_number=asked.number, applicant_name=asked.insured.name)
    plain = client.get(COUNTER).content.decode()
    assert 'data-draft="counter"' in plain and f"{COUNTER}?policy={asked.number}" in plain and "测试旧草稿" not in plain
    assert "有未完成的受理草稿" not in as_user(cast.other_clerk).get(COUNTER).content.decode()
    # what was begun for the policy is done with by accepting it there, the other draft stays
    assert as_user(cast.clerk).post(f"{COUNTER}?policy={asked.number}", counter_post(asked)).status_code == 302
    assert list(Draft.objects.filter(user=cast.clerk).values_list("key", flat=True)) == ["counter"]


def test_what_was_only_opened_is_no_draft_to_go_on_with(cast, as_user):
    asked = make_policy(cast.county, cast.clerk, insured=make_party())
    client = as_user(cast.clerk)
    keep(client, f"counter:{asked.number}", item="", policy_number=asked.number, applicant_name="")
    assert "有未完成的受理草稿" not in client.get(COUNTER).content.decode()


def test_a_mistake_keeps_the_page_with_its_policy(cast, as_user):
    asked = make_policy(cast.county, cast.clerk)
    answer = as_user(cast.clerk).post(f"{COUNTER}?policy={asked.number}", counter_post(asked, submitted_on="2999-01-01"))
    assert answer.status_code == 400 and f'data-draft="counter:{asked.number}"' in answer.content.decode()
    gone = as_user(cast.clerk).get(COUNTER, {"policy": "NOSUCH"}).content.decode()
    assert 'data-draft="counter"' in gone
