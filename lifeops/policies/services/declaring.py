"""二人制: what is entered by one person, for the whole company at head office, is decided on by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from lifeops.org.models import Role, User
from lifeops.org.statements import within_transaction
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import Declared, DeclaredState

D = TypeVar("D", bound=Declared)
DECIDERS = "总公司运营主管或批准岗"


def may_enter(user: User) -> bool:
    """The manager at head office."""
    return user.holds_at_head_office(Role.MANAGER)


def may_decide(user: User) -> bool:
    return user.holds_at_head_office(Role.MANAGER, Role.APPROVER)


def decision_refusals(row: Declared, actor: User, *, may: Callable[[User], bool] = may_decide, who: str = "") -> list[str]:
    """Why this person may not decide on it; empty when the person may. `who`, in words, `may`, where others do than at head office."""
    if row.state != DeclaredState.OPEN:
        return [f"该{row.called}{row.get_state_display()}，不能再批准"]
    found = [] if may(actor) else [f"{row.called}由{who or DECIDERS}批准"]
    another = f"，由另一人批准：{who}" if who else ""
    return [*found, f"录入人与批准人须为两人{another}"] if row.requested_by_id == actor.pk else found


def decided(
    row: D, *, approve: bool, remark: str, actor: User, now: datetime, may: Callable[[User], bool] = may_decide, who: str = ""
) -> D:
    """The row, locked and with the decision on it, not yet saved: what follows from it is for the caller to add. BookRefused for
    whoever may not decide, BookInvalid where a refusal says no reason."""
    within_transaction()
    found = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if reasons := decision_refusals(found, actor, may=may, who=who):
        raise BookRefused(*reasons)
    remark = visible(remark).strip()
    if not approve and not remark:
        raise BookInvalid({"remark": "驳回须写明意见"})
    found.state = DeclaredState.APPLIED if approve else DeclaredState.REFUSED  # own state: a declaration is no case
    found.decided_by, found.decided_at, found.remark = actor, now, remark
    return found


#: Columns that `decided` sets.
DECISION = ("state", "decided_by", "decided_at", "remark")
