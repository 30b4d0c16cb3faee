"""案件在作业后: papers go out leg by leg, receipts come back, the volume goes to its shelf and may be lent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifeops.cases.models import Case
from lifeops.cases.needs import Needs, Rule, posted
from lifeops.cases.screened import Judged
from lifeops.cases.states import State
from lifeops.cases.stepping import step
from lifeops.org.models import Branch, Role, User


def receipt_missing(case: Case) -> bool:
    """True when papers went out whose receipt has not come back."""
    return Delivery.objects.filter(case_id=case.pk, expects_receipt=True, case__receipt_slip__isnull=True).exists()


receipt_awaited = Rule(
    lambda case, user: receipt_missing(case),
    lambda case, user: "回执已登记" if Receipt.objects.filter(case_id=case.pk).exists() else "本案没有待回的回执",
    brief="回执待回",
)
receipt_is_in = Rule(
    lambda case, user: not receipt_missing(case), "保险合同回执尚未登记，不能归档", who=f"{Role.ISSUE.label}登记回执后",
    brief="回执已登记或不须回执",
)


class ArchiveCase(Judged, Case):
    """案件在作业后."""

    desk = "archive"

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "作业后案件"

    @step("发放", source=[State.APPROVED, State.DECLINED], target=State.RELEASED, needs=Needs(posted(Role.ISSUE)),
          form="archive.forms.ReleaseForm", key="s", tone="primary")
    def release(self, *, actor: User, now: datetime, how: str, to: str, courier_number: str = "", signed_on: date | None = None) -> None:
        from archive.services import release_papers

        papers = release_papers(case=self, actor=actor, now=now, how=how, to=to, courier_number=courier_number, signed_on=signed_on)
        self.note(how=Delivery.How(how).label, receiver=to, tracking=courier_number, papers=papers)

    @step("登记回执", source=[State.RELEASED], needs=Needs(posted(Role.ISSUE), receipt_awaited),
          form="archive.forms.ReceiptForm", key="r", tone="primary")
    def register_receipt(self, *, actor: User, now: datetime, signed_on: date, signer: str, reason: str = "") -> None:
        from archive.handing import take_receipt

        receipt = take_receipt(case=self, actor=actor, now=now, signed_on=signed_on, signer=signer, reason=reason)
        self.note(receiver=signer, signed_on=str(signed_on), policy=receipt.policy_number)

    @step("归档", source=[State.RELEASED, State.WITHDRAWN], target=State.ARCHIVED, needs=Needs(posted(Role.ARCHIVE), receipt_is_in),
          form="archive.forms.FileForm", key="ctrl+enter", tone="primary")
    def file(self, *, actor: User, now: datetime, box: str, shelf: str, reason: str = "", filed: list[int] | None = None, **fields: Any) -> None:
        from archive.services import file_volume

        volume = file_volume(case=self, actor=actor, now=now, box=box, shelf=shelf, reason=reason, filed=filed or [])
        self.archived_at = now
        self.note(volume=volume.number, place=volume.place, keep_until=volume.kept)


class Delivery(models.Model):
    """发放: how the papers of a case went to the customer. Its way is told by its legs."""

    class How(models.TextChoices):
        HAND = "hand", "面交"
        MAIL = "mail", "邮寄"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deliveries", verbose_name="案件")
    how = models.CharField("方式", max_length=10, choices=How)
    to = models.CharField("签收人", max_length=60)
    courier_number = models.CharField("快递单号", max_length=40, blank=True)
    sent_at = models.DateTimeField("寄出")
    signed_on = models.DateField("客户签收日", null=True, blank=True)
    expects_receipt = models.BooleanField("须收回执", default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="经办人")

    class Meta:
        verbose_name = verbose_name_plural = "发放记录"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(how="mail") | ~Q(courier_number=""), name="delivery_mail_has_number")
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.to}"


class Leg(models.Model):
    """寄送一程: dispatched, arrived at the outlet, signed by the customer, or brought back. Rows only grow."""

    class Kind(models.TextChoices):
        SENT = "sent", "寄出"
        ARRIVED = "arrived", "接收"
        SIGNED = "signed", "客户签收"
        BACK = "back", "退件"

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="legs", verbose_name="发放记录")
    kind = models.CharField("环节", max_length=10, choices=Kind)
    on = models.DateField("日期")
    who = models.CharField("经手方或签收人", max_length=60, blank=True)
    courier_number = models.CharField("快递单号", max_length=40, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "寄送环节"
        ordering = ["delivery", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["sent", "arrived", "signed", "back"]), name="leg_kind_known"),
            models.UniqueConstraint(fields=["delivery"], condition=Q(kind="signed"), name="leg_signed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class Receipt(models.Model):
    """回执: the customer's signature under the contract; 犹豫期 counts from the day of it."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="receipt_slip", verbose_name="案件")
    policy_number = models.CharField("保单号", max_length=40, blank=True)
    signed_on = models.DateField("客户签收日")
    signer = models.CharField("签收人", max_length=60)
    reason = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "回执"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.signer} {self.signed_on}"


class Volume(models.Model):
    """案卷: where the original is, in one line."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="volume", verbose_name="案件")
    number = models.CharField("卷号", max_length=40, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="保管机构")
    box = models.CharField("盒号", max_length=20)
    shelf = models.CharField("架号", max_length=20)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="归档人")
    filed_at = models.DateTimeField("归档时间")
    keep_until = models.DateField("保管至", null=True, blank=True, help_text="空为长期")
    keep_rule = models.CharField("保管期限", max_length=120, blank=True)
    gap_reason = models.CharField("不齐原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "案卷"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["branch", "box"], name="volume_box"),
            models.Index(fields=["box", "branch"], name="volume_box_first"),
            models.Index(fields=["branch", "-id"], name="volume_of_branch"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("archive:volume", args=[self.case.number])

    @property
    def place(self) -> str:
        return f"{self.branch.short_name} · {self.shelf} 架 · {self.box} 盒"

    @property
    def kept(self) -> str:
        return f"{self.keep_until}" if self.keep_until else "长期"


class LoanQuerySet(models.QuerySet["Loan"]):
    def open(self) -> LoanQuerySet:
        return self.filter(state__in=Loan.OPEN)

    def overdue(self, day: date) -> LoanQuerySet:
        """Out and not back by the due day."""
        return self.filter(state=Loan.State.LENT, due_on__lt=day)


class Loan(models.Model):
    """借阅: asked for, approved by a second person, handed out, brought back."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        APPROVED = "approved", "待借出"
        LENT = "lent", "借出"
        BACK = "back", "已归还"
        REFUSED = "refused", "不同意"

    OPEN = (State.ASKED, State.APPROVED, State.LENT)

    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="loans", verbose_name="案卷")
    borrower = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="借阅人")
    purpose = models.CharField("事由", max_length=200)
    due_on = models.DateField("应还日")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    remark = models.CharField("批准意见", max_length=200, blank=True)
    lent_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="借出经办"
    )
    lent_at = models.DateTimeField("借出时间", null=True, blank=True)
    back_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="归还经办"
    )
    back_at = models.DateTimeField("归还时间", null=True, blank=True)
    condition = models.CharField("归还时情况", max_length=200, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "借阅"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["volume"], condition=Q(state__in=["asked", "approved", "lent"]), name="loan_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("borrower"))),
                name="loan_second_person_approves",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(decided_by__isnull=False), name="loan_out_only_when_approved"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on", "id"], name="loan_by_state")]

    def __str__(self) -> str:
        return f"{self.volume} {self.borrower}"

    def is_overdue(self, day: date) -> bool:
        return self.state == self.State.LENT and self.due_on < day
