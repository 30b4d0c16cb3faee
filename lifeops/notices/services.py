"""Telling colleagues: rows first, mail afterwards; the broker may be down, the sweep delivers later."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from lifeops.notices.models import Notice
from lifeops.org.models import User


def notify(
    *, users: Iterable[User], key: str, title: str, body: str = "", url: str = "", case_number: str = ""
) -> int:
    """Write one notice per person, once per key; returns how many were asked for. Mail goes out after the commit."""
    rows = [
        Notice(
            recipient=user, key=key, title=title[:120], body=body[:400], url=url, case_number=case_number,
            mailed_at=None if user.email else timezone.now(),
        )
        for user in users
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.mailed_at is None for row in rows):
        from lifeops.notices.tasks import deliver_notices

        transaction.on_commit(lambda: deliver_notices.delay(key), robust=True)
    return len(rows)


def mail(notice_id: int) -> bool:
    """Send one notice by the configured backend. The row is locked while sending, so two workers send once.

    The mark is written after the backend has accepted the message: a crash between the two sends it again rather than
    not at all.
    """
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("recipient")
            .filter(pk=notice_id, mailed_at__isnull=True)
            .first()
        )
        if notice is None:
            return False
        if notice.recipient.email:
            EmailMessage(
                subject=notice.title,
                body=f"{notice.body}\n\n请登录运营系统查看。",
                from_email=settings.DEFAULT_FROM_EMAIL,
                to=[notice.recipient.email],
                headers={"Message-ID": f"<notice-{notice.pk}@lifeops>"},
            ).send()
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])
    return True


def mark_read(user: User, ids: list[int] | None = None) -> int:
    """Mark the person's notices as read: the given ones, or all."""
    unread = Notice.objects.visible_to(user).unread()
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=timezone.now())
