"""What a run could not go through: operations at head office are told once a day until nothing is left."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from lifeops.notices.services import notify
from lifeops.org.models import Level, Posting, Role, User
from lifeops.screening.models import WatchList

WHAT = {"customers": "名单人员未能与存量客户比对", "cases": "在办案件未能核查"}


def tell_what_is_left(row: WatchList, left: int, of: str, now: datetime) -> None:
    """How many of the entries ("customers") or cases ("cases") of a list; nothing of a person is told."""
    if not left:
        return
    day = timezone.localdate(now)
    posted = Posting.objects.in_force(day).filter(role=Role.MANAGER, branch__level=Level.HEAD_OFFICE).values("user")
    notify(
        users=list(User.objects.filter(pk__in=posted, is_active=True)), key=f"watch-left:{row.pk}:{of}:{day}", title="名单核查有未完成的",
        body=f"{row.code}：{left} 件{WHAT[of]}，每十分钟重试一次；连续不成请系统管理岗按日志查明。", url=reverse("policies:watch_lists"),
    )  # fmt: skip
