"""变更申请: postings, limits and accounts change only as one person asks and another puts in force.

Nobody asks for, or decides, what concerns the own person; what was asked is checked again when it is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from lifeops.cases.errors import Refused
from lifeops.cases.needs import labels
from lifeops.notices.services import notify
from lifeops.org.locks import Lock, hold
from lifeops.org.models import AuthorityLimit, Branch, ChangeOrder, Posting, Role, User

#: 三员分立与审计独立: held with nothing else.
ALONE = (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
Kind, State = ChangeOrder.Kind, ChangeOrder.State


@dataclass(frozen=True)
class Op:
    """One kind of change: who asks for it, what stands against it, what puts it in force (returns words of what is to be done next)."""

    code: str
    kind: str
    label: str
    proposers: tuple[str, ...]
    against: Callable[[dict[str, Any], date], list[str]]
    apply: Callable[[dict[str, Any], str], str]


def op_for(code: str, actor: User) -> Op | None:
    """The kind of change, where the person may ask for it; None where there is none, Refused where it is another's to ask."""
    spec = OPS.get(code)
    if spec is not None and not actor.holds(*spec.proposers):
        raise Refused([f"“{spec.label}”由{labels(spec.proposers)}申请"], who=labels(spec.proposers))
    return spec


def propose(*, op: str, payload: dict[str, Any], summary: str, reason: str, actor: User, now: datetime) -> ChangeOrder:
    """Write the order. `payload` holds ids and ISO days. Refused where the rules stand against it already."""
    spec = OPS[op]
    payload = {**payload, "op": op}
    with transaction.atomic():
        if not actor.holds(*spec.proposers, path=_path(payload)):
            raise Refused([f"“{spec.label}”由{labels(spec.proposers)}申请"], who=labels(spec.proposers))
        reasons = _concerns(actor, payload, "申请") + spec.against(payload, timezone.localdate(now))
        if ChangeOrder.objects.filter(kind=spec.kind, state=State.OPEN, payload=payload).exists():
            reasons.append("已有相同的申请在等待复核")
        if reasons:
            raise Refused(reasons)
        order = ChangeOrder.objects.create(
            kind=spec.kind, payload=payload, summary=summary[:200], reason=reason, requested_by=actor, requested_at=now
        )
        tell(order, deciders(order), "open", f"{spec.label}待复核")
        return order


def deciders(order: ChangeOrder) -> list[User]:
    """Those who may decide this order."""
    today = timezone.localdate()
    posted = Posting.objects.in_force(today).filter(role=Role.SECADMIN).values("user")
    found = User.objects.filter(pk__in=posted, is_active=True)
    return [user for user in found if not decision_refusals(order, user)]


def tell(order: ChangeOrder, users: list[User], what: str, title: str) -> None:
    """A notice with the order's number alone: names and amounts are read where they are kept."""
    notify(
        users=users, key=f"order:{order.pk}:{what}", title=title, body=f"变更申请 {order.pk}",
        url=reverse("org:change", args=[order.pk]),
    )  # fmt: skip


def decide(*, order: ChangeOrder, approve: bool, remark: str, actor: User, now: datetime) -> tuple[ChangeOrder, str]:
    """Put in force or refuse; returns the order and what is to be done next, if anything."""
    with transaction.atomic():
        # orders are few: one decision at a time, so that two of them cannot both find the same days free
        hold(Lock.ORDERS)
        row = ChangeOrder.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=order.pk)
        reasons = decision_refusals(row, actor)
        if reasons:
            raise Refused(reasons, who="另一位安全管理岗")
        told = ""
        if approve:
            spec = OPS[row.payload["op"]]
            against = spec.against(row.payload, timezone.localdate(now))
            if against:
                raise Refused([*against, "请驳回后重新申请"])
            told = spec.apply(row.payload, f"变更申请 {row.pk}：{row.reason}"[:100])
        elif not remark.strip():
            raise Refused(["驳回须写明意见"])
        row.state = State.APPLIED if approve else State.REFUSED  # own state: an order is no case
        row.decided_by, row.decided_at, row.remark = actor, now, remark
        row.save(update_fields=["state", "decided_by", "decided_at", "remark"])
        tell(row, [row.requested_by], "done", f"{OPS[row.payload['op']].label}{row.get_state_display()}")
    return row, told


def decision_refusals(order: ChangeOrder, actor: User) -> list[str]:
    """Why this person may not decide this order; empty when the person may."""
    if order.state != State.OPEN:
        return [f"申请{order.get_state_display()}，不能再复核"]
    found = []
    if not actor.holds(Role.SECADMIN, path=_path(order.payload)):
        found.append("需要该机构的安全管理岗")
    if actor.pk == order.requested_by_id:
        found.append("申请人与复核人须为两人")
    return found + _concerns(actor, order.payload, "复核")


def _concerns(actor: User, payload: dict[str, Any], verb: str) -> list[str]:
    if payload.get("user") == actor.pk:
        return [f"不得{verb}与本人有关的变更"]
    if payload["op"].startswith("limit") and payload.get("role") in actor.roles:
        return [f"不得{verb}本人所任岗位的权限额度"]
    return []


def _path(payload: dict[str, Any]) -> str:
    """The unit that the change is about; limits hold for the whole company."""
    if payload["op"].startswith("limit"):
        return Branch.objects.get(level=1).path
    if "branch" in payload:
        return Branch.objects.get(pk=payload["branch"]).path
    if "posting" in payload:
        return Posting.objects.select_related("branch").get(pk=payload["posting"]).branch.path
    user = User.objects.select_related("branch").get(pk=payload["user"])
    return user.branch.path if user.branch else Branch.objects.get(level=1).path


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _meets(first: str, last: str, since: date, until: date | None) -> Q:
    """Rows whose days meet those from `since` to `until` (open where None)."""
    meets = Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": since})
    return meets & Q(**{f"{first}__lte": until}) if until else meets


# 任岗 --------------------------------------------------------------------------------------------------------------


def _against_grant(payload: dict[str, Any], today: date) -> list[str]:
    user, since, until = User.objects.get(pk=payload["user"]), _day(payload["starts_on"]), _day(payload.get("ends_on"))
    found = []
    if not user.is_active:
        found.append(f"{user.name} 的账号已停用")
    if since is None or since < today:
        found.append("任岗日不得早于今天")
        return found
    if until and until < since:
        found.append("离岗日不得早于任岗日")
    meanwhile = list(user.postings.filter(_meets("starts_on", "ends_on", since, until)).select_related("branch"))
    if any(p.role == payload["role"] and p.branch_id == payload["branch"] for p in meanwhile):
        found.append("该员工在这段时间已任此岗；改级别请先终止原任岗")
    others = {p.role for p in meanwhile if p.role != payload["role"]}
    if others and (payload["role"] in ALONE or others & set(ALONE)):
        names = "、".join(sorted(Role(r).label for r in others))
        found.append(f"{labels(ALONE)}须专任：该员工同时任{names}")
    return found


def _grant(payload: dict[str, Any], reason: str) -> str:
    row = Posting(
        user_id=payload["user"], role=payload["role"], branch_id=payload["branch"], grade=payload["grade"],
        starts_on=date.fromisoformat(payload["starts_on"]), ends_on=_day(payload.get("ends_on")),
    )  # fmt: skip
    row._change_reason = reason  # type: ignore[attr-defined]  # read by simple-history
    row.save()
    return ""


def _against_end(payload: dict[str, Any], today: date) -> list[str]:
    row, last = Posting.objects.get(pk=payload["posting"]), _day(payload["ends_on"])
    if last is None or last < today:
        return ["离岗日不得早于今天"]
    if last < row.starts_on:
        return ["离岗日不得早于任岗日"]
    return ["该任岗已于更早的日期终止"] if row.ends_on and row.ends_on <= last else []


def _end(payload: dict[str, Any], reason: str) -> str:
    row = Posting.objects.select_for_update().get(pk=payload["posting"])
    row.ends_on, row._change_reason = _day(payload["ends_on"]), reason
    row.save(update_fields=["ends_on"])
    return ""


# 权限额度 ----------------------------------------------------------------------------------------------------------

LIMIT_KEYS = ("role", "grade", "line", "item", "outcome")


def _of_limit(payload: dict[str, Any]) -> Any:
    return AuthorityLimit.objects.filter(**{key: payload[key] for key in LIMIT_KEYS})


def _against_limit(payload: dict[str, Any], today: date) -> list[str]:
    since = _day(payload["effective_from"])
    if since is None or since < today:
        return ["生效日不得早于今天"]
    later = _of_limit(payload).filter(effective_from__gte=since).order_by("effective_from").first()
    return [f"与 {later.effective_from} 起的额度日期重叠"] if later else []


def _set_limit(payload: dict[str, Any], reason: str) -> str:
    since = date.fromisoformat(payload["effective_from"])
    before = _of_limit(payload).filter(Q(effective_to__isnull=True) | Q(effective_to__gte=since))
    for row in before.select_for_update():
        row.effective_to, row._change_reason = since - timedelta(days=1), reason
        row.save(update_fields=["effective_to"])
    row = AuthorityLimit(
        **{key: payload[key] for key in LIMIT_KEYS}, max_amount=Decimal(payload["max_amount"]), effective_from=since
    )
    row._change_reason = reason  # type: ignore[attr-defined]  # read by simple-history
    row.save()
    return ""


# 账号 --------------------------------------------------------------------------------------------------------------


def _against_open(payload: dict[str, Any], today: date) -> list[str]:
    found = []
    if User.objects.filter(username__iexact=payload["username"]).exists():
        found.append("该账号名已被使用")
    if User.objects.filter(staff_no=payload["staff_no"]).exists():
        found.append("该工号已有账号")
    return found


def _open(payload: dict[str, Any], reason: str) -> str:
    user = User(
        username=payload["username"], staff_no=payload["staff_no"], name=payload["name"], branch_id=payload["branch"],
        email=payload.get("email", ""),
    )  # fmt: skip
    return _without_password(user)


def _without_password(user: User) -> str:
    """Nobody can sign in to the account until the one who asked has taken the first password out (`hand_out`)."""
    user.set_unusable_password()
    user.session_epoch += 1
    user.save()
    Token.objects.filter(user=user).delete()
    return "初始密码由申请人在 24 小时内取出，交账号本人；本人首次登录须修改"


#: How long a first password may be taken out after the approval, and how long it is good then.
WITHIN, GOOD_FOR = timedelta(hours=24), timedelta(hours=24)


def hand_out_refusals(order: ChangeOrder, actor: User, now: datetime) -> list[str]:
    """Why this person may not take out the first password of an account; empty when the person may."""
    if order.payload.get("op") not in ("open", "reset") or order.state != State.APPLIED or order.decided_at is None:
        return ["此申请没有待取出的初始密码"]
    if actor.pk != order.requested_by_id or not actor.holds(Role.SYSADMIN, path=_path(order.payload)):
        return ["初始密码只由申请人取出"]
    if order.handed_at is not None:
        return ["初始密码已取出，不能再次显示；遗失请重新申请重置"]
    return ["初始密码未在 24 小时内取出，已作废，请重新申请重置"] if now > order.decided_at + WITHIN else []


def hand_out(*, order: ChangeOrder, actor: User, now: datetime) -> str:
    """取出初始密码: made at this moment, told once, kept nowhere. Who approved never learns it; who takes it out cannot keep
    it, because the person must change it before anything else, within a day, and is told that it was made."""
    with transaction.atomic():
        row = ChangeOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if reasons := hand_out_refusals(row, actor, now):
            raise Refused(reasons, who="申请人")
        user = User.objects.select_for_update(of=("self",)).get(**_account(row.payload))
        if not user.is_active:
            raise Refused(["账号已停用"])
        password = user.hand_out_password(now + GOOD_FOR)
        user.save()
        row.handed_at = now
        row.save(update_fields=["handed_at"])
        notify(users=[user], key=f"order:{row.pk}:password", title="您的账号已发放初始密码", body=f"变更申请 {row.pk}", url=reverse("password"))
    return f"{user.name}（{user.username}）的初始密码：{password}，24 小时内有效，请当面交付，此处只显示一次"


def _account(payload: dict[str, Any]) -> dict[str, Any]:
    return {"username": payload["username"]} if payload["op"] == "open" else {"pk": payload["user"]}


def _nothing_against(payload: dict[str, Any], today: date) -> list[str]:
    return []


def _switch(payload: dict[str, Any], active: bool) -> str:
    # neither a session nor a token from before the account was closed is good again when it is opened
    User.objects.filter(pk=payload["user"]).update(is_active=active, session_epoch=F("session_epoch") + 1)
    Token.objects.filter(user=payload["user"]).delete()
    return ""


def _close(payload: dict[str, Any], reason: str) -> str:
    return _switch(payload, False)


def _reopen(payload: dict[str, Any], reason: str) -> str:
    return _switch(payload, True)


def _reset(payload: dict[str, Any], reason: str) -> str:
    return _without_password(User.objects.select_for_update().get(pk=payload["user"]))


SEC, SYS = (Role.SECADMIN,), (Role.SYSADMIN,)
OPS = {
    op.code: op
    for op in (
        Op("grant", Kind.POSTING, "任岗", SEC, _against_grant, _grant),
        Op("end", Kind.POSTING, "终止任岗", SEC, _against_end, _end),
        Op("limit", Kind.LIMIT, "调整权限额度", SEC, _against_limit, _set_limit),
        Op("open", Kind.ACCOUNT, "开立账号", SYS, _against_open, _open),
        Op("close", Kind.ACCOUNT, "停用账号", SYS, _nothing_against, _close),
        Op("reopen", Kind.ACCOUNT, "启用账号", SYS, _nothing_against, _reopen),
        Op("reset", Kind.ACCOUNT, "重置密码", SYS, _nothing_against, _reset),
    )
}
