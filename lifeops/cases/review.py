"""The steps of 作业中 that all lines share. A line changes hooks (record, decision form, effect), never steps."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from lifeops.cases import authority, custody
from lifeops.cases.errors import Refused
from lifeops.cases.models import Rank
from lifeops.cases.needs import (
    Needs,
    Rule,
    four_eyes,
    holds_case,
    line_reviewer,
    nobody_holds,
    not_from_the_counter,
    not_suspended,
    not_who_cleared,
    posted,
)
from lifeops.cases.registry import resolve
from lifeops.cases.screened import Judged, before_conclusion, before_signature
from lifeops.cases.states import UNDECIDED, State
from lifeops.cases.stepping import Stepping, step, to
from lifeops.org.models import Absence, Role, User, covered
from lifeops.org.statements import insert, update

if TYPE_CHECKING:  # what the steps are mixed into
    from lifeops.cases.models import Case as Mixed
else:
    Mixed = Stepping

is_reviewer_or_holder = Rule(
    lambda case, user: user.pk in (case.assignee_id, case.reviewer_id),
    lambda case, user: "只有本案审核人可以下发问题件",
    who="本案审核人",
)


def may_sign(case: Any, user: User) -> bool:
    """By one of the person's posts as 批准岗: its grade suffices, and there is a limit by which that grade signs this item."""
    grades = {
        p.grade for p in user.active_postings()
        if p.role == Role.APPROVER and p.grade >= case.required_grade and case.branch_path.startswith(p.branch.path)
    }
    limits = covered(role=Role.APPROVER, day=timezone.localdate()) if grades else frozenset()
    return any((grade, case.line, item) in limits for grade in grades for item in ("", case.item))


def _may_take(case: Any, user: User) -> bool:
    if case.state == State.PENDING_APPROVAL:
        return may_sign(case, user)
    return user.holds(case.line_spec.reviewer_role, path=case.branch_path)


may_take = Rule(
    _may_take,
    lambda case, user: (
        f"需要 {case.required_grade} 级以上、权限涵盖本项目的批准岗"
        if case.state == State.PENDING_APPROVAL
        else f"需要{Role(case.line_spec.reviewer_role).label}"
    ),
    brief="该条线的审核岗；待批准时为所需级别的批准岗",
)
clean_hands = Rule(
    lambda case, user: (four_eyes if case.state == State.PENDING_APPROVAL else not_who_cleared).check(case, user),
    four_eyes.words,
    brief="待批准时未参与过本案；未排除过本案的名单命中",
)


class Withdrawable(Mixed):
    """撤件: until decided, by the counter on the customer's word or by the person who reviews."""

    @step(
        "撤件",
        source=UNDECIDED,
        target=State.WITHDRAWN,
        needs=Needs(
            Rule(
                lambda case, user: (
                    user.holds(Role.INTAKE, Role.HEAD, path=case.branch_path) or user.pk == case.assignee_id
                ),
                "需要本机构的受理岗、机构主管，或本案经办人",
                who="受理机构或本案经办人",
                brief="受理岗、机构主管，或本案经办人",
            )
        ),
        form="lifeops.cases.forms.ReasonForm",
        tone="danger",
    )
    def withdraw(self, *, actor: User, now: datetime, reason: str) -> None:
        cancelled = []
        for request in self.requests.open().select_related("branch"):
            request.cancel(actor=actor, now=now, reason="案件撤件")
            request.version += 1
            custody.pass_request_on(request, cause="案件撤件", now=now)
            request.save()
            cancelled.append(request.number)
        if cancelled:
            self.note(cancelled=cancelled)
        self.end_undecided(actor=actor, now=now)

    def end_undecided(self, *, actor: User, now: datetime) -> None:
        """The case ends without a conclusion: nobody works on it, and the line lets go what it held."""
        self.assignee, self.decided_at = None, now
        resolve(self.line_spec.effect)(case=self, decision=None, actor=actor, now=now)


class ReviewSteps(Judged, Withdrawable):
    """领取, 审核, 问题件, 批准. Mixed into each line's proxy."""

    @step("领取", source=[State.QUEUED, State.PENDING_APPROVAL], target=to(State.IN_REVIEW, State.PENDING_APPROVAL),
          needs=Needs(may_take, nobody_holds, clean_hands), key="enter", tone="primary")
    def take(self, *, actor: User, now: datetime) -> State:
        self.assignee = actor
        return State.PENDING_APPROVAL if self.state == State.PENDING_APPROVAL else State.IN_REVIEW

    @step("交回", source=[State.IN_REVIEW, State.PENDING_APPROVAL], target=to(State.QUEUED, State.PENDING_APPROVAL),
          needs=Needs(holds_case), form="lifeops.cases.forms.ReasonForm", key="b")
    def hand_back(self, *, actor: User, now: datetime, reason: str) -> State:
        self.assignee = None
        self.suspended_until = None
        return State.PENDING_APPROVAL if self.state == State.PENDING_APPROVAL else State.QUEUED

    @step("改派", source=[State.QUEUED, State.IN_REVIEW, State.PENDING_APPROVAL],
          target=to(State.IN_REVIEW, State.PENDING_APPROVAL),
          needs=Needs(posted(Role.MANAGER)), form="lifeops.cases.forms.AssignForm")
    def assign(self, *, actor: User, now: datetime, assignee: User, reason: str) -> State:
        self.note(assignee=assignee.staff_no, previous=self.assignee.staff_no if self.assignee else "")
        self.assignee = assignee
        if self.state == State.PENDING_APPROVAL:
            blocked = four_eyes.refusal(self, assignee)
            if blocked:
                raise Refused([f"{assignee.name} 参与过本案，不能批准"], who=four_eyes.who)
            if not may_sign(self, assignee):
                raise Refused([f"{assignee.name} 的批准权限未涵盖本案"], who=f"{self.required_grade} 级以上批准岗")
            return State.PENDING_APPROVAL
        return State.IN_REVIEW

    @step("挂起", source=State.IN_REVIEW, needs=Needs(holds_case, not_suspended),
          form="lifeops.cases.forms.SuspendForm")
    def suspend(self, *, actor: User, now: datetime, until: datetime, reason: str) -> None:
        self.suspended_until = until
        self.note(until=until)

    @step("解除挂起", source=State.IN_REVIEW,
          needs=Needs(holds_case, Rule(lambda case, user: case.is_suspended(timezone.now()), "案件没有挂起", brief="已挂起")))
    def resume(self, *, actor: User, now: datetime) -> None:
        self.suspended_until = None

    @step("列为复杂案件", source=State.IN_REVIEW,
          needs=Needs(holds_case, Rule(lambda case, user: not case.is_complex, "案件已是复杂案件", brief="未列为复杂")),
          form="lifeops.cases.forms.ReasonForm")
    def mark_complex(self, *, actor: User, now: datetime, reason: str) -> None:
        self.is_complex = True

    @step("下发问题件", source=[State.IN_REVIEW, State.WAITING], target=to(State.WAITING, State.IN_REVIEW),
          needs=Needs(is_reviewer_or_holder, not_suspended), form="lifeops.cases.forms.RequestForm", key="q",
          hidden=True)
    def issue_request(self, *, actor: User, now: datetime, **fields: Any) -> State:
        from lifeops.cases.requests import open_request

        request = open_request(case=self, actor=actor, now=now, **fields)
        self.note(request=request.number, kind=request.kind, title=request.title)
        if not request.blocking:
            return State(self.state)
        self.reviewer, self.assignee = self.reviewer or actor, None
        if self.state == State.IN_REVIEW:
            self.reviewer = actor
        return State.WAITING

    @step("问题件办结", source=State.WAITING, target=to(State.IN_REVIEW, State.QUEUED), needs=Needs(), internal=True)
    def wake(self, *, actor: User | None, now: datetime) -> State:
        self.rank = Rank.RETURNED
        return self._back_to_reviewer(now)

    @step("提交结论", source=State.IN_REVIEW,
          target=to(State.PENDING_APPROVAL, State.APPROVED, State.DECLINED),
          needs=Needs(line_reviewer(), holds_case, not_suspended, not_from_the_counter, not_who_cleared), key="ctrl+enter", tone="primary", hidden=True)
    def conclude(self, *, actor: User, now: datetime, outcome: str, amount: Decimal, **fields: Any) -> State:
        spec = self.item_spec.outcome(outcome)
        before_conclusion(self, actor=actor, positive=spec.positive, amount=amount, served_reason=fields.get("served_reason", ""), now=now)
        authority.one_at_a_time(self)
        if (former := self.current_decision()) is not None:
            former.superseded = True
            update(former, ["superseded"])
        decision = self._made_decision(actor=actor, now=now, outcome=outcome, amount=amount, fields=fields)
        self.reviewer, self.amount, self.assignee = actor, amount, None
        path = authority.route(self, actor, spec, amount, timezone.localdate(now), fields.get("least_grade", 0))
        self.note(outcome=outcome, label=spec.label, amount=amount, route=path.text)
        if fields.get("known_on"):
            self.note(known_on=fields["known_on"])
        if path.alone:
            decision.put_signature(by=actor, now=now, limit=path.limit, single=True)
        insert(decision)
        if path.alone:
            return self._finish(decision, actor=actor, now=now)
        if path.limit is None:
            raise Refused([path.text], who="安全管理岗")
        self.required_grade, self.rank = path.grade, Rank.NORMAL
        return State.PENDING_APPROVAL

    @step("同意", source=State.PENDING_APPROVAL, target=to(State.APPROVED, State.DECLINED),
          needs=Needs(posted(Role.APPROVER), holds_case, four_eyes, authority.within_authority),
          form="lifeops.cases.forms.OpinionForm", key="y", tone="success")
    def approve(self, *, actor: User, now: datetime, opinion: str = "", served_reason: str = "") -> State:
        decision = self.current_decision()
        if not decision.seal_holds():
            raise Refused(["审核结论与提交时不一致，请退回审核"], who="审核人")
        before_signature(self, decision, actor=actor, served_reason=served_reason, now=now)
        authority.one_at_a_time(self)
        limit = authority.signing_limit(self, actor, timezone.localdate(now))
        if limit is None:
            raise Refused([authority.within_authority.refusal(self, actor) or "额度不足"], who=authority.within_authority.who)
        decision.sign(by=actor, now=now, limit=limit, single=False, opinion=opinion, served_reason=served_reason)
        self.note(outcome=decision.outcome, label=decision.outcome_label, amount=decision.amount, limit=limit.pk if limit else None)
        self.assignee = None
        return self._finish(decision, actor=actor, now=now)

    @step("不同意", source=State.PENDING_APPROVAL, target=to(State.IN_REVIEW, State.QUEUED),
          needs=Needs(posted(Role.APPROVER), holds_case, four_eyes), form="lifeops.cases.forms.ReasonForm",
          tone="danger")
    def disagree(self, *, actor: User, now: datetime, reason: str) -> State:
        resolve(self.line_spec.decision).objects.filter(case_id=self.pk, superseded=False).update(superseded=True)
        self.rank = Rank.RETURNED
        return self._back_to_reviewer(now)

    @step("退回审核", source=State.PENDING_APPROVAL, target=to(State.IN_REVIEW, State.QUEUED),
          needs=Needs(posted(Role.APPROVER), holds_case, four_eyes), form="lifeops.cases.forms.ReasonForm")
    def return_to_review(self, *, actor: User, now: datetime, reason: str) -> State:
        self.rank = Rank.RETURNED
        return self._back_to_reviewer(now)

    def form_for(self, name: str) -> Any:
        if name == "conclude":
            return resolve(self.line_spec.decision_form)
        return super().form_for(name)

    def _made_decision(
        self, *, actor: User, now: datetime, outcome: str, amount: Decimal, fields: dict[str, Any]
    ) -> Any:
        model = resolve(self.line_spec.decision)
        known = {f.name for f in model._meta.get_fields()}
        decision = model(
            case=self,
            outcome=outcome,
            amount=amount,
            made_by=actor,
            made_at=now,
            **{k: v for k, v in fields.items() if k in known},
        )
        decision.seal = decision.compute_seal()
        return decision

    def _finish(self, decision: Any, *, actor: User, now: datetime) -> State:
        self.decided_at = now
        resolve(self.line_spec.effect)(case=self, decision=decision, actor=actor, now=now)
        return State.APPROVED if decision.is_positive else State.DECLINED

    def _back_to_reviewer(self, now: datetime) -> State:
        """To the same reviewer, or to the pool's head where that person no longer works here or is away."""
        reviewer = self.reviewer
        if reviewer is None or not reviewer.is_active:
            self.assignee = None
            return State.QUEUED
        away = Absence.objects.now(now).filter(user=reviewer).first()
        if away and away.substitute_id is None:
            self.assignee = None
            return State.QUEUED
        if not reviewer.holds(self.line_spec.reviewer_role, path=self.branch_path):
            self.assignee = None
            return State.QUEUED
        self.assignee = reviewer
        return State.IN_REVIEW
