"""What is written down of a customer beside the row: judged, ended, found by."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import IdentityDocument, Party, Relationship, Reveal
from lifeops.policies.search import find_parties
from lifeops.policies.services import particulars
from lifeops.policies.services.parties import find_or_create_party
from lifeops.policies.services.revealing import MOST_PER_HOUR, NoSuchValue, reveal
from tests.policies.conftest import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def by(cast):
    return {"actor": cast.clerk, "now": NOW}


def wrong(call, **given) -> dict[str, str]:
    with pytest.raises(BookInvalid) as caught:
        call(**given)
    return caught.value.errors


def test_a_further_document_finds_its_holder(cast, by):
    party = person(phone="19900001234")
    particulars.add_document(party=party, id_type="passport", number=" e1234 5678 ", **by)
    assert find_or_create_party(name=party.name, id_type="passport", id_number="E12345678") == party
    assert find_parties("E12345678", cast.clerk) == [party]
    assert find_parties("E12345678", cast.sysadmin) == []
    raw = IdentityDocument.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM policies_identitydocument")
        assert "E12345678" not in cursor.fetchone()[0]
    particulars.end(row=raw, **by)
    assert find_or_create_party(name="李四", id_type="passport", id_number="E12345678") != party
    with pytest.raises(BookRefused, match="已终止"):
        particulars.end(row=raw, **by)


def test_a_document_of_another_is_refused_and_points_to_merging(by):
    one, two = person(), person("李四", sequence=3)
    particulars.add_document(party=one, id_type="passport", number="E12345678", **by)
    assert "提出合并" in wrong(particulars.add_document, party=two, id_type="passport", number="E12345678", **by)["number"]
    assert "本客户" in wrong(particulars.add_document, party=one, id_type="passport", number="E12345678", **by)["number"]


@pytest.mark.parametrize(
    ("id_type", "number", "valid_to", "field"),
    [
        ("resident", "990101198605171213", None, "number"), ("passport", "\x00", None, "number"), ("passport", "", None, "number"),
        ("passport", "E12345678", date(2026, 3, 1), "valid_to"), ("uscc", "91350100M000100Y43", None, "id_type"),
    ],
)  # fmt: skip
def test_wrong_documents_are_said_at_their_field(by, id_type, number, valid_to, field):
    assert list(wrong(particulars.add_document, party=person(), id_type=id_type, number=number, valid_to=valid_to, **by)) == [field]


def test_an_organisation_has_a_social_credit_code_and_no_identity_card(by):
    firm = Party.objects.create(kind="organisation", name="样本企业有限公司", id_type="uscc", id_number="91350100M000100Y43")
    assert list(wrong(particulars.add_document, party=firm, id_type="passport", number="E12345678", **by)) == ["id_type"]
    particulars.relate(party=person(), other=firm, kind="employer", proof="document", **by)
    assert Relationship.objects.get(party=firm).kind == "employee"
    assert "单位客户" in wrong(
        particulars.relate, party=person("王五", sequence=5), other=person("赵六", sequence=7), kind="employer", proof="visit", **by
    )["kind"]


def test_telephones_addresses_and_accounts(by):
    party = person()
    assert particulars.add_phone(party=party, number="+86 199 0000 5678", **by).shown == "199****5678"
    assert particulars.add_address(party=party, text="样本市样本区样本路 9 号", **by).shown == "样本市样本区******"
    assert particulars.add_account(party=party, bank="招商银行", number="6225 8801 2345 6789", **by).shown == "**** **** 6789"
    assert list(wrong(particulars.add_phone, party=party, number="12", **by)) == ["number"]
    assert list(wrong(particulars.add_address, party=party, text="样本市样本路", postcode="12", **by)) == ["postcode"]
    assert list(wrong(particulars.add_account, party=party, bank="招商银行", number="卡号", **by)) == ["number"]


def test_an_occupation_of_the_list_brings_its_class(by):
    party = person()
    particulars.set_occupation(party=party, name="", code="L013", **by)
    row = particulars.set_occupation(party=party, name="潜水员", occupation_class=0, **by)
    assert row.shown == "潜水员（拒保职业）" and Party.objects.get(pk=party.pk).occupation_class == 0
    assert [(r.code, r.occupation_class, r.until) for r in party.partyoccupation_rows.order_by("pk")] == [
        ("L013", 4, date(2026, 3, 2)), ("", 0, None),
    ]  # fmt: skip
    assert list(wrong(particulars.set_occupation, party=party, name="", code="ZZZ", **by)) == ["code"]
    assert list(wrong(particulars.set_occupation, party=party, name="司机", occupation_class=7, **by)) == ["occupation_class"]


def test_relationships_stand_on_both_sides_and_end_on_both(by):
    parent, child = person(), person("张小明", born=date(2016, 5, 17), sequence=1)
    row = particulars.relate(party=parent, other=child, kind="child", proof="document", **by)
    assert [(r.party, r.other, r.kind) for r in Relationship.objects.order_by("pk")] == [
        (parent, child, "child"), (child, parent, "parent"),
    ]  # fmt: skip
    assert "晚于父母" in wrong(particulars.relate, party=child, other=parent, kind="child", proof="document", **by)["kind"]
    assert "本人" in wrong(particulars.relate, party=child, other=child, kind="sibling", proof="document", **by)["other"]
    assert "已登记" in wrong(particulars.relate, party=parent, other=child, kind="child", proof="visit", **by)["kind"]
    particulars.end(row=row, **by)
    assert not Relationship.objects.filter(until__isnull=True).exists()


def test_one_consent_per_purpose_is_in_force_and_children_have_a_guardian(by):
    party, child = person(), person("张小明", born=date(2016, 5, 17), sequence=1)
    particulars.give_consent(party=party, purpose="sensitive", version="2026-01", how="paper", **by)
    particulars.give_consent(party=party, purpose="sensitive", version="2026-02", how="paper", **by)
    assert [r.version for r in party.consent_rows.filter(until__isnull=True)] == ["2026-02"]
    given = {"party": child, "purpose": "sensitive", "version": "2026-02", "how": "paper"} | by
    assert "监护人" in wrong(particulars.give_consent, **given)["purpose"]
    particulars.give_consent(**given | {"purpose": "guardian"})
    particulars.give_consent(**given)
    assert "已满十四" in wrong(particulars.give_consent, **given | {"party": party, "purpose": "guardian"})["purpose"]


def test_a_look_behind_the_mask_needs_a_post_and_a_reason_and_leaves_a_row(cast):
    party = person(phone="19900001234")
    given = {"party": party, "what": "id_number", "reason": "核对身份证原件", "actor": cast.clerk, "now": NOW}
    assert reveal(**given) == ("证件号码", party.id_number)
    row = Reveal.objects.get()
    assert (row.actor, row.reason, row.label, row.through) == (cast.clerk, "核对身份证原件", "证件号码", "page")
    assert list(wrong(reveal, **given | {"reason": "看看"})) == ["reason"]
    for who in (cast.auditor, cast.archive, cast.scan, cast.sysadmin):
        with pytest.raises(BookRefused, match="不能查看"):
            reveal(**given | {"actor": who})
    account = particulars.add_account(party=party, bank="招商银行", number="6225880123456789", actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="账号"):
        reveal(**given | {"what": f"account-{account.pk}"})
    assert reveal(**given | {"what": f"account-{account.pk}", "actor": cast.head})[1] == "6225880123456789"
    assert Reveal.objects.count() == 2  # nothing is written for a refusal


@pytest.mark.parametrize("what", ["address", "name", "id_index", "document-999", "document-x", "document-²", "account-", "", "../phone"])
def test_what_is_not_there_cannot_be_looked_at(cast, what):
    with pytest.raises(NoSuchValue):
        reveal(party=person(), what=what, reason="核对身份证原件", actor=cast.clerk, now=NOW)


def test_a_row_of_another_customer_cannot_be_looked_at_through_this_one(cast, by):
    other = particulars.add_phone(party=person("李四", sequence=3), number="19900005678", **by)
    with pytest.raises(NoSuchValue):
        reveal(party=person(), what=f"phone-{other.pk}", reason="核对电话号码", actor=cast.clerk, now=NOW)


def test_looks_cannot_be_changed_deleted_or_made_without_end(cast):
    party = person()
    given = {"party": party, "what": "id_number", "reason": "核对身份证原件", "actor": cast.clerk, "now": NOW}
    reveal(**given)
    for change in (lambda: Reveal.objects.update(reason="无"), lambda: Reveal.objects.all().delete()):
        with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
            change()
    rows = [Reveal(party=party, what="id_number", label="证件号码", reason="核对", actor=cast.clerk, at=NOW, through="page")]
    Reveal.objects.bulk_create(rows * (MOST_PER_HOUR - 1))
    with pytest.raises(BookRefused, match="一小时内"):
        reveal(**given)
