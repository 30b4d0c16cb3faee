"""盲索引密钥轮换: every blind index and every seal of a payment under the newest key, in small batches, while people work.

A row is written only where value and index still are what was read. What was done is kept per table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import IntegrityError, models, transaction

from lifeops.policies.crypto import newest_index_print, seal_fits
from lifeops.policies.models import Payment
from lifeops.policies.models.blind import fill
from lifeops.policies.models.keys import KeyRotation
from lifeops.policies.services.payments import seal_of, sealed_parts
from lifeops.policies.services.rotating import Unreadable

BATCH = 500
SEALS = "policies_payment.seal"


@dataclass
class Done:
    """`left`: rows that could not come under the newest key, with the reason."""

    changed: int = 0
    left: list[str] = field(default_factory=list)


def indexed() -> list[type[models.Model]]:
    """Every model with blind indexes."""
    found = [m for m in apps.get_models(include_auto_created=True) if hasattr(m, "blind") and m._meta.managed and not m._meta.proxy]
    return sorted(found, key=lambda m: m._meta.db_table)


def _names(model: Any) -> list[str]:
    return list(dict.fromkeys(name for blind in model.blind for name in (blind.column, blind.source)))


def _rows(model: Any, after: Any, size: int) -> Any:
    return model._base_manager.filter(pk__gt=after).order_by("pk").only("pk", *_names(model))[:size]


def _read(model: Any, rows: Any) -> list[Any]:
    try:
        return list(rows)
    except InvalidToken:
        raise Unreadable(f"{model._meta.verbose_name}（{model._meta.db_table}）有值用现有密钥均不能解密，请先运行 rotate_keys --check") from None


def _stale(row: Any) -> bool:
    return any(getattr(row, blind.column) != blind.of(getattr(row, blind.source)) for blind in row.blind)


def remaining(model: Any) -> int:
    """Rows with an index that is not the newest key's. Reads the whole table."""
    found, after = 0, 0
    while rows := _read(model, _rows(model, after, BATCH)):
        found, after = found + sum(map(_stale, rows)), rows[-1].pk
    return found


def remaining_seals() -> int:
    return sum(p.seal != seal_of(p) for p in Payment.objects.order_by("pk").iterator(BATCH))


def reindex(model: Any, *, now: datetime, size: int = BATCH, most: int | None = None) -> Done:
    """Go on with a table. `most` ends after so many batches."""
    state, _ = KeyRotation.objects.get_or_create(key_print=newest_index_print(), table=model._meta.db_table)
    done, number = Done(), 0
    if state.done_at is not None:
        return done
    while most is None or number < most:
        with transaction.atomic():
            # locked while they are computed: a number changed meanwhile waits, and is indexed anew by whoever changes it
            rows = _read(model, _rows(model, state.last_pk, size).select_for_update(of=("self",), no_key=True))
            if not rows:
                _finish(state, done, now)
                return done
            changed = [row for row in rows if _stale(row)]
            for row in changed:
                fill(row)
            _write(model, changed, done)
            state.last_pk = rows[-1].pk
            state.changed += len(changed)
            state.save(update_fields=["last_pk", "changed"])
        number += 1
    return done


def _write(model: Any, rows: list[Any], done: Done) -> None:
    """All at once; where one of them is refused, row by row."""
    try:
        with transaction.atomic():
            model._base_manager.bulk_update(rows, [blind.column for blind in model.blind])
    except IntegrityError:
        if len(rows) > 1:
            for row in rows:
                _write(model, [row], done)
            return
        done.left.append(f"{model._meta.verbose_name}第 {rows[0].pk} 行：同一证件另有一行，请先核对合并")
        return
    done.changed += len(rows)


def reseal(*, now: datetime, size: int = BATCH, most: int | None = None) -> Done:
    """Payments whose seal fits under an older key are sealed anew; one that fits under none stays as it is and is told."""
    state, _ = KeyRotation.objects.get_or_create(key_print=newest_index_print(), table=SEALS)
    done = Done()
    if state.done_at is not None:
        return done
    number = 0
    while rows := list(Payment.objects.filter(pk__gt=state.last_pk).order_by("pk")[:size]):
        with transaction.atomic():
            for payment in rows:
                fresh = seal_of(payment)
                if payment.seal == fresh:
                    continue
                if seal_fits(payment.seal, sealed_parts(payment)):
                    done.changed += Payment.objects.filter(pk=payment.pk, seal=payment.seal).update(seal=fresh)
                    state.changed += 1
                else:
                    done.left.append(f"付款指令 {payment.number}：封存与内容不符，请报安全管理岗")
            state.last_pk = rows[-1].pk
            state.save(update_fields=["last_pk", "changed"])
        number += 1
        if most is not None and number >= most:
            return done
    _finish(state, done, now)
    return done


def _finish(state: KeyRotation, done: Done, now: datetime) -> None:
    """A table with rows left is gone through again the next time."""
    if done.left:
        state.last_pk = 0
    else:
        state.done_at = now
    state.save(update_fields=["last_pk", "done_at"])


def again() -> None:
    """Forget how far the newest key has come."""
    KeyRotation.objects.filter(key_print=newest_index_print()).delete()
