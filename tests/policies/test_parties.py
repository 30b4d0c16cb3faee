"""One document, one person."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError

from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party
from lifeops.policies.services.parties import check_party_fields, find_or_create_party

BORN = date(1986, 5, 17)
CARD = compose_card(region="990101", birth_date=BORN, sequence=121)
GIVEN = {"name": "张晓明", "sex": "M", "birth_date": BORN, "id_type": "resident", "id_number": CARD, "phone": "19900001234"}


@pytest.mark.django_db
def test_same_document_is_the_same_person():
    first = find_or_create_party(**GIVEN)
    again = find_or_create_party(**(GIVEN | {"id_number": f" {CARD.lower()} ", "phone": "19900005678"}))
    assert first == again
    assert Party.objects.get().phone == "19900001234"  # what is on file changes by a servicing case only


@pytest.mark.django_db
def test_another_name_or_birth_date_under_the_same_document_is_refused():
    find_or_create_party(**GIVEN)
    with pytest.raises(BookRefused, match=r"“张\*\*”名下，与“李四”不一致"):
        find_or_create_party(**(GIVEN | {"name": "李四"}))
    with pytest.raises(BookRefused, match="出生日期"):
        find_or_create_party(**(GIVEN | {"birth_date": date(1986, 5, 18)}))
    assert Party.objects.count() == 1


@pytest.mark.django_db
def test_same_number_on_another_kind_of_document_is_another_person():
    assert find_or_create_party(**GIVEN) != find_or_create_party(**(GIVEN | {"id_type": "passport", "name": "李四"}))


@pytest.mark.django_db
def test_person_without_a_name_is_refused_and_without_a_number_is_new():
    with pytest.raises(BookRefused, match="姓名"):
        find_or_create_party(name=" ")
    assert find_or_create_party(name="小明") != find_or_create_party(name="小明")


@pytest.mark.server
@pytest.mark.django_db
def test_database_keeps_one_row_per_document():
    find_or_create_party(**GIVEN)
    with pytest.raises(IntegrityError, match="party_identity_once"):
        Party.objects.create(**(GIVEN | {"name": "李四"}))


def test_fields_of_a_person_are_checked_each_at_its_place():
    fine = GIVEN | {"on": date(2026, 3, 1)}
    assert check_party_fields(**fine) == {}
    assert list(check_party_fields(**(fine | {"id_number": CARD[:-1] + "0"}))) == ["id_number"]
    assert list(check_party_fields(**(fine | {"sex": "F"}))) == ["sex"]
    assert list(check_party_fields(**(fine | {"birth_date": date(1986, 5, 18)}))) == ["birth_date"]
    assert list(check_party_fields(**(fine | {"phone": "123"}))) == ["phone"]
    assert list(check_party_fields(**(fine | {"name": ""}))) == ["name"]
    assert list(check_party_fields(**(fine | {"id_valid_to": date(2026, 2, 28)}))) == ["id_valid_to"]
    assert list(check_party_fields(**(fine | {"id_type": "uscc", "id_number": FIRM["id_number"]}))) == ["id_type"]
    assert check_party_fields(**FIRM, on=date(2026, 3, 1)) == {}


FIRM = {"name": "样本企业有限公司", "id_type": "uscc", "id_number": "91350100M000100Y43"}


@pytest.mark.django_db
def test_a_social_credit_code_is_that_of_an_organisation():
    firm = find_or_create_party(**FIRM)
    assert firm.kind == "organisation" and find_or_create_party(**FIRM) == firm
    assert find_or_create_party(**GIVEN).kind == "person"
