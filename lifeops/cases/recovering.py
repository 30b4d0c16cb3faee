"""登记追回: whoever can approve it is told, and whoever asked for it what has become of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from lifeops.cases.routing import holders_of
from lifeops.notices.services import notify
from lifeops.org.models import User
from lifeops.policies.models import Policy, Recovery
from lifeops.policies.rules.lines import yuan
from lifeops.policies.services.recovering import SETTLERS, ask_recovery, decide_recovery


@transaction.atomic
def ask_and_tell(*, policy: Policy, actor: User, now: datetime, **given: Any) -> Recovery:
    """Errors as the book says them."""
    row = ask_recovery(policy=policy, actor=actor, now=now, **given)
    others = {user.pk: user for role in SETTLERS for user in holders_of((role,), policy.branch.path) if user.pk != actor.pk}
    notify(
        users=others.values(), key=f"recovery:{row.pk}", title="款项追回待批准",
        body=f"保单 {policy.number}：{actor.name} 登记追回 {yuan(row.amount)} 元，请在保单页“待追回款”核对后批准或驳回。",
        url=reverse("policies:detail", args=[policy.number]),
    )  # fmt: skip
    return row


@transaction.atomic
def decide_and_tell(*, row: Recovery, actor: User, now: datetime, **given: Any) -> Recovery:
    """Errors as the book says them."""
    found = decide_recovery(row=row, actor=actor, now=now, **given)
    told, number = found.get_state_display(), row.policy.number
    why = "" if given["approve"] else "，意见见保单页“待追回款”"
    notify(
        users=[found.requested_by], key=f"recovery:{found.pk}:{found.state}", title=f"款项追回{told}",
        body=f"保单 {number}：您登记的追回 {yuan(found.amount)} 元{told}，{actor.name} 办理{why}。",
        url=reverse("policies:detail", args=[number]),
    )  # fmt: skip
    return found
