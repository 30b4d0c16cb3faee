"""影像, 资料清单 and 文书: what came in on paper, what was due, what went out."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from lifeops.cases.models import Case, Request
from lifeops.cases.states import ApplicantKind, Channel, LineCode
from lifeops.org.models import LimitQuerySet, User
from lifeops.policies.crypto import EncryptedJSONField


class DocType(models.Model):
    """资料类型."""

    code = models.CharField("代码", max_length=40, primary_key=True)
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("次序", default=100)
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资料类型"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class ChecklistRule(models.Model):
    """资料清单规则: what an item needs, by channel and kind of applicant (facts 2.1 to 2.3). Blank means every."""

    line = models.CharField("条线", max_length=20, choices=LineCode)
    item = models.CharField("业务项目", max_length=10, blank=True)
    channel = models.CharField("渠道", max_length=10, choices=Channel, blank=True)
    applicant_kind = models.CharField("申请人身份", max_length=20, choices=[*ApplicantKind.choices, ("organisation", "单位经办人")], blank=True)
    doc_type = models.ForeignKey(DocType, on_delete=models.PROTECT, related_name="+", verbose_name="资料")
    required = models.BooleanField("必备", default=True)
    original_required = models.BooleanField("须原件", default=False)
    pages = models.PositiveSmallIntegerField("通常页数", default=1)
    source = models.CharField("依据", max_length=60, blank=True)
    order = models.PositiveSmallIntegerField("次序", default=100)
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资料清单规则"
        ordering = ["line", "item", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "item", "channel", "applicant_kind", "doc_type", "effective_from"],
                name="checklist_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="checklist_rule_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.get_line_display()} {self.doc_type}"


class Received(models.TextChoices):
    ORIGINAL = "original", "原件"
    COPY = "copy", "复印件"
    NONE = "none", "未收"


class ChecklistRow(models.Model):
    """资料清单 of one case: a snapshot of the rules at acceptance, and what was received and filed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="checklist", verbose_name="案件")
    doc_type = models.ForeignKey(DocType, on_delete=models.PROTECT, related_name="+", verbose_name="资料")
    label = models.CharField("名称", max_length=60)
    required = models.BooleanField("必备", default=True)
    original_required = models.BooleanField("须原件", default=False)
    received = models.CharField("收到", max_length=10, choices=Received, default=Received.NONE)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    filed = models.BooleanField("已装订归档", default=False)
    given_back_at = models.DateTimeField("原件退还", null=True, blank=True)
    given_back_to = models.CharField("领取人", max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        verbose_name = verbose_name_plural = "案件资料"
        ordering = ["case", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "doc_type"], name="checklist_row_once")]

    def __str__(self) -> str:
        return self.label


class Source(models.TextChoices):
    """从何而来."""

    SCAN = "scan", "扫描"
    UPLOAD = "upload", "上传"
    REPLY = "reply", "问题件回复"


class Document(models.Model):
    """影像文件: one uploaded file. The original never changes; people see only re-encoded pages."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents", verbose_name="案件")
    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="问题件"
    )
    doc_type = models.ForeignKey(
        DocType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="资料类型"
    )
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.SCAN)
    name = models.CharField("文件名", max_length=150)
    media_type = models.CharField("格式", max_length=40)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120, editable=False)
    supplement = models.BooleanField("补扫", default=False, help_text="交接总部之后补入")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "影像文件"
        ordering = ["case", "pk"]
        constraints = [
            # the same file twice in one case is a slip of the hand, not a second paper
            models.UniqueConstraint(fields=["case", "sha256"], name="document_once_per_case"),
        ]

    def __str__(self) -> str:
        return self.name


class PageQuerySet(models.QuerySet["Page"]):
    def of_case(self, case: Case) -> PageQuerySet:
        return self.filter(document__case_id=case.pk).select_related("document", "doc_type").order_by("order", "pk")

    def shown(self) -> PageQuerySet:
        return self.filter(hidden=False)


class Page(models.Model):
    """影像页: a re-encoded picture. Rotation, order, type and hiding are view state; the picture does not change."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="pages", verbose_name="文件")
    index = models.PositiveSmallIntegerField("原页码")
    doc_type = models.ForeignKey(
        DocType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="资料类型"
    )
    order = models.PositiveIntegerField("次序", default=0)
    rotation = models.PositiveSmallIntegerField("旋转", default=0, choices=[(0, "0°"), (90, "90°"), (180, "180°"), (270, "270°")])
    hidden = models.BooleanField("隐藏", default=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    path = models.CharField(max_length=120, editable=False)
    thumb_path = models.CharField(max_length=120, editable=False)

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "影像页"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "index"], name="page_once"),
            models.CheckConstraint(condition=Q(rotation__in=[0, 90, 180, 270]), name="page_rotation_quarter"),
        ]

    def __str__(self) -> str:
        return f"{self.document} 第 {self.index} 页"


class Letter(models.Model):
    """文书: a paper that went out. `data` is what was printed, encrypted because it says where people live; the PDF is made from
    it again, byte for byte."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters", verbose_name="案件")
    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="letters", verbose_name="问题件"
    )
    kind = models.CharField("种类", max_length=30)
    number = models.CharField("文书号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=60)
    data = EncryptedJSONField("内容", default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    copies = models.PositiveSmallIntegerField("已印份数", default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="出具人")
    created_at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["case", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "request", "kind", "number"], name="letter_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class LetterCopy(models.Model):
    """份: each print is numbered; from the second on a reason is kept."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="prints", verbose_name="文书")
    copy_no = models.PositiveSmallIntegerField("份号")
    reason = models.CharField("重印原因", max_length=120, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="打印人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "文书份"
        ordering = ["letter", "copy_no"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "copy_no"], name="letter_copy_once"),
            models.CheckConstraint(condition=Q(copy_no=1) | ~Q(reason=""), name="letter_reprint_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} 第 {self.copy_no} 份"


class Statement(models.Model):
    """Letters of a policy without a case, as they were printed: 对账单, and the letter of a `PolicyNotice`. Numbers in `data`
    are masked; encrypted for the address."""

    policy = models.ForeignKey(
        "policies.Policy", on_delete=models.PROTECT, related_name="statements", verbose_name="保单"
    )
    kind = models.CharField("文书", max_length=24, default="policy_statement", editable=False)
    notice = models.ForeignKey(
        "policies.PolicyNotice", on_delete=models.SET_NULL, null=True, blank=True, related_name="letters", verbose_name="应发通知"
    )
    number = models.CharField("文书编号", max_length=60, unique=True)
    day = models.DateField("截至日期")
    data = EncryptedJSONField("内容", default=dict)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="出具人")
    created_at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = verbose_name_plural = "保单文书"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


def as_json(value: Any) -> Any:
    """A value as the JSON column gives it back."""
    import json

    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
