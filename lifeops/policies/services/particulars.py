"""Writing down what is known of a customer beside the columns of the row. Rows are ended, never deleted; the present
document, telephone and address change by a 保全 only."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from lifeops.org.models import Role, User
from lifeops.policies.crypto import blind_indexes
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.identity import check_identity, normalise_id, normalise_phone, phone_error
from lifeops.policies.models import (
    Address,
    BankAccount,
    Consent,
    DeathProof,
    DeathRecord,
    Ending,
    EventKind,
    IdentityDocument,
    IdType,
    Party,
    PartyOccupation,
    Payment,
    PaymentState,
    Phone,
    Policy,
    PolicyEvent,
    RelationKind,
    Relationship,
)
from lifeops.policies.models.particulars import Particular
from lifeops.policies.services.parties import holder_of, region_error
from lifeops.reference.models import Occupation

#: What the other is to the first ↔ what the first is to the other.
INVERSE = {
    RelationKind.SPOUSE: RelationKind.SPOUSE, RelationKind.CHILD: RelationKind.PARENT, RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.SIBLING: RelationKind.SIBLING, RelationKind.GRANDPARENT: RelationKind.GRANDCHILD,
    RelationKind.GRANDCHILD: RelationKind.GRANDPARENT, RelationKind.GUARDIAN: RelationKind.WARD,
    RelationKind.WARD: RelationKind.GUARDIAN, RelationKind.PROXY: RelationKind.PRINCIPAL,
    RelationKind.PRINCIPAL: RelationKind.PROXY, RelationKind.EMPLOYER: RelationKind.EMPLOYEE,
    RelationKind.EMPLOYEE: RelationKind.EMPLOYER,
}  # fmt: skip
ORGANISATION = "organisation"
#: Who writes down what is known of a customer.
WRITERS = (Role.INTAKE, Role.ENTRY, Role.QUERY, Role.HEAD, Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER)


def _row(party: Party, actor: User, now: datetime, source: str, since: date | None = None) -> dict[str, Any]:
    """What every row carries. The customer is locked: two who write the same thing at once do it one after the other."""
    _may_write(actor)
    Party.objects.select_for_update(of=("self",), no_key=True).get(pk=party.pk)
    if party.merged_into_id:
        raise BookRefused("该客户已并入另一客户，请在保留的客户下登记")
    day = since or timezone.localdate(now)
    if day > timezone.localdate(now):
        raise BookInvalid({"since": "不能晚于今天"})
    return {"party": party, "made_by": actor, "made_at": now, "source": source.strip()[:60], "since": day}


def _may_write(actor: User) -> None:
    if not actor.holds(*WRITERS):
        raise BookRefused("客户资料由受理、录入、问题件岗、机构主管和审核岗登记")


@transaction.atomic
def add_document(
    *, party: Party, id_type: str, number: str, actor: User, now: datetime, valid_to: date | None = None, source: str = ""
) -> IdentityDocument:
    """A further document of the same person. One that is somebody else's is refused: they may be one person, which is
    for the duplicates to settle."""
    day = timezone.localdate(now)
    base = _row(party, actor, now, source)
    if (id_type == IdType.USCC) != (party.kind == ORGANISATION):
        raise BookInvalid({"id_type": "单位使用统一社会信用代码，个人使用个人证件"})
    check = check_identity(
        id_type=id_type, number=number, on=day, birth_date=party.birth_date, sex=party.sex, valid_to=valid_to
    )
    errors = dict(check.errors)
    if id_type == IdType.RESIDENT and not errors and (words := region_error(number)):
        errors["id_number"] = words
    for name in ("birth_date", "sex"):
        if name in errors:
            errors.setdefault("id_number", errors[name])
            del errors[name]
    if errors:
        raise BookInvalid({{"id_number": "number", "id_valid_to": "valid_to"}.get(k, k): v for k, v in errors.items()})
    holder = holder_of(id_type, number)
    if holder is not None:
        words = "该证件已登记在本客户名下" if holder == party else f"该证件已登记在客户“{holder.name[:1]}**”名下，如为同一人请提出合并"
        raise BookInvalid({"number": words})
    try:
        with transaction.atomic():
            return IdentityDocument.objects.create(**base, id_type=id_type, number=number, valid_to=valid_to)
    except IntegrityError:
        raise BookInvalid({"number": "该证件刚刚已由他人登记"}) from None


@transaction.atomic
def add_phone(*, party: Party, number: str, actor: User, now: datetime, kind: str = "mobile", source: str = "") -> Phone:
    if words := phone_error(number):
        raise BookInvalid({"number": words})
    base = _row(party, actor, now, source)
    if party.phone_rows.filter(number_index__in=blind_indexes("party.phone", normalise_phone(number)), until__isnull=True).exists():
        raise BookInvalid({"number": "该号码已登记"})
    return Phone.objects.create(**base, kind=kind, number=number)


@transaction.atomic
def add_address(
    *, party: Party, text: str, actor: User, now: datetime, kind: str = "home", postcode: str = "", source: str = ""
) -> Address:
    if len(text.strip()) < 4:
        raise BookInvalid({"text": "地址过短，请写明省市、街道和门牌"})
    if postcode and not re.fullmatch(r"\d{6}", postcode):
        raise BookInvalid({"postcode": "邮编应为 6 位数字"})
    base = _row(party, actor, now, source)
    if any(row.text == text.strip() for row in party.address_rows.filter(kind=kind, until__isnull=True)):
        raise BookInvalid({"text": "该地址已登记"})
    return Address.objects.create(**base, kind=kind, text=text.strip(), postcode=postcode)


@transaction.atomic
def add_account(*, party: Party, bank: str, number: str, actor: User, now: datetime, source: str = "") -> BankAccount:
    """An account of the customer's own (CDD13: refunds and loans go there)."""
    digits = normalise_id(number)
    if not re.fullmatch(r"\d{8,32}", digits):
        raise BookInvalid({"number": "账号应为 8 至 32 位数字"})
    if not bank.strip():
        raise BookInvalid({"bank": "请填写开户行"})
    base = _row(party, actor, now, source)
    if party.bankaccount_rows.filter(number_index__in=blind_indexes("party.account", digits), until__isnull=True).exists():
        raise BookInvalid({"number": "该账号已登记"})
    return BankAccount.objects.create(**base, bank=bank.strip(), number=digits)


@transaction.atomic
def set_occupation(
    *, party: Party, name: str, actor: User, now: datetime, code: str = "", occupation_class: int | None = None,
    employer: str = "", since: date | None = None, source: str = "",
) -> PartyOccupation:
    """The occupation from a day on. A code of the list brings its class; without one the class is given by hand."""
    base = _row(party, actor, now, source, since)
    listed = Occupation.objects.filter(code=code.strip(), active=True).first() if code.strip() else None
    if code.strip() and listed is None:
        raise BookInvalid({"code": "职业表中没有这个代码"})
    if listed is not None:
        name, occupation_class = listed.name, listed.accident_class
    if not name.strip():
        raise BookInvalid({"name": "请填写职业"})
    if occupation_class is None or not 0 <= occupation_class <= 6:
        raise BookInvalid({"occupation_class": "请选择职业类别"})
    party.partyoccupation_rows.filter(until__isnull=True).update(until=base["since"])
    row = PartyOccupation.objects.create(
        **base, code=code.strip(), name=name.strip(), occupation_class=occupation_class, employer=employer.strip()
    )
    party.occupation_code, party.occupation_class = row.code[:10], row.occupation_class
    party.save(update_fields=["occupation_code", "occupation_class"])
    return row


@transaction.atomic
def relate(
    *, party: Party, other: Party, kind: str, proof: str, actor: User, now: datetime, source: str = ""
) -> Relationship:
    """`other` is the party's `kind`; the other side is written down as well where it follows."""
    if party == other:
        raise BookInvalid({"other": "不能与本人建立关系"})
    if other.merged_into_id:
        raise BookInvalid({"other": "该客户已并入另一客户"})
    if kind in (RelationKind.EMPLOYER, RelationKind.EMPLOYEE):
        firm = other if kind == RelationKind.EMPLOYER else party
        if firm.kind != ORGANISATION:
            raise BookInvalid({"kind": "用人单位应为单位客户"})
    if kind in (RelationKind.CHILD, RelationKind.PARENT):
        child, parent = (other, party) if kind == RelationKind.CHILD else (party, other)
        if child.birth_date and parent.birth_date and child.birth_date <= parent.birth_date:
            raise BookInvalid({"kind": "子女的出生日期应晚于父母"})
    # both rows, in the order of their keys: two who relate the same two people do not wait for each other for ever
    list(Party.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[party.pk, other.pk]).order_by("pk"))
    if Relationship.objects.filter(party=party, other=other, kind=kind, until__isnull=True).exists():
        raise BookInvalid({"kind": "该关系已登记"})
    row = Relationship.objects.create(**_row(party, actor, now, source), other=other, kind=kind, proof=proof)
    inverse = INVERSE.get(RelationKind(kind))
    if inverse and not Relationship.objects.filter(party=other, other=party, kind=inverse, until__isnull=True).exists():
        Relationship.objects.create(**_row(other, actor, now, source), other=party, kind=inverse, proof=proof)
    return row


@transaction.atomic
def give_consent(
    *, party: Party, purpose: str, version: str, how: str, actor: User, now: datetime, source: str = ""
) -> Consent:
    """同意 in force; the former one for the same purpose ends. For a child under fourteen the guardian consents."""
    base = _row(party, actor, now, source)
    age = party.age(base["since"])
    if purpose == "guardian" and age is not None and age >= 14:
        raise BookInvalid({"purpose": "客户已满十四周岁，由本人同意"})
    if purpose != "guardian" and age is not None and age < 14:
        has = party.consent_rows.filter(purpose="guardian", until__isnull=True).exists()
        if not has:
            raise BookInvalid({"purpose": "客户未满十四周岁，请先登记监护人同意"})
    if not version.strip():
        raise BookInvalid({"version": "请填写告知书版本"})
    party.consent_rows.filter(purpose=purpose, until__isnull=True).update(until=base["since"])
    return Consent.objects.create(**base, purpose=purpose, version=version.strip()[:20], how=how)


@transaction.atomic
def record_death(*, party: Party, died_on: date, evidence: str, actor: User, now: datetime, source: str = "") -> DeathRecord:
    """身故登记: nothing that the person alone may ask for is done any more, and the heirs may come. A death that a claim has
    established is there already."""
    base = _row(party, actor, now, source)
    found = Party.objects.get(pk=party.pk)
    if found.kind == ORGANISATION:
        raise BookRefused("单位客户没有身故登记")
    if found.died_on is not None:
        raise BookInvalid({"died_on": f"已登记于 {found.died_on} 身故"})
    if evidence not in DeathProof.values:
        raise BookInvalid({"evidence": "请选择依据"})
    if died_on > timezone.localdate(now):
        raise BookInvalid({"died_on": "身故日期不能晚于今天"})
    if found.birth_date is not None and died_on < found.birth_date:
        raise BookInvalid({"died_on": f"身故日期不能早于出生日期 {found.birth_date}"})
    found.died_on = party.died_on = died_on
    found.save(update_fields=["died_on"])
    return DeathRecord.objects.create(**base, died_on=died_on, evidence=evidence)


#: How the reason of a payment to heirs begins.
TO_HEIRS = "继承"


def _take_back_death(row: DeathRecord, actor: User) -> None:
    """The person lives: said by another than who wrote the death down, and not after anything has been done on its ground."""
    if row.made_by_id == actor.pk:
        raise BookRefused("身故登记须由登记人以外的人撤销")
    people = Policy.objects.of_people([row.party_id])
    # locked as every step locks them, before the customer: what is being signed on the ground of the death is seen, or sees this
    list(people.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    found = Party.objects.select_for_update(of=("self",), no_key=True).get(pk=row.party_id)
    paid = Payment.objects.filter(policy__in=people, third_party_reason__startswith=TO_HEIRS).exclude(state=PaymentState.CANCELLED)
    # events keep naming whoever was merged into this customer since
    same = [row.party_id, *Party.objects.filter(merged_into=row.party_id).values_list("pk", flat=True)]
    told = DeathRecord.objects.filter(party__in=same, until__isnull=True).order_by("made_at").values_list("made_at", flat=True)[:1]
    succeeded = PolicyEvent.objects.filter(kind=EventKind.HOLDER, recorded_at__gte=told, data__policyholder_before__in=same)
    if people.filter(insured=row.party_id, ending=Ending.CLAIM).exists() or paid.exists() or succeeded.exists():
        raise BookRefused("已按身故办理给付、付给继承人或变更投保人，登记不能撤销")
    found.died_on = None
    found.save(update_fields=["died_on"])


@transaction.atomic
def end(*, row: Particular, actor: User, now: datetime) -> None:
    """作废、撤回: holds no longer from today on, by whom is kept. A relationship ends on both sides."""
    _may_write(actor)
    if isinstance(row, DeathRecord):
        _take_back_death(row, actor)
    day = timezone.localdate(now)
    ended = {"until": day, "ended_by": actor, "ended_at": now}
    if not type(row)._default_manager.filter(pk=row.pk, until__isnull=True).update(**ended):
        raise BookRefused("该项已终止")
    row.until = day
    if isinstance(row, Relationship):
        inverse = INVERSE.get(RelationKind(row.kind))
        other = Relationship.objects.filter(party=row.other, other=row.party, kind=inverse, until__isnull=True)
        other.update(**ended)
