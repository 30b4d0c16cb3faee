"""The pages of a proposal: entry under the headings of the paper, the panel of the underwriter, its preview."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from tests.factories import accept_proposal, handed_over, make_party, proposal_inputs
from underwriting.forms import SECTIONS


def test_entry_page_follows_the_paper_and_shows_numbers_in_full_only_to_the_post_that_keys(cast, as_user):
    party = make_party()
    case = accept_proposal(cast, applicant=party)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={"J06": "已核对"})
    url = reverse("intake:entry", args=[case.number])
    text = as_user(cast.entry).get(url).content.decode()
    places = [text.index(f"part\">{title}<") for title, _ in SECTIONS]
    assert places == sorted(places)
    assert party.id_number in text
    assert party.id_number not in as_user(cast.auditor).get(url).content.decode()


def test_a_mistake_on_the_page_keeps_what_was_typed_and_a_full_paper_is_saved(cast, as_user):
    case = accept_proposal(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides={"J06": "已核对"})
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    inputs = proposal_inputs(yes={"5": "2024 年确诊"}, premium_stated="1")
    rows = {name: inputs.pop(name) for name in ("beneficiaries", "health")}
    posted = {k: v for k, v in inputs.items() if v is not False}
    posted |= {f"{name}-{n}-{k}": v for name, table in rows.items() for n, row in enumerate(table) for k, v in row.items()}
    url = reverse("intake:entry", args=[case.number])
    page, version = as_user(cast.entry), Case.objects.get(pk=case.pk).version
    answer = page.post(url, posted | {"version": version, "key": "k1", "action": "save", "holder_phone": "123"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "手机应为 11 位手机号码" in text and "2024 年确诊" in text and "测试受益人乙" in text
    answer = page.post(url, posted | {"version": version, "key": "k2", "action": "save"})
    assert answer.status_code == 302
    record = Case.objects.get(pk=case.pk).record
    assert [row["answer"] for row in record.health].count("是") == 1 and len(record.beneficiaries) == 2


def test_the_panel_marks_fields_by_outcome_and_the_preview_shows_premium_risk_and_route(cast, as_user):
    case = handed_over(cast, item="NB01")
    take_next(cast.underwriter, "underwriting")
    page = as_user(cast.underwriter)
    text = page.get(case.get_absolute_url()).content.decode()
    assert 'data-when="outcome:LOADING,EXCLUSION"' in text and 'name="amount"' not in text
    url = reverse("cases:preview", args=[case.number])
    text = page.post(url, {"outcome": "STANDARD"}).content.decode()
    assert "标准保费" in text and "累计风险保额：本次投保" in text and "您可直接签批" in text
    given = {"outcome": "LOADING", "loading_ratio": "50", "reason_code": "U01", "opinion": "血压偏高",
             "agreed_on": timezone.localdate().isoformat()}
    assert "请先以事由“承保条件变更”下发照会" in page.post(url, given).content.decode()
