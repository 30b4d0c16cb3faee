"""客户: the same document is the same person."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from lifeops.org.statements import Question, read
from lifeops.org.text import visible
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import check_identity, normalise_id, normalise_phone, phone_error
from lifeops.policies.models import BankAccount, Beneficiary, IdentityDocument, IdType, Party, PartyKind, Policy
from lifeops.reference.models import Division


def check_party_fields(
    *, id_type: str, id_number: str, on: date, birth_date: date | None = None, sex: str = "",
    id_valid_to: date | None = None, phone: str = "", name: str | None = None,
) -> dict[str, str]:
    """Messages per field (`name`, `id_type`, `id_number`, `birth_date`, `sex`, `id_valid_to`, `phone`); an empty phone and a
    name that is not given are not looked at."""
    errors = dict(
        check_identity(
            id_type=id_type, number=id_number, on=on, birth_date=birth_date, sex=sex, valid_to=id_valid_to
        ).errors
    )
    if id_type == IdType.RESIDENT and "id_number" not in errors and (words := region_error(id_number)):
        errors["id_number"] = words
    if id_type == IdType.USCC and (birth_date is not None or sex):
        errors["id_type"] = "统一社会信用代码是单位的证件，个人请用个人证件"
    if name is not None and not name.strip():
        errors["name"] = "请填写姓名"
    if phone and phone_error(phone):
        errors["phone"] = phone_error(phone)
    return errors


def region_of(number: str) -> Division | None:
    """The unit that a resident card names, of any year; None where the tables do not know it."""
    code = normalise_id(number)[:6]
    return Division.objects.filter(code=code).first() if re.fullmatch(r"[1-8]\d{5}", code) else None


def region_error(number: str) -> str:
    """Message when a card names no province of the country. Counties are not held against the card: codes abolished
    before 2002 are in no table, and cards keep the code of the day of issue. Region 99 marks invented persons."""
    code = normalise_id(number)[:2]
    if code == "99" or not code.isdigit():
        return ""
    provinces = set(Division.objects.filter(level=1).values_list("code", flat=True))
    return f"身份证号码前两位 {code} 不是省级行政区划" if provinces and f"{code}0000" not in provinces else ""


def region_warning(id_type: str, number: str) -> str:
    """Said beside a resident card whose county the tables do not know, of any year. Nothing is refused for it: codes abolished
    before 2002 are in no table. Nothing is said while only provinces are loaded. Invented cards (region 99) are told of too."""
    code = normalise_id(number)[:6]
    if id_type != IdType.RESIDENT or len(normalise_id(number)) != 18 or not re.fullmatch(r"[0-9]{6}", code):
        return ""
    known = dict.fromkeys(Division.objects.filter(Q(code=code) | Q(pk__in=Division.objects.filter(level=3).values("pk")[:1])).values_list("code", flat=True))
    if not known or code in known:
        return ""
    return f"行政区划表（含历史）中没有 {code}，请核对证件原件" + ("；99 开头是演示用的虚构证件" if code.startswith("99") else "")


def heirs_of(policy: Policy) -> list[Beneficiary]:
    """All 受益人 a policy has had, in the order in which they came."""
    return read(Beneficiary, "policy_id = %s ORDER BY id", [policy.pk])


def find_or_create_party(
    *, name: str, id_type: str = IdType.RESIDENT, id_number: str = "", birth_date: date | None = None, sex: str = "",
    phone: str = "", **more: Any,
) -> Party:
    """The person, or by a 统一社会信用代码 the organisation, with this document, or a new one. Another name or birth date under the same document is refused; what
    is on file is never overwritten here (that is a 保全). Without a number the person is always new."""
    name, number = visible(name).strip(), normalise_id(id_number)
    if not name:
        raise BookRefused("请填写姓名")
    known = _known(id_type, number, name, birth_date)
    if known is not None:
        return known
    more.setdefault("kind", PartyKind.ORGANISATION if id_type == IdType.USCC else PartyKind.PERSON)
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


def holder_of(id_type: str, number: str) -> Party | None:
    """The customer with this document, present or further."""
    indexes = blind_indexes("party.id", normalise_id(number))
    if not indexes:
        return None
    found = Party.objects.present().filter(id_type=id_type, id_index__in=indexes).first()
    if found is not None:
        return found
    row = IdentityDocument.objects.filter(id_type=id_type, number_index__in=indexes, until__isnull=True).select_related("party")
    return next((document.party for document in row[:1]), None)


def _known(id_type: str, number: str, name: str, birth_date: date | None) -> Party | None:
    known = holder_of(id_type, number)
    if known is None:
        return None
    if known.name != name:
        raise BookRefused(f"证件号码已登记在“{known.name[:1]}**”名下，与“{name}”不一致，请核对证件")
    if birth_date and known.birth_date and birth_date != known.birth_date:
        raise BookRefused("该证件登记的出生日期与所填不一致，请核对证件")
    return known


def others_with_phone(party: Party, phone: str, *, most: int) -> int:
    """How many other customers have this number, counted up to `most` through the blind index."""
    indexes = blind_indexes("party.phone", normalise_phone(phone))
    if not indexes:
        return 0
    return len(Party.objects.filter(phone_index__in=indexes).exclude(pk=party.pk).values_list("pk", flat=True)[:most])


@Question(str)
def _names_of_account(index: str) -> QuerySet[Any]:
    return BankAccount.objects.filter(number_index=index, until__isnull=True).order_by("pk").values_list("party__name")


def account_holder(number: str, payee: str) -> str:
    """In whose name an account is on file, as far as it may be told: the payee where it is his, another's name masked, "" where
    nobody has registered it."""
    names = [name for index in blind_indexes("party.account", normalise_id(number)) for name in _names_of_account.flat(index)]
    return "" if not names else payee if payee in names else f"{names[0][:1]}**"
