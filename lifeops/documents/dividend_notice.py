"""红利通知书 (D22): what a policy year brought to the policyholder of a participating contract, of the day it was credited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lifeops.documents.letters.schema import show_day
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, PolicyNotice
from lifeops.policies.services.crediting import option_label
from lifeops.policies.services.dividend_years import DividendYear, dividend_year
from lifeops.policies.services.terminal import may_end_with_bonus

#: The company's words on every such letter: what was shared says nothing of what will be.
NOT_GUARANTEED = "红利分配取决于本公司分红保险业务的实际经营状况，是不保证的；以往年度的红利水平不代表今后。"
SUMS_ARE_NO_CASH = "红利保险金额是增加的保险金额，不是现金；其现金价值按保险合同计算，随退保、给付等一并支付。"
TERMINAL = "终了红利在合同终止时按当时公布的红利率确定，不在本通知书内，也是不保证的。"


def credited(notice: PolicyNotice, covers: Sequence[Coverage]) -> dict[str, Any]:
    """Content of the letter besides what every notice has. BookRefused where nothing stands for that year any more."""
    policy = notice.policy
    found = dividend_year(policy, notice.about)
    if found is None:
        raise BookRefused(f"保单 {policy.number} 在 {notice.about} 没有记入的红利，请核对后再打印")
    held = [c for c in covers if c.version.product.is_participating]
    option = option_label(policy, held, found.on)
    return {
        "year": found.year, "option": option, "as_of": found.day,
        "opening": f"您的保险合同于 {show_day(found.on)} 满 {found.year} 个保单年度。该年度的红利已按本公司公布的红利率派发，情况如下。",
        "cash": [vars(row) for row in found.money], "total": found.total if found.money else None,
        "grown": [vars(row) for row in found.grown], "balances": balances(found, cash=bool(option)),
        "notes": [NOT_GUARANTEED, *([SUMS_ARE_NO_CASH] if found.grown else []), *([TERMINAL] if any(map(may_end_with_bonus, held)) else [])],
        "ways": ways(found, option),
    }  # fmt: skip


def balances(found: DividendYear, *, cash: bool) -> list[dict[str, Any]]:
    """What stands on the day; nothing of a contract that ended with it, whose last sums are told with its end."""
    if found.ended:
        return []
    rows = [("累积红利（含利息）", found.accumulated)] if cash else []
    if found.due:
        rows.append(("已到期、尚未领取的现金红利", found.due))
    if found.value is not None:
        rows.append(("现金价值（未扣欠款）", found.value))
    if found.bonus_value:
        rows.append(("其中：红利保险金额的现金价值", found.bonus_value))
    return [{"label": label, "amount": amount} for label, amount in rows]


def ways(found: DividendYear, option: str) -> list[str]:
    """What the policyholder can do about it."""
    if found.ended:
        return [f"合同已于 {show_day(found.day)} 终止，应付款项另行通知，请按通知办理领取。"]
    told = ["携带有效身份证件到任一营业网点，查询保单利益或出具保单对账单。"]
    return ["申请领取已到期或累积的红利，或变更红利领取方式；变更自下一保单周年日起适用。", *told] if option else told
