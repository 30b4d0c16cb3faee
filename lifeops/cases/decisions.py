"""决定: what every line's decision has in common. Each line adds its own columns on its own table."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from lifeops.cases.models import Case
from lifeops.cases.registry import Outcome
from lifeops.org.models import AuthorityLimit, User
from lifeops.policies.crypto import EncryptedTextField


class Decision(models.Model):
    """审核结论 and its signature. A new conclusion supersedes the old one; nothing is overwritten.

    `seal` is the hash of outcome, amount and lines taken when the reviewer concluded: what was concluded is what is
    signed and later paid.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", verbose_name="案件")
    outcome = models.CharField("结论", max_length=20)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2, default=Decimal("0.00"))
    reason_code = models.CharField("理由码", max_length=20, blank=True)
    opinion = models.TextField("意见", blank=True)
    #: Why a 政治公众人物 is served (客户尽职调查办法 33): for head office alone, in no letter and on no trail; `told_decision`.
    served_reason = EncryptedTextField("办理理由", blank=True, default="")
    lines = models.JSONField("计算过程", default=list, encoder=DjangoJSONEncoder)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="审核人")
    made_at = models.DateTimeField("审核时间")
    seal = models.CharField(max_length=64, editable=False)
    superseded = models.BooleanField("已被取代", default=False)
    single = models.BooleanField("单人签批", default=False)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    signed_at = models.DateTimeField("批准时间", null=True, blank=True)
    limit = models.ForeignKey(
        AuthorityLimit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="依据额度"
    )
    approver_opinion = models.TextField("批准意见", blank=True)
    approver_served_reason = EncryptedTextField("批准人的办理理由", blank=True, default="")

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="%(class)s_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(single=True) | Q(signed_by__isnull=True) | ~Q(signed_by=F("made_by")),
                name="%(class)s_second_person_signs",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(superseded=False), name="%(class)s_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome_label} {self.amount:,.2f} 元"

    @property
    def spec(self) -> Outcome:
        return self.case.item_spec.outcome(self.outcome)

    @property
    def outcome_label(self) -> str:
        return self.spec.label

    @property
    def reason_label(self) -> str:
        return next((r.label for r in self.case.line_spec.reasons if r.code == self.reason_code), "")

    @property
    def particulars(self) -> list[tuple[str, str]]:
        """What else a line's conclusion says, as label and text, masked."""
        return []

    @property
    def is_positive(self) -> bool:
        return self.spec.positive

    def compute_seal(self) -> str:
        text = json.dumps(
            [self.case_id, self.outcome, f"{self.amount:.2f}", self.reason_code, self.lines],
            cls=DjangoJSONEncoder,
            sort_keys=True,
            ensure_ascii=False,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def seal_holds(self) -> bool:
        return self.seal == self.compute_seal()

    def sign(
        self, *, by: User, now: datetime, limit: AuthorityLimit | None, single: bool, opinion: str = "", served_reason: str = ""
    ) -> None:
        """Put the signature under a decision that is kept."""
        self.put_signature(by=by, now=now, limit=limit, single=single, opinion=opinion, served_reason=served_reason)
        self.save(update_fields=["signed_by", "signed_at", "limit", "single", "approver_opinion", "approver_served_reason"])

    def put_signature(
        self, *, by: User, now: datetime, limit: AuthorityLimit | None, single: bool, opinion: str = "", served_reason: str = ""
    ) -> None:
        self.signed_by, self.signed_at, self.limit = by, now, limit
        self.single, self.approver_opinion, self.approver_served_reason = single, opinion, served_reason
