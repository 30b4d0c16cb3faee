"""What is known of a customer besides the columns of the row: further and former documents, telephones, addresses,
accounts, occupations, relationships, consents, the death. Rows end, they are not deleted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db import models
from django.db.models import F, Q

from lifeops.org.models import User
from lifeops.policies.crypto import EncryptedTextField
from lifeops.policies.identity import (
    mask_account,
    mask_address,
    mask_id,
    mask_phone,
    normalise_id,
    normalise_phone,
)
from lifeops.policies.models.blind import Blind, fill, written_alone
from lifeops.policies.models.party import IdType, Party


class Particular(models.Model):
    """Something known of a customer since a day, and who wrote it down on what occasion."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="%(class)s_rows", verbose_name="客户")
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    source = models.CharField("来源", max_length=60, blank=True, help_text="受理号或说明")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    made_at = models.DateTimeField("登记时间")
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-since", "-pk"]

    @property
    def shown(self) -> str:
        """The row as people see it without a reason: masked."""
        return ""

    @property
    def clear(self) -> str:
        """The value behind the mask."""
        return ""


class IdentityDocument(Particular):
    """证件 beside the present one: 旧证, 护照, 通行证, 出生医学证明 … Each finds the customer."""

    id_type = models.CharField("证件类型", max_length=20, choices=IdType)
    number = EncryptedTextField("证件号码")
    number_index = models.CharField(max_length=64, editable=False)
    valid_to = models.DateField("有效期至", null=True, blank=True, help_text="空为长期")
    blind = (Blind("number_index", "number", "party.id"),)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "证件"
        constraints = [
            models.UniqueConstraint(
                fields=["number_index", "id_type"], condition=Q(until__isnull=True), name="document_once"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number = normalise_id(self.number)
        fill(self)
        rows = type(self)._default_manager.filter(until__isnull=True)
        with written_alone(self, rows, "document_once") if self.until is None else nullcontext():
            super().save(*args, **kwargs)

    @property
    def shown(self) -> str:
        return mask_id(self.number)

    @property
    def clear(self) -> str:
        return self.number


def further_holders(indexes: Sequence[str]) -> list[int]:
    """Customers who have a further document with one of these blind indexes: keys, because over an alternative with a subquery
    the database would read the whole table."""
    rows = IdentityDocument.objects.filter(number_index__in=indexes, until__isnull=True)
    return list(rows.values_list("party_id", flat=True)[:20])


class Phone(Particular):
    """电话 beside the present one."""

    kind = models.CharField(
        "种类", max_length=8, default="mobile", choices=[("mobile", "手机"), ("home", "住宅"), ("work", "单位")]
    )
    number = EncryptedTextField("号码")
    number_index = models.CharField(max_length=64, editable=False, db_index=True)
    blind = (Blind("number_index", "number", "party.phone"),)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "电话"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number = normalise_phone(self.number)
        fill(self)
        super().save(*args, **kwargs)

    @property
    def shown(self) -> str:
        return mask_phone(self.number)

    @property
    def clear(self) -> str:
        return self.number


class Address(Particular):
    """地址 beside the present one."""

    kind = models.CharField(
        "种类", max_length=8, default="home", choices=[("home", "住址"), ("work", "单位"), ("mail", "邮寄")]
    )
    text = EncryptedTextField("地址")
    postcode = models.CharField("邮编", max_length=6, blank=True)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "地址"

    @property
    def shown(self) -> str:
        return mask_address(self.text)

    @property
    def clear(self) -> str:
        return self.text


class BankAccount(Particular):
    """银行账户 of the customer's own."""

    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("账号")
    number_index = models.CharField(max_length=64, editable=False, db_index=True)
    blind = (Blind("number_index", "number", "party.account"),)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "银行账户"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number = normalise_id(self.number)
        fill(self)
        super().save(*args, **kwargs)

    @property
    def shown(self) -> str:
        return mask_account(self.number)

    @property
    def clear(self) -> str:
        return self.number


class PartyOccupation(Particular):
    """职业 with its class on the day; 0: declined (facts 4.7)."""

    code = models.CharField("职业代码", max_length=20, blank=True)
    name = models.CharField("职业", max_length=100)
    occupation_class = models.PositiveSmallIntegerField("职业类别")
    employer = models.CharField("工作单位", max_length=100, blank=True)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "职业"
        constraints = [models.CheckConstraint(condition=Q(occupation_class__lte=6), name="party_occupation_class")]

    @property
    def shown(self) -> str:
        return f"{self.name}（{self.occupation_class} 类）" if self.occupation_class else f"{self.name}（拒保职业）"


class RelationKind(models.TextChoices):
    """`other` is the party's … (保险法 31, facts 1.1)."""

    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    SIBLING = "sibling", "兄弟姐妹"
    GRANDPARENT = "grandparent", "祖父母、外祖父母"
    GRANDCHILD = "grandchild", "孙子女、外孙子女"
    GUARDIAN = "guardian", "监护人"
    WARD = "ward", "被监护人"
    LEGAL_REPRESENTATIVE = "legal_representative", "法定代理人"
    PROXY = "proxy", "受托人"
    PRINCIPAL = "principal", "委托人"
    EMPLOYER = "employer", "用人单位"
    EMPLOYEE = "employee", "劳动者"
    BENEFICIAL_OWNER = "beneficial_owner", "受益所有人"
    OTHER = "other", "其他"


class Relationship(Particular):
    """关系 to another customer, and how it was confirmed (CDD48: by a document, a visit or a written declaration)."""

    other = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="related_rows", verbose_name="关系人")
    kind = models.CharField("是本人的", max_length=24, choices=RelationKind)
    proof = models.CharField(
        "核实方式", max_length=12, choices=[("document", "证明文件"), ("visit", "实地核实"), ("declaration", "书面声明")]
    )

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "关系"
        constraints = [
            models.CheckConstraint(condition=~Q(party=F("other")), name="relationship_between_two"),
            models.UniqueConstraint(
                fields=["party", "other", "kind"], condition=Q(until__isnull=True), name="relationship_once"
            ),
        ]

    @property
    def shown(self) -> str:
        return f"{self.get_kind_display()}：{self.other}"


class Consent(Particular):
    """同意 to a use of personal data (个人信息保护法 13–16, 23, 24, 29, 31); withdrawn as easily as given (`until`)."""

    purpose = models.CharField(
        "用途", max_length=12,
        choices=[
            ("sensitive", "处理敏感个人信息"), ("share", "向第三方提供"), ("automated", "自动化决策"),
            ("guardian", "监护人同意（未满十四周岁）"), ("marketing", "营销信息"), ("abroad", "向境外提供"),
        ],
    )  # fmt: skip
    version = models.CharField("告知书版本", max_length=20)
    how = models.CharField(
        "形式", max_length=8, choices=[("paper", "纸质签名"), ("online", "线上确认"), ("voice", "录音")]
    )

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "同意"
        constraints = [
            models.UniqueConstraint(
                fields=["party", "purpose"], condition=Q(until__isnull=True), name="consent_one_in_force"
            )
        ]

    @property
    def shown(self) -> str:
        return f"{self.get_purpose_display()}（{self.version}，{self.get_how_display()}）"


class DeathProof(models.TextChoices):
    """By what a death is known to the company; 火化证明 is not asked for (负面清单 2025)."""

    HOSPITAL = "hospital", "医疗机构死亡证明"
    POLICE = "police", "公安机关死亡证明、户籍注销证明"
    COURT = "court", "法院宣告死亡判决"


class DeathRecord(Particular):
    """身故登记: that a customer has died, known otherwise than by a claim that was paid."""

    died_on = models.DateField("身故日期")
    evidence = models.CharField("依据", max_length=10, choices=DeathProof)

    class Meta(Particular.Meta):
        verbose_name = verbose_name_plural = "身故"
        constraints = [models.UniqueConstraint(fields=["party"], condition=Q(until__isnull=True), name="death_once")]

    @property
    def shown(self) -> str:
        return f"{self.died_on}（{self.get_evidence_display()}）"
