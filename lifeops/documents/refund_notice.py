"""退费领取通知书: money that came when the contract was over or was left by its end, to whom it belongs and how it is had."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from lifeops.documents.letters.schema import show_day
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, Coverage, LedgerLine, PolicyNotice
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.services.notices import left
from lifeops.policies.services.recovering import recoverable

#: So many of the latest receipts are told one by one.
MOST = 6
RECEIVED, LEFT = "此后收到的款项不再用于交纳保险费，应予退还", "终止时结清后有余款属于投保人"
COMES = "由投保人携带有效身份证件和本人银行账户到任一营业网点办理“溢缴退费”；也可以书面委托他人办理。"
HEIRS_COME = "由继承人携带投保人的死亡证明、继承权证明和各继承人的身份证件、银行账户到任一营业网点，以继承人身份办理“溢缴退费”。"


def waiting(notice: PolicyNotice, covers: Sequence[Coverage]) -> dict[str, Any]:
    """Content of the letter besides what every notice has: all that waits when it is printed. BookRefused where nothing does."""
    policy, holder = notice.policy, notice.policy.policyholder
    rest, ended, owed = left(policy), policy.terminated_on, recoverable(policy, timezone.localdate())
    if not policy.suspense + rest:
        raise BookRefused(f"保单 {policy.number} 没有待退的款项，请核对后再打印")
    rows = LedgerLine.objects.filter(entry__policy=policy, account=Account.SUSPENSE, amount__lt=0).select_related("entry")
    # 暂收 of the time before went into what the end has left
    since = rows.filter(entry__on__gte=ended) if ended and rest else rows
    came, gone = _still_there(since, policy.suspense)
    facts = [{"label": "终止日", "value": f"{show_day(ended)}（{policy.get_ending_display() or policy.termination}）"}] if ended else []
    return {
        "addressee": f"{holder.name}的继承人" if holder.died_on else holder.name,
        "opening": f"下列保险合同已经终止，{'，'.join(why for why, amount in ((RECEIVED, policy.suspense), (LEFT, rest)) if amount)}，请您办理领取。",
        "facts": [
            *facts, *([{"label": "合同终止余款", "value": f"{yuan(rest)} 元"}] if rest else []),
            *({"label": "收到款项", "value": f"{show_day(row.entry.on)} {yuan(-row.amount)} 元"} for row in came),
            *([{"label": "其中已退还、抵还", "value": f"{yuan(gone)} 元"}] if gone else []),
        ],
        "sum_label": "待退金额", "sum": policy.suspense + rest,
        "effects": [f"本合同另有应返还本公司的款项 {yuan(owed.amount)} 元。上列款项如为返还而交付，请告知本公司，不再退还。"] if owed and policy.suspense else [],
        "ways": [
            HEIRS_COME if holder.died_on else COMES,
            ("款项由银行自动划扣的，请同时通知银行停止划扣；" if policy.suspense else "") + "对款项有疑问的，可以致电客户服务热线查询。",
        ],
        "basis": [*(["《中华人民共和国民法典》第九百八十五条"] if policy.suspense else []), *(["保险合同关于合同终止时结清的约定"] if rest else [])],
    }  # fmt: skip


def _still_there(rows: QuerySet[LedgerLine], waits: Decimal) -> tuple[list[LedgerLine], Decimal]:
    """The latest receipts that what waits may come from, the earliest first, and what of them has gone back or been set off, in 元."""
    came: list[LedgerLine] = []
    for row in rows.order_by("-entry__on", "-pk")[:MOST]:
        if sum(-kept.amount for kept in came) >= waits:
            break
        came.insert(0, row)
    return came, max(ZERO, sum((-row.amount for row in came), ZERO) - waits)
