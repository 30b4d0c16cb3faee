"""案件: the folder that travels. One table for all lines; desks are proxies of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Collate
from django.urls import reverse
from django_fsm import FSMField

from lifeops.cases.states import (
    SCREENED,
    ApplicantKind,
    Channel,
    Holder,
    LineCode,
    Stage,
    State,
    stage_of,
)
from lifeops.cases.stepping import Stepping
from lifeops.org.models import CASELESS_ROLES, Branch, Role, User
from lifeops.org.paging import Ways
from lifeops.org.statements import reach, read_one

if TYPE_CHECKING:
    from lifeops.cases.registry import Item, Line
    from lifeops.policies.models import Policy

LINE_ROLES = {
    Role.UNDERWRITER: LineCode.UNDERWRITING,
    Role.PS_REVIEWER: LineCode.SERVICING,
    Role.CL_REVIEWER: LineCode.CLAIMS,
}


class Serial(models.Model):
    """Last number given within a scope (see `numbers.next_serial`)."""

    scope = models.CharField(max_length=40, primary_key=True)
    last = models.PositiveIntegerField(default=0)


def _posts_of(user: User) -> list[Q] | None:
    """What each post on cases lets a person see, an empty condition for every case; None without any post at all."""
    postings = user.active_postings()
    if not postings:
        return None
    found = []
    for posting in postings:
        if posting.role in CASELESS_ROLES:
            continue
        part = Q() if posting.branch.is_hq else Q(branch_path__startswith=posting.branch.path)
        if posting.role in LINE_ROLES:
            part &= Q(line=LINE_ROLES[Role(posting.role)])
        if part not in found:
            found.append(part)
    return found


class CaseQuerySet(models.QuerySet["Case"]):
    """What people see starts at `visible_to`; what they work on is `pool()` or `mine()`, ordered by `for_queue()`."""

    def update(self, **kwargs: Any) -> int:
        if "state" in kwargs:
            raise TypeError("案件状态只能经由 perform 改变")
        return super().update(**kwargs)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        if "state" in fields:
            raise TypeError("案件状态只能经由 perform 改变")
        return super().bulk_update(objs, fields, batch_size)

    def visible_to(self, user: User) -> CaseQuerySet:
        """Cases of the units and lines a person is posted to, and those the person took part in. For rows that are named or
        narrowed down already; a list of them all asks `ways_of`."""
        from lifeops.cases.models.event import CaseEvent

        posts = _posts_of(user)
        if posts is None:
            return self.none()
        if any(not part for part in posts):
            return self.all()
        took_part = CaseEvent.objects.filter(case=OuterRef("pk"), actor=user)
        return self.filter(reduce(or_, posts, Q()) | Exists(took_part)) if posts else self.filter(Exists(took_part))

    def ways_of(self, user: User) -> Ways:
        """`visible_to` by its parts: each post, and what the person took part in."""
        from lifeops.cases.models.event import CaseEvent

        posts = _posts_of(user)
        if posts is None:
            return Ways(())
        if any(not part for part in posts):
            return Ways((self.all(),))
        own = self.filter(pk__in=CaseEvent.objects.filter(actor=user).order_by().values("case"))
        return Ways((*(self.filter(part) for part in posts), own))

    def under(self, path: str) -> CaseQuerySet:
        """Cases accepted at a unit or below it."""
        return self.filter(branch_path__startswith=path)

    def pool(self) -> CaseQuerySet:
        """公共池: waiting for a person, held by nobody."""
        return self.filter(state__in=(State.QUEUED, State.PENDING_APPROVAL), assignee__isnull=True)

    def mine(self, user: User, also: list[int] | None = None) -> CaseQuerySet:
        """我的任务: held by the person, or by the absent colleagues (`also`) whom the person stands in for."""
        return self.filter(
            assignee_id__in=[user.pk, *(also or [])], state__in=(State.IN_REVIEW, State.PENDING_APPROVAL)
        )

    def awake(self, now: datetime) -> CaseQuerySet:
        """Not 挂起, or the date of resumption has come."""
        return self.filter(Q(suspended_until__isnull=True) | Q(suspended_until__lte=now))

    def overdue(self, now: datetime) -> CaseQuerySet:
        return self.filter(due_at__lt=now)

    def for_queue(self) -> CaseQuerySet:
        """Returned first, then urgent, then least time left (docs/architecture.md)."""
        return self.select_related("branch", "assignee").order_by("rank", "due_at", "pk")


class Rank(models.IntegerChoices):
    """排队次序."""

    RETURNED = 0, "回件"
    URGENT = 1, "加急"
    NORMAL = 2, "普通"


class Case(Stepping, models.Model):
    """案件. `state` changes only through `perform`; `version` counts every change a signer must have seen."""

    number = models.CharField("受理号", max_length=40, unique=True)
    line = models.CharField("条线", max_length=20, choices=LineCode)
    item = models.CharField("业务项目", max_length=10)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="cases", verbose_name="受理机构")
    branch_path = models.CharField("机构路径", max_length=80, editable=False)
    channel = models.CharField("渠道", max_length=10, choices=Channel, default=Channel.COUNTER)
    agent_code = models.CharField("代理人工号", max_length=20, blank=True)
    applicant_kind = models.CharField("申请人身份", max_length=20, choices=ApplicantKind, blank=True)

    state = FSMField("状态", max_length=20, choices=State.choices, default=State.RECEIVED, protected=True)
    version = models.PositiveIntegerField("版本", default=1)
    rank = models.PositiveSmallIntegerField("次序", choices=Rank, default=Rank.NORMAL)
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_held", verbose_name="经办人"
    )
    reviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    required_grade = models.PositiveSmallIntegerField("所需级别", default=1)
    holder_party = models.CharField("持有方", max_length=10, choices=Holder, default=Holder.BRANCH)
    holder_branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="持有机构"
    )

    custody_user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    policy = models.ForeignKey(
        "policies.Policy", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="保单"
    )
    applicant = models.ForeignKey(
        "policies.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请人"
    )
    handler = models.ForeignKey(
        "policies.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="经办人",
        help_text="申请人为单位时递交申请的人",
    )
    subject_name = models.CharField("客户", max_length=60, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2, default=Decimal("0.00"))
    is_complex = models.BooleanField("复杂案件", default=False)

    occurred_on = models.DateField("发生日", null=True, blank=True)
    passed_on = models.DateField("转交日", null=True, blank=True)
    submitted_on = models.DateField("递交日")
    accepted_at = models.DateTimeField("受理时间")
    entered_at = models.DateTimeField("录入完成", null=True, blank=True)
    scanned_at = models.DateTimeField("扫描完成", null=True, blank=True)
    handed_over_at = models.DateTimeField("交接时间", null=True, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)
    state_since = models.DateTimeField("进入本状态")
    suspended_until = models.DateTimeField("挂起至", null=True, blank=True)
    due_at = models.DateTimeField("最近到期", null=True, blank=True)

    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="受理人")
    event_seq = models.PositiveIntegerField(default=0, editable=False)
    event_hash = models.CharField(max_length=64, default="", editable=False)
    custody_seq = models.PositiveIntegerField(default=0, editable=False)

    objects = CaseQuerySet.as_manager()
    #: Desk code of a proxy; see `registry`.
    desk: ClassVar[str] = ""

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["line", "rank", "due_at", "id"],
                name="case_pool_review",
                condition=Q(state=State.QUEUED, assignee__isnull=True),
            ),
            models.Index(
                fields=["rank", "due_at", "id"],
                name="case_pool_approval",
                condition=Q(state=State.PENDING_APPROVAL, assignee__isnull=True),
            ),
            models.Index(
                fields=["assignee", "rank", "due_at", "id"],
                name="case_mine",
                condition=Q(assignee__isnull=False) & ~Q(state=State.ARCHIVED),
            ),
            models.Index(
                fields=["state", "branch", "rank", "due_at"],
                name="case_branch_work",
                condition=~Q(state=State.ARCHIVED),
            ),
            models.Index(
                fields=["state", "line", "state_since"],
                include=["branch_path", "item"],
                name="case_oldest",
                condition=~Q(state=State.ARCHIVED),
            ),
            models.Index(
                fields=["holder_party", "due_at"],
                include=["branch_path"],
                name="case_overdue",
                condition=Q(due_at__isnull=False) & ~Q(state=State.ARCHIVED),
            ),
            models.Index(fields=["branch_path"], name="case_path_like", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["number"], name="case_number_like", opclasses=["varchar_pattern_ops"]),
            # in the order in which a search takes them
            models.Index(Collate("subject_name", "C"), F("id").desc(), name="case_subject_order"),
            models.Index(fields=["policy", "-id"], name="case_of_policy"),
            models.Index(fields=["applicant", "-id"], name="case_of_applicant"),
            models.Index(fields=["accepted_at"], name="case_accepted"),
            models.Index(fields=["archived_at"], name="case_closed", condition=Q(archived_at__isnull=False)),
            # what a new list is held against: grows with the work in hand, not with the shelf
            models.Index(fields=["id"], name="case_to_screen", condition=Q(state__in=SCREENED, handed_over_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(line__in=LineCode.values), name="case_line_known"),
            models.CheckConstraint(condition=Q(holder_party__in=Holder.values), name="case_holder_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="case_amount_not_negative"),
            models.CheckConstraint(
                condition=~Q(state=State.IN_REVIEW) | Q(assignee__isnull=False), name="case_in_review_has_assignee"
            ),
            models.CheckConstraint(
                condition=Q(passed_on__isnull=True) | Q(passed_on__lte=F("submitted_on")),
                name="case_passed_before_submitted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("cases:detail", args=[self.number])

    def note(self, **data: Any) -> None:
        """Put facts of the step into its event."""
        self.jot(**data)

    @property
    def contract(self) -> Policy:
        """The policy, for what happens only where there is one: new business has none until it is issued."""
        found: Policy | None = reach(self, "policy")
        if found is None:
            raise ValueError(f"{self.number} has no policy")
        return found

    @property
    def asked_on(self) -> date:
        """The day the customer asked: what was handed to the agent within a period of the customer was asked in time."""
        return self.passed_on or self.submitted_on

    @property
    def line_spec(self) -> Line:
        from lifeops.cases.registry import line

        return line(self.line)

    @property
    def item_spec(self) -> Item:
        return self.line_spec.item(self.item)

    @property
    def item_label(self) -> str:
        return self.item_spec.name

    @property
    def stage(self) -> Stage:
        return stage_of(self.state)

    @property
    def state_label(self) -> str:
        return State(self.state).label

    def current_decision(self) -> Any:
        """The line's decision in force (outcome, amount, …), or None. Every line stores its own kind."""
        from lifeops.cases.registry import resolve

        return read_one(resolve(self.line_spec.decision), "case_id = %s AND NOT superseded", [self.pk])

    @property
    def record(self) -> Any:
        """The line's one-to-one record (投保资料、变更申请、理赔申请), or None before entry."""
        from lifeops.cases.registry import resolve

        return self.once("record", lambda: read_one(resolve(self.line_spec.record), "case_id = %s", [self.pk]))

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        """The answer to a question about rows that only change while this case's row is locked: within a step, which
        holds that lock, it is asked once (until `forget`), otherwise each time."""
        answers: dict[str, Any] | None = self.__dict__.get("_answers")
        if answers is None:
            return ask()
        if name not in answers:
            answers[name] = ask()
        return answers[name]

    def answered(self, name: str, answer: Any) -> None:
        """What `once` would ask has just been found out."""
        answers: dict[str, Any] | None = self.__dict__.get("_answers")
        if answers is not None:
            answers[name] = answer

    @contextmanager
    def asking_once(self) -> Iterator[None]:
        """For the length of a step. A step within it has written: afterwards the outer one asks again."""
        outermost = "_answers" not in self.__dict__
        self.__dict__["_answers"] = {}
        try:
            yield
        finally:
            if outermost:
                del self.__dict__["_answers"]
            else:
                self.forget()

    def forget(self, *names: str) -> None:
        """The step has written what `once` may have answered: these are asked again, all where none is named."""
        answers = self.__dict__.get("_answers", {})
        for name in names or list(answers):
            answers.pop(name, None)

    def is_suspended(self, now: datetime) -> bool:
        return self.suspended_until is not None and self.suspended_until > now

    @property
    def holder_label(self) -> str:
        """ "机构 · 朝阳支公司" or "总部 · 李明": who has it now, for lists and the header bar."""
        who = self.assignee.name if self.assignee_id and self.assignee else ""
        where = self.holder_branch.short_name if self.holder_party == Holder.BRANCH and self.holder_branch else ""
        return " · ".join(part for part in (self.get_holder_party_display(), who or where) if part)
