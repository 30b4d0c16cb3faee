"""客户: the same document is the same person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from lifeops.policies.crypto import blind_index
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import check_identity, normalise_id, normalise_phone, phone_error
from lifeops.policies.models import IdType, Party


def check_party_fields(
    *, id_type: str, id_number: str, on: date, birth_date: date | None = None, sex: str = "",
    id_valid_to: date | None = None, phone: str = "", name: str | None = None,
) -> dict[str, str]:
    """Messages per field (`name`, `id_number`, `birth_date`, `sex`, `id_valid_to`, `phone`); an empty phone and a name
    that is not given are not looked at."""
    errors = dict(
        check_identity(
            id_type=id_type, number=id_number, on=on, birth_date=birth_date, sex=sex, valid_to=id_valid_to
        ).errors
    )
    if name is not None and not name.strip():
        errors["name"] = "请填写姓名"
    if phone and phone_error(phone):
        errors["phone"] = phone_error(phone)
    return errors


def find_or_create_party(
    *, name: str, id_type: str = IdType.RESIDENT, id_number: str = "", birth_date: date | None = None, sex: str = "",
    phone: str = "", **more: Any,
) -> Party:
    """The person with this document, or a new one. Another name or birth date under the same document is refused; what
    is on file is never overwritten here (that is a 保全). Without a number the person is always new."""
    name, number = name.strip(), normalise_id(id_number)
    if not name:
        raise BookRefused("请填写姓名")
    known = _known(id_type, number, name, birth_date)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Party.objects.create(
                name=name, id_type=id_type, id_number=number, birth_date=birth_date, sex=sex, phone=phone, **more
            )
    except IntegrityError:
        # somebody else registered the same document in the same moment
        known = _known(id_type, number, name, birth_date)
        if known is None:
            raise
        return known


def _known(id_type: str, number: str, name: str, birth_date: date | None) -> Party | None:
    known = Party.objects.with_id(number).filter(id_type=id_type).first() if number else None
    if known is None:
        return None
    if known.name != name:
        raise BookRefused(f"证件号码已登记在“{known.name[:1]}**”名下，与“{name}”不一致，请核对证件")
    if birth_date and known.birth_date and birth_date != known.birth_date:
        raise BookRefused("该证件登记的出生日期与所填不一致，请核对证件")
    return known


def others_with_phone(party: Party, phone: str, *, most: int) -> int:
    """How many other customers have this number, counted up to `most` through the blind index."""
    index = blind_index("party.phone", normalise_phone(phone))
    if not index:
        return 0
    return len(Party.objects.filter(phone_index=index).exclude(pk=party.pk).values_list("pk", flat=True)[:most])
