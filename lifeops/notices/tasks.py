"""Mailing of notices: at least once, made once by the row's mark."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from lifeops.notices.models import Notice
from lifeops.notices.services import mail


@shared_task(ignore_result=True)
def deliver_notices(key: str) -> None:
    """Mail what was written under a key."""
    for pk in Notice.objects.filter(key=key, mailed_at__isnull=True).values_list("pk", flat=True):
        mail(pk)


@shared_task(ignore_result=True)
def deliver_forgotten(batch: int = 500) -> int:
    """Sweep: notices still unmailed after a minute."""
    before = timezone.now() - timedelta(seconds=60)
    ids = list(
        Notice.objects.filter(mailed_at__isnull=True, created_at__lt=before)
        .order_by("pk")
        .values_list("pk", flat=True)[:batch]
    )
    return sum(mail(pk) for pk in ids)
