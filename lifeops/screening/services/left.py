"""What a run could not go through: tried once more by the next, and operations at head office are told once a day until nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.notices.services import notify
from lifeops.org.models import Level, Posting, Role, User
from lifeops.screening.models import WatchList

#: Columns with the keys of what is left: what that is, in words.
WHAT = {"entries_left": "名单人员未能与存量客户比对", "cases_left": "在办案件未能核查"}


def once_more(column: str, go: Callable[[WatchList, list[int]], Iterable[int]], size: int, now: datetime) -> int:
    """Once more what could not be gone through, a batch of each list in force. `go` takes a list and keys and tells those that failed
    again; these go to the end, so that nothing keeps the others from their turn. Returns how many are still left."""
    left = 0
    for key in WatchList.objects.in_force(timezone.localdate(now)).exclude(**{column: []}).values_list("pk", flat=True):
        with transaction.atomic():
            held = WatchList.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
            if held is None:
                continue
            waiting: list[int] = getattr(held, column)
            rest = [*waiting[size:], *go(held, waiting[:size])]
            setattr(held, column, rest)
            held.save(update_fields=[column])
        if rest:
            _tell(held, len(rest), column, now)
        left += len(rest)
    return left


def _tell(row: WatchList, left: int, column: str, now: datetime) -> None:
    """How many; nothing of a person is told."""
    day = timezone.localdate(now)
    posted = Posting.objects.in_force(day).filter(role=Role.MANAGER, branch__level=Level.HEAD_OFFICE).values("user")
    notify(
        users=list(User.objects.filter(pk__in=posted, is_active=True)), key=f"watch-left:{row.pk}:{column}:{day}", title="名单核查有未完成的",
        body=f"{row.code}：{left} 件{WHAT[column]}，每十分钟重试一次；连续不成请系统管理岗按日志查明。", url=reverse("policies:watch_lists"),
    )  # fmt: skip
