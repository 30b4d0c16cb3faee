"""The case as the branch's counter sees it, the one notice of gaps, and the day's settlement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from intake.rules import Setting
from lifeops.cases.correcting import ends_at, last_day
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import CaptureOrder, Case, Finding, ProcessRule
from lifeops.cases.needs import Needs, Rule, posted
from lifeops.cases.review import Withdrawable
from lifeops.cases.screened import screen
from lifeops.cases.states import LineCode, State
from lifeops.cases.stepping import step, to
from lifeops.org.held import Held
from lifeops.org.models import Branch, LimitQuerySet, Role, User
from lifeops.policies.models import PolicyStatus

not_entered = Rule(lambda case, user: case.entered_at is None, "录入已经完成", brief="录入未完成")
not_scanned = Rule(lambda case, user: case.scanned_at is None, "扫描已经完成", brief="扫描未完成")
record_exists = Rule(lambda case, user: case.record is not None, "尚未录入，请先保存录入资料", who="录入岗", brief="已保存录入资料")


def _waited_long_enough(case: Any, user: User) -> bool:
    now = timezone.now()
    end = ends_at(case, case.state_since, now)
    return end is not None and end <= now


def _still_waiting(case: Any, user: User) -> str:
    day = last_day(case, case.state_since, timezone.now())
    return f"补正期限至 {day}，届满仍未补正的方可逾期撤件" if day else "没有生效的补正期限，不能逾期撤件"


correction_is_overdue = Rule(
    _waited_long_enough, _still_waiting, who="期限内由受理岗收补正件，或依客户申请撤件", brief="补正期限已届满"
)


class IntakeCase(Withdrawable, Case):
    """案件在作业前. Steps run at the branch; nobody takes a case here, the unit holds it."""

    desk = "intake"

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "作业前案件"

    @step("退回补正", source=[State.RECEIVED, State.PRECHECKED], target=State.RETURNED,
          needs=Needs(posted(Role.INTAKE)), form="intake.forms.CorrectionForm", key="b", tone="warning")
    def return_for_correction(self, *, actor: User, now: datetime, gaps: list[str], reason: str = "") -> None:
        notice = CorrectionNotice.objects.create(
            case_id=self.pk,
            number=f"{self.number}-B{CorrectionNotice.objects.filter(case_id=self.pk).count() + 1:02d}",
            gaps=gaps,
            issued_by=actor,
            issued_at=now,
        )
        self.note(notice=notice.number, gaps=gaps)

    @step("补正收件", source=State.RETURNED, target=State.RECEIVED, needs=Needs(posted(Role.INTAKE)),
          form="intake.forms.ResubmitForm", tone="primary")
    def resubmit(self, *, actor: User, now: datetime, received_on: date, reason: str = "") -> None:
        self.note(received_on=received_on)
        CorrectionNotice.objects.filter(case_id=self.pk, answered_on__isnull=True).update(answered_on=received_on)

    @step("逾期撤件", source=State.RETURNED, target=State.WITHDRAWN, needs=Needs(posted(Role.HEAD, Role.MANAGER), correction_is_overdue),
          form="lifeops.cases.forms.ReasonForm", tone="danger")
    def lapse(self, *, actor: User, now: datetime, reason: str) -> None:
        """What was asked for has not come within the period: the case ends without a decision, what it held is free again."""
        notice = CorrectionNotice.objects.filter(case_id=self.pk).first()
        self.note(
            gaps=notice.gaps if notice else [], notice=notice.number if notice else "",
            correct_until=last_day(self, self.state_since, now),
        )
        self.end_undecided(actor=actor, now=now)

    @step("预审通过", source=State.RECEIVED, target=State.PRECHECKED, needs=Needs(posted(Role.INTAKE)),
          form="intake.forms.PrecheckForm", key="ctrl+enter", tone="primary", hidden=True)
    def pass_precheck(self, *, actor: User, now: datetime, overrides: dict[str, str] | None = None) -> None:
        from intake.services import run_precheck

        passed = run_precheck(case=self, overrides=overrides or {}, actor=actor, now=now)
        self.note(overrides=passed)

    @step("保存录入", source=State.PRECHECKED, needs=Needs(posted(Role.ENTRY)), hidden=True)
    def save_record(self, *, actor: User, now: datetime, **fields: Any) -> None:
        from intake.services import write_record

        self.note(changes=write_record(case=self, actor=actor, now=now, fields=fields))

    @step("录入完成", source=State.PRECHECKED, target=to(State.PRECHECKED, State.CAPTURED),
          needs=Needs(posted(Role.ENTRY), not_entered, record_exists), tone="primary")
    def complete_entry(self, *, actor: User, now: datetime) -> State:
        self._respect_order(CaptureOrder.SCAN_FIRST, self.scanned_at, "本渠道先扫描后录入，扫描尚未完成")
        self.entered_at = now
        return self._captured_or_not()

    @step("扫描完成", source=State.PRECHECKED, target=to(State.PRECHECKED, State.CAPTURED),
          needs=Needs(posted(Role.SCAN), not_scanned), form="intake.forms.ScanDoneForm", key="ctrl+enter", tone="primary")
    def complete_scan(self, *, actor: User, now: datetime, reason: str = "") -> State:
        from intake.services import page_gaps

        self._respect_order(CaptureOrder.ENTRY_FIRST, self.entered_at, "本渠道先录入后扫描，录入尚未完成")
        gaps = page_gaps(self)
        if gaps and not reason.strip():
            raise Invalid({"reason": ["；".join(gaps) + "。页数不符，请补扫或写明原因"]})
        self.scanned_at = now
        self.note(gaps=gaps)
        return self._captured_or_not()

    @step("退回录入扫描", source=State.CAPTURED, target=State.PRECHECKED,
          needs=Needs(posted(Role.ENTRY, Role.SCAN, Role.HEAD)), form="lifeops.cases.forms.ReasonForm")
    def reopen_capture(self, *, actor: User, now: datetime, reason: str) -> None:
        self.entered_at = self.scanned_at = None

    @step("交接总部", source=State.CAPTURED, target=State.QUEUED,
          needs=Needs(posted(Role.INTAKE, Role.ENTRY, Role.SCAN, Role.HEAD), record_exists),
          form="intake.forms.HandOverForm", key="ctrl+enter", tone="primary", hidden=True)
    def hand_over(self, *, actor: User, now: datetime, overrides: dict[str, str] | None = None) -> None:
        from intake.services import run_line_rules

        self.note(overrides=run_line_rules(case=self, overrides=overrides or {}, actor=actor, now=now))
        self.handed_over_at = now
        if hits := screen(self, now):
            self.note(watch_hits=len(hits))

    def form_for(self, name: str) -> Any:
        if name == "save_record":
            from lifeops.cases.registry import resolve

            return resolve(self.item_spec.form)
        return super().form_for(name)

    def capture_order(self) -> str:
        """Order of 录入 and 扫描 for this line and channel, from the rule in force."""
        day = timezone.localdate()
        rules = [r for r in _orders.on(day) if r.line == self.line and r.channel in ("", self.channel)]
        best = max(rules, key=lambda r: (bool(r.channel), r.effective_from), default=None)
        return best.order if best else CaptureOrder.ANY

    def _respect_order(self, order: str, done: datetime | None, words: str) -> None:
        if self.capture_order() == order and done is None:
            raise Refused([words])

    def _captured_or_not(self) -> State:
        return State.CAPTURED if self.entered_at and self.scanned_at else State.PRECHECKED


_orders = Held(ProcessRule)


class PrecheckRule(models.Model):
    """预审规则: how grave each finding of the counter is, and its limit, by line and item, from a day. Blank means every."""

    class Code(models.TextChoices):
        PAPERS = "J01", "J01 必备资料"
        ORIGINALS = "J02", "J02 须收原件"
        STATUS = "J03", "J03 保单状态"
        HOLD = "J04", "J04 保单挂起"
        OPEN = "J05", "J05 在办案件"
        IDENTITY = "J06", "J06 申请人证件"
        TWIN = "J07", "J07 重复受理"
        DELAY = "J08", "J08 代理人转交"

    code = models.CharField("规则", max_length=3, choices=Code)
    line = models.CharField("条线", max_length=20, choices=LineCode, blank=True, help_text="空为全部条线")
    item = models.CharField("业务项目", max_length=10, blank=True, help_text="空为该条线全部项目；写明项目的优先于条线，写明条线的优先于全部")
    level = models.CharField(
        "不符时", max_length=5, choices=[c for c in Finding.Level.choices if c[0] != Finding.Level.PASS],
        help_text="阻断须更正或退回；提示写明理由可放行",
    )
    limit = models.PositiveSmallIntegerField("限值（天）", null=True, blank=True, help_text="只用于 J08：转交至递交不超过的天数")
    refused = ArrayField(
        models.CharField(max_length=20, choices=PolicyStatus), verbose_name="不可办理的保单状态", default=list, blank=True,
        help_text="只用于 J03",
    )
    review = ArrayField(
        models.CharField(max_length=20, choices=PolicyStatus), verbose_name="须核对的保单状态", default=list, blank=True,
        help_text="只用于 J03：提示，写明理由可放行",
    )
    effective_from = models.DateField("生效日")
    effective_to = models.DateField("失效日", null=True, blank=True)
    history = HistoricalRecords()

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "预审规则"
        ordering = ["code", "line", "item", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "line", "item", "effective_from"], name="precheck_rule_once"),
            models.CheckConstraint(condition=Q(limit__isnull=False) | ~Q(code="J08"), name="precheck_rule_has_its_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.item or (self.get_line_display() if self.line else '全部')}"

    @classmethod
    def for_case(cls, case: Case, day: date) -> list[PrecheckRule]:
        return cls.for_item(case.line, case.item, day)

    @classmethod
    def for_item(cls, line: str, item: str, day: date) -> list[PrecheckRule]:
        """Of each rule in force on the day the row that speaks most closely of the item."""
        rows = [row for row in _precheck_rules.on(day) if row.line in ("", line) and row.item in ("", item)]
        nearest = {row.code: row for row in sorted(rows, key=lambda row: (bool(row.item), bool(row.line), row.effective_from))}
        return list(nearest.values())

    def setting(self) -> Setting:
        accepted = [status.label for status in PolicyStatus if status not in self.refused]
        return Setting(
            level=self.level, limit=self.limit or 0, refused=frozenset(self.refused), review=frozenset(self.review),
            accepted_words="、".join(accepted) if self.refused else "不限",
        )  # fmt: skip


_precheck_rules = Held(PrecheckRule)


class CorrectionNotice(models.Model):
    """补正通知书: one notice with all gaps (服务规定第10、19条; 保险法第22条)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrections", verbose_name="案件")
    number = models.CharField("编号", max_length=50, unique=True)
    gaps = models.JSONField("缺项", default=list)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="出具人")
    issued_at = models.DateTimeField("出具时间")
    answered_on = models.DateField("补齐日", null=True, blank=True)
    print_count = models.PositiveSmallIntegerField("打印次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "补正通知书"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


class Settlement(models.Model):
    """日结: carried in + accepted + given back by the customer = handed over + returned + withdrawn + pending.

    A difference must be explained before the day is signed. Signed days do not change.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name="机构")
    day = models.DateField("日期")
    carried_in = models.PositiveIntegerField("上日待办")
    accepted = models.PositiveIntegerField("受理")
    came_back = models.PositiveIntegerField("补正收回", default=0)
    handed_over = models.PositiveIntegerField("交接")
    returned = models.PositiveIntegerField("退回补正")
    withdrawn = models.PositiveIntegerField("撤件", default=0)
    pending = models.PositiveIntegerField("待办")
    explanation = models.CharField("差异说明", max_length=300, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="签章人")
    signed_at = models.DateTimeField("签章时间")

    class Meta:
        verbose_name = verbose_name_plural = "日结"
        ordering = ["-day", "branch"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "day"], name="settlement_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    pending=models.F("carried_in")
                    + models.F("accepted")
                    + models.F("came_back")
                    - models.F("handed_over")
                    - models.F("returned")
                    - models.F("withdrawn")
                )
                | ~Q(explanation=""),
                name="settlement_balances_or_is_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.day}"

    @property
    def difference(self) -> int:
        """In minus out minus pending: 0 when the day balances."""
        return (
            self.carried_in
            + self.accepted
            + self.came_back
            - self.handed_over
            - self.returned
            - self.withdrawn
            - self.pending
        )


