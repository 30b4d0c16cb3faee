"""名单 of the demonstration: invented people of the region that does not exist, two of them called and born as customers are, so that
something waits for head office; a version that waits for its second person."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from lifeops.cases.tasks import SCREENED_AT_ONCE, screen_next_cases
from lifeops.org.models import User
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Policy, PolicyStatus
from lifeops.screening.models import ListKind
from lifeops.screening.services.customers import screen_next
from lifeops.screening.services.lists import decide, enter

HEAD = "姓名,曾用名或外文名,证件类型,证件号码,出生日期,说明"
#: On no list and in no book but this one.
INVENTED = (("测试甲某", "Ceshi Jia", date(1975, 3, 9), 801), ("测试乙某", "测试丙某", date(1968, 11, 21), 803), ("测试丁某", "", date(1990, 6, 2), 806))


def watch_lists(manager: User, approver: User) -> None:
    """Two lists in force, held against customers and cases; a new version of one waits."""
    today, now = timezone.localdate(), timezone.now()
    strangers = [f"{name},{also},居民身份证,{compose_card(region='990102', birth_date=born, sequence=place)},," for name, also, born, place in INVENTED]
    alike = list(_customers()[:2])
    for (code, kind, source), party in zip((("DEMO-BL", ListKind.COMPANY, "公司风险管理部（演示）"), ("DEMO-PEP", ListKind.PEP, "演示来源")), alike, strict=False):
        rows = [HEAD, *strangers, f"{party.name},,,,{party.birth_date},演示：与客户同名同日出生"]
        made = enter(
            code=code, kind=kind, source=source, effective_from=today, effective_to=None, reason="演示〔2026〕1号", file_name=f"{code}.csv",
            content="\n".join(rows).encode(), actor=manager, now=now,
        )  # fmt: skip
        decide(row=made, approve=True, remark="", actor=approver, now=now)
    enter(
        code="DEMO-BL", kind=ListKind.COMPANY, source="公司风险管理部（演示）", effective_from=today + timedelta(days=7), effective_to=None,
        reason="演示〔2026〕2号", file_name="DEMO-BL-2.csv", content="\n".join([HEAD, *strangers]).encode(), actor=manager, now=now,
    )  # fmt: skip
    while screen_next(now):
        pass
    while screen_next_cases(now, SCREENED_AT_ONCE):
        pass


def _customers() -> list[Party]:
    """Customers with a policy in force, the first ones first."""
    rows = Policy.objects.filter(status=PolicyStatus.IN_FORCE, policyholder__birth_date__isnull=False).select_related("policyholder").order_by("pk")
    return list({p.policyholder_id: p.policyholder for p in rows[:20]}.values())
