"""问题件: 照会, 体检, 调查. Headquarters issues, the branch carries out; several may run at once on one case."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django_fsm import FSMField
from simple_history.models import HistoricalRecords

from lifeops.cases.models.case import Case
from lifeops.cases.needs import Needs, Rule, posted
from lifeops.cases.states import (
    REQUEST_OPEN,
    Holder,
    LineCode,
    RequestKind,
    RequestState,
)
from lifeops.cases.stepping import Stepping, step, to
from lifeops.org.models import Branch, LimitQuerySet, Role, User
from lifeops.org.paging import Ways


class ContentItem(models.Model):
    """问题件内容库: what a letter may ask, kept as data with effective dates (facts 4.10, field practice 15)."""

    code = models.CharField("代码", max_length=20)
    line = models.CharField("条线", max_length=20, choices=LineCode, blank=True, help_text="空为全部条线")
    kind = models.CharField("种类", max_length=20, choices=RequestKind)
    cause = models.CharField("事由", max_length=40, help_text="同一事由只发一次完整的函件")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("内容")
    doc_type = models.CharField("应回资料", max_length=40, blank=True)
    counts_as_error = models.BooleanField("计入差错", default=False)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题件内容库"
        ordering = ["line", "kind", "cause", "code"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="content_item_once")]

    def __str__(self) -> str:
        return self.title


class Addressee(models.TextChoices):
    """函件发给谁."""

    CUSTOMER = "customer", "客户"
    AGENT = "agent", "代理人"
    BRANCH = "branch", "机构"


_carries_out = Needs(posted(Role.QUERY, Role.INVESTIGATOR, Role.HEAD))
_governs = Needs(
    Rule(
        lambda request, user: (
            user.pk in (request.issued_by_id, request.case.reviewer_id, request.case.assignee_id)
            or user.holds(Role.MANAGER, path=request.case.branch_path)
        ),
        "只有下发人、本案审核人或运营主管可以办理",
        who="下发人或运营主管",
    )
)
_second_signer = Rule(
    lambda request, user: request.second_signer_id == user.pk,
    lambda request, user: f"须由第二调查人{request.second_signer.name}本人办理" if request.second_signer else "没有待签署的调查报告",
    who="第二调查人本人",
    brief="登记回复时所填的第二调查人本人",
)
_unsigned = Rule(
    lambda request, user: request.second_signed_at is None, "第二调查人已签署", brief="第二调查人尚未签署"
)
_of_investigation = Rule(lambda request, user: request.kind == RequestKind.INVESTIGATION, "只有调查报告可以收回", brief="调查")
_signed_by_both = Rule(
    lambda request, user: request.kind != RequestKind.INVESTIGATION or request.second_signed_at is not None,
    lambda request, user: f"调查报告须由第二调查人{request.second_signer or ''}签署后才能回销",
    who="第二调查人",
    brief="调查报告已由两人签署",
)
_AT_BRANCH = (RequestState.ISSUED, RequestState.PRINTED)
_UNANSWERED = (*_AT_BRANCH, RequestState.DELIVERED)


def _signature(user: User) -> str:
    return f"{user.name}（{user.staff_no}）"


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: User) -> RequestQuerySet:
        """Requests on cases the person may see, and those to be carried out by the person at the person's unit. For rows that
        are named already; a list of them all asks `ways_of`."""
        own = self._own(user)
        if own is None:
            return self.none()
        return self.filter(Exists(Case.objects.visible_to(user).filter(pk=OuterRef("case"))) | own)

    def ways_of(self, user: User) -> Ways:
        """`visible_to` by its parts."""
        own = self._own(user)
        if own is None:
            return Ways(())
        cases = Case.objects.ways_of(user)
        if cases.everything:
            return Ways((self.all(),))
        return Ways((*(self.filter(case__in=way) for way in cases.rows), self.filter(own)))

    @staticmethod
    def _own(user: User) -> Q | None:
        """What the person is to carry out; None without any unit."""
        paths = user.paths()
        return Q(reduce(or_, (Q(branch__path__startswith=path) for path in paths)), handler=user) if paths else None

    def open(self) -> RequestQuerySet:
        return self.filter(state__in=REQUEST_OPEN)

    def blocking(self) -> RequestQuerySet:
        return self.open().filter(blocking=True)


class Request(Stepping, models.Model):
    """问题件. Own machine (草拟→下发→打印→送达→回复→回销; 撤销) and own custody ledger."""

    number = models.CharField("函件号", max_length=50, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests", verbose_name="案件")
    kind = models.CharField("种类", max_length=20, choices=RequestKind)
    state = FSMField("状态", max_length=20, choices=RequestState.choices, default=RequestState.DRAFT, protected=True)
    version = models.PositiveIntegerField(default=1)
    addressee = models.CharField("发给", max_length=10, choices=Addressee, default=Addressee.CUSTOMER)
    addressee_name = models.CharField("收件人", max_length=60, blank=True)
    blocking = models.BooleanField("回复前暂停审核", default=True)
    cause = models.CharField("事由", max_length=40)
    title = models.CharField("标题", max_length=80)
    items = models.JSONField("内容", default=list, encoder=DjangoJSONEncoder)
    legal_basis = models.CharField("依据", max_length=100, blank=True)
    note = models.TextField("说明", blank=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="办理机构")
    handler = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="下发人")
    issued_at = models.DateTimeField("下发时间")
    due_on = models.DateField("回复期限")
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    print_count = models.PositiveSmallIntegerField("打印次数", default=0)
    delivered_at = models.DateTimeField("送达时间", null=True, blank=True)
    delivered_how = models.CharField("送达方式", max_length=20, blank=True)
    delivered_to = models.CharField("签收人", max_length=60, blank=True)
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    reply = models.TextField("回复内容", blank=True)
    conclusion = models.CharField("调查结论", max_length=20, blank=True)
    second_signer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="第二调查人"
    )
    second_signed_at = models.DateTimeField("第二调查人签署", null=True, blank=True)
    closed_at = models.DateTimeField("回销时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回销人"
    )
    urge_level = models.PositiveSmallIntegerField("催办次数", default=0)
    next_urge_at = models.DateTimeField("下次催办", null=True, blank=True)
    holder_party = models.CharField("持有方", max_length=10, choices=Holder, default=Holder.BRANCH)
    custody_seq = models.PositiveIntegerField(default=0, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题件"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(second_signed_at__isnull=True) | Q(second_signer__isnull=False), name="request_signature_is_somebodys"
            ),
            models.UniqueConstraint(
                fields=["case", "kind", "cause"],
                condition=~Q(state=RequestState.CANCELLED),
                name="request_one_letter_per_cause",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "state", "due_on"],
                name="request_branch_work",
                condition=~Q(state__in=[RequestState.CLOSED, RequestState.CANCELLED]),
            ),
            # lists go by the day, over all units
            models.Index(
                fields=["due_on", "id"], name="request_open_day", condition=~Q(state__in=[RequestState.CLOSED, RequestState.CANCELLED])
            ),
            models.Index(
                fields=["due_on", "id"], name="request_done_day", condition=Q(state__in=[RequestState.CLOSED, RequestState.CANCELLED])
            ),
            models.Index(
                fields=["next_urge_at"], name="request_urge", condition=Q(next_urge_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("cases:request", args=[self.number])

    @property
    def state_label(self) -> str:
        return RequestState(self.state).label

    @property
    def is_open(self) -> bool:
        return self.state in REQUEST_OPEN

    @property
    def branch_path(self) -> str:
        return self.branch.path

    @step("打印", source=_AT_BRANCH, target=RequestState.PRINTED, needs=_carries_out, key="p", hidden=True)
    def print_out(self, *, actor: User, now: datetime) -> None:
        self.print_count += 1

    @step("补打", source=RequestState.DELIVERED, needs=_carries_out, form="lifeops.cases.forms.ReasonForm",
          hidden=True)
    def reprint(self, *, actor: User, now: datetime, reason: str) -> None:
        self.print_count += 1

    @step("登记送达", source=_AT_BRANCH, target=RequestState.DELIVERED, needs=_carries_out,
          form="lifeops.cases.request_forms.DeliverForm", key="s", tone="primary")
    def deliver(self, *, actor: User, now: datetime, how: str, to: str) -> None:
        self.delivered_at, self.delivered_how, self.delivered_to = now, how, to

    @step("联系记录", source=_UNANSWERED, needs=_carries_out, form="lifeops.cases.request_forms.ContactForm")
    def log_contact(self, *, actor: User, now: datetime, way: str, reached: bool, note: str) -> None:
        ContactLog.objects.create(request=self, at=now, by=actor, way=way, reached=reached, note=note)

    @step("指派办理人", source=_UNANSWERED, needs=Needs(posted(Role.HEAD, Role.QUERY)),
          form="lifeops.cases.request_forms.HandlerForm")
    def assign_handler(self, *, actor: User, now: datetime, handler: User) -> None:
        self.handler = handler

    @step("登记回复", source=_UNANSWERED, target=to(RequestState.REPLIED, RequestState.CLOSED), needs=_carries_out,
          form="lifeops.cases.request_forms.ReplyForm", key="u", tone="primary")
    def answer(
        self, *, actor: User, now: datetime, reply: str, conclusion: str = "", second_signer: User | None = None,
        closing: bool = False, no_papers: str = "",
    ) -> str:
        """The reply to a letter closes it, with the papers that came or the reason why none did; an investigation waits for
        its second signature."""
        self.replied_at, self.reply, self.conclusion = now, reply, conclusion
        self.next_urge_at = None
        self.second_signer, self.second_signed_at = second_signer, None
        if second_signer:
            self.jot(signers=[_signature(actor)], second=_signature(second_signer))
        if not closing:
            return str(RequestState.REPLIED)
        if no_papers:
            self.jot(no_papers=no_papers)
        self.closed_at, self.closed_by = now, actor
        return str(RequestState.CLOSED)

    @step("签署调查报告", source=RequestState.REPLIED, needs=Needs(_second_signer, _unsigned, *_carries_out.rules), key="g", tone="primary")
    def countersign(self, *, actor: User, now: datetime) -> None:
        """The second investigator signs in person: a name that another has keyed is no signature (facts 5.3)."""
        self.second_signed_at = now
        self.jot(signers=[_signature(actor)])

    @step("不予签署", source=RequestState.REPLIED, target=RequestState.PRINTED,
          needs=Needs(_second_signer, _unsigned, *_carries_out.rules), form="lifeops.cases.forms.ReasonForm", tone="danger")
    def refuse_to_sign(self, *, actor: User, now: datetime, reason: str) -> None:
        """Back to be answered anew; what was said stays in the trail."""
        self._open_again()

    @step("收回报告", source=RequestState.REPLIED, target=RequestState.PRINTED,
          needs=Needs(_of_investigation, _unsigned, *_carries_out.rules), form="lifeops.cases.forms.ReasonForm")
    def take_back(self, *, actor: User, now: datetime, reason: str) -> None:
        """The second investigator is away, or the report is to be mended before it is signed."""
        self._open_again()

    def _open_again(self) -> None:
        from lifeops.cases.requests import urge_time

        self.second_signer = self.replied_at = None
        self.next_urge_at = urge_time(self, self.urge_level + 1)

    @step("回销", source=RequestState.REPLIED, target=RequestState.CLOSED, needs=Needs(*_carries_out.rules, _signed_by_both), key="r", tone="success")
    def close(self, *, actor: User, now: datetime) -> None:
        self.closed_at, self.closed_by = now, actor

    @step("延期", source=_UNANSWERED, needs=_governs, form="lifeops.cases.request_forms.ExtendForm")
    def extend(self, *, actor: User, now: datetime, due_on: date, reason: str) -> None:
        from lifeops.cases.requests import first_due, urge_after_prolonging

        first = first_due(self)
        self.jot(before=self.due_on, after=due_on)
        self.due_on = due_on
        self.extensions += 1
        self.next_urge_at = urge_after_prolonging(self, first)

    @step("撤销", source=(*_UNANSWERED, RequestState.REPLIED), target=RequestState.CANCELLED, needs=_governs,
          form="lifeops.cases.forms.ReasonForm", tone="danger")
    def cancel(self, *, actor: User, now: datetime, reason: str) -> None:
        self.closed_at, self.closed_by, self.next_urge_at = now, actor, None

    def is_overdue(self, today: date) -> bool:
        """超期: still open after the last day for a reply."""
        return self.is_open and self.state != RequestState.REPLIED and today > self.due_on


class UrgeStep(models.Model):
    """催办阶梯: working days after issue, and what is to be done then (field practice 19)."""

    kind = models.CharField("种类", max_length=20, choices=RequestKind)
    level = models.PositiveSmallIntegerField("级")
    after_workdays = models.PositiveSmallIntegerField("下发后工作日")
    text = models.CharField("动作", max_length=100)
    to_head = models.BooleanField("同时通知机构主管", default=False)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "催办阶梯"
        ordering = ["kind", "level"]
        constraints = [models.UniqueConstraint(fields=["kind", "level", "effective_from"], name="urge_step_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第 {self.level} 次"


class ContactLog(models.Model):
    """联系记录: each attempt to reach the addressee, kept as evidence."""

    class Way(models.TextChoices):
        PHONE = "phone", "电话"
        WECHAT = "wechat", "微信"
        VISIT = "visit", "上门"
        SMS = "sms", "短信"
        MAIL = "mail", "邮寄"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="contacts", verbose_name="问题件")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="联系人员")
    way = models.CharField("方式", max_length=10, choices=Way)
    reached = models.BooleanField("联系上", default=True)
    note = models.CharField("内容", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "联系记录"
        ordering = ["-at"]

    def as_row(self) -> dict[str, Any]:
        return {"at": self.at, "by": self.by.name, "way": self.get_way_display(), "reached": self.reached, "note": self.note}
