"""案件在保全: the proxy with its steps, the change as requested, the decision."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from django.db import models
from django.db.models import Q

from lifeops.cases.decisions import Decision
from lifeops.cases.models import Case
from lifeops.cases.review import ReviewSteps
from lifeops.policies.crypto import EncryptedJSONField, EncryptedTextField
from lifeops.policies.identity import mask_account, mask_id, mask_phone
from lifeops.policies.models import Coverage, DividendOption, IdType, Party
from lifeops.policies.models.policy import Relation
from lifeops.policies.services.servicing import MOST_WORK_COST


class ServicingCase(ReviewSteps, Case):
    """案件在保全."""

    desk = "servicing"

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "保全案件"


class Why(models.TextChoices):
    """退保原因: recorded for every payout (客户尽职调查办法 13)."""

    MONEY = "money", "资金周转"
    UNSUITED = "unsuited", "产品不符合需要"
    SERVICE = "service", "对服务不满意"
    MISLED = "misled", "认为销售时说明不清"
    DOUBLE = "double", "已有其他保障"
    OTHER = "other", "其他"


class ThirdReason(models.TextChoices):
    """付给他人的原因 (客户尽职调查办法 13: reason and senior approval)."""

    NO_ACCOUNT = "no_account", "投保人没有可用的银行账户"
    GUARDIAN = "guardian", "投保人无完全民事行为能力，由监护人代收"
    PAYER = "payer", "保险费由收款人缴纳，投保人同意退还"
    COURT = "court", "法院等有权机关要求"
    OTHER = "other", "其他"


class PayeeRelation(models.TextChoices):
    """收款人是投保人的: confirmed by a paper (客户尽职调查办法 14 ¶3, 48)."""

    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    SIBLING = "sibling", "兄弟姐妹"
    GUARDIAN = "guardian", "监护人"
    EMPLOYER = "employer", "用人单位"
    OTHER = "other", "其他"


class HeirProof(models.TextChoices):
    """继承依据: by what it is known who the heirs are and what each of them gets."""

    NOTARY = "notary", "继承权公证书"
    JUDGMENT = "judgment", "生效法律文书"
    AGREEMENT = "agreement", "全体继承人协议"


class ConsentBy(models.TextChoices):
    """同意人 (保险法 41 ¶2, 39 ¶3)."""

    INSURED = "insured", "被保险人本人"
    GUARDIAN = "guardian", "被保险人的监护人"


class PaidHow(models.TextChoices):
    """还款方式. A credit card is named to be refused (保监发〔2016〕76号)."""

    TRANSFER = "transfer", "银行转账"
    DEBIT = "debit", "借记卡"
    CASH = "cash", "现金"
    SUSPENSE = "suspense", "暂收款抵还"
    CREDIT = "credit", "信用卡"


class ChangeRequest(models.Model):
    """变更申请 as keyed; each item fills its own part. `comparison` is kept when the case ends: rows {label, before,
    after}, masked; until then before and after are read from the book."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name="案件")
    why = models.CharField("退保原因", max_length=10, choices=Why, blank=True)
    why_text = models.CharField("原因说明", max_length=300, blank=True)
    work_cost = models.DecimalField("工本费（元）", max_digits=4, decimal_places=2, default=0)
    payee = models.CharField("收款人", max_length=60, blank=True)
    payee_bank = models.CharField("开户行", max_length=60, blank=True)
    payee_account = EncryptedTextField("账号", default="", blank=True)
    #: Set where another than the policyholder is paid.
    third_reason = models.CharField("付给他人的原因", max_length=10, choices=ThirdReason, blank=True, default="", db_default="")
    third_text = models.CharField("付给他人的说明", max_length=100, blank=True, default="", db_default="")
    payee_relation = models.CharField("收款人是投保人的", max_length=10, choices=PayeeRelation, blank=True, default="", db_default="")
    payee_id_type = models.CharField("收款人证件类型", max_length=20, choices=IdType, blank=True, default="", db_default="")
    payee_id_number = EncryptedTextField("收款人证件号码", default="", blank=True, db_default="")
    #: Set where heirs apply; who they are stands in `Heir`.
    heir_proof = models.CharField("继承依据", max_length=10, choices=HeirProof, blank=True, default="", db_default="")
    heir_paper = models.CharField("文书编号", max_length=60, blank=True, default="", db_default="")
    consent_by = models.CharField("同意人", max_length=10, choices=ConsentBy, blank=True)
    consent_on = models.DateField("同意书签署日", null=True, blank=True)
    subject = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="变更对象"
    )
    phone = EncryptedTextField("联系电话", default="", blank=True)
    email = EncryptedTextField("电子邮箱", default="", blank=True)
    address = EncryptedTextField("联系地址", default="", blank=True)
    postcode = models.CharField("邮编", max_length=6, blank=True)
    cover = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="险种"
    )
    asked = models.DecimalField(
        "申请金额（元）", max_digits=14, decimal_places=2, null=True, blank=True, help_text="减少的保额、借款、还款或领取金额"
    )
    with_debts = models.BooleanField("贷款、垫交一并偿还", default=False)
    payer = models.CharField("交款人", max_length=60, blank=True)
    paid_how = models.CharField("还款方式", max_length=10, choices=PaidHow, blank=True)
    received_on = models.DateField("到账日", null=True, blank=True)
    reference = models.CharField("收款流水号", max_length=57, blank=True)
    questionnaire = models.CharField("告知版本", max_length=12, blank=True)
    health = EncryptedJSONField("健康告知", null=True, blank=True)
    occupation_class = models.PositiveSmallIntegerField("职业类别", null=True, blank=True)
    new_relation = models.CharField("被保险人是新投保人的", max_length=12, choices=Relation, blank=True, default="", db_default="")
    dividend_option = models.CharField("红利领取方式", max_length=10, choices=DividendOption, blank=True)
    comparison = models.JSONField("变更对照", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "变更申请"
        indexes = [models.Index(fields=["reference"], condition=~Q(reference=""), name="change_reference")]
        constraints = [
            models.CheckConstraint(condition=Q(asked__isnull=True) | Q(asked__gt=0), name="change_asks_for_something"),
            models.CheckConstraint(condition=~Q(paid_how=PaidHow.CREDIT), name="change_no_credit_card"),
            models.CheckConstraint(
                condition=Q(work_cost__gte=0, work_cost__lte=MOST_WORK_COST), name="change_work_cost_small"
            ),
            models.CheckConstraint(
                condition=Q(consent_by="") | Q(consent_on__isnull=False), name="change_consent_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}"

    @property
    def wanted(self) -> Decimal:
        """The amount asked for, in 元; nothing where none is named."""
        return self.asked or Decimal("0.00")

    @property
    def third_words(self) -> str:
        """Why another than the policyholder is paid, and who he is to him; "" where the policyholder is paid."""
        return f"{self.third_why}；收款人是投保人的{self.get_payee_relation_display()}" if self.third_reason else ""

    @property
    def third_why(self) -> str:
        return self.get_third_reason_display() + (f"（{self.third_text}）" if self.third_text else "")

    @property
    def account_masked(self) -> str:
        return mask_account(self.payee_account)

    @property
    def phone_masked(self) -> str:
        return mask_phone(self.phone)


class NewBeneficiary(models.Model):
    """拟指定的受益人: a row of the request, not yet of the book."""

    request = models.ForeignKey(
        ChangeRequest, on_delete=models.CASCADE, related_name="beneficiaries", verbose_name="变更申请"
    )
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=1, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    id_number = EncryptedTextField("证件号码", blank=True, default="")
    relation = models.CharField("是被保险人的", max_length=20)
    order = models.PositiveSmallIntegerField("受益顺序", default=1)
    share_pct = models.DecimalField("受益份额（%）", max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "拟指定受益人"
        ordering = ["request", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share_pct__isnull=True) | Q(share_pct__gt=0, share_pct__lte=100),
                name="new_beneficiary_share",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)


class Heir(models.Model):
    """继承人 who shares what is paid, each to an account of his own."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="heirs", verbose_name="变更申请")
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("是被继承人的", max_length=20)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    id_number = EncryptedTextField("证件号码")
    share_pct = models.DecimalField("份额（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    bank = models.CharField("开户行", max_length=60)
    account = EncryptedTextField("账号")

    class Meta:
        verbose_name = verbose_name_plural = "继承人"
        ordering = ["request", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(share_pct__isnull=True) | Q(share_pct__gt=0, share_pct__lte=100), name="heir_share")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)

    @property
    def account_masked(self) -> str:
        return mask_account(self.account)


class ServicingDecision(Decision):
    """保全结论. `extra` is the loading per instalment of a 复效 agreed to on condition, `agreed_on` the day the customer signed."""

    extra = models.DecimalField("每期加费（元）", max_digits=14, decimal_places=2, default=Decimal("0.00"))
    agreed_on = models.DateField("客户签署同意日期", null=True, blank=True)

    class Meta(Decision.Meta):
        verbose_name = verbose_name_plural = "保全结论"

    def compute_seal(self) -> str:
        """Also over the condition, where there is one: decisions sealed before there were any keep their seal."""
        own = super().compute_seal()
        if not self.extra:
            return own
        return hashlib.sha256(f"{own}\x1e{self.extra:.2f}\x1e{self.agreed_on}".encode()).hexdigest()
