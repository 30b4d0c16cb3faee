"""客户: the same document is the same person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from lifeops.policies.errors import BookRefused
from lifeops.policies.identity import check_identity, normalise_id
from lifeops.policies.models import Party


def party_errors(
    *, id_type: str, id_number: str, on: date, birth_date: date | None = None, sex: str = "", valid_to: date | None = None
) -> dict[str, str]:
    """Messages per field (`id_number`, `birth_date`, `sex`, `id_valid_to`)."""
    return check_identity(
        id_type=id_type, number=id_number, on=on, birth_date=birth_date, sex=sex, valid_to=valid_to
    ).errors


def find_or_create_party(
    *, name: str, id_type: str, id_number: str, birth_date: date | None = None, sex: str = "", phone: str = "",
    **more: Any,
) -> Party:
    """The person with this document, or a new one. Another name under the same document is refused, never overwritten."""
    with transaction.atomic():
        number = normalise_id(id_number)
        known = Party.objects.with_id(number).filter(id_type=id_type).first() if number else None
        if known is not None:
            if known.name != name.strip():
                raise BookRefused(f"证件号码已登记在“{known.name[:1]}**”名下，与“{name}”不一致，请核对证件")
            return known
        return Party.objects.create(
            name=name.strip(), id_type=id_type, id_number=number, birth_date=birth_date, sex=sex, phone=phone, **more
        )
