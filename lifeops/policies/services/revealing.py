"""查看完整信息: what is masked is shown to those who need it, for a reason, and every look leaves a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from lifeops.org.models import Role, User
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Address, BankAccount, IdentityDocument, Party, Phone, Reveal

COUNTER = (Role.INTAKE, Role.ENTRY, Role.QUERY, Role.INVESTIGATOR, Role.HEAD)
REVIEW = (Role.UNDERWRITER, Role.PS_REVIEWER, Role.CL_REVIEWER, Role.APPROVER, Role.MANAGER)
SHORTEST_REASON, LONGEST_REASON = 4, 200
#: Looks of one person within an hour; more is not work on cases.
MOST_PER_HOUR = 60


@dataclass(frozen=True)
class FieldClass:
    """敏感等级: what a kind of value is called and who may look behind its mask."""

    label: str
    roles: tuple[str, ...]


CLASSES: dict[str, FieldClass] = {
    "identity": FieldClass("证件号码", (*COUNTER, *REVIEW)),
    "phone": FieldClass("电话", (*COUNTER, Role.ISSUE, *REVIEW)),
    "email": FieldClass("电子邮箱", (*COUNTER, *REVIEW)),
    "address": FieldClass("地址", (*COUNTER, Role.ISSUE, *REVIEW)),
    "account": FieldClass("账号", (Role.HEAD, *REVIEW)),
}
#: Rows beside the customer: name of the kind → (model, class).
ROWS = {
    "document": (IdentityDocument, "identity"), "phone": (Phone, "phone"), "address": (Address, "address"),
    "account": (BankAccount, "account"),
}  # fmt: skip
COLUMNS = {"id_number": "identity", "phone": "phone", "email": "email", "address": "address"}
REVEALERS = tuple(dict.fromkeys(role for found in CLASSES.values() for role in found.roles))


class NoSuchValue(Exception):
    """The customer has no such value."""


def value_of(party: Party, what: str) -> tuple[str, str]:
    """(class, clear value) of "id_number", "phone", "email", "address" or of a row, "document-12"."""
    if what in COLUMNS:
        return COLUMNS[what], str(getattr(party, what))
    kind, _, key = what.partition("-")
    if kind not in ROWS or not key.isascii() or not key.isdigit() or len(key) > 18:
        raise NoSuchValue
    model, field_class = ROWS[kind]
    row = model._default_manager.filter(party=party, pk=int(key)).first()
    if row is None:
        raise NoSuchValue
    return field_class, row.clear


@transaction.atomic
def reveal(*, party: Party, what: str, reason: str, actor: User, now: datetime, through: str = "page") -> tuple[str, str]:
    """(label, clear value), after the look has been written down."""
    field_class, value = value_of(party, what)
    found = CLASSES[field_class]
    if not actor.holds(*found.roles):
        raise BookRefused(f"您的岗位不能查看完整{found.label}")
    if not value:
        raise NoSuchValue
    reason = " ".join(reason.replace("\x00", "").split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BookInvalid({"reason": f"请写明查看事由（{SHORTEST_REASON} 至 {LONGEST_REASON} 字）"})
    # one look of a person at a time: looks counted side by side would each find room
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
    looks = Reveal.objects.filter(actor=actor, at__gt=now - timedelta(hours=1)).values("pk")[: MOST_PER_HOUR]
    if len(looks) >= MOST_PER_HOUR:
        raise BookRefused(f"一小时内查看已达 {MOST_PER_HOUR} 次，请稍后再试或联系主管")
    Reveal.objects.create(
        party=party, what=what, label=found.label, reason=reason, actor=actor, at=now, through=through
    )
    return found.label, value
