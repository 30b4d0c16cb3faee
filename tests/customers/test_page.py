"""客户页: whole, masked, in reach, and as quick for two hundred policies as for two."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import Duplicate, Party, Policy, Reveal
from lifeops.policies.services import particulars
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.servicing import surrender_value
from tests.archive.ways import approved
from tests.factories import accept, make_party, make_policy

pytestmark = pytest.mark.django_db


def page(client, party, **more):
    return client.get(reverse("policies:customer", args=[party.pk]), **more)


def test_the_page_shows_the_customer_whole_and_masked(cast, as_user):
    party = make_party(address="样本市样本区样本路 7 号", email="someone@example.invalid")
    policy = make_policy(cast.county, cast.clerk, product="W30", insured=party)
    case = approved(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    now = timezone.now()
    particulars.add_account(party=party, bank="招商银行", number="6225880123456789", actor=cast.clerk, now=now)
    answer = page(as_user(cast.head), party)
    text = answer.content.decode()
    assert answer.status_code == 200
    value = values_today([Policy.objects.get(pk=policy.pk)], timezone.localdate())[policy.pk]
    for words in (
        policy.number, case.number, "300,000.00", f"{value:,.2f}", "投保人、被保险人", "**** **** 6789", "样本市样本区******",
        "受理住院医疗", "查看完整", "时间线", "没有人查看过完整信息",
    ):  # fmt: skip
        assert words in text, words
    for secret in (party.id_number, party.phone, party.address, party.email, "6225880123456789"):
        assert secret not in text


def test_values_are_those_of_a_surrender(cast):
    """In bulk as one by one, also where a premium is open."""
    party, day = make_party(), timezone.localdate()
    rows = [make_policy(cast.county, cast.clerk, product=code, insured=party) for code in ("W30", "M10")]
    rows += [make_policy(cast.county, cast.clerk, product="W30", insured=make_party(sex="F"), sum_assured=120000)]
    found = values_today(list(Policy.objects.filter(pk__in=[p.pk for p in rows])), day)
    for policy in rows:
        assert found[policy.pk] == surrender_value(policy, day).amount > 0


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200), ("archive", 200), ("cl_reviewer", 200), ("auditor", 200), ("manager", 200), ("other_clerk", 404),
        ("other_head", 404), ("sysadmin", 403), ("secadmin", 403),
    ],
)  # fmt: skip
def test_a_customer_is_open_to_posts_over_a_policy(cast, as_user, who, status):
    policy = make_policy(cast.county, cast.clerk)
    assert page(as_user(getattr(cast, who)), policy.insured).status_code == status


def test_another_unit_opens_the_customer_of_a_case_it_accepted_but_not_his_money(cast, as_user):
    policy = make_policy(cast.other, cast.other_clerk, product="W30")
    second = make_policy(cast.other, cast.other_clerk, product="W30", insured=policy.insured)
    assert page(as_user(cast.clerk), policy.insured).status_code == 404
    accept(cast, item="PS02", policy=policy)
    text = page(as_user(cast.clerk), policy.insured).content.decode()
    assert f'href="{reverse("policies:detail", args=[policy.number])}"' in text
    assert second.number in text and f'href="{reverse("policies:detail", args=[second.number])}"' not in text


def test_a_customer_without_policy_and_case_is_opened_at_the_head_office_only(cast, as_user):
    party = make_party()
    assert page(as_user(cast.manager), party).status_code == 200
    assert page(as_user(cast.clerk), party).status_code == 404
    assert as_user(cast.clerk).get("/customers/999999999999999999999999/").status_code == 404


def test_a_minor_has_headroom_and_a_flag(cast, as_user):
    born = timezone.localdate() - timedelta(days=365 * 8)
    party = make_party(birth_date=born)
    parent = make_party()
    make_policy(cast.county, cast.clerk, product="W30", insured=party, policyholder=parent, relation="child", sum_assured=100000)
    text = page(as_user(cast.clerk), party).content.decode()
    assert "未成年人" in text and "无监护人同意" in text and "100,000.00" in text and "未成年人身故限额余额" in text
    assert "未成年人身故限额余额" not in page(as_user(cast.clerk), parent).content.decode()


def test_two_hundred_policies_cost_as_many_queries_as_two(cast, as_user):
    party = make_party()
    first = [make_policy(cast.county, cast.clerk, product="W30", insured=party) for _ in range(2)]
    for policy in first:
        accept(cast, item="PS14", policy=policy)
    client = as_user(cast.clerk)
    page(client, party)
    with CaptureQueriesContext(connection) as few:
        page(client, party)
    template = Policy.objects.get(pk=first[0].pk)
    cover = template.coverages.get()
    rows = []
    for n in range(198):
        copy = Policy.objects.get(pk=template.pk)
        copy.pk, copy.number = None, f"COPY{n:04d}"
        rows.append(copy)
    rows = Policy.objects.bulk_create(rows)
    covers = []
    for n, policy in enumerate(rows):
        row = type(cover).objects.get(pk=cover.pk)
        row.pk, row.policy, row.sum_assured = None, policy, Decimal(100000 + n * 1000)
        covers.append(row)
    type(cover).objects.bulk_create(covers)
    with CaptureQueriesContext(connection) as many:
        answer = page(client, party)
    text = answer.content.decode()
    assert text.count("<tr data-href=") >= 200
    # below two hundred rows the rest of the page is one click away
    for name in ("particulars", "cases", "letters", "payments", "timeline"):
        assert f'href="#{name}"' in text and f'id="{name}"' in text
    assert len(many) == len(few) <= 40, (len(few), len(many))


def test_search_and_policy_page_lead_to_the_customer(cast, as_user):
    policy, far = make_policy(cast.county, cast.clerk), make_policy(cast.other, cast.other_clerk)
    client = as_user(cast.clerk)
    mine, other = (reverse("policies:customer", args=[p.insured_id]) for p in (policy, far))
    assert mine in client.get(reverse("policies:detail", args=[policy.number])).content.decode()
    assert mine in client.post(reverse("cases:search"), {"q": policy.insured.name}).content.decode()
    found = client.post(reverse("cases:search"), {"q": far.insured.name}).content.decode()
    assert far.insured.name in found and other not in found


def test_a_look_asks_for_the_reason_and_is_told_to_those_who_watch(cast, as_user):
    party = make_policy(cast.county, cast.clerk).insured
    url = reverse("policies:customer_reveal", args=[party.pk, "id_number"])
    client = as_user(cast.clerk)
    assert party.id_number not in client.get(url).content.decode()
    answer = client.post(url, {"reason": "看"})
    assert answer.status_code == 400 and "至少 4 个字" in answer.content.decode() and party.id_number not in answer.content.decode()
    answer = client.post(url, {"reason": "客户到柜核对证件"})
    assert party.id_number in answer.content.decode() and answer["Cache-Control"] == "no-store"
    assert Reveal.objects.get().actor == cast.clerk
    assert "客户到柜核对证件" in page(as_user(cast.auditor), party).content.decode()
    assert "客户到柜核对证件" not in page(as_user(cast.entry), party).content.decode()
    for who, status in (("other_clerk", 404), ("archive", 403), ("auditor", 403), ("sysadmin", 403)):
        assert as_user(getattr(cast, who)).post(url, {"reason": "客户到柜核对证件"}).status_code == status
    assert as_user(cast.clerk).get(reverse("policies:customer_reveal", args=[party.pk, "name"])).status_code == 404
    assert Reveal.objects.count() == 1


def add(client, party, kind, /, **data):
    return client.post(reverse("policies:customer_add", args=[party.pk, kind]), data)


def test_particulars_are_written_down_and_ended(cast, as_user):
    party, client = make_policy(cast.county, cast.clerk).insured, as_user(cast.clerk)
    spouse = make_party(sex="F")
    for kind, data in {
        "document": {"id_type": "passport", "number": "E12345678"}, "phone": {"kind": "home", "number": "0571-88880000"},
        "address": {"kind": "mail", "text": "样本市样本区虚构路 3 号"}, "account": {"bank": "招商银行", "number": "6225880123456789"},
        "occupation": {"name": "L013 货车司机"}, "relation": {"other": spouse.id_number, "kind": "spouse", "proof": "document"},
        "consent": {"purpose": "sensitive", "version": "2026-01", "how": "paper"},
    }.items():  # fmt: skip
        assert add(client, party, kind, **data).status_code == 302, kind
    text = page(client, party).content.decode()
    for words in ("护照", "057****0000", "**** **** 6789", "货车司机（4 类）", "配偶", spouse.name, "处理敏感个人信息"):
        assert words in text, words
    row = party.phone_rows.get()
    url = reverse("policies:customer_end", args=[party.pk, "phone", row.pk])
    assert as_user(cast.auditor).post(url).status_code == 403
    assert as_user(cast.clerk).post(reverse("policies:customer_end", args=[spouse.pk, "phone", row.pk])).status_code == 404
    assert as_user(cast.clerk).post(url).status_code == 302
    assert party.phone_rows.get().until == timezone.localdate()


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("document", {"id_type": "resident", "number": "110101199001011234"}, "校验位不符"), ("document", {"id_type": "x"}, "有效的选项"),
        ("phone", {"kind": "mobile", "number": "<script>"}, "11 位手机"), ("account", {"bank": "", "number": "1"}, "请填写开户行"),
        ("occupation", {"name": "ZZZ 驯兽师"}, "没有这个代码"), ("occupation", {"name": "驯兽师"}, "请选择职业类别"),
        ("relation", {"other": "查无此人", "kind": "spouse", "proof": "visit"}, "没有找到"), ("consent", {"purpose": "sensitive", "how": "paper"}, "告知书版本"),
    ],
)  # fmt: skip
def test_wrong_particulars_are_said_at_their_field_and_nothing_is_kept(cast, as_user, kind, data, words):
    party = make_policy(cast.county, cast.clerk).insured
    answer = add(as_user(cast.clerk), party, kind, **data)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not party.identitydocument_rows.exists() and not party.phone_rows.exists() and not party.consent_rows.exists()


def test_who_may_write_down(cast, as_user):
    party = make_policy(cast.county, cast.clerk).insured
    for who, status in (("auditor", 403), ("approver", 403), ("archive", 403), ("other_clerk", 404)):
        assert add(as_user(getattr(cast, who)), party, "phone", kind="mobile", number="19900001111").status_code == status
    assert add(as_user(cast.clerk), party, "policies", x="1").status_code == 404


def test_duplicates_from_the_page_to_the_merge_and_back(cast, as_user):
    one = make_policy(cast.county, cast.clerk).insured
    two = make_party(name=one.name, id_type="passport", id_number="E12345678", phone=one.phone)
    url = reverse("policies:customer_duplicates", args=[one.pk])
    client = as_user(cast.clerk)
    assert "姓名、出生日期相同；电话相同" in client.get(url).content.decode()
    assert client.post(url, {"other": "²"}).status_code == 400 and client.post(url, {"other": make_party().pk}).status_code == 400
    assert client.post(url, {"other": two.pk}).status_code == 302
    row = Duplicate.objects.get()
    assert as_user(cast.clerk).get(reverse("policies:duplicates")).status_code == 403
    act = reverse("policies:duplicate_act", args=[row.pk, "left"])
    assert as_user(cast.other_head).post(act, {"reason": "同一人"}).status_code == 404
    client = as_user(cast.head)
    assert "合并，保留甲" in client.get(reverse("policies:duplicates")).content.decode()
    assert client.post(act, {"reason": ""}).status_code == 400
    assert client.post(act, {"reason": "证件核对为同一人"}).status_code == 302
    assert Party.objects.get(pk=two.pk).merged_into == one
    assert "E12345678" not in page(client, one).content.decode() and "护照" in page(client, one).content.decode()
    assert "申请撤销合并" in client.get(reverse("policies:duplicates")).content.decode()
    assert client.post(reverse("policies:duplicate_act", args=[row.pk, "undo"]), {"reason": "误合并"}).status_code == 302
    assert Party.objects.get(pk=two.pk).merged_into == one
    own = client.get(reverse("policies:duplicates")).content.decode()
    assert "待另一人确认" in own and "收回申请" in own and "确认撤销合并" not in own
    confirm = reverse("policies:duplicate_act", args=[row.pk, "undo_confirm"])
    refused = client.post(confirm, {"reason": "确实误合并"})
    text = refused.content.decode()
    assert refused.status_code == 403 and "须由另一人核定" in text and 'value="确实误合并"' in text
    second = as_user(cast.manager)
    assert "确认撤销合并" in second.get(reverse("policies:duplicates")).content.decode()
    assert "申请撤销：误合并" in second.get(confirm).content.decode()
    second.post(reverse("policies:duplicate_act", args=[row.pk, "undo_refuse"]), {"reason": "照片一致"})
    assert f"{cast.manager} 未同意撤销：照片一致" in second.get(reverse("policies:duplicates")).content.decode()
    as_user(cast.head).post(reverse("policies:duplicate_act", args=[row.pk, "undo"]), {"reason": "再次核对"})
    second = as_user(cast.manager)
    listed = second.get(reverse("policies:duplicates")).content.decode()
    assert "再次核对" in listed and f"{cast.manager} 未同意：照片一致" in listed
    assert second.post(confirm, {"reason": "证件照片不是同一人"}).status_code == 302
    assert Party.objects.get(pk=two.pk).merged_into is None


def test_the_proposer_is_refused_in_words(cast, as_user):
    one = make_policy(cast.county, cast.clerk).insured
    two = make_party(name=one.name, id_type="passport", id_number="E12345678")
    client = as_user(cast.head)
    client.post(reverse("policies:customer_duplicates", args=[one.pk]), {"other": two.pk})
    answer = client.post(reverse("policies:duplicate_act", args=[Duplicate.objects.get().pk, "left"]), {"reason": "同一人"})
    assert answer.status_code == 403 and "另一人" in answer.content.decode() and 'value="同一人"' in answer.content.decode()
    url, listed = reverse("policies:duplicate_act", args=[Duplicate.objects.get().pk, "left"]), reverse("policies:duplicates")
    assert "待另一人核定" in client.get(listed).content.decode() and url not in client.get(listed).content.decode()
    # in a dialog, which keeps what was typed, the refusal alone is the answer: no second dialog within it
    inside = client.post(url, {"reason": "同一人"}, headers={"HX-Request": "true"})
    assert inside.status_code == 403 and "另一人" in inside.content.decode() and "<form" not in inside.content.decode()
    assert url in as_user(cast.manager).get(listed).content.decode()
