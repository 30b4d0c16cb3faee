"""谁该知道: the readers of an event. Notices are made from this, once per reader and event."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils import timezone

from lifeops.cases.clocks import rung_of
from lifeops.cases.models import Case, CaseEvent, Clock, LadderStep, Request
from lifeops.cases.request_forms import ancestors
from lifeops.cases.states import Holder, State
from lifeops.cases.timing import end_words
from lifeops.org.models import Branch, Posting, Role, User


def holders_of(roles: Iterable[str], path: str) -> list[User]:
    """People posted in one of the roles at a unit of the path itself or above it, nearest unit only."""
    posted = (
        Posting.objects.in_force(timezone.localdate())
        .filter(role__in=list(roles), branch__path__in=ancestors(path), user__is_active=True)
        .select_related("user", "branch")
    )
    rows = list(posted)
    if not rows:
        return []
    nearest = max(len(p.branch.path) for p in rows)
    return list({p.user_id: p.user for p in rows if len(p.branch.path) == nearest}.values())


Readers = Callable[[CaseEvent, Case], list[User]]


def _issued_to(event: CaseEvent, case: Case) -> list[User]:
    request = Request.objects.get(number=event.data["request"])
    roles: tuple[Role, ...] = (Role.INVESTIGATOR,) if request.kind == "investigation" else (Role.QUERY,)
    return holders_of(roles, request.branch.path) or holders_of((Role.HEAD,), request.branch.path)


def _carrying(event: CaseEvent, case: Case) -> list[User]:
    """Who carries a letter out: its handler, and the desk it was issued to where nobody is named."""
    handler = Request.objects.select_related("handler").get(number=event.data["request"]).handler
    return [handler] if handler and handler.is_active else _issued_to(event, case)


def _urged(event: CaseEvent, case: Case) -> list[User]:
    """Who carries the letter out and, at the rungs that say so, the head: the nearest of each, wherever the other sits."""
    heads = holders_of((Role.HEAD,), case.branch_path) if event.data.get("to_head") else []
    return list({user.pk: user for user in [*_carrying(event, case), *heads]}.values())


def _reviewer(event: CaseEvent, case: Case) -> list[User]:
    return [case.reviewer] if case.reviewer else []


def _answered(event: CaseEvent, case: Case) -> list[User]:
    """The reviewer, and who is to sign the report of an investigation besides its author."""
    second = Request.objects.select_related("second_signer").get(number=event.data["request"]).second_signer
    return [*_reviewer(event, case), *([second] if second else [])]


def _assigned(event: CaseEvent, case: Case) -> list[User]:
    return list(User.objects.filter(staff_no=event.data.get("assignee", "")))


def _giving_out(event: CaseEvent, case: Case) -> list[User]:
    """Who gives out the paper that the customer now gets."""
    return holders_of((Role.ISSUE,), case.branch_path)


#: Steps somebody else is told of, with who that is. Decisions and clocks are told besides. A step that stands neither
#: here nor among the quiet ones of tests/architecture/test_told.py fails there.
READERS: dict[str, Readers] = {
    "issue_request": _issued_to, "request.urge": _urged, "request.answer": _answered, "wake": _reviewer,
    "request.countersign": _reviewer, "request.refuse_to_sign": _carrying, "request.take_back": _reviewer, "request.assign_handler": _carrying, "request.extend": _carrying, "request.cancel": _carrying,
    "disagree": _reviewer, "return_to_review": _reviewer, "withdraw": _reviewer, "lapse": _giving_out, "assign": _assigned,
    "judge_hit": _reviewer,
}  # fmt: skip
DECISIONS = (State.APPROVED, State.DECLINED)


def _readers_of(event: CaseEvent) -> Readers | None:
    """Who is told of an event; None for the many steps that concern nobody else."""
    if event.step.startswith("clock.level"):
        return _clock_readers
    if found := READERS.get(event.step):
        return found
    return _giving_out if event.to_state in DECISIONS and event.from_state != event.to_state else None


def is_told(event: CaseEvent) -> bool:
    """False for the many steps that concern nobody else: they need no delivery."""
    return _readers_of(event) is not None


def readers(event: CaseEvent) -> list[User]:
    """Everybody who should learn of this event; the one who did it never among them."""
    told = _readers_of(event)
    return [user for user in told(event, event.case) if user.pk != event.actor_id] if told else []


def _clock_readers(event: CaseEvent, case: Case) -> list[User]:
    """One rung further up at each level: handler → 主管 → 机构负责人 / 运营主管."""
    clock = Clock.objects.select_related("rule").get(pk=event.data["clock"])
    rung = rung_of(clock, event.data["level"])
    wanted = rung.readers if rung else [LadderStep.Reader.HANDLER]
    found: dict[int, User] = {}
    for reader in wanted:
        for user in _party_readers(case, reader):
            found[user.pk] = user
    return list(found.values())


def _party_readers(case: Case, reader: str) -> list[User]:
    at_hq = case.holder_party == Holder.HQ
    if reader == LadderStep.Reader.HANDLER:
        if case.assignee:
            return [case.assignee]
        if case.state == State.PENDING_APPROVAL:
            signers = holders_of((Role.APPROVER,), case.branch_path)
            return [user for user in signers if user.grade_in(Role.APPROVER, case.branch_path) >= case.required_grade]
        return holders_of((case.line_spec.reviewer_role if at_hq else _branch_role(case),), case.branch_path)
    if reader == LadderStep.Reader.HEAD:
        return holders_of((Role.MANAGER,), case.branch_path) if at_hq else holders_of((Role.HEAD,), case.branch_path)
    upper = Branch.objects.filter(path__in=ancestors(case.branch_path), level=2).first()
    heads = holders_of((Role.HEAD,), upper.path) if upper and not at_hq else []
    return heads + holders_of((Role.MANAGER,), case.branch_path)


def _branch_role(case: Case) -> str:
    if case.state in (State.APPROVED, State.DECLINED, State.WITHDRAWN):
        return Role.ISSUE
    if case.state == State.RELEASED:
        return Role.ARCHIVE
    return Role.QUERY if case.state == State.WAITING else Role.INTAKE


def words(event: CaseEvent) -> tuple[str, str]:
    """Title and body of the notice: number, item and what happened; no name, no identity, no amount."""
    case = event.case
    title = f"{event.label}：{case.item_label}"
    body = f"受理号 {case.number}，现为“{case.state_label}”。"
    if event.step.startswith("clock.level"):
        clock = Clock.objects.select_related("rule").get(pk=event.data["clock"])
        body += f"到期 {end_words(clock.due_at)}（{clock.rule.source or clock.rule.get_kind_display()}）。"
    return title, body
