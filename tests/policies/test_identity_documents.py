"""Documents of every kind: what their numbers can be held against."""

from __future__ import annotations

from datetime import date

import pytest

from lifeops.policies.identity import check_identity, compose_card, mask_address, uscc_error
from lifeops.policies.services.parties import check_party_fields, region_of
from lifeops.reference.models import Division

DAY = date(2026, 3, 1)
BORN = date(1986, 5, 17)


@pytest.mark.parametrize(
    ("id_type", "number", "fine"),
    [
        ("uscc", "91350100M000100Y43", True), ("uscc", "91350100m000100y43", True), ("uscc", "91350100M000100Y44", False),
        ("uscc", "91350100M000100I43", False), ("uscc", "9135", False),
        ("hm_permit", "H12345678", True), ("hm_permit", "M1234567801", True), ("hm_permit", "X12345678", False),
        ("tw_permit", "12345678", True), ("tw_permit", "1234567890B", True), ("tw_permit", "123456789", False),
        ("passport", "E12345678", True), ("passport", "E1", False), ("passport", "护照12345", False),
        ("birth", "T320000001", True), ("birth", "3200000011", False),
        ("foreign_resident", "USA110086051712", True), ("foreign_resident", "USA110086131712", False),
        ("household", "省市字第 12345 号", True),
    ],
)  # fmt: skip
def test_each_kind_has_its_shape(id_type, number, fine):
    assert check_identity(id_type=id_type, number=number, on=DAY).ok is fine


def test_cards_of_foreigners_and_of_the_regions_begin_as_they_must():
    card = {region: compose_card(region=region, birth_date=BORN, sequence=121) for region in ("810000", "911840", "330106")}
    assert check_identity(id_type="hmt_resident", number=card["810000"], on=DAY).ok
    assert "81、82 或 83" in check_identity(id_type="hmt_resident", number=card["330106"], on=DAY).errors["id_number"]
    assert check_identity(id_type="foreign_resident", number=card["911840"], on=DAY).ok
    assert "9 开头" in check_identity(id_type="foreign_resident", number=card["330106"], on=DAY).errors["id_number"]
    old = check_identity(id_type="foreign_resident", number="USA110086051712", on=DAY, birth_date=date(1986, 5, 18))
    assert list(old.errors) == ["birth_date"]


def test_the_check_sign_of_a_social_credit_code_catches_every_single_slip():
    good = "91350100M000100Y43"
    for place in range(18):
        other = "2" if good[place] != "2" else "3"
        assert uscc_error(good[:place] + other + good[place + 1 :])


@pytest.mark.django_db
def test_the_region_of_a_card_is_held_against_divisions_of_any_year():
    Division.objects.create(code="330103", name="下城区", level=3, province="浙江省", city="杭州市", current=False)
    former, unknown, nowhere = (compose_card(region=r, birth_date=BORN, sequence=121) for r in ("330103", "330199", "700101"))
    assert region_of(former).note == "浙江省杭州市下城区（已撤销）"
    assert check_party_fields(id_type="resident", id_number=former, on=DAY) == {}
    # abolished before the tables begin: the card is valid all the same
    assert region_of(unknown) is None and check_party_fields(id_type="resident", id_number=unknown, on=DAY) == {}
    assert "70 不是省级" in check_party_fields(id_type="resident", id_number=nowhere, on=DAY)["id_number"]


def test_addresses_show_where_about():
    assert mask_address("浙江省杭州市西湖区某路 1 号") == "浙江省杭州市******" and mask_address("某路") == "**"
    assert mask_address("虚构路 12 号") == "虚构路 ******"
