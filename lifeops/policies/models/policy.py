"""保单 and what hangs on it. Amounts in 元; every change keeps the day from which it holds, so `as_of` can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import Branch, User
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import mask_id, normalise_id
from lifeops.policies.models.blind import Blind, fill
from lifeops.policies.models.party import IdType, Party
from lifeops.policies.models.product import ProductVersion
from lifeops.policies.names import spelt


class PolicyStatus(models.TextChoices):
    """保单状态 (facts 1.4)."""

    IN_FORCE = "in_force", "有效"
    GRACE = "grace", "宽限期"
    APL = "apl", "自动垫交"
    PAID_UP = "paid_up", "减额交清"
    WAIVED = "waived", "豁免中"
    LAPSED = "lapsed", "效力中止"
    TERMINATED = "terminated", "终止"


class Ending(models.TextChoices):
    """终止的方式."""

    COOLING_OFF = "cooling_off", "犹豫期撤单"
    SURRENDER = "surrender", "退保"
    RESCISSION = "rescission", "解约"
    VOID = "void", "合同无效"
    CLAIM = "claim", "理赔终止"
    MATURITY = "maturity", "满期"
    EXPIRY = "expiry", "保险期间届满"
    OTHER = "other", "其他"


class PayMode(models.TextChoices):
    SINGLE = "single", "趸交"
    ANNUAL = "annual", "年交"
    SEMIANNUAL = "semiannual", "半年交"
    QUARTERLY = "quarterly", "季交"
    MONTHLY = "monthly", "月交"


class DividendOption(models.TextChoices):
    """红利领取方式 of cash dividends (facts 1.2)."""

    ACCUMULATE = "accumulate", "累积生息"
    CASH = "cash", "现金领取"
    OFFSET = "offset", "抵交保费"
    PAID_UP = "paid_up", "交清增额"


class Relation(models.TextChoices):
    """投保人与被保险人的关系 (保险法 31)."""

    SELF = "self", "本人"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    SIBLING = "sibling", "兄弟姐妹"
    EMPLOYEE = "employee", "劳动者"
    OTHER = "other", "其他"


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, user: User) -> PolicyQuerySet:
        """Policies are company-wide for people who work on cases."""
        from lifeops.org.models import CASELESS_ROLES

        roles = {p.role for p in user.active_postings()}
        return self if roles - set(CASELESS_ROLES) else self.none()

    def with_people(self) -> PolicyQuerySet:
        """With unit, policyholder and insured to be named: their numbers stay encrypted, which for two hundred policies
        saves deciphering eight hundred values that no list shows."""
        sealed = (f"{role}__{name}" for role in ("policyholder", "insured") for name in ("id_number", "phone", "email", "address"))
        return self.select_related("policyholder", "insured", "branch").defer(*sealed)

    def of_people(self, ids: Iterable[int]) -> PolicyQuerySet:
        """Policies that any of these people holds or is insured by."""
        return self.filter(pk__in=keys_of_people(ids))


def keys_of_people(ids: Iterable[int]) -> list[int]:
    """Keys of the policies of these people, asked for by themselves: over an alternative of two columns in the order of a
    third the database would read the whole table backwards."""
    people, keys = list(ids), Policy.objects.order_by().values_list("pk", flat=True)
    return list(keys.filter(policyholder__in=people).union(keys.filter(insured__in=people)))


class Policy(models.Model):
    """保单."""

    number = models.CharField("保单号", max_length=40, unique=True)
    status = models.CharField("状态", max_length=12, choices=PolicyStatus, default=PolicyStatus.IN_FORCE)
    termination = models.CharField("终止原因", max_length=40, blank=True)
    ending = models.CharField("终止方式", max_length=12, choices=Ending, blank=True)
    terminated_on = models.DateField("终止日", null=True, blank=True)
    hold_case = models.CharField("挂起案件", max_length=40, blank=True, help_text="在办案件占用保单时为其受理号")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="policies", verbose_name="出单机构")
    agent_code = models.CharField("服务代理人", max_length=20, blank=True)
    policyholder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="policies_held", verbose_name="投保人")
    insured = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="policies_on", verbose_name="被保险人")
    relation = models.CharField("被保险人是投保人的", max_length=12, choices=Relation, default=Relation.SELF)
    applied_on = models.DateField("投保日")
    established_on = models.DateField("成立日")
    effective_on = models.DateField("生效日")
    delivered_on = models.DateField("签收日", null=True, blank=True)
    cooling_off_end = models.DateField("犹豫期止", null=True, blank=True)
    reinstated_on = models.DateField("复效日", null=True, blank=True)
    pay_mode = models.CharField("交费方式", max_length=12, choices=PayMode, default=PayMode.ANNUAL)
    paid_to = models.DateField("下期应交日", null=True, blank=True, help_text="空为已交清")
    suspense = models.DecimalField("溢交保费（元）", max_digits=14, decimal_places=2, default=0)
    issued_by_case = models.CharField("承保案件", max_length=40, blank=True)
    apl_agreed = models.BooleanField("约定自动垫交", default=False)
    dividend_option = models.CharField(
        "红利领取方式", max_length=10, choices=DividendOption, default=DividendOption.ACCUMULATE, db_default=DividendOption.ACCUMULATE.value
    )
    lapsed_on = models.DateField("中止日", null=True, blank=True)
    years_done = models.PositiveSmallIntegerField("已过周年", default=0)
    next_event_on = models.DateField("下一事项日", null=True, blank=True, help_text="日终批处理按此取单")

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保单"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["number"], name="policy_number_like", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["paid_to"], name="policy_paid_to", condition=Q(status__in=["in_force", "grace"])
            ),
            models.Index(
                fields=["next_event_on", "id"], name="policy_next_event",
                condition=Q(next_event_on__isnull=False, hold_case=""),
            ),
            models.Index(
                fields=["id"], name="policy_unscheduled",
                condition=Q(next_event_on__isnull=True) & ~Q(status="terminated"),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PolicyStatus.values), name="policy_status_known"),
            models.CheckConstraint(
                condition=~Q(status="terminated") | Q(terminated_on__isnull=False), name="policy_ended_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def main(self) -> Coverage:
        return next(c for c in self.coverages.all() if not c.is_rider)

    @property
    def product_names(self) -> str:
        return "、".join(c.version.product.name for c in self.coverages.all())


class Coverage(models.Model):
    """险种责任 on a policy. `premium` and `extra` are per instalment."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="coverages", verbose_name="保单")
    version = models.ForeignKey(ProductVersion, on_delete=models.PROTECT, related_name="+", verbose_name="险种版本")
    is_rider = models.BooleanField("附加险", default=False)
    sum_assured = models.DecimalField("基本保险金额（元）", max_digits=14, decimal_places=2)
    bonus_sum = models.DecimalField(
        "累积红利保险金额（元）", max_digits=14, decimal_places=2, default=0, db_default=0, help_text="已交清的保额：增额红利、交清增额"
    )
    cover_term = models.CharField("保险期间", max_length=20)
    pay_term = models.CharField("交费期间", max_length=20)
    choices = models.JSONField(
        "投保选择", default=dict, blank=True, db_default=models.Value({}, models.JSONField()),
        help_text="计划、社保、领取年龄、各项责任保额等，费率表与责任据以取值",
    )
    entry_age = models.PositiveSmallIntegerField("投保年龄")
    premium = models.DecimalField("标准保费（元）", max_digits=14, decimal_places=2)
    extra = models.DecimalField("加费（元）", max_digits=14, decimal_places=2, default=0)
    exclusion = models.CharField("特别约定除外", max_length=300, blank=True)
    effective_on = models.DateField("生效日")
    expires_on = models.DateField("满期日", null=True, blank=True, help_text="空为终身")
    active = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "险种责任"
        ordering = ["policy", "is_rider", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sum_assured__gt=0), name="coverage_sum_positive"),
            models.CheckConstraint(condition=Q(bonus_sum__gte=0), name="coverage_bonus_not_negative"),
            models.CheckConstraint(condition=Q(premium__gte=0, extra__gte=0), name="coverage_premium_not_negative"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("effective_on")),
                name="coverage_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.version.product.name

    @property
    def plan(self) -> str:
        return str(self.choices.get("plan") or "")

    @property
    def is_reduced(self) -> bool:
        """减额交清: no premium falls due any more though the pay term as sold may still run."""
        return self.pay_term != "SINGLE" and not self.premium + self.extra

    @property
    def start_age(self) -> int | None:
        """领取年龄."""
        found = self.choices.get("annuity_start_age")
        return int(found) if found else None


class Beneficiary(models.Model):
    """身故受益人, from a day to a day: who stood in the policy on the day of the event is what counts."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="beneficiaries", verbose_name="保单")
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=1, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    id_number = EncryptedTextField("证件号码", blank=True, default="")
    #: Made like `Party.id_index`, so that a customer's page finds where he is a beneficiary.
    id_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    blind = (Blind("id_index", "id_number", "party.id", normalise_id),)
    #: By this 名单核查 finds who is called so: a beneficiary need not be on file as a customer.
    spelt = models.CharField(max_length=120, blank=True, default="", editable=False)
    relation = models.CharField("是被保险人的", max_length=20)
    order = models.PositiveSmallIntegerField("受益顺序", default=1)
    share_pct = models.DecimalField("受益份额（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    effective_from = models.DateField("起")
    effective_to = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "受益人"
        ordering = ["policy", "order", "pk"]
        indexes = [
            models.Index(fields=["id_index"], name="beneficiary_identity", condition=~Q(id_index="")),
            models.Index(fields=["spelt"], name="beneficiary_spelt", condition=Q(effective_to__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(share_pct__isnull=True) | Q(share_pct__gt=0, share_pct__lte=100), name="beneficiary_share"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fill(self)
        self.spelt = spelt(self.name)
        super().save(*args, **kwargs)

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)


class PremiumEntry(models.Model):
    """保费账: what was due or paid. Refunds are negative."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="premiums", verbose_name="保单")
    due_on = models.DateField("应交日")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    paid_on = models.DateField("实收日", null=True, blank=True)
    kind = models.CharField("种类", max_length=10, default="renewal", choices=[("first", "首期"), ("renewal", "续期"), ("refund", "退费")])
    settled_by = models.CharField(
        "结清方式", max_length=10, blank=True, choices=[("paid", "交费"), ("apl", "垫交"), ("waived", "豁免")]
    )
    case_number = models.CharField("案件", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保费账"
        ordering = ["policy", "due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "due_on"], condition=~Q(kind="refund"), name="premium_due_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class PolicyLoan(models.Model):
    """保单贷款 or 自动垫交 still to be taken into account when the policy pays."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="loans", verbose_name="保单")
    kind = models.CharField("种类", max_length=10, default="loan", choices=[("loan", "保单贷款"), ("apl", "自动垫交")])
    principal = models.DecimalField("本金（元）", max_digits=14, decimal_places=2)
    rate = models.DecimalField("年利率", max_digits=6, decimal_places=4)
    since = models.DateField("计息起")
    due_on = models.DateField("到期日", null=True, blank=True, help_text="未还的本息于此日转入本金续期")
    repaid_on = models.DateField("还清日", null=True, blank=True)
    case_number = models.CharField("案件", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保单贷款"
        constraints = [models.CheckConstraint(condition=Q(principal__gt=0, rate__gte=0), name="loan_positive")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.principal}"

    @property
    def rate_pct(self) -> str:
        """5.5 for a rate of 0.055."""
        return f"{(self.rate * 100).normalize():f}"


class Endorsement(models.Model):
    """批单: the written change of the contract (保险法 20、41). `changes` are rows {label, before, after}, masked."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="endorsements", verbose_name="保单")
    number = models.CharField("批单号", max_length=50, unique=True)
    case_number = models.CharField("案件", max_length=40, db_index=True)
    title = models.CharField("批改事项", max_length=60)
    changes = models.JSONField("内容", default=list)
    effective_on = models.DateField("生效日")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="经办")
    made_at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = verbose_name_plural = "批单"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


class StatusChange(models.Model):
    """状态史: what the policy's status was from a day on."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="status_changes", verbose_name="保单")
    status = models.CharField("状态", max_length=12, choices=PolicyStatus)
    since = models.DateField("起")
    cause = models.CharField("原因", max_length=60, blank=True)
    case_number = models.CharField("案件", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "保单状态史"
        ordering = ["policy", "since", "pk"]

    def __str__(self) -> str:
        return f"{self.get_status_display()} 自 {self.since}"


class MedicalUsage(models.Model):
    """医疗责任使用: deductible and limit that one claim used up in a policy year."""

    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="usage", verbose_name="险种责任")
    case_number = models.CharField("案件", max_length=40)
    policy_year = models.PositiveSmallIntegerField("保单年度")
    benefit = models.CharField("责任", max_length=30, blank=True, db_default="")
    cost = models.DecimalField("责任内净费用（元）", max_digits=14, decimal_places=2, default=0, db_default=0)
    deductible = models.DecimalField("使用免赔额（元）", max_digits=14, decimal_places=2)
    paid = models.DecimalField("给付（元）", max_digits=14, decimal_places=2)
    used_on = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "医疗责任使用"
        constraints = [
            models.UniqueConstraint(fields=["coverage", "case_number", "benefit"], name="medical_usage_once"),
            models.CheckConstraint(condition=Q(deductible__gte=0, paid__gte=0), name="medical_usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.case_number} {self.paid}"
